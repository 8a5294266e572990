"""The sign of life of whatever runs the jobs."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from app.settings import standstill
from app.settings.downtime import JOBS, note, say
from app.settings.models import Heartbeat


def beat(session: Session, data_dir: Path, now: datetime) -> None:
    """Say that the jobs run, and note how far the history has got."""
    last = session.get(Heartbeat, JOBS)
    note(session, last.at if last else None, now)
    say(session, JOBS, now)
    standstill.look_on(session, data_dir, now)
    session.commit()
