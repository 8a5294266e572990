"""Reading follow-ups: only ever those the reader may read."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import User
from app.accounts.visibility import Reader
from app.core.db import remembered
from app.followups.models import BulkChange, FollowUp, FollowUpState


def one_of(
    session: Session, reader: User, follow_up_id: int, *, to_change: bool = False
) -> FollowUp | None:
    """The follow-up with its owner, author and body; none if it is not for this reader.

    One that is to change is locked, so that a double click finds it changed.
    """
    statement = (
        select(FollowUp)
        .where(FollowUp.id == follow_up_id)
        .options(
            joinedload(FollowUp.owner),
            joinedload(FollowUp.author),
            joinedload(FollowUp.organisation),
            joinedload(FollowUp.person),
        )
    )
    if to_change:
        statement = statement.with_for_update(of=FollowUp)
    found = session.scalar(statement)
    return found if found and found.may_be_read_by(reader) else None


def mine_due(session: Session, me: User, on: date, most: int) -> int:
    """How many of mine are due today or were before, counted as far as `most`: the number in the
    menu, on every page."""
    return session.scalar(_count_due(Reader.of(me), on, most)) or 0


def pressing(session: Session, me: User, on: date, most: int) -> Sequence[FollowUp]:
    """The first of mine that are due."""
    return session.scalars(
        select(FollowUp)
        .where(*_mine_due(Reader.of(me), on))
        .options(joinedload(FollowUp.organisation))
        .order_by(FollowUp.due_on, FollowUp.id)
        .limit(most)
    ).all()


def following(session: Session, follow_up: FollowUp) -> FollowUp | None:
    """The next of its series."""
    return session.scalar(select(FollowUp).where(FollowUp.repeat_of_id == follow_up.id))


def bulk_changes(session: Session, by: User, most: int = 50) -> Sequence[BulkChange]:
    return session.scalars(
        select(BulkChange)
        .where(BulkChange.by_id == by.id)
        .order_by(BulkChange.at.desc(), BulkChange.id.desc())
        .limit(most)
    ).all()


@remembered
def awake(on: date) -> ColumnElement[bool]:
    return or_(FollowUp.asleep_until.is_(None), FollowUp.asleep_until <= on)


def _mine_due(me: Reader, on: date) -> tuple[ColumnElement[bool], ...]:
    return (
        FollowUp.owner_id == me.id,
        FollowUp.state == FollowUpState.OPEN,
        FollowUp.due_on <= on,
        awake(on),
        FollowUp.where_read_by(me),
    )


@remembered
def _count_due(me: Reader, on: date, most: int) -> Select[int]:
    some = select(FollowUp.id).where(*_mine_due(me, on)).limit(most).subquery()
    return select(func.count()).select_from(some)
