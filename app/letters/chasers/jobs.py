"""What the clock does for chasers: the drafts that are due."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import reading
from app.core.errors import DomainError
from app.core.logs import log
from app.letters.chasers import proposing


def propose_chasers(session: Session, now: datetime, base_url: str) -> int:
    """Prepare the drafts that are due, each in a transaction of its own; returns how many."""
    today = now.astimezone(clock.LONDON).date()
    with reading():
        due = proposing.due(session, today)
        session.commit()
    return sum(_propose_chaser(session, mailing_id, now, base_url) for mailing_id in due)


def _propose_chaser(session: Session, mailing_id: int, now: datetime, base_url: str) -> bool:
    """One that fails is logged and tried again at the next call; the others go on."""
    try:
        chaser = proposing.propose_when_due(session, mailing_id, at=now, base_url=base_url)
    except DomainError as refusal:
        session.rollback()
        proposing.settle_without(session, mailing_id, str(refusal), at=now)
        session.commit()
        return False
    except Exception:
        session.rollback()
        log.exception("chaser not prepared", mailing=mailing_id)
        return False
    session.commit()
    return chaser is not None
