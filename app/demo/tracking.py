"""Writing down what the demo data adds and changes, and taking exactly that out again."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Table,
    and_,
    delete,
    event,
    insert,
    inspect,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, UOWTransaction

from app.bin.models import BinnedRow, BinnedStep
from app.core.db import Base
from app.demo.models import DemoRow

KEPT = {"audit_event", "audit_subject", "audit_value"}  # history is never taken out

Key = tuple[Any, ...]
Doomed = dict[Table, set[Key]]


@contextmanager
def tracking(session: Session) -> Iterator[None]:
    """Whatever this session flushes meanwhile is demo data."""
    event.listen(session, "after_flush", _note)
    try:
        yield
        session.flush()
    finally:
        event.remove(session, "after_flush", _note)


def _note(session: Session, _: UOWTransaction) -> None:
    rows: list[tuple[Any, dict[str, Any] | None]] = [(row, None) for row in session.new]
    rows += [(row, old) for row in session.dirty if (old := _old(row))]
    if rows:
        session.connection().execute(
            insert(DemoRow),
            [{"table": _table(row).name, "key": _key(row), "old": old} for row, old in rows],
        )


def note_rows(session: Session, model: type[Base], which: ColumnElement[bool]) -> None:
    """The same for rows that were written in bulk, past the session."""
    key = inspect(model).primary_key
    names = [column.name for column in key]
    rows = [
        {
            "table": model.__tablename__,
            "key": dict(zip(names, found, strict=True)),
            "old": None,
        }
        for found in session.execute(select(*key).where(which))
    ]
    if rows:
        session.execute(insert(DemoRow), rows)


def _table(row: Any) -> Table:
    table = inspect(row).mapper.local_table
    assert isinstance(table, Table)
    return table


def _key(row: Any) -> dict[str, Any]:
    mapper = inspect(row).mapper
    return {
        column.name: value
        for column, value in zip(
            mapper.primary_key, mapper.primary_key_from_instance(row), strict=True
        )
    }


def _old(row: Any) -> dict[str, Any]:
    """The earlier values of what changed, as far as JSON can hold them."""
    old: dict[str, Any] = {}
    for attribute in inspect(row).mapper.column_attrs:
        history = inspect(row).attrs[attribute.key].history
        if history.has_changes() and history.deleted:
            value = history.deleted[0]
            if value is None or isinstance(value, str | int | float | bool):
                old[attribute.columns[0].name] = value
    return old


def take_out(session: Session) -> int:
    """Remove the demo's rows and all that hangs on them; put back what it changed.

    Letters, notes and links made since about made-up people go with them; events in the history
    stay. Returns how many rows went.
    """
    noted = session.scalars(select(DemoRow).order_by(DemoRow.id.desc())).all()
    made = {(row.table, str(row.key)) for row in noted if row.old is None}
    for row in noted:
        # What the demo made itself goes as it is: half of its changes undone, no rule may hold.
        if row.old is not None and (row.table, str(row.key)) not in made:
            table = Base.metadata.tables[row.table]
            session.execute(update(table).where(_is(table, row.key)).values(**row.old))
    doomed: Doomed = {}
    for row in noted:
        if row.old is None:
            table = Base.metadata.tables[row.table]
            doomed.setdefault(table, set()).add(tuple(row.key[c.name] for c in table.primary_key))
    _doom_what_was_deleted(session, doomed)
    session.execute(delete(DemoRow))
    order = [table for table in Base.metadata.sorted_tables if table.name not in KEPT]
    _add_what_hangs_on(session, doomed, order)
    gone = 0
    for table in reversed(order):
        if keys := doomed.get(table):
            gone += _delete(session, table, sorted(keys, key=str))
    session.expire_all()
    return gone


def _doom_what_was_deleted(session: Session, doomed: Doomed) -> None:
    """What the demo made and somebody put into the bin must not come back by itself."""
    made = {(table.name, key) for table, keys in doomed.items() for key in keys}
    for row in session.scalars(select(BinnedRow).where(BinnedRow.step == BinnedStep.TAKEN)):
        table = Base.metadata.tables[row.table]
        key = tuple(row.key.get(column.name) for column in table.primary_key)
        if (row.table, key) in made:
            doomed.setdefault(Base.metadata.tables["binned"], set()).add((row.binned_id,))


def _add_what_hangs_on(session: Session, doomed: Doomed, order: Sequence[Table]) -> None:
    """Rows that need a doomed row are doomed; those that merely mention one forget it.

    What follows a doomed row goes with it: a chaser that forgot what it chases would be a letter to
    everybody.
    """
    for table in order:
        for column in table.columns:
            for key in column.foreign_keys:
                parents = doomed.get(key.column.table)
                if not parents:
                    continue
                ids = [parent[0] for parent in parents]
                if column.nullable and "goes with it" not in column.info:
                    session.execute(
                        update(table).where(column.in_(ids)).values({column.name: None})
                    )
                else:
                    _doom_all(session, doomed, column, ids)


def _doom_all(session: Session, doomed: Doomed, column: Column[Any], ids: Sequence[Any]) -> None:
    """Whatever points at these; where a table points at itself, what points at that too."""
    table = column.table
    found = {
        tuple(row) for row in session.execute(select(*table.primary_key).where(column.in_(ids)))
    }
    new = found - doomed.setdefault(table, set())
    doomed[table] |= found
    if new and any(key.column.table is table for key in column.foreign_keys):
        _doom_all(session, doomed, column, [key[0] for key in new])


def _delete(session: Session, table: Table, keys: Sequence[Key]) -> int:
    gone = 0
    columns = list(table.primary_key)
    for start in range(0, len(keys), 100):
        wanted = [
            and_(*(column == part for column, part in zip(columns, key, strict=True)))
            for key in keys[start : start + 100]
        ]
        gone += session.execute(delete(table).where(or_(*wanted))).rowcount  # type: ignore[attr-defined]
    return gone


def _is(table: Table, key: dict[str, Any]) -> Any:
    return and_(*(table.c[name] == value for name, value in key.items()))
