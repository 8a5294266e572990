"""What a rule will do, before it is kept: by the same functions that plan."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.text.alphabet import folded
from app.milestones.models import Milestone
from app.reminders import planning
from app.reminders.models import Days, ReminderRule
from app.reminders.recipients import recipients
from app.reminders.rules import (
    About,
    Aim,
    WantedReminder,
    latest_telling,
    moment,
    parted,
    planned_after,
)
from app.settings.queries import closed_days


@dataclass(frozen=True)
class OnDay:
    """What a rule will say on one day about one milestone."""

    day: date
    milestone: Milestone
    steps: tuple[str, ...]
    count: int  # bodies, or 1 where it asks none
    caution: str  # the bank holidays of then are not announced yet


@dataclass(frozen=True)
class RulePreview:
    now: int
    days: Sequence[OnDay]
    whom: Sequence[tuple[User, int]]  # as things stand today, with how many bodies
    asks_each: bool
    counted_in: Days

    @property
    def caution(self) -> str:
        return next((one.caution for one in self.days if one.caution), "")


def preview(
    session: Session,
    rule: ReminderRule,
    *,
    at: datetime,
    of: Milestone | None = None,
    again: bool = False,
) -> RulePreview:
    """Of a rule kept or only drafted; all of it, or what it does for one milestone. With `again`,
    were it to begin anew."""
    closed, (today, clock) = closed_days(session), moment(at)
    days: list[OnDay] = []
    everything: list[WantedReminder] = []
    for milestone in [of] if of else planning.milestones_of(session, rule, on=today):
        stored = planning.stored_of(session, rule.id, milestone.id) if rule.id else []
        telling = latest_telling(stored) + 1 if again else 0
        aim = planning.aim_of(session, rule, milestone, at=at, closed=closed, telling=telling)
        wanted = planned_after(aim, stored)
        days += _by_day(milestone, aim, wanted)
        everything += wanted
    about = list(dict.fromkeys(one.about for one in everything))
    return RulePreview(
        now=sum((one.due_on, one.due_time) <= (today, clock) for one in everything),
        days=sorted(days, key=lambda one: (one.day, one.milestone.id)),
        whom=_whom(session, rule, about, today),
        asks_each=None not in about,
        counted_in=rule.days,
    )


def _by_day(milestone: Milestone, aim: Aim, wanted: Sequence[WantedReminder]) -> list[OnDay]:
    by_day: dict[date, list[WantedReminder]] = defaultdict(list)
    for one in wanted:
        by_day[one.due_on].append(one)
    return [
        OnDay(
            day,
            milestone,
            tuple(dict.fromkeys(one.step for one in there)),
            len({one.about for one in there}),
            _caution(aim, there),
        )
        for day, there in by_day.items()
    ]


def _caution(aim: Aim, wanted: Sequence[WantedReminder]) -> str:
    steps = {parted(one.step)[1] for one in wanted}
    landed = [aim.pattern.day_of(step, aim.due_on, aim.closed) for step in sorted(steps)]
    return next((one.caution for one in landed if one.caution), "")


def _whom(
    session: Session, rule: ReminderRule, about: Sequence[About], today: date
) -> list[tuple[User, int]]:
    told = recipients(session, rule, about, on=today)
    bodies = Counter(user for users in told.values() for user in users)
    return sorted(bodies.items(), key=lambda pair: (-pair[1], folded(pair[0].name), pair[0].id))
