"""Dates and numbers are written as the field writes them."""

from datetime import UTC, date, datetime

import pytest

from app.core.web.filters import ago, at_time, iso, on_day, plural, short_day, weekday


def test_a_day_is_written_out() -> None:
    day = date(2026, 11, 2)

    assert on_day(day) == "2 November 2026"
    assert short_day(day) == "2 Nov 2026"
    assert weekday(day) == "Monday 2 November 2026"
    assert on_day(None) == at_time(None) == ""


def test_a_time_is_what_a_clock_in_london_showed() -> None:
    summer, winter = datetime(2026, 7, 1, 23, 5, tzinfo=UTC), datetime(2026, 12, 1, 9, tzinfo=UTC)

    assert at_time(summer) == "2 Jul 2026, 00:05"
    assert at_time(winter) == "1 Dec 2026, 09:00"
    assert iso(summer) == "2026-07-02T00:05:00+01:00"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 22), "today"),
        (date(2026, 11, 21), "yesterday"),
        (date(2026, 11, 19), "3 days ago"),
        (date(2026, 11, 23), "tomorrow"),
        (date(2026, 12, 17), "in 25 days"),
    ],
)
def test_how_long_ago(day: date, words: str) -> None:
    assert ago(day, date(2026, 11, 22)) == words


def test_one_letter_two_letters() -> None:
    assert plural(1, "letter") == "1 letter"
    assert plural(0, "person", "people") == "0 people"
    assert plural(1200, "letter") == "1,200 letters"
