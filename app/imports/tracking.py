"""Which records of the register an import touches, each as it was before and is after."""

import enum
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import Enum, event, inspect
from sqlalchemy.orm import Session

from app.core.db import Base
from app.directory.models import Appointment, Person, PersonEmail, Post, PostObservation
from app.imports.models import LeadImport, LeadImportChange

# In the order in which they may be made; they are taken away the other way round.
TRACKED: dict[str, type[Base]] = {
    model.__tablename__: model
    for model in (Person, PersonEmail, Post, PostObservation, Appointment)
}


class Tracker:
    """Notices every tracked record a session makes or changes, whichever service does it."""

    def __init__(self) -> None:
        self.made: dict[int, Base] = {}
        self.changed: dict[int, tuple[Base, dict[str, Any]]] = {}

    def notice(self, session: Session, *_: object) -> None:
        for row in session.new:
            if row.__tablename__ in TRACKED:
                self.made[id(row)] = row
        for row in session.dirty:
            if row.__tablename__ not in TRACKED or id(row) in self.made:
                continue
            if id(row) not in self.changed:
                before = _before(row)
                if before != snapshot(row):
                    self.changed[id(row)] = (row, before)

    def write(self, session: Session, lead_import: LeadImport) -> None:
        """Keep what was noticed, for the undo."""
        rows = [(row, None) for row in self.made.values()] + [
            (row, before) for row, before in self.changed.values() if before != snapshot(row)
        ]
        rows.sort(key=lambda found: (list(TRACKED).index(found[0].__tablename__), key_of(found[0])))
        session.add_all(
            LeadImportChange(
                lead_import_id=lead_import.id,
                table=row.__tablename__,
                record_id=key_of(row),
                old=json.dumps(before) if before is not None else None,
                new=json.dumps(snapshot(row)),
            )
            for row, before in rows
        )


@contextmanager
def tracking(session: Session) -> Iterator[Tracker]:
    tracker = Tracker()
    event.listen(session, "before_flush", tracker.notice)
    try:
        yield tracker
        session.flush()
    finally:
        event.remove(session, "before_flush", tracker.notice)


def snapshot(row: Base) -> dict[str, Any]:
    """Every column of a record, as JSON can hold it."""
    return {column.key: _plain(getattr(row, column.key)) for column in _columns(row)}


def _before(row: Base) -> dict[str, Any]:
    state = inspect(row)
    before: dict[str, Any] = {}
    for column in _columns(row):
        history = state.attrs[column.key].history
        before[column.key] = _plain(
            history.deleted[0] if history.deleted else getattr(row, column.key)
        )
    return before


def restore(row: Base, values: dict[str, Any]) -> None:
    """Give a record back the values of a snapshot."""
    for column in _columns(row):
        if column.key in values and column.key != "id":
            setattr(row, column.key, _typed(column, values[column.key]))


def key_of(row: Base) -> int:
    key: int = inspect(row).mapper.primary_key_from_instance(row)[0]
    return key


def _columns(row: Base) -> Any:
    return inspect(type(row)).column_attrs


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def _typed(attribute: Any, value: Any) -> Any:
    kind = attribute.columns[0].type
    if value is None:
        return None
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return kind.enum_class(value)
    return date.fromisoformat(value) if kind.python_type is date else value
