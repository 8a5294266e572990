"""What rules and reminders are called on screen."""

from collections.abc import Sequence
from datetime import date

from app.accounts.models import Permission
from app.core.web.filters import plural
from app.directory.models import Organisation
from app.milestones.labels import bodies_called, day_words
from app.milestones.models import Milestone
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
    OccurrenceState.FIRED: "Given",
    OccurrenceState.SKIPPED: "Left out",
    OccurrenceState.SUPERSEDED: "No longer wanted",
    OccurrenceState.EXPIRED: "Missed",
}

STATE_PILLS = {
    OccurrenceState.PLANNED: "brand",
    OccurrenceState.FIRED: "good",
    OccurrenceState.SKIPPED: "none",
    OccurrenceState.SUPERSEDED: "none",
    OccurrenceState.EXPIRED: "bad",
}

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
    again = f" (telling {telling})" if telling > 1 else ""
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


def bell_words(milestone: Milestone, bodies: Sequence[Organisation], on: date) -> str:
    """3 of your boards have no joint forward plan yet: due on 1 April 2027."""
    when = "was due" if milestone.due_on < on else "due"
    due = f"{when} {_preposition(milestone)}{day_words(milestone.due_on, milestone.precision)}"
    if not bodies:
        return f"“{milestone.title}”: {due}."
    who, has = _who(bodies)
    if milestone.document_type:
        what = milestone.document_type.name
        lower = what if what[1:2].isupper() else what[:1].lower() + what[1:]
        return f"{who} {has} no {lower} yet: {due}."
    return f"{who} {has} not met “{milestone.title}” yet: {due}."


def _preposition(milestone: Milestone) -> str:
    words = day_words(milestone.due_on, milestone.precision)
    return "on " if words[0].isdigit() else "" if words.startswith("about") else "in "


def _who(bodies: Sequence[Organisation]) -> tuple[str, str]:
    if len(bodies) == 1:
        return bodies[0].name, "has"
    return f"{len(bodies)} {bodies_called(bodies)}", "have"


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
