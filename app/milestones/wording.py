"""What milestones, their dates and their states are called on screen."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from app.core.filters import on_day
from app.directory.models import Organisation, OrganisationKind
from app.milestones.models import Comes, DateKind, MilestoneDate, Precision
from app.milestones.rules import State, season

SEASONS = {12: "Winter", 3: "Spring", 6: "Summer", 9: "Autumn"}

KIND_WORDS = {
    DateKind.STATUTORY: "Statutory",
    DateKind.ANNOUNCED: "Announced",
    DateKind.ACTUAL: "What really happened",
    DateKind.ENTERED: "Entered here",
}

PRECISION_WORDS = {
    Precision.DAY: "That day",
    Precision.MONTH: "That month",
    Precision.SEASON: "That season",
    Precision.ABOUT: "About that day",
}

COMES_WORDS = {
    Comes.YEARLY: "Every year",
    Comes.ON_EVENT: "When something happens",
    Comes.CONTINUING: "All the time",
}

STATE_WORDS = {
    State.OUTSTANDING: "Outstanding",
    State.MET_LATE: "Met late",
    State.MET: "Met on time",
    State.NOT_APPLICABLE: "Not applicable",
}

STATE_PILLS = {
    State.OUTSTANDING: "bad",
    State.MET_LATE: "warn",
    State.MET: "good",
    State.NOT_APPLICABLE: "none",
}

# What the bodies of a kind are called when there are several of them, and when there is one.
BODIES_CALLED = {
    OrganisationKind.ICB: ("board", "boards"),
    OrganisationKind.ICP: ("partnership", "partnerships"),
    OrganisationKind.ICS: ("system", "systems"),
    OrganisationKind.LOCAL_AUTHORITY: ("council", "councils"),
    OrganisationKind.GOVERNMENT_DEPARTMENT: ("department", "departments"),
}


def day_words(first: date, precision: Precision = Precision.DAY, until: date | None = None) -> str:
    """31 March 2027, March 2027, Spring 2027, Winter 2026-27, about 15 December 2025, or from
    one day to another: never more exact than what is known."""
    if until and until != first:
        return f"{day_words(first, precision)} to {day_words(until, precision)}"
    if precision is Precision.DAY:
        return on_day(first)
    if precision is Precision.MONTH:
        return f"{first:%B %Y}"
    if precision is Precision.ABOUT:
        return f"about {on_day(first)}"
    begins, ends = season(first)
    years = f"{begins.year}-{ends.year % 100:02}" if begins.year != ends.year else str(begins.year)
    return f"{SEASONS[begins.month]} {years}"


def date_words(one: MilestoneDate) -> str:
    return day_words(one.falls_on, one.precision, one.until)


def bodies_called(bodies: Sequence[Organisation], count: int | None = None) -> str:
    """ "boards" where all of them are boards, and "bodies" where they are not of one kind."""
    kinds = Counter(body.kind for body in bodies)
    one, many = "body", "bodies"
    if len(kinds) == 1:
        one, many = BODIES_CALLED.get(next(iter(kinds)), (one, many))
    return one if (len(bodies) if count is None else count) == 1 else many


def bodies_counted(bodies: Sequence[Organisation]) -> str:
    return f"{len(bodies)} {bodies_called(bodies)}"
