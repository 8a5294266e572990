"""Reminders and the morning mail together: in one mail, once, and late when Liaise was away."""

from datetime import datetime
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from app.milestones.models import DateKind, MilestoneDate
from app.notifications.jobs import mail_at_once
from app.notifications.services import Links
from app.reminders.jobs import remind
from app.settings.downtime import latest_silence
from app.settings.jobs import beat
from tests.conftest import CountStatements
from tests.digests.desk import A_DAY, MONDAY, at, colleague, give, mails, mornings, owes
from tests.reminders.stage import (
    APRIL,
    give_owner,
    make_boards,
    make_milestone,
    make_rule,
    meet,
)

FIRST = APRIL - 28 * A_DAY  # Thursday 4 March 2027


def rounds(app: Flask, session: Session, *moments: datetime) -> None:
    for moment in moments:
        session.commit()
        remind(session, moment)
        give(app, session, moment)


def test_a_reminder_due_at_the_minute_of_the_mail_is_in_it(app: Flask, session: Session) -> None:
    owner = colleague(session, "Olga Owner")
    for board in make_boards(session, 3):
        give_owner(session, board, owner)
    make_rule(session, make_milestone(session), -28, made_by=owner)
    rounds(app, session, at(FIRST - A_DAY, "12:00"))
    assert mails(session) == []
    session.commit()
    assert give(app, session, at(FIRST, "08:30")) == 0, "the reminders come first"
    rounds(app, session, at(FIRST, "08:30"))
    [message] = mails(session)
    assert message.recipient == owner.email
    assert message.subject == "1 coming up"
    assert "3 of your boards have no joint forward plan yet: due on 1 April 2027" in " ".join(
        message.body.split()
    )
    rounds(app, session, at(FIRST + A_DAY, "08:30"))
    assert len(mails(session)) == 1, "and is no news on the next morning"


def test_what_was_met_between_the_reminder_and_the_mail_is_in_no_mail(
    app: Flask, session: Session
) -> None:
    owner = colleague(session, "Olga Owner")
    [board] = make_boards(session, 1)
    milestone = make_milestone(session)
    make_rule(session, milestone, -28, person=owner)
    session.commit()
    remind(session, at(FIRST - A_DAY))
    remind(session, at(FIRST))
    meet(session, milestone, board)
    rounds(app, session, at(FIRST))
    assert mails(session) == []


def test_a_reminder_that_cannot_be_given_keeps_nobody_waiting_for_long(
    app: Flask, session: Session
) -> None:
    ines = colleague(session)
    make_boards(session, 1)
    make_rule(session, make_milestone(session), -28, person=ines)
    session.commit()
    remind(session, at(FIRST - A_DAY, "12:00"))
    owes(session, ines, FIRST)
    assert give(app, session, at(FIRST, "08:40")) == 0
    assert give(app, session, at(FIRST, "08:41")) == 1


def test_reminders_missed_while_away_are_listed_once_in_a_mail_that_is_late(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    ines = colleague(session)
    make_boards(session, 11)
    make_rule(session, make_milestone(session), -28, person=ines)
    before, back = at(FIRST - A_DAY, "17:00"), at(FIRST + 10 * A_DAY + A_DAY, "09:10")
    rounds(app, session, at(FIRST - A_DAY), before)
    beat(session, tmp_path, before)
    beat(session, tmp_path, back)
    rounds(app, session, back, back)
    [message] = mails(session)
    assert message.subject == "Late: 1 missed"
    assert "MISSED (1)" in message.body
    assert "This email is late" in message.body
    assert mornings(session)[-1].is_late


def test_what_is_due_by_law_is_in_the_subject_and_first_in_the_mail(
    app: Flask, session: Session
) -> None:
    owner = colleague(session, "Olga Owner")
    for board in make_boards(session, 3):
        give_owner(session, board, owner)
    milestone = make_milestone(session)
    session.add(
        MilestoneDate(
            milestone_id=milestone.id,
            kind=DateKind.STATUTORY,
            falls_on=milestone.due_on,
            recorded_at=at(MONDAY),
        )
    )
    make_rule(session, milestone, -28, 0, made_by=owner)
    owes(session, owner, FIRST - A_DAY)
    session.commit()
    remind(session, at(FIRST - A_DAY, "12:00"))
    rounds(app, session, at(FIRST, "08:30"))
    [message] = mails(session)
    assert message.subject == (
        "3 of your boards have no joint forward plan; due in 18 working days; 1 overdue"
    )
    assert message.body.index("DUE BY LAW (1)") < message.body.index("OVERDUE (1)")
    session.commit()
    remind(session, at(APRIL))
    rounds(app, session, at(APRIL))
    assert mails(session)[-1].subject == (
        "3 of your boards have no joint forward plan; due today; 1 overdue"
    )


def test_a_silence_is_remembered_until_the_next(session: Session, tmp_path: Path) -> None:
    beat(session, tmp_path, at(MONDAY, "17:00"))
    beat(session, tmp_path, at(MONDAY, "18:00"))
    assert latest_silence(session, at(MONDAY, "18:01")) is None
    beat(session, tmp_path, at(MONDAY + A_DAY, "09:00"))
    silence = latest_silence(session, at(MONDAY + A_DAY, "09:01"))
    assert silence
    assert (silence.since, silence.until) == (at(MONDAY, "18:00"), at(MONDAY + A_DAY, "09:00"))
    assert silence.holds(at(MONDAY + A_DAY, "08:30"))
    assert not silence.holds(at(MONDAY + A_DAY, "09:00"))


def test_with_nothing_due_telling_people_asks_three_of_the_six_questions_of_a_round(
    app: Flask, session: Session, count_statements: CountStatements
) -> None:
    colleague(session)
    give(app, session, at(MONDAY))
    with count_statements() as statements:
        mail_at_once(session, at(MONDAY, "09:00"), links=Links("", "/"), with_demo=True)
        give(app, session, at(MONDAY, "09:00"))
    assert len(statements) == 3
