"""How the dates of a workstream are written."""

from app.core.filters import on_day
from app.workstreams.models import DatePrecision, WorkstreamDate

SEASONS = ("Winter", "Winter", "Spring", "Spring", "Spring", "Summer", "Summer", "Summer",
           "Autumn", "Autumn", "Autumn", "Winter")  # fmt: skip


def date_words(one: WorkstreamDate) -> str:
    """31 March 2027, March 2027, Spring 2027"""
    if one.precision is DatePrecision.DAY:
        return on_day(one.falls_on)
    if one.precision is DatePrecision.MONTH:
        return f"{one.falls_on:%B %Y}"
    return f"{SEASONS[one.falls_on.month - 1]} {one.falls_on.year}"
