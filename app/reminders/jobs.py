"""What the clock calls: plan what has changed, then give what is due."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from app.core import clock, shutdown
from app.core.db import reading
from app.core.logs import log
from app.reminders import dispatch, planning, queries
from app.reminders.rules import moment


def remind(session: Session, at: datetime) -> int:
    """One round; any number of processes may be in one at once. How many reminders were given.

    Most rounds find nothing to do, and ask two questions without keeping anybody from writing.
    """
    with reading():
        rules = queries.rules_to_plan(session, on=moment(at)[0], recorded_until=clock.now())
        session.commit()
    for rule_id in rules:
        _alone(session, _plan, at, rule_id)
    with reading():
        due = queries.due(session, at)
        session.commit()
    return sum(_alone(session, dispatch.fire, at, *pair) for pair in due)


def _plan(session: Session, rule_id: int, *, at: datetime) -> int:
    rule = planning.locked(session, rule_id)
    return planning.plan(session, rule, at=at, recorded_until=clock.now())


def _alone(session: Session, work: Callable[..., int], at: datetime, *ids: int) -> int:
    """One piece of work and its commit. What fails leaves nothing behind and stops nothing else."""
    if shutdown.is_requested():
        return 0
    try:
        done = work(session, *ids, at=at)
        session.commit()
    except Exception:
        session.rollback()
        log.exception("reminders failed", work=work.__name__, ids=ids)
        return 0
    return done
