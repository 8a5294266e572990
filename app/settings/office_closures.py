"""The days on which our own offices are shut: added, several at once, and taken back."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import working_days
from app.core.errors import DomainError
from app.core.web.filters import on_day
from app.settings.models import ClosedDay

LONGEST = timedelta(days=31)


class CannotClose(DomainError):
    """These days cannot be written down as closed, as things stand."""


def close(session: Session, first: date, last: date, *, why: str) -> Sequence[ClosedDay]:
    """Every working day from the first to the last; weekends and bank holidays are shut anyway."""
    if not why.strip():
        raise CannotClose("Say why, in a word or two: whoever counts days will ask.")
    if last < first:
        raise CannotClose("The last day comes before the first. Put them the other way round.")
    if last - first > LONGEST:
        raise CannotClose("That is more than a month. Give the days in smaller parts.")
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    days = [day for day in every if working_days.is_working_day(day)]
    if not days:
        raise CannotClose(_why_shut_anyway(first, last))
    known = session.scalars(select(ClosedDay).where(ClosedDay.day.in_(days))).first()
    if known:
        raise CannotClose(
            f"{on_day(known.day)} is closed already: {known.why}. Leave it out, or reopen it first."
        )
    closed = [ClosedDay(day=day, why=why.strip()) for day in days]
    session.add_all(closed)
    session.flush()
    return closed


def reopen(session: Session, day: date) -> ClosedDay | None:
    """It is a working day again; None if it was one."""
    closed = session.get(ClosedDay, day)
    if closed:
        session.delete(closed)
        session.flush()
    return closed


def _why_shut_anyway(first: date, last: date) -> str:
    if first != last:
        return "None of these days is a working day anyway, so there is nothing to close."
    reason = working_days.bank_holiday(first) or f"{first:%A}"
    return f"{on_day(first)} is no working day anyway ({reason}), so there is nothing to close."
