"""Months on the calendar, which are not all of one length."""

from calendar import monthrange
from datetime import date


def months_after(first: date, months: int) -> date:
    """The same day of a later month, or that month's last."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))
