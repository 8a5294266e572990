"""What the clock does for chasers: the drafts that are due."""

from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import reading
from app.core.errors import DomainError
from app.letters.chasers import proposing
from app.letters.models import Mailing
from app.settings import pieces
from app.settings.pieces import Piece

PIECES = "chaser:"


def propose_chasers(session: Session, now: datetime, base_url: str) -> int:
    """Prepare the drafts that are due, each in a transaction of its own; returns how many."""
    today = now.astimezone(clock.LONDON).date()
    with reading():
        due = proposing.due(session, today)
        failed = pieces.noted(session, PIECES)
        session.commit()
    made = [
        pieces.alone(
            session, _piece(one), partial(_propose_chaser, session, one, now, base_url), at=now
        )
        for one in due
    ]
    if gone := set(failed) - {_piece(one).key for one in due}:
        pieces.no_longer_wanted(session, gone)
        session.commit()
    return sum(filter(None, made))


def _propose_chaser(session: Session, mailing_id: int, now: datetime, base_url: str) -> bool:
    """What the field refuses is settled by saying so; anything else is tried again."""
    try:
        chaser = proposing.propose_when_due(session, mailing_id, at=now, base_url=base_url)
    except DomainError as refusal:
        session.rollback()
        proposing.settle_without(session, mailing_id, str(refusal), at=now)
        return False
    return chaser is not None


def _piece(mailing_id: int) -> Piece:
    return Piece(
        f"{PIECES}{mailing_id}",
        "Chasers",
        lambda session: f"The chaser of “{session.get_one(Mailing, mailing_id).name}”",
        for_coordinators=True,
    )
