"""A date that moves, however often and after whatever was missed: told once, and in time."""

import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import working_days
from app.core.errors import DomainError
from app.milestones import services as milestones
from app.milestones.models import DateKind, Milestone
from app.reminders import queries, services
from app.reminders.models import Every, Occurrence, OccurrenceState, Reminded, ReminderRule
from app.reminders.planning import pattern_of
from app.reminders.rules import parted, put_together
from tests.factories import make_user
from tests.reminders.stage import (
    APRIL,
    bells,
    make_boards,
    make_milestone,
    make_rule,
    morning,
    occurrences,
    tick,
    tick_daily,
    told,
)

A_DAY = timedelta(days=1)
Told = tuple[int | None, str, int]  # of which body, which step, when

LATE = 3  # working days for which a reminder is still given


def move(session: Session, milestone: Milestone, to: date, on: date, *, by: User) -> None:
    given = milestones.GivenDate(DateKind.ANNOUNCED, to, why="It was put off")
    milestones.move(session, milestone, given, by=by, at=morning(on, "10:00"))


def test_a_reminder_missed_for_the_old_day_is_given_for_the_new_one(session: Session) -> None:
    cora = make_user(session, "Cora Sample")
    make_boards(session, 2)
    milestone = make_milestone(session)
    make_rule(session, milestone, -28, -14, 0, every=(7, Every.DAYS), person=cora)
    tick(session, date(2027, 2, 1))
    tick_daily(session, date(2027, 3, 31), date(2027, 4, 15))  # both days before it were missed
    move(session, milestone, date(2027, 6, 30), date(2027, 4, 15), by=cora)

    tick_daily(session, date(2027, 4, 16), date(2027, 7, 8))

    given = {step: day for step, day, _ in occurrences(session, OccurrenceState.FIRED)}
    assert (given["-28"], given["-14"]) == (date(2027, 6, 2), date(2027, 6, 16))
    assert not queries.due(session, morning(date(2027, 7, 8)))


def test_a_day_that_moves_to_yesterday_is_told_of_today(session: Session) -> None:
    cora = make_user(session, "Cora Sample")
    make_boards(session, 1)
    milestone = make_milestone(session)
    make_rule(session, milestone, -14, person=cora)  # 18 March
    tick(session, date(2027, 3, 1))
    tick(session, date(2027, 3, 25))
    move(session, milestone, date(2027, 4, 7), date(2027, 3, 25), by=cora)  # 24 March

    tick(session, date(2027, 3, 25), "10:30")

    assert occurrences(session, OccurrenceState.FIRED) == [("-14", date(2027, 3, 24), "")]
    assert bells(session)[-1][1].endswith("7 April 2027.")


def test_of_repeats_only_one_is_to_come_wherever_the_date_moves(session: Session) -> None:
    cora = make_user(session, "Cora Sample")
    make_boards(session, 1)
    milestone = make_milestone(session)
    make_rule(session, milestone, 0, every=(7, Every.DAYS), person=cora)
    tick(session, APRIL)
    tick(session, date(2027, 6, 16))  # repeats were missed until then
    move(session, milestone, date(2027, 6, 30), date(2027, 6, 16), by=cora)

    tick(session, date(2027, 6, 17))

    to_come = [step for step, _, _ in occurrences(session, OccurrenceState.PLANNED)]
    assert len([step for step in to_come if step.startswith("r")]) == 1


@dataclass
class Spring:
    """One rule and its milestone through some weeks in which anything happens."""

    session: Session
    chance: random.Random
    cora: User
    today: date
    milestone: Milestone = field(init=False)
    rule: ReminderRule = field(init=False)
    seen: set[Told] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.milestone = make_milestone(self.session, self.today + 20 * A_DAY)
        made = morning(self.today - 300 * A_DAY)
        offsets = sorted(self.chance.sample(range(-25, 8), 4))
        every = self.chance.choice([None, (1, Every.DAYS), (7, Every.DAYS)])
        self.rule = make_rule(
            self.session, self.milestone, *offsets, every=every, person=self.cora, at=made
        )
        self.tick()

    def step(self) -> None:
        what = self.chance.random()
        if what < 0.25:
            self._move()
        elif what < 0.35:
            self.today += self.chance.randrange(2, 14) * A_DAY  # nothing ran
        else:
            self.today += A_DAY
        self.tick()

    def _move(self) -> None:
        to = self.today + self.chance.randrange(-20, 40) * A_DAY
        if to == self.milestone.due_on:
            return
        move(self.session, self.milestone, to, self.today, by=self.cora)
        if self.chance.random() < 0.3:
            with suppress(DomainError):
                services.tell_again(self.session, self.milestone, at=morning(self.today, "10:05"))

    def tick(self) -> None:
        told_before = set(self.seen)
        tick(self.session, self.today, "10:30")
        assert not queries.due(self.session, morning(self.today, "10:30")), "it failed"
        rows = self.session.scalars(
            select(Occurrence)
            .where(Occurrence.rule_id == self.rule.id)
            .execution_options(populate_existing=True)
        ).all()
        self._never_twice(rows, told_before)
        self._never_silent(rows)

    def _never_twice(self, rows: Sequence[Occurrence], before: set[Told]) -> None:
        fired = [one for one in rows if one.state is OccurrenceState.FIRED]
        self.seen = {
            (one.organisation_id, one.step, round(one.settled_at.timestamp()))
            for one in fired
            if one.settled_at
        }
        assert before <= self.seen, "what was told is told anew, or forgotten"
        told_of = self.session.scalars(
            select(Reminded.occurrence_id).where(
                Reminded.occurrence_id.in_([one.id for one in fired])
            )
        ).all()
        assert sorted(told_of) == sorted(one.id for one in fired)
        to_come = [
            one.organisation_id
            for one in rows
            if one.state is OccurrenceState.PLANNED and "r" in one.step
        ]
        assert len(to_come) == len(set(to_come)), "one repeat is to come"

    def _never_silent(self, rows: Sequence[Occurrence]) -> None:
        telling = max(parted(one.step)[0] for one in rows)
        fired = {
            (one.organisation_id, one.step) for one in rows if one.state is OccurrenceState.FIRED
        }
        pattern = pattern_of(self.rule)
        bodies = {one.organisation_id for one in rows}
        for offset in self.rule.offsets:
            day = pattern.day_of(str(offset), self.milestone.due_on).day
            is_due = day <= self.today and working_days.between(day, self.today) <= LATE
            step = put_together(telling, str(offset))
            if is_due:
                assert all((body, step) in fired for body in bodies), (step, day, self.today)


@pytest.mark.parametrize("seed", range(4))
def test_however_dates_move_each_reminder_comes_once_and_none_is_lost(
    session: Session, seed: int
) -> None:
    make_boards(session, 2)
    spring = Spring(
        session, random.Random(seed), make_user(session, "Cora Sample"), date(2027, 3, 1)
    )
    for _ in range(40):
        spring.step()
    assert told(session)
