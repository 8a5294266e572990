"""Ticking off, dropping and reopening follow-ups, so that what they stand for is settled too."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.errors import DomainError
from app.followups import bulk
from app.followups import services as followups
from app.followups.bulk import Undone
from app.followups.models import BulkChange, FollowUp, FollowUpState, Repeats
from app.followups.services import FollowUpDetails
from app.interactions.models import Outcome, OutcomeKind, PointState
from app.interactions.outcomes.outcomes import point_of


class NotSaidWhich(DomainError):
    """A promise that is dropped was broken, or taken back."""


class KeptOnce(DomainError):
    """A promise is kept or not; only what stands for none repeats."""


def finish(session: Session, follow_up: FollowUp, *, by: User, at: datetime, on: date) -> None:
    """Tick it off. A promise it stands for is kept, a question answered."""
    if follow_up.state is FollowUpState.DONE:
        return
    followups.finish(session, follow_up, by=by, at=at, on=on)
    _settle(session, point_of(session, follow_up), PointState.KEPT, on)


def reopen(session: Session, follow_up: FollowUp) -> None:
    """It was not done, or not to be dropped; what it stands for is open again."""
    followups.reopen(session, follow_up)
    point = point_of(session, follow_up)
    if point:
        point.state, point.settled_on = PointState.OPEN, None
        point.evidence = point.evidence_link = ""
        session.flush()


def drop(
    session: Session,
    follow_up: FollowUp,
    *,
    reason: str,
    became: PointState | None = None,
    on: date,
) -> None:
    """It will not be done. Of a promise, say whether it was broken or withdrawn."""
    point = point_of(session, follow_up)
    if point and point.kind is OutcomeKind.COMMITMENT:
        if became not in (PointState.BROKEN, PointState.WITHDRAWN):
            raise NotSaidWhich("Say whether the promise was broken or withdrawn.")
    else:
        became = PointState.WITHDRAWN
    followups.drop(session, follow_up, reason=reason)
    if point and not point.evidence:
        point.evidence = reason.strip()
    _settle(session, point, became, on)


def change(
    session: Session,
    follow_up: FollowUp,
    wanted: FollowUpDetails,
    *,
    by: User,
    at: datetime,
    on: date,
) -> None:
    """Correct a follow-up; the day and priority of what it stands for change with it."""
    point = point_of(session, follow_up)
    if point and wanted.repeats is not Repeats.NEVER:
        raise KeptOnce(
            "This is part of a promise, which is kept once. "
            "Add what repeats as a follow-up of its own."
        )
    followups.change(session, follow_up, wanted, by=by, at=at, on=on)
    if point:
        point.due_on, point.priority = wanted.due_on, wanted.priority
        session.flush()


def move(
    session: Session,
    follow_ups: Sequence[FollowUp],
    due_on: date,
    *,
    by: User,
    at: datetime,
    on: date,
    form_token: str | None = None,
) -> BulkChange:
    """Give several one day, and what they stand for."""
    change = bulk.move(session, follow_ups, due_on, by=by, at=at, on=on, form_token=form_token)
    _carry_days(session, follow_ups)
    return change


def undo(session: Session, change: BulkChange, *, at: datetime) -> Undone:
    """Give each follow-up back what it had before a change of many, and what they stand for."""
    undone = bulk.undo(session, change, at=at)
    _carry_days(session, undone.given_back)
    return undone


def _carry_days(session: Session, follow_ups: Sequence[FollowUp]) -> None:
    days = {row.id: row.due_on for row in follow_ups}
    points = session.scalars(select(Outcome).where(Outcome.follow_up_id.in_(days)))
    for point in points:
        if point.follow_up_id:
            point.due_on = days[point.follow_up_id]
    session.flush()


def _settle(session: Session, point: Outcome | None, state: PointState, on: date) -> None:
    if point and point.state is PointState.OPEN:
        point.state, point.settled_on = state, on
        session.flush()
