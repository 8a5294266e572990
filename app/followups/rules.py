"""When a follow-up comes again, and how pressing it is on a day."""

import enum
from datetime import date, timedelta

from app.core.months import months_after
from app.followups.models import FollowUp, FollowUpState, Repeats

WEEKS = {Repeats.WEEKLY: 1, Repeats.FORTNIGHTLY: 2}
MONTHS = {Repeats.MONTHLY: 1, Repeats.QUARTERLY: 3, Repeats.YEARLY: 12}


class Urgency(enum.Enum):
    """In the order in which a list groups them."""

    OVERDUE = "overdue"
    TODAY = "today"
    COMING = "coming"
    ASLEEP = "asleep"
    SETTLED = "settled"


def urgency(follow_up: FollowUp, on: date) -> Urgency:
    if follow_up.state is not FollowUpState.OPEN:
        return Urgency.SETTLED
    if is_asleep(follow_up, on):
        return Urgency.ASLEEP
    if follow_up.due_on < on:
        return Urgency.OVERDUE
    return Urgency.TODAY if follow_up.due_on == on else Urgency.COMING


def is_asleep(follow_up: FollowUp, on: date) -> bool:
    return follow_up.asleep_until is not None and follow_up.asleep_until > on


def next_due(repeats: Repeats, first: date, due_on: date, not_before: date) -> date | None:
    """The next day of a series that began on `first`, after `due_on`; those missed are left out.

    A monthly series from the 31st falls on the last day of shorter months and comes back to the
    31st; a yearly one from 29 February falls on the 28th in other years.
    """
    if repeats is Repeats.NEVER:
        return None
    wanted = max(due_on + timedelta(days=1), not_before)
    turn = 0
    while (day := _turn(repeats, first, turn)) < wanted:
        turn += 1
    return day


def _turn(repeats: Repeats, first: date, turn: int) -> date:
    if repeats in WEEKS:
        return first + timedelta(weeks=WEEKS[repeats] * turn)
    return months_after(first, MONTHS[repeats] * turn)
