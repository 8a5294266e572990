"""Changing many follow-ups at once, and undoing it as one step."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import User
from app.bin.undo_log import AlreadyUndone, give_back, values_of
from app.core.errors import DomainError, NothingTicked
from app.core.text.alphabet import folded
from app.followups import services
from app.followups.models import BulkChange, BulkField, FollowUp, FollowUpState
from app.followups.notifying import tell_given_several

MOST = 500
FIELDS = {BulkField.OWNER: "owner_id", BulkField.DUE: "due_on"}


class TooMany(DomainError):
    """More than one page of history can tell."""


@dataclass(frozen=True)
class Undone:
    """What an undo gave back; what was changed by somebody since stays as it is."""

    given_back: list[FollowUp]
    changed_since: int


def chosen(session: Session, reader: User, ids: Sequence[int]) -> list[FollowUp]:
    """Those open ones among them that this reader may read, locked, in the order of their days."""
    rows = session.scalars(
        select(FollowUp)
        .where(
            FollowUp.id.in_(ids[: MOST + 1]),
            FollowUp.state == FollowUpState.OPEN,
            FollowUp.where_read_by(reader),
        )
        .options(joinedload(FollowUp.owner), joinedload(FollowUp.organisation))
        .order_by(FollowUp.due_on, FollowUp.id)
        .with_for_update(of=FollowUp)
    )
    found = list(rows)
    if not found:
        raise NothingTicked("Tick at least one open follow-up.")
    if len(found) > MOST:
        raise TooMany(f"Change up to {MOST} at once: narrow the list first.")
    return found


def owners_after(rows: Sequence[FollowUp], owner: User) -> list[tuple[str, int, int]]:
    """How many of these each owns now, and would own then."""
    now = Counter(row.owner.name for row in rows)
    names = sorted({*now, owner.name}, key=folded)
    return [(name, now[name], len(rows) if name == owner.name else 0) for name in names]


def days_after(rows: Sequence[FollowUp], day: date, on: date) -> list[tuple[str, int, int]]:
    """How many of these are overdue, due today and coming, now and then."""

    def group(due_on: date) -> str:
        return "Overdue" if due_on < on else "Due today" if due_on == on else "Coming"

    now = Counter(group(row.due_on) for row in rows)
    then = group(day)
    return [
        (name, now[name], len(rows) if name == then else 0)
        for name in ("Overdue", "Due today", "Coming")
    ]


def reassign(
    session: Session,
    rows: Sequence[FollowUp],
    owner: User,
    *,
    by: User,
    at: datetime,
    form_token: str | None = None,
) -> BulkChange:
    """Give them all to one of us. Sent twice, it is done once."""
    if done := _done_by(session, form_token):
        return done
    given = [row for row in rows if row.owner_id != owner.id]
    before = {str(row.id): row.owner_id for row in given}
    for row in rows:
        services.reassign(row, owner)
    tell_given_several(session, given, owner, by=by, at=at)
    change = BulkChange(
        at=at,
        field=BulkField.OWNER,
        set_to=str(owner.id),
        words=f"{_counted(len(before))} given to {owner.name}",
        form_token=form_token,
    )
    return _note(session, change, before, by)


def move(
    session: Session,
    rows: Sequence[FollowUp],
    due_on: date,
    *,
    by: User,
    at: datetime,
    on: date,
    form_token: str | None = None,
) -> BulkChange:
    """Give them all one day."""
    if done := _done_by(session, form_token):
        return done
    before = {str(row.id): row.due_on.isoformat() for row in rows if row.due_on != due_on}
    for row in rows:
        services.move(row, due_on, on=on)
    change = BulkChange(
        at=at,
        field=BulkField.DUE,
        set_to=due_on.isoformat(),
        words=f"{_counted(len(before))} moved to {due_on.day} {due_on:%B %Y}",
        form_token=form_token,
    )
    return _note(session, change, before, by)


def undo(session: Session, change: BulkChange, *, at: datetime) -> Undone:
    """Give each back what it had, unless it was changed or settled since."""
    if change.undone_at:
        raise AlreadyUndone("This has been undone already.")
    rows = session.scalars(
        select(FollowUp)
        .where(FollowUp.id.in_([int(id_) for id_ in change.before]))
        .with_for_update(of=FollowUp)
    ).all()
    mine = [row for row in rows if row.state is FollowUpState.OPEN and _is_as_set(row, change)]
    for row in mine:
        give_back(row, {FIELDS[change.field]: change.before[str(row.id)]})
    change.undone_at = at
    session.flush()
    return Undone(mine, len(change.before) - len(mine))


def _is_as_set(row: FollowUp, change: BulkChange) -> bool:
    name = FIELDS[change.field]
    return str(values_of(row, [name])[name]) == change.set_to


def _note(
    session: Session, change: BulkChange, before: Mapping[str, int | str], by: User
) -> BulkChange:
    change.before, change.by_id = dict(before), by.id
    session.add(change)
    session.flush()
    return change


def _done_by(session: Session, form_token: str | None) -> BulkChange | None:
    if not form_token:
        return None
    return session.scalar(select(BulkChange).where(BulkChange.form_token == form_token))


def _counted(count: int) -> str:
    return f"{count} follow-up{'' if count == 1 else 's'}"
