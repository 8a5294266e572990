"""How a row is written into the bin and read out of it again, and how long it stays there."""

import base64
import enum
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Date, Enum, Float, Integer, LargeBinary, String, null
from sqlalchemy.types import TypeEngine

from app.core.clock import LONDON
from app.core.db import UtcDateTime

DAYS_KEPT = 30
AS_THEY_ARE = (Boolean, Integer, Float, String)


def written(kind: TypeEngine[Any], value: Any) -> Any:
    """A column's value as JSON holds it."""
    if value is None or isinstance(kind, JSON):
        return value
    if isinstance(kind, Enum):
        return value.value if isinstance(value, enum.Enum) else value
    if isinstance(kind, Date | UtcDateTime):
        return value.isoformat()
    if isinstance(kind, LargeBinary):
        return base64.b64encode(value).decode("ascii")
    if isinstance(kind, AS_THEY_ARE):
        return value
    raise TypeError(f"The bin does not know how to keep {kind!r}.")


def read_back(kind: TypeEngine[Any], value: Any) -> Any:
    """`written`, undone."""
    if value is None:
        return null() if isinstance(kind, JSON) else None  # no value, not JSON’s own “null”
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return kind.enum_class(value)
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value)
    return value


def gone_on(at: datetime) -> date:
    """The day, by London's calendar, on which what was deleted then is gone for good."""
    return at.astimezone(LONDON).date() + timedelta(days=DAYS_KEPT)


def deleted_before(today: date) -> datetime:
    """What was deleted before this instant is gone by that day."""
    return datetime.combine(today - timedelta(days=DAYS_KEPT - 1), time(), LONDON)
