"""Milestones drawn in time: the years as bands, and each date where it falls (pure).

Everything is in per cent of the width, so a drawing fits a phone as well as a wall.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from app.milestones.models import DateKind, MilestoneDate, Precision
from app.milestones.rules import span

FEWEST_YEARS = 3
NARROWEST = 1.4  # per cent: a month must be seen to be more than a day

# A date that was said stands behind what really happened.
SAID = (DateKind.STATUTORY, DateKind.ANNOUNCED, DateKind.ENTERED)


@dataclass(frozen=True)
class Band:
    year: int
    x: float
    width: float


@dataclass(frozen=True)
class DrawnDate:
    """One date on the drawing: a point where it is a day, a bar where it is several."""

    kind: str  # "said" or "real"
    x: float
    width: float  # 0: a point

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 2)


@dataclass(frozen=True)
class Track:
    """What one milestone shows: its marks, and the line from what was said to what came."""

    marks: tuple[DrawnDate, ...]
    line: tuple[float, float] | None


@dataclass(frozen=True)
class Axis:
    first: date
    last: date

    def x(self, day: date) -> float:
        whole = (self.last - self.first).days + 1
        return round(100 * (day - self.first).days / whole, 2)

    @property
    def bands(self) -> list[Band]:
        return [
            Band(
                year, self.x(date(year, 1, 1)), round(self._end(year) - self.x(date(year, 1, 1)), 2)
            )
            for year in range(self.first.year, self.last.year + 1)
        ]

    def _end(self, year: int) -> float:
        return 100.0 if year == self.last.year else self.x(date(year + 1, 1, 1))


def axis(days: Iterable[date], today: date) -> Axis:
    """Whole years, from the first day to be drawn to the last, and three at least."""
    years = [day.year for day in (*days, today)]
    first, last = min(years), max(years)
    return Axis(date(first, 1, 1), date(max(last, first + FEWEST_YEARS - 1), 12, 31))


def track(dates: Sequence[MilestoneDate], along: Axis) -> Track:
    said = [_mark(one, along) for one in dates if one.kind in SAID]
    real = [_mark(one, along) for one in dates if one.kind is DateKind.ACTUAL]
    line = None
    if said and real:
        ends = sorted((said[-1].middle, real[-1].middle))
        line = (ends[0], ends[1]) if ends[0] != ends[1] else None
    return Track(tuple(dict.fromkeys([*said, *real])), line)


def _mark(one: MilestoneDate, along: Axis) -> DrawnDate:
    kind = "real" if one.kind is DateKind.ACTUAL else "said"
    days = span(one.falls_on, one.precision, one.until)
    is_point = days.first == days.last or one.precision is Precision.ABOUT
    x = along.x(days.first)
    width = 0 if is_point else max(NARROWEST, round(along.x(days.last) - x, 2))
    return DrawnDate(kind, x, width)
