"""When the jobs did not run: known from their signs of life, and kept so that it can be told."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.settings.models import Heartbeat

JOBS = "jobs"
FELL_SILENT = "fell silent"  # the last sign of life before the latest silence
SPOKE_AGAIN = "spoke again"
# Where a timer outside calls `tick`, it may do so only every quarter of an hour.
SILENCE = timedelta(minutes=90)


# A sign of life comes every 30 seconds; after three that did not come, something is wrong.
OVERDUE = timedelta(seconds=90)


def is_beating(session: Session, now: datetime) -> bool:
    """Whether the jobs run, as far as their signs of life can tell."""
    last = session.get(Heartbeat, JOBS)
    return last is not None and now - last.at <= OVERDUE


@dataclass(frozen=True)
class Silence:
    """A time in which no job ran."""

    since: datetime
    until: datetime

    def holds(self, moment: datetime) -> bool:
        return self.since < moment < self.until


def note(session: Session, last: datetime | None, now: datetime) -> None:
    """Before a sign of life is written over: whether it is a first one after a silence."""
    if last and now - last > SILENCE:
        say(session, FELL_SILENT, last)
        say(session, SPOKE_AGAIN, now)


def say(session: Session, name: str, at: datetime) -> None:
    """Several processes may be the first to do so, at the same moment."""
    said = update(Heartbeat).where(Heartbeat.name == name).values(at=at).returning(Heartbeat.name)
    if session.scalar(said):
        return
    with suppress(IntegrityError), session.begin_nested():
        session.execute(insert(Heartbeat).values(name=name, at=at))


def latest_silence(session: Session, now: datetime) -> Silence | None:
    """One that ends only now, or the last that did."""
    at = {row.name: row.at for row in session.scalars(select(Heartbeat))}
    last = at.get(JOBS)
    if last and now - last > SILENCE:
        return Silence(last, now)
    if FELL_SILENT in at and SPOKE_AGAIN in at:
        return Silence(at[FELL_SILENT], at[SPOKE_AGAIN])
    return None
