"""Writes down every change to an audited row, with old and new values, as it is flushed.

A model is audited when it has `__audit__`, the kind of record it is. `audit_subjects()` names
further records on whose history the change is shown; `audit_readers()` says who alone may see it
there; `__audit_masked__` fields are noted as changed without their values.
"""

import enum
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import event, insert, inspect
from sqlalchemy.orm import Session, UOWTransaction

from app.audit.models import AuditEvent, AuditSubject, AuditValue
from app.audit.rules import MASKED
from app.audit.services import THE_SYSTEM, Actor
from app.core import clock
from app.core.db import Base


class RowChange(NamedTuple):
    action: str
    row: Any
    values: dict[str, tuple[str | None, str | None]]
    summary: str = ""


def listen(session_class: type[Session]) -> None:
    """Record the changes made through every session of this class; once, however often asked."""
    if not event.contains(session_class, "before_flush", _notice):
        event.listen(session_class, "before_flush", _notice)
        event.listen(session_class, "after_flush", _write)
        event.listen(session_class, "after_soft_rollback", _forget)
    for mapper in Base.registry.mappers:
        if not hasattr(mapper.class_, "__audit__"):
            continue
        masked = getattr(mapper.class_, "__audit_masked__", ())
        for column in mapper.column_attrs:
            if column.key not in masked:
                event.listen(
                    getattr(mapper.class_, column.key), "set", _look_first, active_history=True
                )


def _look_first(*_: object) -> None:
    """Listening is enough: a field that was not loaded is read before it is overwritten."""


def _notice(session: Session, _: UOWTransaction, __: object) -> None:
    noticed: list[RowChange] = session.info.setdefault("audit_noticed", [])
    noticed.extend(RowChange("created", row, _first(row)) for row in _audited(session.new))
    noticed.extend(
        RowChange("changed", row, values)
        for row in _audited(session.dirty)
        if (values := _values(row))
    )
    noticed.extend(RowChange("deleted", row, _last(row)) for row in _audited(session.deleted))


def _write(session: Session, _: UOWTransaction | None = None) -> None:
    """Runs inside the flush, when new rows have their ids; so it speaks SQL, not objects."""
    noticed: list[RowChange] = session.info.pop("audit_noticed", [])
    if not noticed:
        return
    actor: Actor = session.info.get("actor", THE_SYSTEM)
    now = clock.now()
    subjects = [_subjects(change.row) for change in noticed]
    # A flush of thousands of rows is three statements here, not three for each row.
    ids = session.connection().scalars(
        insert(AuditEvent).returning(AuditEvent.id, sort_by_parameter_order=True),
        [
            {
                "at": now,
                "actor_id": actor.id,
                "actor_name": actor.name,
                "ip": actor.ip,
                "action": change.action,
                "kind": of[0][0],
                "record_id": of[0][1],
                "summary": change.summary,
                "readers": _readers(change.row),
            }
            for change, of in zip(noticed, subjects, strict=True)
        ],
    )
    events = list(zip(ids, noticed, subjects, strict=True))
    session.connection().execute(
        insert(AuditSubject),
        [{"event_id": i, "kind": k, "record_id": r} for i, _, of in events for k, r in of],
    )
    values = [
        {"event_id": event_id, "field": field, "old": old, "new": new}
        for event_id, change, _ in events
        for field, (old, new) in change.values.items()
    ]
    if values:
        session.connection().execute(insert(AuditValue), values)


def _forget(session: Session, _: object) -> None:
    """What a flush noticed did not happen: the database refused it, and the session goes on."""
    session.info.pop("audit_noticed", None)


def note_created(session: Session, rows: Sequence[Any], summaries: Sequence[str] = ()) -> None:
    """Record rows that were put into the database without a flush, thousands at once; each with
    its summary, if there are any."""
    session.flush()  # what was changed before stands before them in the history
    session.info["audit_noticed"] = [
        RowChange("created", row, _first(row), summary)
        for row, summary in zip(rows, summaries or [""] * len(rows), strict=True)
        if hasattr(type(row), "__audit__")
    ]
    _write(session)


def _audited(rows: Iterable[Any]) -> list[Any]:
    """In the order they were added, or else of their table and key: the session keeps none."""
    found = [row for row in rows if hasattr(type(row), "__audit__")]
    return sorted(found, key=_place)


def _place(row: Any) -> tuple[int, str, str]:
    state = inspect(row)
    key = "/".join(f"{part:>20}" for part in state.identity or ())
    return getattr(state, "insert_order", None) or 0, type(row).__tablename__, key


def _subjects(row: Any) -> list[tuple[str, int]]:
    key = inspect(row).mapper.primary_key_from_instance(row)[0]
    own = (type(row).__audit__, key if isinstance(key, int) else 0)
    further = row.audit_subjects() if hasattr(row, "audit_subjects") else []
    return list(dict.fromkeys([own, *further]))


def _readers(row: Any) -> str:
    """Who may see this on a history page, when the row is kept from others."""
    return str(row.audit_readers()) if hasattr(row, "audit_readers") else ""


def _first(row: Any) -> dict[str, tuple[str | None, str | None]]:
    """What a new row is given. There may be thousands at once, and nothing was there before."""
    state = inspect(row)
    masked = getattr(type(row), "__audit_masked__", ())
    said = state.dict
    return {
        key: (MASKED,) * 2 if key in masked else (None, _say(said[key]))
        for key in state.mapper.column_attrs.keys()  # noqa: SIM118  a collection of its own kind
        if key != "id" and said.get(key) is not None
    }


def _values(row: Any) -> dict[str, tuple[str | None, str | None]]:
    state = inspect(row)
    masked = getattr(type(row), "__audit_masked__", ())
    values: dict[str, tuple[str | None, str | None]] = {}
    for column in state.mapper.column_attrs:
        history = state.attrs[column.key].history
        if not history.has_changes() or column.key == "id":
            continue
        old = history.deleted[0] if history.deleted else None
        new = history.added[0] if history.added else None
        if old != new:
            values[column.key] = (MASKED,) * 2 if column.key in masked else (_say(old), _say(new))
    return values


def _last(row: Any) -> dict[str, tuple[str | None, str | None]]:
    state = inspect(row)
    masked = getattr(type(row), "__audit_masked__", ())
    return {
        key: (MASKED if key in masked else _say(value), None)
        for key in state.mapper.column_attrs.keys()  # noqa: SIM118  a collection of its own kind
        if (value := state.dict.get(key) if key in masked else getattr(row, key)) not in (None, "")
        and key != "id"
    }


def _say(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
