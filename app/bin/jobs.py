"""Emptying the bin: after 30 days what was deleted is gone for good."""

from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from app.bin import services
from app.bin.models import Binned
from app.bin.queries import due_to_go
from app.core import shutdown
from app.core.clock import LONDON
from app.settings import pieces
from app.settings.pieces import Piece


def empty(session: Session, now: datetime) -> int:
    """Whatever is due, one by one; of two processes each record has the one that comes first."""
    emptied = 0
    for binned_id in due_to_go(session, now.astimezone(LONDON).date()):
        if shutdown.is_requested():
            break
        work = partial(services.empty, session, binned_id, at=now)
        emptied += pieces.alone(session, _piece(binned_id), work, at=now) or 0
    return emptied


def _piece(binned_id: int) -> Piece:
    return Piece(
        f"bin:{binned_id}",
        "Emptying the bin",
        lambda session: f"Emptying the bin of “{session.get_one(Binned, binned_id).name}”",
    )
