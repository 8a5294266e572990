"""Milestones on one person's list: one line for all their bodies, until each has met it."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.digests.queries import lines_for
from app.digests.rules import DigestLine, Group
from app.directory.models import Organisation, OrganisationKind
from app.milestones.models import DateKind, Milestone, MilestoneDate, Precision
from tests.conftest import CountStatements
from tests.digests.desk import owes
from tests.factories import make_organisation, make_user
from tests.reminders.stage import (
    APRIL,
    MADE,
    give_owner,
    make_boards,
    make_milestone,
    make_rule,
    meet,
    morning,
    tick,
)

A_DAY = timedelta(days=1)
SOON = APRIL - 10 * A_DAY


@pytest.fixture
def me(session: Session) -> User:
    return make_user(session, "Olga Owner")


def mine(session: Session, me: User, count: int) -> list[Organisation]:
    boards = make_boards(session, count)
    for board in boards:
        give_owner(session, board, me)
    return boards


def found(session: Session, user: User, on: date = SOON) -> list[DigestLine]:
    session.flush()
    listed = lines_for(session, user, on, at=morning(on))
    return [line for section in listed for line in section.lines]


def test_what_my_bodies_have_not_met_is_one_line_with_each_of_them(
    session: Session, me: User
) -> None:
    boards = mine(session, me, 11)
    milestone = make_milestone(session)
    [line] = found(session, me)
    assert line.group is Group.COMING
    assert (
        line.link.words == "11 of your boards have no joint forward plan yet: due on 1 April 2027"
    )
    assert line.link.values == {"milestone_id": milestone.id}
    assert [body.words for body in line.bodies] == [board.short_name for board in boards]
    assert not line.calls


def test_of_very_many_bodies_the_first_are_named(session: Session, me: User) -> None:
    mine(session, me, 30)
    make_milestone(session)
    [line] = found(session, me)
    assert len(line.bodies) == 13
    assert line.bodies[-1].words == "18 more"


def test_a_single_body_is_named_in_the_sentence(session: Session, me: User) -> None:
    mine(session, me, 1)
    make_milestone(session)
    [line] = found(session, me)
    assert line.link.words.startswith("NHS Sample 01 Integrated Care Board has no joint forward")
    assert line.bodies == ()


def test_a_body_that_has_met_it_is_not_named_and_the_last_takes_the_line_away(
    session: Session, me: User
) -> None:
    first, second = mine(session, me, 2)
    milestone = make_milestone(session)
    meet(session, milestone, first)
    [line] = found(session, me)
    assert line.link.words.startswith(second.name)
    meet(session, milestone, second)
    assert found(session, me) == []


@pytest.mark.parametrize("days", [-15, 1])
def test_without_a_reminder_only_the_coming_fortnight_counts(
    session: Session, me: User, days: int
) -> None:
    mine(session, me, 1)
    make_milestone(session)
    assert found(session, me, APRIL + days * A_DAY) == []


@pytest.mark.parametrize(("days", "is_listed"), [(-1, False), (0, True), (14, True), (15, False)])
def test_the_coming_fortnight_has_its_first_and_its_last_day(
    session: Session, me: User, days: int, is_listed: bool
) -> None:
    mine(session, me, 1)
    make_milestone(session)
    assert bool(found(session, me, APRIL - days * A_DAY)) is is_listed


@pytest.mark.parametrize(("days", "is_bound"), [(-1, False), (0, False), (1, True)])
def test_a_body_that_will_have_ended_by_the_day_is_not_waited_for(
    session: Session, me: User, days: int, is_bound: bool
) -> None:
    [board] = mine(session, me, 1)
    make_milestone(session)
    board.dissolved_on = APRIL + days * A_DAY
    assert bool(found(session, me)) is is_bound


def test_bodies_of_others_are_not_mine(session: Session, me: User) -> None:
    make_boards(session, 3)
    make_milestone(session)
    assert found(session, me) == []


def test_what_i_was_reminded_of_stays_until_it_is_met_and_is_overdue_in_the_end(
    session: Session, me: User
) -> None:
    [board] = make_boards(session, 1)
    milestone = make_milestone(session)
    make_rule(session, milestone, -28, person=me)
    tick(session, APRIL - 28 * A_DAY)
    [line] = found(session, me, APRIL - 27 * A_DAY)
    assert line.group is Group.COMING
    [line] = found(session, me, APRIL)
    assert (line.group, line.pill) == (Group.TODAY, "Due today")
    assert line.calls
    [line] = found(session, me, APRIL + 3 * A_DAY)
    assert (line.group, line.pill) == (Group.OVERDUE, "Overdue 3 days")
    meet(session, milestone, board)
    assert found(session, me, APRIL + 3 * A_DAY) == []


@pytest.mark.parametrize(("days", "is_listed"), [(365, True), (366, True), (367, False)])
def test_what_i_was_reminded_of_is_spoken_of_for_a_year_and_a_day(
    session: Session, me: User, days: int, is_listed: bool
) -> None:
    make_boards(session, 1)
    make_rule(session, make_milestone(session), -28, person=me)
    reminded = APRIL - 28 * A_DAY
    tick(session, reminded)

    assert bool(found(session, me, reminded + days * A_DAY)) is is_listed


def test_a_reminder_that_came_too_late_is_listed_as_missed(session: Session, me: User) -> None:
    make_boards(session, 2)
    milestone = make_milestone(session)
    make_rule(session, milestone, -28, person=me)
    tick(session, APRIL - 40 * A_DAY)
    back = APRIL - 14 * A_DAY
    tick(session, back)
    [line] = found(session, me, back)
    assert (line.group, line.pill) == (Group.MISSED, "Missed")
    assert line.link.words == "2 boards have no joint forward plan yet: due on 1 April 2027"
    [line] = found(session, me, back + 8 * A_DAY)
    assert line.group is Group.COMING


@pytest.mark.parametrize(("days", "is_missed"), [(0, True), (6, True), (7, True), (8, False)])
@pytest.mark.parametrize("clock", ["00:01", "08:45", "23:59"])
def test_a_missed_reminder_is_called_missed_for_a_week_whatever_time_it_was_noticed(
    session: Session, me: User, days: int, is_missed: bool, clock: str
) -> None:
    """Noticed on 18 March; in the week after it the clocks change."""
    make_boards(session, 1)
    make_rule(session, make_milestone(session), -28, person=me)
    tick(session, APRIL - 40 * A_DAY)
    noticed = APRIL - 14 * A_DAY
    tick(session, noticed, clock)

    [line] = found(session, me, noticed + days * A_DAY)

    assert (line.group is Group.MISSED) is is_missed
    assert (line.note == "A reminder came too late to be sent.") is is_missed


def test_a_milestone_that_was_cancelled_is_on_no_list(session: Session, me: User) -> None:
    mine(session, me, 1)
    milestone = make_milestone(session)
    milestone.cancelled_on, milestone.cancelled_why = SOON, "Withdrawn"
    assert found(session, me) == []


def test_what_comes_about_once_for_all_names_no_body_until_it_happened(
    session: Session, me: User
) -> None:
    mine(session, me, 2)
    milestone = make_milestone(session, asks_each=False, title="Guidance is to be published")
    [line] = found(session, me)
    assert line.link.words == "“Guidance is to be published”: due on 1 April 2027"
    milestone.happened_on = SOON
    assert found(session, me) == []


def test_a_month_is_not_overdue_before_it_ends(session: Session, me: User) -> None:
    mine(session, me, 1)
    milestone: Milestone = make_milestone(session, date(2027, 4, 5))
    milestone.precision = Precision.MONTH
    make_rule(session, milestone, -5, person=me)
    tick(session, date(2027, 3, 31))
    [line] = found(session, me, date(2027, 4, 20))
    assert (line.group, line.pill) == (Group.COMING, "April 2027")
    [line] = found(session, me, date(2027, 5, 2))
    assert line.group is Group.OVERDUE


def test_many_bodies_ask_no_more_of_the_database_than_few(
    session: Session, me: User, count_statements: CountStatements
) -> None:
    mine(session, me, 2)
    make_milestone(session)
    session.commit()
    with count_statements() as for_few:
        found(session, me)
    mine(session, me, 30)
    session.commit()
    with count_statements() as for_many:
        found(session, me)
    assert len(for_few) == len(for_many) <= 12


def say(session: Session, milestone: Milestone, kind: DateKind) -> None:
    """Who says when it is due."""
    session.add(
        MilestoneDate(
            milestone_id=milestone.id, kind=kind, falls_on=milestone.due_on, recorded_at=MADE
        )
    )


def test_a_reminder_given_since_is_not_hidden_by_one_missed_before(
    session: Session, me: User
) -> None:
    make_boards(session, 2)
    make_rule(session, make_milestone(session), -28, -7, person=me)
    tick(session, APRIL - 40 * A_DAY)
    tick(session, APRIL - 7 * A_DAY)  # the first was missed, the second is given
    [line] = found(session, me, APRIL - 7 * A_DAY)
    assert (line.group, line.pill, line.note) == (Group.COMING, "1 April 2027", "")


@pytest.mark.parametrize(
    ("days", "group", "pill"),
    [(0, Group.TODAY, "Due today"), (2, Group.OVERDUE, "Overdue 2 days")],
)
def test_what_was_missed_and_is_due_today_or_overdue_is_said_as_that(
    session: Session, me: User, days: int, group: Group, pill: str
) -> None:
    make_boards(session, 1)
    make_rule(session, make_milestone(session), -28, person=me)
    tick(session, APRIL - 40 * A_DAY)
    tick(session, APRIL - A_DAY)
    [line] = found(session, me, APRIL + days * A_DAY)
    assert (line.group, line.pill) == (group, pill)
    assert line.note == "A reminder came too late to be sent."


def test_on_its_day_it_is_due_today_and_not_on_a_date(session: Session, me: User) -> None:
    mine(session, me, 2)
    make_milestone(session)
    [line] = found(session, me, APRIL)
    assert line.link.words == "2 of your boards have no joint forward plan yet: due today"


def test_what_is_due_by_law_comes_first_and_says_so(session: Session, me: User) -> None:
    mine(session, me, 2)
    owes(session, me, SOON - A_DAY)
    say(session, make_milestone(session), DateKind.STATUTORY)
    listed = lines_for(session, me, SOON, at=morning(SOON))
    assert [section.group for section in listed] == [Group.BY_LAW, Group.OVERDUE]
    [line] = listed[0].lines
    assert line.in_subject == ("2 of your boards have no joint forward plan; due in 6 working days")


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-1, "DHSC has not published the refreshed guidance we expect by 1 April 2027"),
        (0, "DHSC has not published the refreshed guidance we expect today"),
        (1, "DHSC has not published the refreshed guidance we expected by 1 April 2027"),
    ],
)
def test_nobody_is_accused_over_a_date_that_we_assumed(
    session: Session, me: User, days: int, words: str
) -> None:
    department = make_organisation(
        session, "Department of Health", kind=OrganisationKind.GOVERNMENT_DEPARTMENT
    )
    department.short_name = "DHSC"
    give_owner(session, department, me)
    milestone = make_milestone(
        session, kinds=("government_department",), title="Refreshed guidance 2027 expected"
    )
    milestone.document_type_id = None
    say(session, milestone, DateKind.ENTERED)
    make_rule(session, milestone, -1, person=me)
    tick(session, APRIL - A_DAY)
    [line] = found(session, me, APRIL + days * A_DAY)
    assert line.link.words == words
    assert "Overdue" not in line.pill
    milestone.title = "Forum of the year"
    [line] = found(session, me, APRIL - A_DAY)
    assert line.link.words == (
        "Nothing is recorded of DHSC yet for “Forum of the year”, which we expect by 1 April 2027"
    )
