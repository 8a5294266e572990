"""Taking rows out, or changing them, so that each step can be taken back in the reverse order.

How a row is written down (`values_of`), and given back what was written (`give_back`), is the same
for the ledgers that features keep of their own changes.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Table, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapper, Session

from app.bin.dependencies import key_of, models
from app.bin.models import Binned, BinnedRow, BinnedStep
from app.bin.rules import read_back, written
from app.core.errors import DomainError


class AlreadyUndone(DomainError):
    """Once is enough."""


def take(session: Session, binned: Binned, row: Any) -> BinnedRow:
    """Delete a row, keeping it whole."""
    session.flush()  # what pointed at it has let go before
    step = noted(row, BinnedStep.TAKEN)
    step.binned_id = binned.id
    step.before = values_of(row)
    session.add(step)
    session.delete(row)
    session.flush()
    return step


def change(session: Session, binned: Binned, row: Any, values: Mapping[str, Any]) -> BinnedRow:
    """Give fields of a row other values, keeping what they were and what they became."""
    step = noted(row, BinnedStep.CHANGED)
    step.binned_id = binned.id
    columns = _columns(inspect(row).mapper)
    step.before = values_of(row, values)
    step.after = {name: written(columns[name].type, value) for name, value in values.items()}
    for name, value in values.items():
        setattr(row, name, value)
    session.add(step)
    return step


def put_back(session: Session, step: BinnedRow, values: Mapping[str, Any]) -> bool:
    """Insert a row that was taken. False when something has its place by now."""
    row = models()[step.table].class_()
    give_back(row, values)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def change_back(session: Session, step: BinnedRow) -> list[str]:
    """Undo a change, and name the fields that somebody has given yet another value since."""
    mapper = models()[step.table]
    columns = _columns(mapper)
    key = step.key | {name: value for name, value in step.after.items() if name in step.key}
    row = session.get(
        mapper.class_,
        tuple(key[column.name] for column in mapper.primary_key),
        with_for_update=True,
        populate_existing=True,
    )
    if row is None:
        return list(step.before)
    left = []
    now = values_of(row, step.before)
    for name, before in step.before.items():
        if now[name] == step.after[name] and _is_there(session, columns[name], before):
            give_back(row, {name: before})
        else:
            left.append(name)
    return left


def take_away(session: Session, step: BinnedRow) -> bool:
    """Delete a row that was made. False when it was changed since, or something needs it."""
    mapper = models()[step.table]
    key = tuple(step.key[column.name] for column in mapper.primary_key)
    row = session.get(mapper.class_, key, with_for_update=True, populate_existing=True)
    if row is None:
        return True
    if values_of(row) != step.after:
        return False
    try:
        with session.begin_nested():
            session.delete(row)
    except IntegrityError:
        return False
    return True


def _is_there(session: Session, column: Any, value: Any) -> bool:
    """Whatever a foreign key is to point at again."""
    return value is None or all(
        is_there(session, key.column.table, value) for key in column.foreign_keys
    )


def is_there(session: Session, table: Table, number: Any) -> bool:
    (key,) = table.primary_key
    return session.scalar(select(key).where(key == number)) is not None


def noted(row: Any, step: BinnedStep) -> BinnedRow:
    """A line of a ledger about this row."""
    number = key_of(row)[0]
    names = [column.name for column in inspect(row).mapper.primary_key]
    return BinnedRow(
        step=step,
        table=row.__tablename__,
        kind=getattr(row, "__audit__", ""),
        record_id=number if names == ["id"] else None,
        readers=readers_of(row),
        key=dict(zip(names, key_of(row), strict=True)),
    )


def readers_of(row: Any) -> str:
    """Who alone may read of it, as its events in the history say."""
    return str(row.audit_readers()) if hasattr(row, "audit_readers") else ""


def values_before(row: Any) -> dict[str, Any]:
    """What changes in this row with the next flush, as it was."""
    changed: dict[str, Any] = {}
    for name, column in _columns(inspect(row).mapper).items():
        history = inspect(row).attrs[name].history
        if history.has_changes() and history.deleted:
            changed[name] = written(column.type, history.deleted[0])
    return changed


def values_of(row: Any, names: Iterable[str] | None = None) -> dict[str, Any]:
    """The whole row, or these of its fields, as JSON holds it."""
    columns = _columns(inspect(row).mapper)
    return {
        name: written(columns[name].type, getattr(row, name))
        for name in (columns if names is None else names)
    }


def give_back(row: Any, values: Mapping[str, Any]) -> None:
    """Give fields of a row the values that were written down; a field may have gone since.

    In the order of the columns: a new address forgets that post to the old one came back, so what
    came back has to be set after it.
    """
    for name, column in _columns(inspect(row).mapper).items():
        if name in values:
            setattr(row, name, read_back(column.type, values[name]))


@cache
def _columns(mapper: Mapper[Any]) -> dict[str, Any]:
    """Every column by the name of its field; with us the two are the same."""
    return {one.key: one.columns[0] for one in mapper.column_attrs}
