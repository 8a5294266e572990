"""On which days a rule reminds, and what its stored occurrences lack of that. Pure.

Days are those of London's calendar and times those on its clock, and they are compared as such:
nothing here counts hours, so a change of the clock moves nothing.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from app.core import working_days
from app.core.clock import LONDON
from app.core.months import months_after
from app.core.working_days import WorkingDay
from app.reminders.models import Days, Every, OccurrenceState

# On the days the clock changes this hour comes twice, or not at all.
NO_HOUR = "01"
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")

# Repeats that come more often than weekly do so this often; from then on they are weekly.
BRISK = 2
A_WEEK = 7

# A milestone further away than this is planned for when it comes nearer: the longest offset is
# shorter. A duty that comes back is repeated for until its next year.
HORIZON = timedelta(days=420)
MOST_CALENDAR_DAYS = 365
MOST_WORKING_DAYS = 260
MOST_TURNS = 2_000

Moment = tuple[date, str]
About = int | None  # a body; None is the milestone itself

RULE_CHANGED = "The rule was changed."
TOLD_AGAIN = "It was told again from the start."
NOT_BOUND = "The milestone no longer binds this body."
BEFORE_THE_RULE = "Its day lies before the rule was made or last changed."
NEXT_YEAR = "By then it is the next year’s turn."
EARLIER_REPEAT = "An earlier repeat comes first."


def moment(at: datetime) -> Moment:
    """The day and the time that a clock in London shows."""
    local = at.astimezone(LONDON)
    return local.date(), f"{local:%H:%M}"


def wrong_with_time(text: str) -> str:
    """What to say of a time that cannot be used; empty for one that can."""
    if not TIME.fullmatch(text):
        return "Give a time from 00:00 to 23:59, such as 08:30."
    if text.startswith(NO_HOUR):
        return (
            "Choose a time before 01:00 or from 02:00 on: when the clocks change, the hour between "
            "comes twice or not at all."
        )
    return ""


@dataclass(frozen=True)
class Pattern:
    """When a rule reminds, counted from the day of a milestone."""

    offsets: tuple[int, ...]
    days: Days = Days.WORKING
    at_time: str = "08:30"
    repeat_every: int | None = None
    repeat_unit: Every | None = None

    def day_of(self, step: str, due_on: date, closed: Collection[date] = ()) -> WorkingDay:
        """A step before the day or on it goes back to a working day; one after it, forward."""
        if step.startswith("r"):
            return _rolled(self._repeat(int(step[1:]), due_on, closed), due_on, closed)
        offset = int(step)
        if self.days is Days.WORKING:
            return _counted(due_on, offset, closed)
        return _rolled(due_on + timedelta(days=offset), due_on, closed)

    def has(self, step: str) -> bool:
        return self.repeat_every is not None if step.startswith("r") else int(step) in self.offsets

    def _repeat(self, turn: int, due_on: date, closed: Collection[date]) -> date:
        """Counted from the last offset, before that was moved to a working day."""
        last = max(self.offsets, default=0)
        if self.days is Days.WORKING and last:
            first = _counted(due_on, last, closed).day
        else:
            first = due_on + timedelta(days=last)
        count = self.repeat_every or 0
        if self.repeat_unit is Every.MONTHS:
            return months_after(first, count * turn)
        if self.repeat_unit is Every.WEEKS:
            return first + timedelta(weeks=count * turn)
        brisk = min(turn, BRISK) if count < A_WEEK else turn
        return first + timedelta(days=count * brisk + A_WEEK * (turn - brisk))


def _counted(due_on: date, offset: int, closed: Collection[date]) -> WorkingDay:
    if offset <= 0:
        return working_days.subtract(due_on, -offset, closed)
    return working_days.add(due_on, offset, closed)


def _rolled(day: date, due_on: date, closed: Collection[date]) -> WorkingDay:
    if day <= due_on:
        return working_days.subtract(day, 0, closed)
    return working_days.add(day, 0, closed)


def is_quiet(step: str) -> bool:
    """Whether the bell stays silent: after two repeats, only the morning mail and Home say it."""
    turn = parted(step)[1]
    return turn.startswith("r") and int(turn[1:]) > BRISK


def parted(step: str) -> tuple[int, str]:
    """Which telling a step belongs to, and the step itself: "a2:-28" is (2, "-28")."""
    telling, colon, rest = step.rpartition(":")
    return (int(telling[1:]), rest) if colon else (1, step)


def put_together(telling: int, step: str) -> str:
    return step if telling == 1 else f"a{telling}:{step}"


def is_too_late(due_on: date, today: date, catch_up_days: int, closed: Collection[date]) -> bool:
    return working_days.between(due_on, today, closed) > catch_up_days


@dataclass(frozen=True)
class WantedReminder:
    about: About
    step: str
    due_on: date
    due_time: str


@dataclass(frozen=True)
class Stored:
    id: int
    about: About
    step: str
    due_on: date
    due_time: str
    state: OccurrenceState


@dataclass(frozen=True)
class Aim:
    """What a rule is about to do for one milestone, as things stand on a day."""

    pattern: Pattern
    due_on: date
    about: Sequence[About]
    outstanding: Collection[About]
    in_force_from: Moment
    today: date
    closed: Collection[date] = ()
    catch_up_days: int = 3
    repeats_until: date = date.max  # no repeat on this day or after it
    over: str = ""  # why nothing more is wanted: cancelled, stopped
    telling: int = 0  # which one, when people are to be told again; else the latest there was
    _days: dict[str, date] = field(default_factory=dict, compare=False)

    def day_of(self, step: str) -> date:
        if step not in self._days:
            self._days[step] = self.pattern.day_of(step, self.due_on, self.closed).day
        return self._days[step]

    def is_in_force(self, day: date) -> bool:
        """A rule never tells of a moment before it was made or last changed."""
        return (day, self.pattern.at_time) > self.in_force_from

    @cached_property
    def offsets_to_come(self) -> list[str]:
        """Those to come, and those whose day has only just gone by: they are given late."""
        steps = [str(offset) for offset in self.pattern.offsets]
        return [step for step in steps if self._can_be_given(self.day_of(step))]

    @cached_property
    def repeats_to_come(self) -> range:
        """From the first repeat that is not over. Each day they fall on is after the last one's."""
        if self.pattern.repeat_every is None:
            return range(0)
        turns = range(1, MOST_TURNS)
        first = bisect_left(turns, True, key=lambda turn: self._is_to_come(self.day_of(f"r{turn}")))
        past = bisect_left(
            turns, True, key=lambda turn: self.day_of(f"r{turn}") >= self.repeats_until
        )
        return turns[first:past]

    def _is_to_come(self, day: date) -> bool:
        return day >= self.today and self.is_in_force(day)

    def _can_be_given(self, day: date) -> bool:
        is_late = is_too_late(day, self.today, self.catch_up_days, self.closed)
        return self.is_in_force(day) and not is_late


@dataclass
class Changes:
    """What is to be written so that the stored occurrences are those wanted."""

    new: list[WantedReminder] = field(default_factory=list)
    moved: dict[int, WantedReminder] = field(
        default_factory=dict
    )  # and planned again, if they were not
    superseded: dict[int, str] = field(default_factory=dict)  # with the reason

    def __bool__(self) -> bool:
        return bool(self.new or self.moved or self.superseded)


def compare(aim: Aim, stored: Sequence[Stored]) -> Changes:
    """What fired stays fired, whatever moves. Nothing new is put on a day for which it is too
    late."""
    changes = Changes()
    telling = aim.telling or latest_telling(stored)
    by_body: dict[About, dict[str, Stored]] = defaultdict(dict)
    for one in stored:
        by_body[one.about][one.step] = one
    repeats = {about: _next_repeat(aim, telling, about, by_body[about]) for about in aim.about}
    for one in stored:
        if one.state is OccurrenceState.PLANNED:
            _look_at_planned(aim, telling, one, repeats.get(one.about, []), changes)
    if aim.over:
        return changes
    for about in aim.about:
        there = by_body[about]
        for step in [*aim.offsets_to_come, *repeats[about]]:
            name = put_together(telling, step)
            wanted = WantedReminder(about, name, aim.day_of(step), aim.pattern.at_time)
            if name not in there:
                changes.new.append(wanted)
            elif _comes_back(there[name], wanted):
                changes.moved[there[name].id] = wanted
    return changes


def latest_telling(stored: Sequence[Stored]) -> int:
    return max((parted(one.step)[0] for one in stored), default=1)


def _look_at_planned(
    aim: Aim, telling: int, one: Stored, next_repeat: Sequence[str], changes: Changes
) -> None:
    reason = _why_no_longer(aim, telling, one, next_repeat)
    if reason:
        changes.superseded[one.id] = reason
        return
    day, time = aim.day_of(parted(one.step)[1]), aim.pattern.at_time
    if (day, time) != (one.due_on, one.due_time):
        changes.moved[one.id] = WantedReminder(one.about, one.step, day, time)


def _why_no_longer(aim: Aim, telling: int, one: Stored, next_repeat: Sequence[str]) -> str:
    if aim.over:
        return aim.over
    if one.about not in aim.about:
        return NOT_BOUND
    of, step = parted(one.step)
    if of != telling:
        return TOLD_AGAIN
    if not aim.pattern.has(step):
        return RULE_CHANGED
    if not aim.is_in_force(aim.day_of(step)):
        return BEFORE_THE_RULE
    return _why_no_repeat(aim, step, next_repeat) if step.startswith("r") else ""


def _why_no_repeat(aim: Aim, step: str, next_repeat: Sequence[str]) -> str:
    day = aim.day_of(step)
    if day >= aim.repeats_until:
        return NEXT_YEAR
    # Since the date moved another one is the next; what is due already is still given or missed.
    is_later = bool(next_repeat) and step not in next_repeat and day >= aim.today
    return EARLIER_REPEAT if is_later else ""


def _next_repeat(aim: Aim, telling: int, about: About, there: Mapping[str, Stored]) -> list[str]:
    """Only the next one is ever planned, and only while the body is outstanding."""
    if about not in aim.outstanding:
        return []
    for turn in aim.repeats_to_come:
        stored = there.get(put_together(telling, f"r{turn}"))
        if stored is None or stored.state is not OccurrenceState.FIRED:
            return [f"r{turn}"]
    return []


def _comes_back(stored: Stored, wanted: WantedReminder) -> bool:
    """A reminder that was not given is planned again when its day lies ahead once more."""
    if stored.state is OccurrenceState.SUPERSEDED:
        return True
    was_passed_over = stored.state in (OccurrenceState.SKIPPED, OccurrenceState.EXPIRED)
    return was_passed_over and wanted.due_on > stored.due_on


def planned_after(aim: Aim, stored: Sequence[Stored]) -> list[WantedReminder]:
    """All that will be planned once the changes are written, in order of days."""
    changes = compare(aim, stored)
    stays = [
        WantedReminder(one.about, one.step, one.due_on, one.due_time)
        for one in stored
        if one.state is OccurrenceState.PLANNED
        and one.id not in changes.moved
        and one.id not in changes.superseded
    ]
    return sorted(
        [*stays, *changes.moved.values(), *changes.new],
        key=lambda one: (one.due_on, one.due_time, one.about or 0),
    )
