"""Everything that points at one person points at another afterwards, each step in the ledger.

What points is found from the foreign keys themselves, so a table that is added later moves too.
Where the person who stays has the very same already (the same meeting, the same address), theirs
takes in what the other one knew, and the other one goes.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table, UniqueConstraint, select
from sqlalchemy.orm import Session

from app.bin.dependencies import models, pointing_at, rows_with
from app.bin.models import Binned
from app.bin.undo_log import change, take
from app.directory.models import Appointment, NotTheSame, Person, PersonEmail
from app.interactions.models import InteractionPerson
from app.letters.models import Letter
from app.merging.rules import hold_together, one_holding


@dataclass(frozen=True)
class PeopleMerge:
    """Who goes, who stays, and the ledger it is written down in."""

    session: Session
    binned: Binned
    goes: Person
    stays: Person


def move_all(merge: PeopleMerge) -> None:
    """What points at the one who goes, table by table."""
    session = merge.session
    for column in pointing_at(Person.__tablename__):
        for row in rows_with(session, column, merge.goes):
            if row not in session.deleted:
                _MOVES.get(type(row), _move)(merge, column, row)
        session.flush()


Move = Callable[[PeopleMerge, Column[Any], Any], None]


def _move(merge: PeopleMerge, column: Column[Any], row: Any) -> None:
    values = {column.name: merge.stays.id}
    twin = _twin(merge.session, row, values)
    if twin is None:
        change(merge.session, merge.binned, row, values)
    else:
        _take_in(merge, twin, row)


def _move_appointment(merge: PeopleMerge, column: Column[Any], row: Appointment) -> None:
    """One person does not hold one post twice at a time."""
    same_post = merge.session.scalars(
        select(Appointment)
        .where(Appointment.post_id == row.post_id, Appointment.person_id == merge.stays.id)
        .order_by(Appointment.id)
    )
    twin = next((one for one in same_post if hold_together(one, row)), None)
    if twin is None:
        change(merge.session, merge.binned, row, {column.name: merge.stays.id})
    else:
        _take_in(merge, twin, row)


def _move_letter(merge: PeopleMerge, column: Column[Any], row: Letter) -> None:
    """A letter keeps every word of whom it went to. By its key a chaser finds the one it follows;
    where both were written to in one mailing, the letter of the one who went keeps a key of its
    own."""
    values: dict[str, Any] = {column.name: merge.stays.id}
    if row.addressee_key == key_of_addressee(merge.goes):
        renamed = {"addressee_key": key_of_addressee(merge.stays)}
        if _twin(merge.session, row, renamed) is None:
            values |= renamed
    change(merge.session, merge.binned, row, values)


def key_of_addressee(person: Person) -> str:
    return f"person:{person.id}"


def _move_telling_apart(merge: PeopleMerge, _: Column[Any], row: NotTheSame) -> None:
    """Whoever is not the one who goes is not the one who stays either."""
    other = row.other_id if row.person_id == merge.goes.id else row.person_id
    lower, higher = sorted((other, merge.stays.id))
    if lower == higher or merge.session.get(NotTheSame, (lower, higher)) is not None:
        take(merge.session, merge.binned, row)
    else:
        change(merge.session, merge.binned, row, {"person_id": lower, "other_id": higher})


_MOVES: Mapping[type[Any], Move] = {
    Appointment: _move_appointment,
    Letter: _move_letter,
    NotTheSame: _move_telling_apart,
}


def _take_in(merge: PeopleMerge, twin: Any, row: Any) -> None:
    """The twin learns what only the other row knew, and takes what points at it."""
    session, binned = merge.session, merge.binned
    if values := {
        name: value for name, value in _learnt(twin, row).items() if getattr(twin, name) != value
    }:
        change(session, binned, twin, values)
    session.flush()
    if isinstance(getattr(row, "id", None), int):
        for column in pointing_at(row.__tablename__):
            for pointing in rows_with(session, column, row):
                change(session, binned, pointing, {column.name: twin.id})
    take(session, binned, row)


def _learnt(twin: Any, row: Any) -> dict[str, Any]:
    if isinstance(row, Appointment):
        return one_holding(twin, row)
    if isinstance(row, PersonEmail) and row.failed_on and not twin.failed_on:
        return {"failed_on": row.failed_on, "failure": row.failure}
    if isinstance(row, InteractionPerson):
        return {"capacity": twin.capacity or row.capacity}
    return {}


def _twin(session: Session, row: Any, values: Mapping[str, Any]) -> Any | None:
    """The row that has the place already which this one would come to."""
    mapper = models()[row.__tablename__]
    table = mapper.local_table
    assert isinstance(table, Table)
    for columns in _unique(table):
        if not any(column.name in values for column in columns):
            continue
        wanted = {column: values.get(column.name, getattr(row, column.name)) for column in columns}
        if None in wanted.values():
            continue
        found = session.scalar(
            select(mapper.class_).where(*(column == value for column, value in wanted.items()))
        )
        if found is not None and found is not row:
            return found
    return None


def _unique(table: Table) -> Iterable[list[Column[Any]]]:
    yield list(table.primary_key.columns)
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield list(constraint.columns)
    for index in table.indexes:
        if index.unique and not index.dialect_kwargs:
            yield list(index.columns)
