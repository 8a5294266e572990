"""A date that moves, however often and after whatever was missed: told once, and in time."""

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import working_days
from app.core.errors import DomainError
from app.digests.queries import lines_for
from app.milestones import services as milestones
from app.milestones.models import DateKind, Milestone
from app.reminders import moves, queries, services
from app.reminders.models import Every, Occurrence, OccurrenceState, Reminded, ReminderRule
from app.reminders.planning import pattern_of
from app.reminders.rules import parted, put_together
from tests.conftest import ClockAt
from tests.factories import make_user
from tests.reminders.stage import (
    APRIL,
    MADE,
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


def reminded(session: Session) -> Milestone:
    """Due on 1 April, with two of four reminders sent; it is 19 March."""
    cora = make_user(session, "Cora Sample")
    make_boards(session, 2)
    milestone = make_milestone(session)
    first = milestones.GivenDate(DateKind.STATUTORY, APRIL)
    milestones.move(session, milestone, first, by=cora, at=MADE)
    make_rule(session, milestone, -28, -14, -3, 0, person=cora)
    tick_daily(session, date(2027, 3, 3), date(2027, 3, 18))
    session.commit()
    return milestone


def typed(day: date, **more: str) -> dict[str, str]:
    return {
        "kind": "announced",
        "falls_on": day.isoformat(),
        "precision": "day",
        "why": "It was put off",
        **more,
    }


def to_come(session: Session) -> dict[str, date]:
    return {step: day for step, day, _ in occurrences(session, OccurrenceState.PLANNED)}


def test_whoever_moves_a_date_is_asked_whether_reminders_begin_again_with_what_is_sent_when(
    sign_in: Callable[[User], FlaskClient], session: Session, clock_at: ClockAt
) -> None:
    milestone = reminded(session)
    clock_at(morning(date(2027, 3, 19)))
    client = sign_in(make_user(session, "Dora Sample"))
    url, june = f"/milestones/{milestone.id}/move", date(2027, 6, 30)

    asked = client.post(url, data=typed(june)).text

    assert "Should reminders begin again for 30 June 2027?" in asked
    assert "We suggest you begin again, because the new day is later." in asked
    assert 'value="It was put off"' in asked, "nothing typed is lost"
    for day in ("Wed 2 Jun 2027", "Wed 16 Jun 2027", "Fri 25 Jun 2027", "Wed 30 Jun 2027"):
        assert day in asked
    session.expire_all()
    assert milestone.due_on == APRIL, "nothing is saved before it is answered"

    elsewhere = typed(june, reminders="again", asked_for="2027-07-15")
    assert "Should reminders begin again" in client.post(url, data=elsewhere).text, "another day"
    answered = typed(june, reminders="again", asked_for=june.isoformat())
    assert client.post(url, data=answered).status_code == 302
    session.expire_all()
    assert milestone.due_on == june
    tick(session, date(2027, 3, 20))
    assert to_come(session) == {
        "a2:-28": date(2027, 6, 2),
        "a2:-14": date(2027, 6, 16),
        "a2:-3": date(2027, 6, 25),
        "a2:0": june,
    }
    assert moves.waiting(session, date(2027, 3, 20), at=morning(date(2027, 3, 20))) == []


def test_without_beginning_again_only_what_was_not_sent_yet_is_sent_for_the_new_day(
    sign_in: Callable[[User], FlaskClient], session: Session, clock_at: ClockAt
) -> None:
    milestone = reminded(session)
    clock_at(morning(date(2027, 3, 19)))
    client = sign_in(make_user(session, "Dora Sample"))
    june = date(2027, 6, 30)
    answered = typed(june, reminders="rest", asked_for=june.isoformat())
    page = client.post(
        f"/milestones/{milestone.id}/move", data=answered, follow_redirects=True
    ).text
    assert "Reminders already sent are not sent again for 30 June 2027." in page
    session.expire_all()
    tick(session, date(2027, 3, 20))
    assert to_come(session) == {"-3": date(2027, 6, 25), "0": june}
    assert "Decide" not in client.get(f"/milestones/{milestone.id}").text


def test_a_day_that_comes_sooner_is_asked_about_the_other_way_round(
    sign_in: Callable[[User], FlaskClient], session: Session, clock_at: ClockAt
) -> None:
    milestone = reminded(session)
    clock_at(morning(date(2027, 3, 19)))
    client = sign_in(make_user(session, "Dora Sample"))
    asked = client.post(f"/milestones/{milestone.id}/move", data=typed(date(2027, 3, 25))).text
    assert "We suggest you send only the rest, because the new day is earlier." in asked


def test_nobody_is_asked_where_nobody_was_reminded_or_only_what_happened_is_added(
    sign_in: Callable[[User], FlaskClient], session: Session, clock_at: ClockAt
) -> None:
    told_of = reminded(session)
    other = make_milestone(session, date(2027, 9, 1))
    make_rule(session, other, -28, person=make_user(session, "Otto Sample"))
    session.commit()
    clock_at(morning(date(2027, 3, 19)))
    client = sign_in(make_user(session, "Dora Sample"))
    happened = typed(date(2027, 3, 18)) | {"kind": "actual"}
    assert client.post(f"/milestones/{told_of.id}/move", data=happened).status_code == 302
    moved = client.post(f"/milestones/{other.id}/move", data=typed(date(2027, 10, 1)))
    assert moved.status_code == 302


def test_a_date_that_moved_by_another_door_is_asked_about_on_home_until_it_is_answered(
    sign_in: Callable[[User], FlaskClient], session: Session, clock_at: ClockAt
) -> None:
    """As when a newer reference file brings another day, with nobody there to be asked."""
    milestone = reminded(session)
    clock_at(morning(date(2027, 3, 19)))
    client = sign_in(make_user(session, "Dora Sample"))
    milestone.due_on = date(2027, 6, 30)
    session.commit()
    tick(session, date(2027, 3, 19), "09:00")
    assert to_come(session) == {"-3": date(2027, 6, 25), "0": date(2027, 6, 30)}, "none twice"

    def on_home() -> bool:
        day = date(2027, 3, 19)
        listed = lines_for(session, session.get_one(User, me), day, at=morning(day))
        words = [line.link.words for section in listed for line in section.lines]
        return any("is now due on 30 June 2027: should its reminders" in one for one in words)

    me = session.scalars(select(User.id).where(User.name == "Cora Sample")).one()
    assert on_home()
    assert "Decide" in client.get(f"/milestones/{milestone.id}").text
    url = f"/milestones/{milestone.id}/tell-again"
    assert "Should reminders begin again for 30 June 2027?" in client.get(url).text
    assert "Choose whether" not in client.post(url).text
    assert on_home(), "a form without an answer answers nothing"

    client.post(url, data={"reminders": "again", "asked_for": "2027-06-30"})

    assert not on_home()
    assert to_come(session)["a2:-28"] == date(2027, 6, 2)
