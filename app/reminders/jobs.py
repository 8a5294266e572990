"""What the clock calls: plan what has changed, then give what is due."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.core import clock, shutdown
from app.core.db import reading
from app.milestones.models import Milestone
from app.reminders import dispatch, planning, queries
from app.reminders.rules import moment
from app.settings import pieces
from app.settings.pieces import Piece


def remind(session: Session, at: datetime) -> int:
    """One round; any number of processes may be in one at once. How many reminders were given.

    Most rounds find nothing to do, and ask three questions without keeping anybody from writing.
    """
    with reading():
        rules = queries.rules_to_plan(session, on=moment(at)[0], recorded_until=clock.now())
        failed = pieces.noted(session, queries.PIECES)
        session.commit()
    for rule_id in rules:
        _alone(session, _planning(rule_id), _plan, at, rule_id)
    with reading():
        due = queries.due(session, at)
        session.commit()
    given = [
        _alone(session, _giving(rule_id, milestone_id), dispatch.fire, at, rule_id, milestone_id)
        for rule_id, milestone_id in due
    ]
    _forget(session, failed, [*map(_planning, rules), *(_giving(*pair) for pair in due)])
    return sum(given)


def _plan(session: Session, rule_id: int, *, at: datetime) -> int:
    rule = planning.locked(session, rule_id)
    return planning.plan(session, rule, at=at, recorded_until=clock.now())


def _alone(
    session: Session, piece: Piece, work: Callable[..., int], at: datetime, *ids: int
) -> int:
    if shutdown.is_requested():
        return 0
    return pieces.alone(session, piece, lambda: work(session, *ids, at=at), at=at) or 0


def _planning(rule_id: int) -> Piece:
    return Piece(
        f"{queries.pieces_of(rule_id)}plan",
        "Reminders",
        lambda session: f"Reminders of “{queries.title_of(session, rule_id)}”",
        for_coordinators=True,
    )


def _giving(rule_id: int, milestone_id: int) -> Piece:
    return Piece(
        f"{queries.pieces_of(rule_id)}{milestone_id}",
        "Reminders",
        lambda session: f"Reminders of “{session.get_one(Milestone, milestone_id).title}”",
        for_coordinators=True,
    )


def _forget(session: Session, failed: Sequence[str], tried: Sequence[Piece]) -> None:
    """What failed and is not due any more: its rule was stopped, or its milestone cancelled."""
    gone = set(failed) - {one.key for one in tried}
    if gone and not shutdown.is_requested():
        pieces.no_longer_wanted(session, gone)
        session.commit()
