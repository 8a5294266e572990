"""A change of many records at once, noted whole, so that it is undone as one step."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.bin import undo_log
from app.bin.models import Binned, BinnedHow, BinnedRow, BinnedStep

# They say what was done, and are never undone.
NEVER_UNDONE = {"binned", "binned_row", "audit_event", "audit_subject", "audit_value"}


class Notes:
    """What a session made, changed and deleted meanwhile, whichever service did it."""

    def __init__(self, minds: Callable[[Any], bool]) -> None:
        self._minds = minds
        self.made: dict[int, Any] = {}
        self.changed: dict[int, tuple[Any, dict[str, Any]]] = {}
        self.taken: list[BinnedRow] = []

    def notice(self, session: Session, *_: object) -> None:
        for row in session.new:
            if self._minds(row):
                self.made[id(row)] = row
        for row in session.dirty:
            if id(row) not in self.made and self._minds(row):
                before = self.changed.setdefault(id(row), (row, {}))[1]
                for name, value in undo_log.values_before(row).items():
                    before.setdefault(name, value)
        for row in session.deleted:
            if not self._minds(row) or self.made.pop(id(row), None) is not None:
                continue
            _, before = self.changed.pop(id(row), (row, {}))
            step = undo_log.noted(row, BinnedStep.TAKEN)
            step.before = undo_log.values_of(row) | before
            self.taken.append(step)

    @contextmanager
    def taken_in(self, session: Session) -> Iterator[None]:
        """Notice what is done inside, to its last flush."""
        event.listen(session, "before_flush", self.notice)
        try:
            yield
            session.flush()
        finally:
            event.remove(session, "before_flush", self.notice)

    def steps(self) -> Iterator[BinnedRow]:
        """In an order in which the last can be undone first."""
        for row, before in self.changed.values():
            after = {name: undo_log.values_of(row)[name] for name in before}
            if after != before and not inspect(row).detached:
                step = undo_log.noted(row, BinnedStep.CHANGED)
                step.before, step.after = before, after
                yield step
        yield from self.taken
        for row in self.made.values():
            step = undo_log.noted(row, BinnedStep.MADE)
            step.before, step.after = {}, undo_log.values_of(row)
            yield step


@contextmanager
def noting(
    session: Session, *, kind: str, record_id: int = 0, by: User, at: datetime
) -> Iterator[Binned]:
    """Whatever is done inside is one change. Give it its `name` before the end."""
    session.flush()
    notes = Notes(lambda row: row.__tablename__ not in NEVER_UNDONE)
    change = Binned(
        kind=kind, record_id=record_id, name="", how=BinnedHow.CHANGED, at=at, by_id=by.id
    )
    with notes.taken_in(session):
        yield change
    steps = list(notes.steps())
    if not steps:
        return
    session.add(change)
    session.flush()
    for step in steps:
        step.binned_id = change.id
        session.add(step)
    session.flush()
