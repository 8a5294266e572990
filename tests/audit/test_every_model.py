"""Whatever is audited shows its old and its new value on its own history."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Date, Enum, Integer, LargeBinary, Text, inspect
from sqlalchemy.orm import Session

from app.audit import recorder
from app.audit.rules import MASKED
from app.core.db import Base, UtcDateTime
from tests.factories import NOON

AUDITED = sorted(
    (mapper.class_ for mapper in Base.registry.mappers if hasattr(mapper.class_, "__audit__")),
    key=lambda model: str(model.__name__),
)


def two_values(column: Column[Any]) -> tuple[Any, Any]:
    """An old and a new value fit for this column."""
    kind = column.type
    if isinstance(kind, Enum) and kind.enums:
        members = list(kind.enum_class or kind.enums)
        return members[0], members[-1]
    for types, values in (
        (Boolean, (False, True)),
        (Integer, (1, 2)),
        (UtcDateTime, (NOON, datetime.fromisoformat("2026-11-23T12:00:00+00:00"))),
        (Date, (date(2026, 4, 1), date(2026, 4, 2))),
        (LargeBinary, (b"old", b"new")),
        (Text, ("old", "new")),
    ):
        if isinstance(kind, types):
            return values
    return "old", "new"


@pytest.mark.parametrize("model", AUDITED, ids=lambda model: str(model.__name__))
def test_a_change_of_any_field_is_noted_with_both_values_or_as_not_shown(
    model: type[Any],
) -> None:
    masked = getattr(model, "__audit_masked__", ())
    for attribute in inspect(model).column_attrs:
        if attribute.key == "id":
            continue
        column = attribute.columns[0]
        if column.type.python_type in (dict, list):
            continue
        old, new = two_values(column)
        row = model()
        inspect(row).dict[attribute.key] = old
        inspect(row)._commit_all(inspect(row).dict)
        setattr(row, attribute.key, new)
        noted = recorder._values(row)[attribute.key]
        if attribute.key in masked:
            assert noted == (MASKED, MASKED)
        else:
            assert noted == (recorder._say(old), recorder._say(new))
            assert noted[0] != noted[1]


def test_secrets_and_finished_bytes_are_never_written_into_the_audit(session: Session) -> None:
    shown = {
        f"{model.__name__}.{attribute.key}"
        for model in AUDITED
        for attribute in inspect(model).column_attrs
        if isinstance(attribute.columns[0].type, LargeBinary) or "password_hash" in attribute.key
        if attribute.key not in getattr(model, "__audit_masked__", ())
    }
    assert shown == set()
