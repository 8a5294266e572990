"""When a milestone falls, whom it asks, and how a body stands to it: from dates alone."""

import enum
from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from app.milestones.models import Compliance, ComplianceState, DateKind, MilestoneDate, Precision

# A yearly duty is laid out for this year and two more: what a plan made now must know of.
YEARS_AHEAD = 2

A_YEAR = 366

# Which of its dates a milestone is due on, the first that it has.
DUE_BY = (DateKind.ANNOUNCED, DateKind.STATUTORY, DateKind.ENTERED)


class State(enum.Enum):
    """How a bound body stands to a milestone, in the order in which a list groups them."""

    OUTSTANDING = "outstanding"
    MET_LATE = "met late"
    MET = "met on time"
    NOT_APPLICABLE = "not applicable"


class Recorded(NamedTuple):
    """As much of a standing as says how its body stands."""

    state: ComplianceState
    met_on: date | None


@dataclass(frozen=True)
class Span:
    """A day, or the first and last of several that are all one knows."""

    first: date
    last: date


def day_in(year: int, month: int, day: int) -> date:
    """That day of that year, or the last of its month where the month is shorter."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def years_to_make(
    month: int, day: int, *, on: date, have: Collection[int], ended_on: date | None = None
) -> list[int]:
    """The years a yearly duty still lacks a milestone for.

    A duty with a first year has every year since; one without begins with its next day.
    """
    coming = on.year if day_in(on.year, month, day) >= on else on.year + 1
    first = min(have, default=coming)
    years = range(first, on.year + YEARS_AHEAD + 1)
    return [
        year
        for year in years
        if year not in have and (ended_on is None or day_in(year, month, day) <= ended_on)
    ]


def span(first: date, precision: Precision, until: date | None = None) -> Span:
    """All the days a date may mean."""
    if precision is Precision.MONTH:
        first, last = first.replace(day=1), _end_of_month(until or first)
    elif precision is Precision.SEASON:
        first, last = season(first)
    else:
        last = until or first
    return Span(first, last)


def season(day: date) -> tuple[date, date]:
    """The first and last day of the season of a day: spring is March to May, and so on."""
    month = day.month // 3 * 3 or 12
    year = day.year - 1 if day.month < 3 else day.year
    end_year, end_month = (year + 1, 2) if month == 12 else (year, month + 2)
    return date(year, month, 1), _end_of_month(date(end_year, end_month, 1))


def _end_of_month(day: date) -> date:
    return day_in(day.year, day.month, 31)


def state_of(standing: Compliance | Recorded | None, due: Span) -> State:
    """Late means after the last day the date may mean."""
    if standing is None:
        return State.OUTSTANDING
    if standing.state is ComplianceState.NOT_APPLICABLE:
        return State.NOT_APPLICABLE
    return State.MET_LATE if standing.met_on and standing.met_on > due.last else State.MET


def due_date(dates: Iterable[MilestoneDate]) -> MilestoneDate | None:
    """The one of its present dates a milestone is due on."""
    present = {one.kind: one for one in dates if one.replaced_at is None}
    return next((present[kind] for kind in DUE_BY if kind in present), None)


def is_by_law(said_by: Collection[DateKind]) -> bool:
    return DateKind.STATUTORY in said_by


def is_assumed(said_by: Collection[DateKind]) -> bool:
    """Neither the law nor whoever is to do it has said this day: it is one that we expect."""
    return DateKind.ENTERED in said_by and not {DateKind.STATUTORY, DateKind.ANNOUNCED} & {*said_by}


def asked_kinds(binds_kinds: Sequence[str], made_by: Sequence[str]) -> list[str]:
    """The kinds of body whose standing is kept: of those bound, those who make the document.

    A joint forward plan binds boards and their partner trusts, and each board publishes one.
    """
    return [kind for kind in binds_kinds if kind in made_by] or list(binds_kinds)


def nearest(published_on: date, dues: Mapping[int, date]) -> int | None:
    """The milestone a document was most likely made for: the one due nearest to its day, the
    coming one where two are as near; none that is more than a year away."""
    within = {id_: due for id_, due in dues.items() if abs((due - published_on).days) <= A_YEAR}
    return min(
        within,
        key=lambda id_: (abs((within[id_] - published_on).days), -within[id_].toordinal()),
        default=None,
    )
