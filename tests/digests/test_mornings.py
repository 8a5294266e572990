"""One mail in the morning to each who has something before them; none to anybody else."""

from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.notifications.hours import Hours
from app.notifications.models import Event, MailedBy, Notification, NotificationChoice
from app.notifications.queries import notifications_of
from app.notifications.services import ChosenWays, choose, notify
from app.settings.downtime import JOBS
from app.settings.models import ClosedDay, Heartbeat
from tests.conftest import CountStatements
from tests.digests.desk import (
    A_DAY,
    MONDAY,
    as_sent,
    at,
    colleague,
    give,
    mails,
    mornings,
    owes,
)
from tests.factories import make_person, make_user


def test_the_morning_mail_says_the_finding_and_lists_it(app: Flask, session: Session) -> None:
    ines = colleague(session)
    for what, days in (("Send the pack", 0), ("Call the chair", 0), ("Book a room", -2)):
        owes(session, ines, MONDAY + days * A_DAY, what)
    owes(session, ines, MONDAY + 3 * A_DAY, "Prepare the visit")
    assert give(app, session, at(MONDAY)) == 1

    [message] = mails(session)
    assert message.recipient == ines.email
    assert message.subject == "2 due today, 1 overdue"
    assert "Dear Ines Sample," in message.body
    assert "Monday 23 November 2026: 2 due today, 1 overdue." in message.body
    for heading in ("DUE TODAY (2)", "OVERDUE (1)", "COMING UP (1)"):
        assert heading in message.body
    for what in ("Send the pack", "Call the chair", "Book a room", "Prepare the visit"):
        assert what in message.body
        assert what in message.html
    [digest] = mornings(session)
    assert (digest.user_id, digest.day) == (ines.id, MONDAY)
    assert (digest.message_id, digest.line_count, digest.is_late) == (message.id, 4, False)


def test_it_is_marked_as_made_by_a_machine_in_both_forms(app: Flask, session: Session) -> None:
    owes(session, colleague(session), MONDAY)
    give(app, session, at(MONDAY))
    mail = as_sent(session, mails(session)[0])
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_nobody_has_two_mornings_on_one_day(app: Flask, session: Session) -> None:
    owes(session, colleague(session), MONDAY)
    assert give(app, session, at(MONDAY)) == 1
    assert give(app, session, at(MONDAY, "09:00")) == 0
    assert give(app, session, at(MONDAY, "08:31")) == 0
    assert len(mails(session)) == 1


def test_the_clock_set_back_an_hour_brings_no_second_mail(app: Flask, session: Session) -> None:
    owes(session, colleague(session), MONDAY)
    assert [give(app, session, at(MONDAY, clock)) for clock in ("09:30", "08:35", "09:35")] == [
        *(1, 0, 0)
    ]


def test_with_nothing_to_say_there_is_no_mail_and_nobody_looks_again(
    app: Flask, session: Session
) -> None:
    ines = colleague(session)
    owes(session, ines, MONDAY + A_DAY, "Only coming")
    assert give(app, session, at(MONDAY)) == 1
    assert mails(session) == []
    assert mornings(session)[0].message_id is None
    assert give(app, session, at(MONDAY, "10:00")) == 0


def test_the_last_thing_done_brings_no_mail(app: Flask, session: Session) -> None:
    ines = colleague(session)
    owed = owes(session, ines, MONDAY)
    owed.owner_id = colleague(session, "Olive Other").id
    give(app, session, at(MONDAY))
    assert [mail.recipient for mail in mails(session)] != [ines.email]


def test_it_comes_at_the_hour_each_chose(app: Flask, session: Session) -> None:
    early, late = colleague(session), colleague(session, "Lara Late")
    choose(session, user=late, choices={}, hours=Hours(digest_at="10:30"))
    for user in (early, late):
        owes(session, user, MONDAY)
    assert give(app, session, at(MONDAY, "08:29")) == 0
    assert give(app, session, at(MONDAY, "08:30")) == 1
    assert give(app, session, at(MONDAY, "10:29")) == 0
    assert give(app, session, at(MONDAY, "10:30")) == 1
    assert [mail.recipient for mail in mails(session)] == [early.email, late.email]


@pytest.mark.parametrize(
    ("day", "in_greenwich"),
    [
        (date(2026, 10, 23), "07:30"),  # the last working day of summer time
        (date(2026, 10, 26), "08:30"),
        (date(2027, 3, 25), "08:30"),  # Good Friday and Easter Monday lie between
        (date(2027, 3, 30), "07:30"),
        (date(2027, 10, 29), "07:30"),
        (date(2027, 11, 1), "08:30"),
        (date(2026, 3, 27), "08:30"),
        (date(2026, 3, 30), "07:30"),
    ],
)
def test_the_hour_is_that_of_london_on_either_side_of_a_clock_change(
    app: Flask, session: Session, day: date, in_greenwich: str
) -> None:
    owes(session, colleague(session), day)
    due = datetime.fromisoformat(f"{day} {in_greenwich}+00:00")
    assert give(app, session, due - A_DAY / 1440) == 0
    assert give(app, session, due) == 1


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 11, 22),  # a Sunday
        date(2026, 12, 25),
        date(2027, 3, 26),  # Good Friday
        date(2027, 3, 29),  # Easter Monday
    ],
)
def test_there_is_no_mail_on_weekends_and_bank_holidays(
    app: Flask, session: Session, day: date
) -> None:
    owes(session, colleague(session), day)
    assert give(app, session, at(day)) == 0
    assert mornings(session) == []


def test_what_was_due_on_easter_monday_is_in_the_mail_of_the_tuesday(
    app: Flask, session: Session
) -> None:
    owes(session, colleague(session), date(2027, 3, 29))
    assert give(app, session, at(date(2027, 3, 29))) == 0
    assert give(app, session, at(date(2027, 3, 30))) == 1
    assert mails(session)[0].subject == "1 overdue"


def test_there_is_no_mail_while_our_offices_are_shut(app: Flask, session: Session) -> None:
    owes(session, colleague(session), MONDAY)
    session.add(ClosedDay(day=MONDAY, why="Away day"))
    assert give(app, session, at(MONDAY)) == 0
    assert give(app, session, at(MONDAY + A_DAY)) == 1


def test_there_is_no_mail_on_a_quiet_weekday(app: Flask, session: Session) -> None:
    ines = colleague(session)
    choose(session, user=ines, choices={}, hours=Hours(quiet_weekdays=("monday",)))
    owes(session, ines, MONDAY)
    assert give(app, session, at(MONDAY)) == 0
    assert give(app, session, at(MONDAY + A_DAY)) == 1
    assert mails(session)[0].subject == "1 overdue"


def test_who_wants_no_morning_mail_gets_none(app: Flask, session: Session) -> None:
    ines = colleague(session)
    owes(session, ines, MONDAY)
    session.add(NotificationChoice(user_id=ines.id, event=Event.DIGEST, mail=MailedBy.OFF))
    assert give(app, session, at(MONDAY)) == 1
    assert mails(session) == []


def test_who_wants_no_mail_of_what_is_due_has_it_in_no_mail(app: Flask, session: Session) -> None:
    ines = colleague(session)
    owes(session, ines, MONDAY)
    choose(session, user=ines, choices={Event.DUE: ChosenWays(mail=MailedBy.OFF)}, hours=Hours())
    give(app, session, at(MONDAY))
    assert mails(session) == []


def test_only_those_who_can_sign_in_and_read_have_a_mail(app: Flask, session: Session) -> None:
    gone, no_reader = colleague(session, "Gone Sample"), colleague(session, "Bare Sample", ())
    invited = make_user(session, "Invited Sample")
    gone.disabled_at = at(MONDAY - A_DAY)
    for user in (gone, no_reader, invited):
        owes_before = owes(session, colleague(session), MONDAY)
        owes_before.owner_id = user.id
    give(app, session, at(MONDAY))
    assert mails(session) == []


def test_the_made_up_users_of_the_demo_have_mail_only_where_it_is_caught(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_up = colleague(session)
    made_up.is_demo = True
    owes(session, made_up, MONDAY)
    with monkeypatch.context() as patched:
        patched.setitem(app.config, "MAIL_SERVER", "smtp.example.org")
        assert give(app, session, at(MONDAY)) == 0
    assert give(app, session, at(MONDAY)) == 1


def test_a_mention_is_in_the_next_mail_and_in_no_later_one(app: Flask, session: Session) -> None:
    ines = colleague(session)
    mention(session, ines)
    give(app, session, at(MONDAY))
    [message] = mails(session)
    assert message.subject == "1 new"
    assert "Kim Sample mentioned you in a note of 20 November 2026." in message.body
    assert f"{app.config['BASE_URL']}/interactions/1" in message.body
    give(app, session, at(MONDAY + A_DAY))
    assert len(mails(session)) == 1


def test_what_was_read_meanwhile_is_no_news(app: Flask, session: Session) -> None:
    ines = colleague(session)
    mention(session, ines).seen_at = at(MONDAY, "07:00")
    give(app, session, at(MONDAY))
    assert mails(session) == []


def mention(session: Session, user: User) -> Notification:
    told = notify(
        session,
        user=user,
        event=Event.MENTION,
        key="mention:interaction:1",
        text="Kim Sample mentioned you in a note of 20 November 2026.",
        path="/interactions/1",
        at=at(MONDAY - 3 * A_DAY),
    )
    assert told
    return told


def test_what_is_due_today_rings_the_bell_once(app: Flask, session: Session) -> None:
    ines = colleague(session)
    owes(session, ines, MONDAY)
    give(app, session, at(MONDAY))
    [told] = session.scalars(notifications_of(ines))
    assert told.text == "1 thing on your list is due today."
    give(app, session, at(MONDAY + A_DAY))
    assert len(mails(session)) == 2
    assert mails(session)[1].subject == "1 overdue"


def test_after_ten_days_of_silence_one_mail_says_that_it_is_late(
    app: Flask, session: Session
) -> None:
    ines = colleague(session)
    owes(session, ines, MONDAY)
    give(app, session, at(MONDAY))
    session.add(Heartbeat(name=JOBS, at=at(MONDAY, "17:05")))
    back = at(MONDAY + 10 * A_DAY, "14:10")
    assert give(app, session, back) == 1
    message = mails(session)[1]
    assert message.subject == "Late: 1 overdue"
    assert (
        "This email is late: Liaise was not running from 23 Nov 2026, 17:05 to 3 Dec\n"
        "2026, 14:10. It covers 8 mornings." in message.body
    )
    assert mornings(session)[1].is_late
    assert len(mails(session)) == 2


def test_a_night_of_silence_makes_nothing_late(app: Flask, session: Session) -> None:
    owes(session, colleague(session), MONDAY)
    session.add(Heartbeat(name=JOBS, at=at(MONDAY - A_DAY, "20:00")))
    give(app, session, at(MONDAY, "08:30"))
    assert mails(session)[0].subject == "1 due today"


def test_a_round_with_nothing_due_asks_one_question(
    app: Flask, session: Session, count_statements: CountStatements
) -> None:
    colleague(session)
    give(app, session, at(MONDAY))
    with count_statements() as statements:
        give(app, session, at(MONDAY, "08:40"))
    assert len(statements) == 1
    with count_statements() as statements:
        give(app, session, at(MONDAY - A_DAY))
    assert not statements


def test_every_mail_goes_to_one_of_our_own(app: Flask, session: Session) -> None:
    """Also where what they are told of is about an outsider with an address."""
    lead = make_person(session, email="lead@example.org")
    ours = [colleague(session, f"Colleague {number}") for number in range(3)]
    for user in ours:
        owes(session, user, MONDAY).person_id = lead.id
    give(app, session, at(MONDAY))
    assert sorted(mail.recipient for mail in mails(session)) == sorted(one.email for one in ours)


def test_a_reader_who_may_do_nothing_else_has_a_mail_of_what_is_theirs(
    app: Flask, session: Session
) -> None:
    owes(session, colleague(session, permissions=(Permission.VIEW,)), MONDAY)
    give(app, session, at(MONDAY))
    assert mails(session)[0].subject == "1 due today"
