"""What milestones, their dates and their states are called on screen."""

import re
from collections.abc import Sequence
from datetime import date

from app.core.web.filters import on_day, plural
from app.directory.models import Organisation
from app.milestones.body_labels import counted, nouns
from app.milestones.models import Comes, DateKind, MilestoneDate, Precision
from app.milestones.progress import MilestoneProgress, Stage
from app.milestones.rules import DUE_BY, State, season

EXPECTED = re.compile(r"(?P<thing>.+?)(?: \d{4}(?:/\d\d)?)? expected")
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

STAGE_WORDS = {
    Stage.COMING: "Coming",
    Stage.PASSED: "Past its day",
    Stage.HAPPENED: "Happened",
    Stage.CANCELLED: "Cancelled",
}

STAGE_PILLS = {
    Stage.COMING: "brand",
    Stage.PASSED: "warn",
    Stage.HAPPENED: "good",
    Stage.CANCELLED: "none",
}

STATE_PILLS = {
    State.OUTSTANDING: "bad",
    State.MET_LATE: "warn",
    State.MET: "good",
    State.NOT_APPLICABLE: "none",
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


def bodies_called(bodies: Sequence[Organisation]) -> str:
    """Boards where all of them are boards, and bodies where they are not of one kind."""
    one, many = nouns({body.kind for body in bodies})
    return one if len(bodies) == 1 else many


def finding(
    progress: MilestoneProgress, noun: tuple[str, str], *, is_past: bool, is_assumed: bool = False
) -> str:
    """What one would say first: "25 of 36 boards have met it; 11 have not; 1 need not". A day that
    we assumed is nobody's to have missed."""
    if not progress.bound:
        return f"It binds no {noun[0]} that existed on its day"
    if is_past and progress.outstanding == progress.bound:
        whom = noun[0] if progress.bound == 1 else counted(progress.bound, noun)
        return f"Nothing is recorded yet of the {whom} it bound"
    if is_assumed and progress.outstanding == progress.bound:
        whom = noun[0] if progress.bound == 1 else counted(progress.bound, noun)
        return f"Nothing is recorded yet of the {whom}; the date is one that we expect"
    if not progress.asked:
        return f"It applies to none of the {counted(progress.bound, noun)}"
    spared = progress.count(State.NOT_APPLICABLE)
    return _who_met_it(progress, noun) + (f"; {spared} need not" if spared else "")


def _who_met_it(progress: MilestoneProgress, noun: tuple[str, str]) -> str:
    asked, is_one = progress.asked, progress.asked == 1
    if not progress.outstanding:
        all_of_them = f"The {noun[0]} has" if is_one else f"All {asked} {noun[1]} have"
        return f"{all_of_them} met it{_late(progress)}"
    if not progress.met:
        who = f"The {noun[0]} has not" if is_one else f"None of the {asked} {noun[1]} has"
        return f"{who} met it yet"
    have = "has" if progress.met == 1 else "have"
    have_not = "has" if progress.outstanding == 1 else "have"
    return (
        f"{progress.met} of {counted(asked, noun)} {have} met it{_late(progress)}; "
        f"{progress.outstanding} {have_not} not"
    )


def _late(progress: MilestoneProgress) -> str:
    late = progress.count(State.MET_LATE)
    if late and progress.met == 1:
        return " late"
    return f", {late} of them late" if late else ""


def what_happened(dates: Sequence[MilestoneDate]) -> str:
    """It happened on 1 February 2024, 216 days later than announced; nothing where it has not.

    The days are counted only where both are known to the day.
    """
    present = {one.kind: one for one in dates if one.replaced_at is None}
    real = present.get(DateKind.ACTUAL)
    if real is None:
        return ""
    is_day = real.precision is Precision.DAY and real.until is None
    when = ("on " if is_day else "from " if real.until else "in ") + date_words(real)
    if real.precision is Precision.ABOUT:
        when = date_words(real)
    said = next((present[kind] for kind in DUE_BY if kind in present), None)
    return f"It happened {when}{_moved(said, real) if said and is_day else ''}"


def _moved(said: MilestoneDate, real: MilestoneDate) -> str:
    days = (real.falls_on - said.falls_on).days
    if said.precision is not Precision.DAY or not days:
        return ""
    how = "later" if days > 0 else "earlier"
    than = {DateKind.ANNOUNCED: "announced", DateKind.STATUTORY: "the law says"}
    return f", {plural(abs(days), 'day')} {how} than {than.get(said.kind, 'expected')}"


def expected_in(title: str) -> str:
    """What is to be published, of a title such as “Refreshed guidance 2027 expected”."""
    found = EXPECTED.fullmatch(title)
    return found["thing"] if found else ""
