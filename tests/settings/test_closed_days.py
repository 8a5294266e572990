"""The days on which our own offices are shut."""

from datetime import date

from sqlalchemy.orm import Session

from app.core import working_days
from app.settings.models import ClosedDay
from app.settings.queries import closed_days, closed_days_listed


def test_working_days_are_counted_without_the_days_our_offices_are_shut(session: Session) -> None:
    session.add_all(
        (
            ClosedDay(day=date(2026, 12, 30), why="Between the years"),
            ClosedDay(day=date(2026, 12, 29), why="Between the years"),
        )
    )
    session.flush()

    shut = closed_days(session)

    assert working_days.add(date(2026, 12, 24), 1, shut).day == date(2026, 12, 31)
    assert [one.day.day for one in closed_days_listed(session)] == [29, 30]
