"""How the dates of a workstream are written."""

from app.core.filters import on_day
from app.workstreams.models import DatePrecision, WorkstreamDate

SEASONS = ("Winter", "Winter", "Spring", "Spring", "Spring", "Summer", "Summer", "Summer",
           "Autumn", "Autumn", "Autumn", "Winter")  # fmt: skip


def date_words(one: WorkstreamDate) -> str:
    """31 March 2027, March 2027, Spring 2027, Winter 2026-27"""
    if one.precision is DatePrecision.DAY:
        return on_day(one.falls_on)
    if one.precision is DatePrecision.MONTH:
        return f"{one.falls_on:%B %Y}"
    season, year = SEASONS[one.falls_on.month - 1], one.falls_on.year
    if season == "Winter":  # it begins in December and is over in the next year
        first = year if one.falls_on.month == 12 else year - 1
        return f"Winter {first}-{(first + 1) % 100:02}"
    return f"{season} {year}"
