"""The days on which our own offices are shut."""

from datetime import date

import pytest
from flask.testing import FlaskClient
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


def test_several_days_are_closed_at_once_leaving_out_those_that_are_shut_anyway(
    client: FlaskClient, session: Session
) -> None:
    typed = {"first": "2026-12-24", "last": "2027-01-01", "why": "Between the years"}
    page = client.post("/settings/closed-days", data=typed, follow_redirects=True).text

    assert "4 days closed." in page
    assert sorted(day.day for day in closed_days(session)) == [24, 29, 30, 31]
    assert "Between the years" in client.get("/history/settings/1").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"first": "2026-12-26"}, "26 December 2026 is no working day anyway (Saturday)"),
        ({"first": "2026-12-25"}, "25 December 2026 is no working day anyway (Christmas Day)"),
        ({"first": "2026-12-30"}, "30 December 2026 is closed already: Party"),
        ({"first": "2026-12-31", "last": "2026-12-29"}, "The last day comes before the first"),
        ({"first": "2026-12-01", "last": "2027-02-01"}, "more than a month"),
        ({"first": "soon"}, "Enter a date, such as"),
        ({"first": "2026-12-29", "why": " "}, "Say why"),
    ],
)
def test_days_that_cannot_be_closed_are_refused_with_the_reason(
    client: FlaskClient, session: Session, typed: dict[str, str], said: str
) -> None:
    session.add(ClosedDay(day=date(2026, 12, 30), why="Party"))
    session.commit()

    assert said in client.post("/settings/closed-days", data={"why": "Rest"} | typed).text
    assert len(closed_days(session)) == 1


def test_a_day_that_is_open_after_all_counts_again(client: FlaskClient, session: Session) -> None:
    session.add(ClosedDay(day=date(2026, 12, 30), why="Party"))
    session.commit()

    page = client.post("/settings/closed-days/2026-12-30/reopen", follow_redirects=True).text

    assert "30 December 2026 is a working day." in page
    assert not closed_days(session)
    assert client.post("/settings/closed-days/never/reopen").status_code == 404
