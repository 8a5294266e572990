"""From which state a row may come into which, and the one way to bring it there.

A feature keeps one table for each thing that has states. Every move is a compare-and-set on the
state it leaves: of two who try, one moves the row, and the other is told that it did not.
"""

from collections.abc import Collection, Iterator, Mapping
from enum import Enum
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Update, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.core.errors import DomainError

S = TypeVar("S", bound=Enum)


class NotInTheTable(RuntimeError):
    """A move that nobody has thought of: a mistake in the program, never of a user."""


class ChangedMeanwhile(DomainError):
    """Somebody else moved it between reading and writing."""

    def __init__(self) -> None:
        super().__init__("Somebody changed this at the same moment. Look at it again.")


class Transitions(Generic[S]):
    """The states in one column, and for each those that may follow it."""

    def __init__(
        self, column: InstrumentedAttribute[Any], after: Mapping[S, Collection[S]]
    ) -> None:
        self.column, self.model = column, column.class_
        self.after = after

    def pairs(self) -> Iterator[tuple[S, S]]:
        return ((before, to) for before, following in self.after.items() for to in following)

    def allows(self, before: S, to: S) -> bool:
        return to in self.after[before]

    def moving(self, leaving: Collection[S], to: S) -> Update:
        """The statement that moves rows; say of which, and what else is set with it."""
        for before in leaving:
            if not self.allows(before, to):
                raise NotInTheTable(f"{self.column}: from {before.value} to {to.value}")
        return (
            update(self.model)
            .where(or_(*(self.column == before for before in leaving)))
            .values({self.column.key: to})
            .execution_options(synchronize_session=False)
        )

    def move(
        self,
        session: Session,
        which: ColumnElement[bool],
        *,
        leaving: Collection[S],
        to: S,
        **values: Any,
    ) -> list[int]:
        """Move those of the rows that are in one of the states `leaving`; returns which moved."""
        statement = self.moving(leaving, to).where(which).values(**values)
        return sorted(session.scalars(statement.returning(self.model.id)))

    def move_record(self, session: Session, record: Any, to: S) -> None:
        """Move a record that is in the session, so that its history tells of it with whatever else
        changes. It stays locked until the transaction ends."""
        before = getattr(record, self.column.key)
        if not self.allows(before, to):
            raise NotInTheTable(f"{self.column}: from {before.value} to {to.value}")
        same = (self.model.id == record.id) & (self.column == before)
        with session.no_autoflush:
            if session.scalar(select(self.model.id).where(same).with_for_update()) is None:
                raise ChangedMeanwhile
        setattr(record, self.column.key, to)
