"""Giving reminders: to whom, of what, once, and not when it no longer holds."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Permission
from app.core import clock, fault_points
from app.milestones import services as milestones
from app.milestones.models import ComplianceState, DateKind
from app.notifications.models import Notification
from app.reminders import dispatch, jobs
from app.reminders.models import Every, OccurrenceState, ReminderRule
from app.reminders.recipients import recipients
from app.reminders.rules import moment
from app.settings.models import ClosedDay
from tests.conftest import ClockAt, CountStatements
from tests.factories import make_organisation, make_user
from tests.reminders.stage import (
    APRIL,
    MADE,
    bells,
    give_owner,
    make_boards,
    make_milestone,
    make_rule,
    make_series,
    meet,
    morning,
    occurrences,
    tick,
    tick_daily,
    told,
)

FIRED, SKIPPED = OccurrenceState.FIRED, OccurrenceState.SKIPPED
NO_COORDINATOR = (Permission.VIEW, Permission.LOG)


def test_the_owner_of_a_body_is_told_and_the_coordinators_of_those_without(
    session: Session,
) -> None:
    ann = make_user(session, "Ann Sample", permissions=NO_COORDINATOR)
    cora = make_user(session, "Cora Sample", permissions=(Permission.VIEW, Permission.COORDINATE))
    boards = make_boards(session, 3)
    give_owner(session, boards[0], ann)
    give_owner(session, boards[1], ann)
    make_rule(session, make_milestone(session), -28, made_by=cora)

    assert tick(session, date(2027, 3, 4)) == 3

    assert sorted(told(session)) == [
        ("Ann Sample", "-28"),
        ("Ann Sample", "-28"),
        ("Cora Sample", "-28"),
    ]
    assert sorted(bells(session)) == [
        ("Ann Sample", "2 boards have no joint forward plan yet: due on 1 April 2027."),
        (
            "Cora Sample",
            "NHS Sample 03 Integrated Care Board has no joint forward plan yet: "
            "due on 1 April 2027.",
        ),
    ]


def test_ticked_every_minute_of_a_day_a_reminder_is_given_once(session: Session) -> None:
    cora = make_user(session, "Cora Sample")
    make_boards(session, 1)
    make_rule(session, make_milestone(session), -28, 0, person=cora)

    given = [
        tick(session, date(2027, 3, 4), f"{hour:02}:{minute:02}")
        for hour in (0, 8, 9, 23)
        for minute in range(0, 60, 10)
    ]

    assert sum(given) == 1
    assert len(bells(session)) == 1


def test_nothing_is_given_before_its_time_of_the_day(session: Session) -> None:
    make_boards(session, 1)
    make_rule(session, make_milestone(session), -28)

    assert tick(session, date(2027, 3, 4), "08:29") == 0
    assert tick(session, date(2027, 3, 4), "08:30") == 1


def test_a_body_that_met_it_a_second_before_is_left_out_with_the_reason(session: Session) -> None:
    cora = make_user(session, "Cora Sample")
    boards = make_boards(session, 3)
    milestone = make_milestone(session)
    make_rule(session, milestone, -28, person=cora)
    tick(session, date(2027, 3, 3))
    meet(session, milestone, boards[0])
    meet(session, milestone, boards[1], ComplianceState.NOT_APPLICABLE)

    assert tick(session, date(2027, 3, 4)) == 1

    assert {reason for _, _, reason in occurrences(session, SKIPPED)} == {
        dispatch.MET,
        dispatch.NOT_APPLICABLE,
    }
    assert bells(session)[0][1].startswith("NHS Sample 03")


def test_when_the_last_body_has_met_it_nobody_hears_of_it_any_more(session: Session) -> None:
    cora = make_user(session, "Cora Sample")
    (board,) = make_boards(session, 1)
    milestone = make_milestone(session)
    make_rule(session, milestone, 0, every=(7, Every.DAYS), person=cora)
    tick_daily(session, APRIL, date(2027, 4, 9))
    meet(session, milestone, board)
    tick_daily(session, date(2027, 4, 10), date(2027, 5, 10))

    assert told(session) == [("Cora Sample", "0"), ("Cora Sample", "r1")]


def test_a_rule_with_nobody_to_tell_tells_nobody_and_says_so(session: Session) -> None:
    ann = make_user(session, "Ann Sample", permissions=NO_COORDINATOR)
    make_boards(session, 2)
    make_rule(session, make_milestone(session), -28, permission=Permission.APPROVE, made_by=ann)

    assert tick(session, date(2027, 3, 4)) == 0

    assert {reason for _, _, reason in occurrences(session, SKIPPED)} == {dispatch.NOBODY}
    assert not bells(session)


def test_somebody_who_has_left_is_not_told_and_their_bodies_go_to_the_coordinators(
    session: Session,
) -> None:
    cora = make_user(session, "Cora Sample")
    gone = make_user(session, "Gone Sample", permissions=NO_COORDINATOR)
    (board,) = make_boards(session, 1)
    give_owner(session, board, gone)
    milestone = make_milestone(session)
    make_rule(session, milestone, -28, made_by=cora)
    make_rule(session, milestone, -28, person=gone)
    gone.disabled_at = MADE

    tick(session, date(2027, 3, 4))

    assert told(session) == [("Cora Sample", "-28")]


def test_three_offsets_on_one_day_before_easter_are_one_line_behind_the_bell(
    session: Session,
) -> None:
    cora = make_user(session, "Cora Sample")
    make_boards(session, 2)
    make_rule(session, make_milestone(session), -7, -5, -3, person=cora)

    assert tick(session, date(2027, 3, 25)) == 6

    assert bells(session) == [
        ("Cora Sample", "2 boards have no joint forward plan yet: due on 1 April 2027.")
    ]


def test_repeats_ring_twice_and_are_then_left_to_the_morning_mail(session: Session) -> None:
    cora = make_user(session, "Cora Sample")
    make_boards(session, 1)
    make_rule(session, make_milestone(session), 0, every=(7, Every.DAYS), person=cora)

    tick_daily(session, APRIL, date(2027, 5, 1))

    assert [step for _, step in told(session)] == ["0", "r1", "r2", "r3", "r4"]
    assert len(bells(session)) == 3


def test_what_was_told_later_that_day_is_added_to_the_same_line(session: Session) -> None:
    cora = make_user(session, "Cora Sample")
    make_boards(session, 1)
    make_rule(session, make_milestone(session), -28, person=cora)
    tick(session, date(2027, 3, 4))
    note = session.scalars(select(Notification)).one()
    note.seen_at = MADE
    make_organisation(session, "NHS Second Integrated Care Board")

    tick(session, date(2027, 3, 4), "09:30")

    assert bells(session) == [
        ("Cora Sample", "2 boards have no joint forward plan yet: due on 1 April 2027.")
    ]
    assert note.seen_at is None


def test_the_line_behind_the_bell_names_no_body_of_which_a_reminder_was_only_missed_that_day(
    session: Session,
) -> None:
    cora = make_user(session, "Cora Sample")
    met, unmet = make_boards(session, 2)
    milestone = make_milestone(session)
    make_rule(session, milestone, -14, -7, person=cora)  # 18 and 25 March
    tick(session, date(2027, 3, 17))
    tick(session, date(2027, 3, 24))
    meet(session, milestone, met)
    day_before = milestones.GivenDate(DateKind.ANNOUNCED, date(2027, 3, 31))
    milestones.move(session, milestone, day_before, by=cora, at=morning(date(2027, 3, 24), "09:00"))

    tick(session, date(2027, 3, 24), "09:30")

    assert [text for _, text in bells(session)] == [
        dispatch.MISSED_WORDS,
        f"{unmet.name} has no joint forward plan yet: due on 31 March 2027.",
    ]


def test_a_milestone_that_asks_no_single_body_is_reminded_of_until_it_has_come_about(
    session: Session,
) -> None:
    cora = make_user(session, "Cora Sample")
    milestone = make_milestone(
        session, date(2027, 6, 30), asks_each=False, title="Guidance is to be refreshed"
    )
    make_rule(session, milestone, -28, 0, every=(1, Every.MONTHS), made_by=cora)
    tick_daily(session, date(2027, 6, 1), date(2027, 7, 31))
    milestones.move(
        session,
        milestone,
        milestones.GivenDate(DateKind.ACTUAL, date(2027, 8, 1)),
        by=cora,
        at=MADE,
    )
    tick_daily(session, date(2027, 8, 1), date(2027, 9, 30))

    assert [step for _, step in told(session)] == ["-28", "0", "r1"]
    assert [text for _, text in bells(session)] == [
        "“Guidance is to be refreshed”: due on 30 June 2027.",
        "“Guidance is to be refreshed”: due today.",
        "“Guidance is to be refreshed”: was due on 30 June 2027.",
    ]


def test_a_cancelled_milestone_is_never_reminded_of_again(session: Session) -> None:
    make_boards(session, 2)
    milestone = make_milestone(session)
    make_rule(session, milestone, -28, -14, 0, every=(7, Every.DAYS))
    tick(session, date(2027, 3, 4))
    milestones.cancel(milestone, why="The Act was repealed", on=date(2027, 3, 5))
    tick_daily(session, date(2027, 3, 5), date(2027, 5, 1))

    assert len(occurrences(session, FIRED)) == 2
    superseded = occurrences(session, OccurrenceState.SUPERSEDED)
    assert {reason for _, _, reason in superseded} == {
        "The milestone was cancelled on 5 March 2027."
    }
    assert not occurrences(session, OccurrenceState.PLANNED)


def test_a_body_that_ended_after_the_day_is_not_asked_after_any_more(session: Session) -> None:
    (board,) = make_boards(session, 1)
    make_rule(session, make_milestone(session), 0, every=(7, Every.DAYS))
    tick(session, APRIL)
    tick(session, date(2027, 4, 2))
    board.dissolved_on = date(2027, 4, 5)
    tick_daily(session, date(2027, 4, 6), date(2027, 4, 8))

    assert occurrences(session, SKIPPED)[0][2] == "The body ended on 5 April 2027."


@pytest.mark.parametrize(("days", "is_told"), [(-1, False), (0, False), (1, True)])
def test_a_body_is_asked_after_to_the_last_day_of_its_being(
    session: Session, days: int, is_told: bool
) -> None:
    """`dissolved_on` is the first day on which it is no more."""
    (board,) = make_boards(session, 1)
    make_rule(session, make_milestone(session), 0, every=(7, Every.DAYS))
    tick(session, APRIL)
    tick(session, APRIL + timedelta(days=1))
    repeated = APRIL + timedelta(days=7)
    board.dissolved_on = repeated + timedelta(days=days)

    tick(session, repeated)

    assert ("r1" in {step for step, _, _ in occurrences(session, FIRED)}) is is_told
    assert ("r1" in {step for step, _, _ in occurrences(session, SKIPPED)}) is not is_told


def test_moved_by_ten_days_after_two_reminders_nothing_repeats_and_the_rest_moves(
    session: Session,
) -> None:
    cora = make_user(session, "Cora Sample")
    make_boards(session, 2)
    milestone = make_milestone(session)
    make_rule(session, milestone, -28, -14, -3, 0, person=cora)
    tick_daily(session, date(2027, 3, 1), date(2027, 3, 18))
    milestones.move(
        session,
        milestone,
        milestones.GivenDate(DateKind.ANNOUNCED, date(2027, 4, 11)),
        by=cora,
        at=morning(date(2027, 3, 18), "10:00"),
    )
    tick_daily(session, date(2027, 3, 18), date(2027, 5, 1))

    assert [step for _, step in told(session)] == ["-28"] * 2 + ["-14"] * 2 + ["-3"] * 2 + ["0"] * 2
    days = {step: day for step, day, _ in occurrences(session, FIRED)}
    assert days["-28"] == date(2027, 3, 4)
    assert days["-3"] == date(2027, 4, 8)
    assert days["0"] == date(2027, 4, 9)


def test_ten_days_down_what_is_a_little_late_is_given_and_what_is_long_over_is_listed_as_missed(
    session: Session,
) -> None:
    cora = make_user(session, "Cora Sample")
    make_boards(session, 2)
    milestone = make_milestone(session)
    make_rule(session, milestone, -14, -7, person=cora)  # 18 and 25 March
    tick(session, date(2027, 3, 17))
    tick(session, date(2027, 3, 27))

    assert {step for step, _, _ in occurrences(session, FIRED)} == {"-7"}
    assert {reason for _, _, reason in occurrences(session, OccurrenceState.EXPIRED)} == {
        "Its day was more than 3 working days ago."
    }
    assert [text for _, text in bells(session)] == [
        "2 boards have no joint forward plan yet: due on 1 April 2027.",
        dispatch.MISSED_WORDS,
    ]


def test_the_clock_put_back_or_forward_an_hour_repeats_and_loses_nothing(session: Session) -> None:
    cora = make_user(session, "Cora Sample")
    make_boards(session, 1)
    make_rule(session, make_milestone(session), -28, -14, person=cora)
    for day in (date(2027, 3, 4), date(2027, 3, 18)):
        for clock_time in ("08:29", "09:31", "08:31", "07:31", "08:35"):
            tick(session, day, clock_time)

    assert [step for _, step in told(session)] == ["-28", "-14"]


@pytest.mark.parametrize(
    "day", [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)]
)
def test_over_the_night_the_clocks_change_a_reminder_is_given_once_and_at_its_time(
    session: Session, day: date
) -> None:
    """Weekly from the Tuesday before: once that day, and once the Tuesday after."""
    tuesday = day - timedelta(days=5)
    cora = make_user(session, "Cora Sample")
    milestone = make_milestone(session, tuesday, asks_each=False)
    every_week = (7, Every.DAYS)
    make_rule(session, milestone, 0, every=every_week, person=cora, at=morning(date(2026, 1, 5)))
    session.commit()
    began = datetime.combine(tuesday, time(), UTC)

    given = {
        moment(at)
        for at in (began + timedelta(minutes=30 * half) for half in range(8 * 48))
        if jobs.remind(session, at)
    }

    assert given == {(tuesday, "08:30"), (tuesday + timedelta(days=7), "08:30")}


def test_each_year_of_a_duty_has_its_own_reminders(session: Session) -> None:
    cora = make_user(session, "Cora Sample")
    make_boards(session, 1)
    series = make_series(session)
    for year in (2027, 2028):
        make_milestone(session, date(year, 4, 1), series=series)
    make_rule(session, series, 0, every=(7, Every.DAYS), person=cora)

    tick_daily(session, date(2027, 3, 31), date(2027, 4, 8))
    tick_daily(session, date(2028, 3, 30), date(2028, 4, 10))

    steps = [step for _, step in told(session)]
    assert steps[:2] == ["0", "r1"]
    assert steps.count("0") == 2
    assert not [day for step, day, _ in occurrences(session, FIRED) if date(2028, 4, 1) == day]


def test_years_that_were_over_when_a_rule_of_a_duty_was_made_stay_silent(session: Session) -> None:
    make_boards(session, 1)
    series = make_series(session)
    for year in range(2022, 2027):
        make_milestone(session, date(year, 4, 1), series=series)
    make_rule(session, series, -28, 0, every=(7, Every.DAYS))

    tick_daily(session, date(2026, 11, 22), date(2026, 12, 31))

    assert not occurrences(session)


@pytest.mark.parametrize(("days", "repeats"), [(-1, False), (0, True), (1, True)])
def test_of_a_duty_the_year_that_is_due_on_the_day_a_rule_is_made_is_still_repeated_for(
    session: Session, days: int, repeats: bool
) -> None:
    make_boards(session, 1)
    series = make_series(session)
    due_on = date(2027, 4, 1)
    make_milestone(session, due_on, series=series)
    made = datetime.combine(due_on - timedelta(days=days), time(7), UTC)
    make_rule(session, series, 0, every=(7, Every.DAYS), at=made)

    tick(session, due_on + timedelta(days=2))

    assert ("r1" in {step for step, _, _ in occurrences(session)}) is repeats


def test_what_is_overdue_already_can_be_followed_up_by_a_rule_of_its_own(session: Session) -> None:
    make_boards(session, 1)
    milestone = make_milestone(session, date(2026, 10, 1))
    make_rule(session, milestone, 0, every=(7, Every.DAYS))

    tick_daily(session, date(2026, 11, 22), date(2026, 12, 5))

    assert [day for _, day, _ in occurrences(session, FIRED)] == [
        date(2026, 11, 26),
        date(2026, 12, 3),
    ]


def test_a_round_that_fails_midway_leaves_nothing_and_the_next_gives_it_once(
    session: Session,
) -> None:
    cora = make_user(session, "Cora Sample")
    make_boards(session, 2)
    make_rule(session, make_milestone(session), -28, person=cora)
    tick(session, date(2027, 3, 3))

    def fail(name: str) -> None:
        if name == "reminders given":
            raise RuntimeError("no")

    fault_points.watch(fail)
    try:
        assert tick(session, date(2027, 3, 4)) == 0
    finally:
        fault_points.watch(None)
    assert not told(session)
    assert not bells(session)

    assert tick(session, date(2027, 3, 4)) == 2
    assert len(bells(session)) == 1


def test_one_rule_that_cannot_be_worked_out_does_not_keep_the_others(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    cora = make_user(session, "Cora Sample")
    make_boards(session, 1)
    milestone = make_milestone(session)
    bad = make_rule(session, milestone, -28, person=cora)
    make_rule(session, milestone, -28, person=cora)
    tick(session, date(2027, 3, 3))

    def whom(session: Session, rule: ReminderRule, *args: Any, **more: Any) -> Any:
        if rule is bad:
            raise ValueError("no")
        return recipients(session, rule, *args, **more)

    monkeypatch.setattr(dispatch, "recipients", whom)

    assert jobs.remind(session, morning(date(2027, 3, 4))) == 1


def test_a_round_with_nothing_due_asks_at_most_five_questions(
    session: Session, count_statements: CountStatements, clock_at: ClockAt
) -> None:
    make_boards(session, 5)
    for _ in range(3):
        make_rule(session, make_milestone(session), -28, -14, 0, every=(7, Every.DAYS))
    # Later than anything recorded, so that nothing more is to be planned for.
    clock_at(clock.now() + timedelta(minutes=10))
    tick(session, date(2027, 3, 1))

    with count_statements() as statements:
        assert jobs.remind(session, morning(date(2027, 3, 1), "09:00")) == 0

    assert len(statements) <= 5, statements


def test_whatever_a_plan_is_made_from_is_planned_for_anew_when_it_changes(session: Session) -> None:
    make_boards(session, 1)
    make_rule(session, make_milestone(session), -28)
    tick(session, date(2027, 3, 1))
    session.add(ClosedDay(day=date(2027, 3, 4), why="Moving house"))
    tick(session, date(2027, 3, 1), "09:00")

    assert [day for _, day, _ in occurrences(session)] == [date(2027, 3, 3)]
