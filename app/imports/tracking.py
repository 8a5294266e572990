"""Which records of the register an import touches, each as it was before and is after."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import insert, inspect
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.audit.recorder import note_created
from app.bin import undo_log
from app.bin.change_capture import Notes
from app.core.db import Base
from app.directory.models import Appointment, Person, PersonEmail, Post, PostObservation
from app.imports.models import LeadImport, LeadImportChange
from app.letters.models import Letter, LetterBoard

# In the order in which they may be made; they are taken away the other way round.
TRACKED: dict[str, type[Base]] = {
    model.__tablename__: model
    for model in (Person, PersonEmail, Post, PostObservation, Appointment, Letter)
}
# Rows that belong to a tracked record and come and go with it.
PARTS: dict[str, tuple[type[Base], InstrumentedAttribute[int]]] = {
    "letter": (LetterBoard, LetterBoard.letter_id)
}


class Tracker(Notes):
    """Notices every tracked record a session makes or changes, whichever service does it."""

    def __init__(self) -> None:
        super().__init__(lambda row: row.__tablename__ in TRACKED)

    def make(
        self, session: Session, rows: Sequence[Base], *, summaries: Sequence[str] = ()
    ) -> None:
        """Put new records into the database at once and give them their ids.

        Whoever else wants to write waits for an import, so thousands of new records do not go one
        by one through the session. They stay outside it; their history is written all the same.
        """
        session.bulk_save_objects(rows, return_defaults=True)
        note_created(session, rows, summaries)
        for row in rows:
            _take_defaults(row)
        self.made |= {id(row): row for row in rows}

    def write(self, session: Session, lead_import: LeadImport) -> None:
        """Keep what was noticed, for the undo."""
        rows: list[tuple[Base, dict[str, Any] | None]] = [(row, None) for row in self.made.values()]
        for row, before in self.changed.values():
            if before != undo_log.values_of(row, before):
                rows.append((row, snapshot(row) | before))
        rows.sort(key=lambda found: (list(TRACKED).index(found[0].__tablename__), key_of(found[0])))
        kept = [
            {
                "lead_import_id": lead_import.id,
                "table": row.__tablename__,
                "record_id": key_of(row),
                "old": json.dumps(before) if before is not None else None,
                "new": json.dumps(snapshot(row)),
            }
            for row, before in rows
        ]
        if kept:
            session.execute(insert(LeadImportChange), kept)


@contextmanager
def tracking(session: Session) -> Iterator[Tracker]:
    tracker = Tracker()
    with tracker.taken_in(session):
        yield tracker


def snapshot(row: Base) -> dict[str, Any]:
    """Every column of a record, as JSON can hold it."""
    return undo_log.values_of(row, [column.key for column in _columns(type(row))])


def _take_defaults(row: Base) -> None:
    """What the database was given for whatever was left open, as a flush would say it."""
    for key, default in _defaults(type(row)):
        if key not in row.__dict__:
            setattr(row, key, default(None) if callable(default) else default)


@cache
def _defaults(model: type[Base]) -> list[tuple[str, Any]]:
    return [
        (column.key, column.columns[0].default.arg if column.columns[0].default else None)
        for column in _columns(model)
    ]


def key_of(row: Base) -> int:
    key: int = inspect(row).mapper.primary_key_from_instance(row)[0]
    return key


@cache
def _columns(model: type[Base]) -> Any:
    """All but what is too large to be loaded without being asked for: no import touches it."""
    return [column for column in inspect(model).column_attrs if not column.deferred]
