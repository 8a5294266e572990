"""Emptying the bin: after 30 days what was deleted is gone for good."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.bin import services
from app.bin.queries import due_to_go
from app.core import shutdown
from app.core.clock import LONDON


def empty(session: Session, now: datetime) -> int:
    """Whatever is due, one by one; of two processes each record has the one that comes first."""
    emptied = 0
    for binned_id in due_to_go(session, now.astimezone(LONDON).date()):
        if shutdown.is_requested():
            break
        emptied += services.empty(session, binned_id, at=now)
        session.commit()
    return emptied
