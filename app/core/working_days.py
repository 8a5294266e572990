"""Working days in England: not Saturdays, not Sundays, not bank holidays.

The bank holidays are those GOV.UK has announced, as the `govuk-bank-holidays` package carries
them. Beyond the last announced year only weekends can be left out; an answer says when that was so.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

ENGLAND = "england-and-wales"
A_DAY = timedelta(days=1)
MOST = 2_600  # ten years: more is a slip of the finger


@dataclass(frozen=True)
class WorkingDay:
    """A day that was counted to, and whether every bank holiday on the way was known."""

    day: date
    bank_holidays_known: bool

    @property
    def caution(self) -> str:
        """What to tell whoever relies on it; empty when there is nothing to tell."""
        if self.bank_holidays_known:
            return ""
        return (
            f"Bank holidays are announced up to {known_until().year} only; "
            "from then on this leaves out weekends alone."
        )


def bank_holidays() -> frozenset[date]:
    """Every bank holiday in England that is known."""
    return frozenset(_titles())


def bank_holiday(day: date) -> str:
    """What a bank holiday is called; empty on any other day."""
    return _titles().get(day, "")


def known_until() -> date:
    """The last day of the last year whose bank holidays are announced."""
    return date(max(bank_holidays()).year, 12, 31)


def is_working_day(day: date, closed: Collection[date] = ()) -> bool:
    """`closed` are further days on which this group's offices are shut."""
    return day.weekday() < 5 and day not in _titles() and day not in closed


def add(day: date, count: int, closed: Collection[date] = ()) -> WorkingDay:
    """The working day that comes `count` working days after `day`; `day` itself is not counted.

    None after a day that is no working day is the next one that is.
    """
    return _count(day, count, A_DAY, closed)


def subtract(day: date, count: int, closed: Collection[date] = ()) -> WorkingDay:
    """The working day that comes `count` working days before `day`."""
    return _count(day, count, -A_DAY, closed)


def between(first: date, last: date, closed: Collection[date] = ()) -> int:
    """How many working days follow `first`, up to and with `last`."""
    days = range(1, (last - first).days + 1)
    return sum(is_working_day(first + days_on * A_DAY, closed) for days_on in days)


def _count(day: date, count: int, step: timedelta, closed: Collection[date]) -> WorkingDay:
    if not 0 <= count <= MOST:
        raise ValueError(f"count working days from 0 to {MOST}")
    here, left = day, count
    while left or not is_working_day(here, closed):
        here += step
        if is_working_day(here, closed) and left:
            left -= 1
    return WorkingDay(here, max(day, here) <= known_until())


@cache
def _titles() -> dict[date, str]:
    # The package's own reader brings a web client with it; all we need is its file.
    text = files("govuk_bank_holidays").joinpath("bank-holidays.json").read_text(encoding="utf-8")
    events = json.loads(text)[ENGLAND]["events"]
    return {date.fromisoformat(event["date"]): str(event["title"]) for event in events}
