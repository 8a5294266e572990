"""What rules and reminders are called on screen."""

from collections.abc import Collection, Sequence
from datetime import date

from app.accounts.models import Permission
from app.core import working_days
from app.core.web.filters import lower_first, plural
from app.directory.models import Organisation, OrganisationKind
from app.milestones.labels import bodies_called, day_words, expected_in
from app.milestones.models import DateKind, Milestone, Precision
from app.milestones.rules import is_assumed
from app.reminders.models import Days, Every, OccurrenceState, ReminderAudience, ReminderRule
from app.reminders.rules import Pattern, parted

PERMISSION_WORDS = {
    Permission.COORDINATE: "All coordinators",
    Permission.LOG: "Everybody who logs meetings",
    Permission.VIEW: "Everybody",
    Permission.APPROVE: "Everybody who approves letters",
    Permission.REVIEW: "Everybody who reviews",
    Permission.ADMINISTER: "All administrators",
}

STATE_WORDS = {
    OccurrenceState.PLANNED: "Planned",
    OccurrenceState.FIRED: "Sent",
    OccurrenceState.SKIPPED: "Left out",
    OccurrenceState.SUPERSEDED: "Not needed",
    OccurrenceState.EXPIRED: "Missed",
}

STATE_PILLS = {
    OccurrenceState.PLANNED: "brand",
    OccurrenceState.FIRED: "good",
    OccurrenceState.SKIPPED: "none",
    OccurrenceState.SUPERSEDED: "none",
    OccurrenceState.EXPIRED: "bad",
}

SOON = 60  # working days that are counted in a subject; beyond, the date says more

UNIT_WORDS = {Every.DAYS: "day", Every.WEEKS: "week", Every.MONTHS: "month"}


def pattern_words(pattern: Pattern) -> str:
    """28, 14 and 3 working days before, on the day, then every 7 days until met"""
    kind = "working day" if pattern.days is Days.WORKING else "day"
    before = sorted((-one for one in pattern.offsets if one < 0), reverse=True)
    after = sorted(one for one in pattern.offsets if one > 0)
    parts = []
    if before:
        parts.append(f"{_listed(before)} {kind}{'s' if before != [1] else ''} before")
    if 0 in pattern.offsets:
        parts.append("on the day")
    if after:
        parts.append(f"{_listed(after)} {kind}{'s' if after != [1] else ''} after")
    if pattern.repeat_every and pattern.repeat_unit:
        parts.append(f"then {every_words(pattern.repeat_every, pattern.repeat_unit)} until met")
    return ", ".join(parts)


def every_words(count: int, unit: Every) -> str:
    return f"every {UNIT_WORDS[unit]}" if count == 1 else f"every {plural(count, UNIT_WORDS[unit])}"


def step_words(step: str, days: Days) -> str:
    """28 working days before, on the day, 3rd repeat"""
    telling, step = parted(step)
    again = ", begun again" if telling > 1 else ""
    if step.startswith("r"):
        return f"{ordinal(int(step[1:]))} repeat{again}"
    offset = int(step)
    if offset == 0:
        return f"on the day{again}"
    kind = "working day" if days is Days.WORKING else "day"
    return f"{plural(abs(offset), kind)} {'before' if offset < 0 else 'after'}{again}"


def audience_words(rule: ReminderRule) -> str:
    if rule.audience is ReminderAudience.PERSON:
        return rule.user.name if rule.user else ""
    if rule.audience is ReminderAudience.PERMISSION:
        return PERMISSION_WORDS[Permission(rule.permission)]
    return "Each body’s owner; the coordinators where there is none"


def bell_words(
    milestone: Milestone,
    bodies: Sequence[Organisation],
    on: date,
    said_by: Collection[DateKind] = (),
    *,
    yours: bool = False,
) -> str:
    """3 of your boards have no joint forward plan yet: due on 1 April 2027."""
    if is_assumed(said_by):
        return f"{_not_there(milestone, bodies, on, yours=yours)}."
    if not bodies:
        return f"“{milestone.title}”: {_due(milestone, on)}."
    return f"{_lacking(milestone, bodies, yours=yours)}: {_due(milestone, on)}."


def subject_words(
    milestone: Milestone,
    bodies: Sequence[Organisation],
    on: date,
    closed: Collection[date],
    *,
    yours: bool = False,
) -> str:
    """The same of what is due by law, for the subject of a mail: 3 of your boards have no joint
    forward plan; due in 28 working days"""
    due = _due_in(milestone, on, closed)
    if not bodies:
        return f"“{milestone.title}” is {due}"
    return f"{_lacking(milestone, bodies, yours=yours).removesuffix(' yet')}; {due}"


def _lacking(milestone: Milestone, bodies: Sequence[Organisation], *, yours: bool) -> str:
    who, has = _who(bodies, yours=yours)
    if milestone.document_type:
        return f"{who} {has} no {lower_first(milestone.document_type.name)} yet"
    return f"Nothing is recorded of {who} yet for “{milestone.title}”"


def _not_there(
    milestone: Milestone, bodies: Sequence[Organisation], on: date, *, yours: bool
) -> str:
    """Of a date that we assumed, which nobody has broken: DHSC has not published the refreshed
    guidance we expect by 30 June 2027"""
    expect = "expected" if milestone.due_on < on else "expect"
    expected = f"we {expect} {_by(milestone, on)}"
    if not bodies:
        return f"“{milestone.title}”: {expected}"
    who, has = _who(bodies, yours=yours)
    thing = (
        milestone.document_type.name if milestone.document_type else expected_in(milestone.title)
    )
    if thing:
        return f"{who} {has} not published the {lower_first(thing)} {expected}"
    return f"Nothing is recorded of {who} yet for “{milestone.title}”, which {expected}"


def _due(milestone: Milestone, on: date) -> str:
    if _is_day(milestone) and milestone.due_on == on:
        return "due today"
    when = "was due" if milestone.due_on < on else "due"
    return f"{when} {_preposition(milestone)}{_day(milestone)}"


def _due_in(milestone: Milestone, on: date, closed: Collection[date]) -> str:
    days = working_days.between(on, milestone.due_on, closed)
    is_near = on < milestone.due_on and 0 < days <= SOON
    return (
        f"due in {plural(days, 'working day')}"
        if is_near and _is_day(milestone)
        else _due(milestone, on)
    )


def _by(milestone: Milestone, on: date) -> str:
    if _is_day(milestone) and milestone.due_on == on:
        return "today"
    return _day(milestone) if milestone.precision is Precision.ABOUT else f"by {_day(milestone)}"


def _is_day(milestone: Milestone) -> bool:
    return milestone.precision in (None, Precision.DAY)


def _day(milestone: Milestone) -> str:
    return day_words(milestone.due_on, milestone.precision)


def _preposition(milestone: Milestone) -> str:
    words = _day(milestone)
    return "on " if words[0].isdigit() else "" if words.startswith("about") else "in "


def _who(bodies: Sequence[Organisation], *, yours: bool) -> tuple[str, str]:
    if len(bodies) == 1:
        (body,) = bodies
        is_known_by_it = body.kind is OrganisationKind.GOVERNMENT_DEPARTMENT
        return body.short_name if is_known_by_it else body.name, "has"
    return f"{len(bodies)} {'of your ' * yours}{bodies_called(bodies)}", "have"


def _listed(numbers: Sequence[int]) -> str:
    words = [str(one) for one in numbers]
    return " and ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} and {words[-1]}"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 11th"""
    teen = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def steps_words(steps: Sequence[str], days: Days) -> str:
    """What holidays put on one day is one line: "7, 5 and 3 days before", "on the day"."""
    if len(steps) == 1:
        return step_words(steps[0], days)
    words = [step_words(step, days) for step in steps]
    return f"{', '.join(words[:-1])} and {words[-1]}, as one"
