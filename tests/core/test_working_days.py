"""Counting working days in England."""

from datetime import date, timedelta

import pytest

from app.core import working_days
from app.core.working_days import WorkingDay
from tests.clock import ORDINARY_DAY


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 11, 20), 1, date(2026, 11, 23)),  # a Friday
        (date(2026, 11, 22), 1, date(2026, 11, 23)),  # a Sunday
        (date(2026, 11, 23), 0, date(2026, 11, 23)),
        (date(2026, 11, 22), 0, date(2026, 11, 23)),
        (date(2026, 12, 23), 2, date(2026, 12, 29)),  # Boxing Day is a Saturday: Monday instead
        (date(2027, 3, 25), 1, date(2027, 3, 30)),  # over Easter
        (date(2026, 11, 23), 20, date(2026, 12, 21)),
    ],
)
def test_working_days_after_a_day_leave_out_weekends_and_bank_holidays(
    day: date, count: int, expected: date
) -> None:
    assert working_days.add(day, count) == WorkingDay(expected, bank_holidays_known=True)


def test_working_days_before_a_day_come_back_to_where_one_began() -> None:
    assert working_days.subtract(date(2026, 12, 29), 2).day == date(2026, 12, 23)
    assert working_days.subtract(date(2027, 1, 2), 0).day == date(2026, 12, 31)


def test_days_on_which_the_office_is_shut_are_left_out_too() -> None:
    shut = {date(2026, 12, 29), date(2026, 12, 30)}

    assert working_days.add(date(2026, 12, 24), 1, closed=shut).day == date(2026, 12, 31)
    assert not working_days.is_working_day(date(2026, 12, 29), shut)


def test_beyond_the_announced_years_it_says_that_only_weekends_were_left_out() -> None:
    last = working_days.known_until()
    beyond = working_days.add(last, 5)

    assert not beyond.bank_holidays_known
    assert str(last.year) in beyond.caution
    assert working_days.subtract(date(last.year + 1, 1, 5), 10).caution
    assert working_days.add(date(2026, 11, 23), 5).caution == ""


def test_bank_holidays_of_scotland_alone_are_working_days_here() -> None:
    assert working_days.is_working_day(date(2026, 11, 30))  # St Andrew’s Day
    assert working_days.bank_holiday(date(2026, 8, 31)) == "Summer bank holiday"


def test_between_two_days_only_working_days_count() -> None:
    assert working_days.between(date(2026, 12, 23), date(2026, 12, 29)) == 2
    assert working_days.between(date(2026, 12, 29), date(2026, 12, 23)) == 0


def test_a_count_no_calendar_carries_is_refused() -> None:
    with pytest.raises(ValueError, match="from 0 to"):
        working_days.add(date(2026, 11, 23), 1_000_000)


def test_a_year_of_bank_holidays_is_known_ahead() -> None:
    """Reckoned from the ordinary day of tests. When this fails, upgrade govuk-bank-holidays."""
    assert working_days.known_until() >= ORDINARY_DAY + timedelta(days=365)
