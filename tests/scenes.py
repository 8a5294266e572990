"""A scene many tests begin from: set up by the services once, then laid out again row by row."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Table, and_, insert, select, update
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import Base

T = TypeVar("T")
Row = tuple[Any, ...]
Rows = dict[Table, dict[Row, Row]]

# What a scene says of "just now" (a link that works for an hour) stays true so long.
FRESH = timedelta(minutes=10)


@dataclass(frozen=True)
class Scene(Generic[T]):
    told: T
    added: dict[Table, list[dict[str, Any]]]
    changed: list[tuple[Table, Row, dict[str, Any]]]
    set_up_at: datetime

    def is_fresh(self) -> bool:
        return timedelta(0) <= clock.now() - self.set_up_at < FRESH


_kept: dict[tuple[str, Callable[..., Any]], Scene[Any]] = {}


def laid_out(session: Session, set_up: Callable[[Session], T]) -> T:
    """What `set_up` says, and its rows, in a database that a test has not written to yet.

    `set_up` commits, and what it gives holds ids, not records.
    """
    connection = session.connection()
    key = (str(connection.engine.url), set_up)
    if session.scalar(select(AuditEvent.id).limit(1)) is not None:
        return set_up(session)
    scene = _kept.get(key)
    if scene is None or not scene.is_fresh():
        before = _all_rows(connection)
        at = clock.now()
        told = set_up(session)
        _kept[key] = _between(before, _all_rows(session.connection()), told, at)
        return told
    for table, rows in scene.added.items():
        connection.execute(insert(table), rows)
    for table, where, values in scene.changed:
        connection.execute(update(table).where(_is(table, where)).values(values))
    session.commit()
    kept: T = scene.told
    return kept


def _all_rows(connection: Connection) -> Rows:
    """By their keys, in the order they may be written in."""
    return {
        table: {
            tuple(row._mapping[column] for column in table.primary_key): tuple(row)
            for row in connection.execute(select(table).order_by(*table.primary_key))
        }
        for table in Base.metadata.sorted_tables
    }


def _between(before: Rows, after: Rows, told: T, at: datetime) -> Scene[T]:
    added: dict[Table, list[dict[str, Any]]] = {}
    changed = []
    for table, rows in after.items():
        assert before[table].keys() <= rows.keys(), f"a scene takes nothing away: {table.name}"
        for key, row in rows.items():
            values = dict(zip(table.columns.keys(), row, strict=True))
            if key not in before[table]:
                added.setdefault(table, []).append(values)
            elif row != before[table][key]:
                changed.append((table, key, values))
    return Scene(told, added, changed, at)


def _is(table: Table, key: Row) -> Any:
    return and_(*(column == value for column, value in zip(table.primary_key, key, strict=True)))
