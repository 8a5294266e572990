"""Putting a record into the bin, and taking it out again as it was."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit.rules import kind_words
from app.audit.services import record
from app.bin import undo_log
from app.bin.dependencies import LettingGo, Obstacle, models, plan_of
from app.bin.labels import in_the_way
from app.bin.models import Binned, BinnedHow, BinnedRow, BinnedStep
from app.bin.queries import newest, steps_of
from app.bin.undo_log import change, take
from app.core.errors import DomainError

__all__ = ["begin", "change", "put_in_bin", "restore", "take"]


class StandsInTheWay(DomainError):
    """What points at a record keeps it from being deleted."""

    def __init__(self, name: str, obstacles: Sequence[Obstacle]) -> None:
        super().__init__(in_the_way(name, obstacles))
        self.obstacles = obstacles


class AlreadyDeleted(DomainError):
    """Somebody else was first."""


class AlreadyRestored(DomainError):
    """Somebody else was first."""


class GoneForGood(DomainError):
    """The 30 days are over, or what it belonged to no longer exists."""


class NotYet(DomainError):
    """It belongs to something that is in the bin too."""


class PlaceTaken(DomainError):
    """Something else has its name or its place by now."""


@dataclass
class Restored:
    """What did not come back as it was, because somebody changed it since: (table, field)."""

    left: list[tuple[str, str]] = field(default_factory=list)


def put_in_bin(
    session: Session,
    row: Any,
    *,
    name: str,
    by: User,
    at: datetime,
    along: Sequence[Any] = (),
    changing: Sequence[tuple[Any, dict[str, Any]]] = (),
) -> Binned:
    """Delete a record with all that goes with it, unless something else needs it.

    What a rule of the field adds to the foreign keys: rows that go `along`, and fields of others
    that change with it.
    """
    _lock(session, row, name)
    plan = plan_of(session, row, along)
    if plan.obstacles:
        raise StandsInTheWay(name, plan.obstacles)
    binned = begin(session, row, name=name, by=by, at=at)
    for other, values in changing:
        undo_log.change(session, binned, other, values)
    with_it: Counter[str] = Counter()
    for step in plan.steps:
        if isinstance(step, LettingGo):
            undo_log.change(session, binned, step.row, step.values)
        else:
            if step.row is not row:
                with_it[step.row.__tablename__] += 1
            undo_log.take(session, binned, step.row)
    _tell(session, binned, "put in the bin", summary=_counted(with_it))
    return binned


def begin(
    session: Session,
    row: Any,
    *,
    name: str,
    by: User,
    at: datetime,
    how: BinnedHow = BinnedHow.DELETED,
    merged_into_id: int | None = None,
) -> Binned:
    """Open the ledger of one record; what `take` and `change` do is written down in it."""
    binned = Binned(
        kind=type(row).__audit__,
        record_id=row.id,
        name=name,
        how=how,
        merged_into_id=merged_into_id,
        at=at,
        by_id=by.id,
        readers=undo_log.readers_of(row),
    )
    session.add(binned)
    session.flush()
    return binned


def restore(session: Session, binned: Binned, *, by: User, at: datetime) -> Restored:
    """Take every step back, the last one first. What was changed since stays as it is."""
    session.refresh(binned, with_for_update=True)
    if binned.restored_at is not None:
        raise AlreadyRestored(f"“{binned.name}” has been restored already.")
    if binned.emptied_at is not None:
        raise GoneForGood("This was deleted more than 30 days ago and is gone for good.")
    restored = Restored()
    for step in reversed(steps_of(session, binned)):
        if step.step is BinnedStep.MADE:
            if not undo_log.take_away(session, step):
                restored.left.append((step.table, ""))
        elif step.step is BinnedStep.CHANGED:
            restored.left += [(step.table, name) for name in undo_log.change_back(session, step)]
        else:
            _put_back(session, binned, step, restored)
    session.flush()
    session.execute(delete(BinnedRow).where(BinnedRow.binned_id == binned.id))
    binned.restored_at, binned.restored_by_id = at, by.id
    if binned.how is not BinnedHow.CHANGED:
        is_merge = binned.how is BinnedHow.MERGED
        _tell(session, binned, "took a merge back" if is_merge else "restored")
    return restored


def empty(session: Session, binned_id: int, *, at: datetime) -> bool:
    """Let go of what was kept of a record: its rows and its name. That it was there stays.

    Who alone might read it stays too, or its history would be everybody's from now on.
    """
    binned = session.scalar(
        select(Binned)
        .where(Binned.id == binned_id, Binned.emptied_at.is_(None))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if binned is None:
        return False
    of_it = BinnedRow.binned_id == binned.id
    is_told = or_(BinnedRow.readers == "", BinnedRow.step != BinnedStep.TAKEN)
    session.execute(delete(BinnedRow).where(of_it, is_told))
    for row in session.scalars(select(BinnedRow).where(of_it)):
        row.before = {}
    if binned.restored_at is None and binned.how is not BinnedHow.CHANGED:
        _tell(session, binned, "gone for good")
    binned.name, binned.emptied_at = "", at
    session.flush()
    return True


def _lock(session: Session, row: Any, name: str) -> None:
    session.flush()
    key = type(row).id
    if session.scalar(select(key).where(key == row.id).with_for_update()) is None:
        raise AlreadyDeleted(f"“{name}” has been deleted already.")


def _put_back(session: Session, binned: Binned, step: BinnedRow, restored: Restored) -> None:
    is_itself = (step.kind, step.record_id) == (binned.kind, binned.record_id)
    values = _values_today(session, step, is_itself)
    if values is not None and undo_log.put_back(session, step, values):
        return
    if is_itself:
        raise PlaceTaken(
            f"“{binned.name}” cannot come back: something else of the same name, or in the same"
            " place, has been entered since. Rename or delete that, then restore this."
        )
    restored.left.append((step.table, ""))


def _values_today(session: Session, step: BinnedRow, is_itself: bool) -> dict[str, Any] | None:
    """The row, pointing at what there is today. None where it has nothing left to belong to."""
    values = dict(step.before)
    table = models()[step.table].local_table
    for column in table.columns:
        for key in column.foreign_keys:
            number = values.get(column.name)
            if number is None or undo_log.is_there(session, key.column.table, number):
                continue
            heir = _heir(session, key.column.table.name, number)
            if heir is None and not column.nullable:
                if is_itself:
                    raise GoneForGood("What this belonged to is gone for good, and so is this.")
                return None
            values[column.name] = heir
    if values.get("form_token") and _is_used(session, step.table, values["form_token"]):
        values["form_token"] = None  # its form was sent again; what it made then is another record
    return values


def _heir(session: Session, table: str, number: int) -> int | None:
    """Of something that was merged away since, what it was merged into; of what is in the bin,
    nothing before that has been restored."""
    kind = getattr(models()[table].class_, "__audit__", "")
    away = newest(session, kind, number)
    if away is None:
        return None
    if away.how is BinnedHow.MERGED and (away.kind, away.record_id) == (kind, number):
        heir = away.merged_into_id
        target = models()[table].local_table
        if heir is not None and undo_log.is_there(session, target, heir):  # type: ignore[arg-type]
            return heir
        return _heir(session, table, heir) if heir is not None else None
    if away.emptied_at is None:
        raise NotYet(
            f"This belongs with “{away.name}”, which is in the bin too. Restore that first."
        )
    return None


def _is_used(session: Session, table: str, form_token: str) -> bool:
    token = models()[table].class_.form_token
    return session.scalar(select(token).where(token == form_token)) is not None


def _tell(session: Session, binned: Binned, action: str, *, summary: str = "") -> None:
    record(
        session,
        action=action,
        subjects=[(binned.kind, binned.record_id)],
        summary=summary,
        readers=binned.readers,
    )


def _counted(with_it: Counter[str]) -> str:
    said = [f"{count} × {kind_words(table)}" for table, count in sorted(with_it.items())]
    return f"with it: {', '.join(said)}" if said else ""
