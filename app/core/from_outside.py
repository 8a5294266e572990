"""Numbers and days as they come from outside: out of an address, a form, a file, a command.

The one place that reads them, so that none slips past with a bound forgotten: a database holds no
number beyond `LARGEST`, Python reads no number of 5,000 digits, and the day after the last day of
the calendar is none. `tests/test_architecture.py` forbids reading them elsewhere.
"""

import json
import re
from calendar import month_abbr, month_name
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

LARGEST = 2**31 - 1  # the largest number both databases hold
# Far from both ends of the calendar, so that what is reckoned from a day is a day too.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)
DAY_WANTED = "Enter a date, such as 31 March 2026 or 2026-03-31."
DAY_BEYOND = f"Enter a date from {FIRST_DAY.year} to {LAST_DAY.year}."

_WHOLE = re.compile(r"[+-]?[0-9]{1,12}")
_MONTHS = {
    name: number
    for names in (month_name, month_abbr)
    for number, name in enumerate(map(str.lower, names))
    if name
} | {"sept": 9}
_ISO = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})")
_NUMBERED = re.compile(r"([0-9]{1,2})[/.\- ]([0-9]{1,2})[/.\- ]([0-9]{4})")
_WORDED = re.compile(
    r"(?:[a-z]{3,9},? )?([0-9]{1,2})(?:st|nd|rd|th)?(?: of)?[ \-]([a-z]{3,9})\.?,?[ \-]([0-9]{4})",
    re.IGNORECASE | re.ASCII,
)


class NotADay(ValueError):
    """What was given is no day that we take; the sentence says what to give instead."""


class DayBeyond(NotADay):
    """A day of the calendar so far off that it is a slip of the hand."""


def whole_number(given: object, least: int = 0, most: int = LARGEST) -> int:
    """Digits as they are on a keyboard, and nothing beyond the bounds."""
    text = str(given).strip()
    if not _WHOLE.fullmatch(text) or not least <= (number := int(text)) <= most:
        raise ValueError(f"not a whole number from {least} to {most}")
    return number


def record_number(given: object) -> int:
    """For `request.args.get(…, type=record_number)`: a number no record has is none at all."""
    return whole_number(given)


def record_number_or_none(given: object) -> int | None:
    """None where a record was not chosen, and where what is given is no number of one."""
    try:
        return record_number(given)
    except ValueError:
        return None


def record_numbers(given: Iterable[str]) -> list[int]:
    """Those ticked, each once; what no record can have as its number is passed over."""
    numbers = map(record_number_or_none, given)
    return list(dict.fromkeys(one for one in numbers if one is not None))


def a_day(given: str, first: date = FIRST_DAY, last: date = LAST_DAY) -> date:
    """A day as it is written in Britain, or as computers write it."""
    flat = " ".join(given.split())
    if found := _ISO.fullmatch(flat):
        year, month, day = found[1], int(found[2]), found[3]
    elif found := _NUMBERED.fullmatch(flat):
        day, month, year = found[1], int(found[2]), found[3]
    elif found := _WORDED.fullmatch(flat):
        day, month, year = found[1], _MONTHS.get(found[2].lower(), 0), found[3]
    else:
        raise NotADay(DAY_WANTED)
    try:
        read = date(int(year), month, int(day))
    except ValueError:
        raise NotADay(DAY_WANTED) from None
    if not first <= read <= last:
        raise DayBeyond(DAY_BEYOND)
    return read


def a_day_or_none(given: str) -> date | None:
    try:
        return a_day(given)
    except NotADay:
        return None


def plain_json(given: str) -> Any:
    """What a script or a hidden field says, if a page can show it and a database can keep it.

    Python's reader takes more than either: half a sign, a number without end, a list so deep that
    nothing can walk through it.
    """
    try:
        found = json.loads(given)
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except RecursionError as error:
        raise ValueError("too deep") from error
    return found


def a_moment(given: str) -> datetime:
    """A day and a time of day, such as "2027-03-04 08:30", of whichever clock was meant."""
    day, _, at = given.strip().partition(" ")
    return datetime.combine(a_day(day), time.fromisoformat(at))
