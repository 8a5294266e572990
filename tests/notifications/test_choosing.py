"""How each of our people is told: what they choose on the page is what happens."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.notifications.hours import Hours
from app.notifications.jobs import mail_at_once
from app.notifications.models import Event, MailedBy, Notification
from app.notifications.queries import choices_of, count_new
from app.notifications.services import ChosenWays, Links, choose, notify
from app.outbox.models import Message
from tests.factories import make_user

SignIn = Callable[[User], FlaskClient]
LINKS = Links("https://liaise.test", "/account/notifications")
MONDAY_NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVENING = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)
NEXT_MORNING = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)

AS_USUAL = {
    **{f"bell_{event.name.lower()}": "y" for event in Event if event not in {Event.DIGEST}},
    **{f"mail_{event.name.lower()}": "digest" for event in Event},
    "digest_at": "08:30",
    "quiet_from": "",
    "quiet_until": "",
}


def at_once(session: Session, *users: User, hours: Hours | None = None) -> None:
    choices = {Event.MENTION: ChosenWays(mail=MailedBy.AT_ONCE)}
    for user in users:
        choose(session, user=user, choices=choices, hours=hours or Hours())


def mention(session: Session, user: User, number: int = 1) -> Notification | None:
    return notify(
        session,
        user=user,
        event=Event.MENTION,
        key=f"mention:interaction:{number}",
        text=f"Kim Sample mentioned you in a note of {number} November 2026.",
        path=f"/interactions/{number}",
        at=MONDAY_NOON,
    )


def mail(session: Session, at: datetime = MONDAY_NOON) -> int:
    session.commit()
    return mail_at_once(session, at, links=LINKS, with_demo=False)


def mails(session: Session) -> list[Message]:
    return list(session.scalars(select(Message).order_by(Message.id)))


def test_at_once_is_one_mail_of_all_there_is_with_a_way_to_the_settings(session: Session) -> None:
    ines = make_user(session, "Ines Sample")
    at_once(session, ines)
    mention(session, ines, 1)
    mention(session, ines, 2)
    assert mail(session) == 1
    [message] = mails(session)
    assert message.recipient == ines.email
    assert message.subject == "Kim Sample mentioned you in a note of 1 November 2026, and 1 more"
    assert "https://liaise.test/interactions/2" in message.body
    assert "https://liaise.test/account/notifications" in message.body
    assert mail(session) == 0


def test_what_was_read_on_the_page_meanwhile_is_not_mailed(session: Session) -> None:
    ines = make_user(session)
    at_once(session, ines)
    told = mention(session, ines)
    assert told
    told.seen_at = MONDAY_NOON
    assert mail(session) == 0
    assert mails(session) == []


def test_in_quiet_hours_mail_at_once_waits_until_they_are_over(session: Session) -> None:
    ines = make_user(session)
    at_once(session, ines, hours=Hours(quiet_from="19:00", quiet_until="07:00"))
    mention(session, ines)
    assert mail(session, EVENING) == 0
    assert mail(session, NEXT_MORNING) == 1


@pytest.mark.parametrize(
    ("clock", "may"),
    [("06:59", False), ("07:00", True), ("18:59", True), ("19:00", False), ("00:00", False)],
)
def test_quiet_hours_last_over_midnight(clock: str, *, may: bool) -> None:
    hours = Hours(quiet_from="19:00", quiet_until="07:00")
    moment = datetime.fromisoformat(f"2026-11-23 {clock}+00:00")
    assert hours.may_be_mailed(moment) is may


def test_quiet_hours_are_those_of_london_in_summer_too() -> None:
    hours = Hours(quiet_from="12:00", quiet_until="14:00")
    assert hours.may_be_mailed(datetime(2026, 7, 1, 10, 59, tzinfo=UTC))
    assert not hours.may_be_mailed(datetime(2026, 7, 1, 11, tzinfo=UTC))
    assert hours.may_be_mailed(datetime(2026, 7, 1, 13, tzinfo=UTC))


def test_on_a_quiet_weekday_mail_at_once_waits_for_the_next(session: Session) -> None:
    ines = make_user(session)
    at_once(session, ines, hours=Hours(quiet_weekdays=("monday",)))
    mention(session, ines)
    assert mail(session) == 0
    assert mail(session, NEXT_MORNING) == 1


def test_who_has_left_is_told_nothing_more(session: Session) -> None:
    before, after = make_user(session), make_user(session)
    at_once(session, before, after)
    mention(session, before)
    before.disabled_at = after.disabled_at = MONDAY_NOON
    assert mention(session, after) is None
    assert mail(session) == 0
    assert mail(session) == 0, "and nobody looks again"
    assert mails(session) == []


def test_the_made_up_users_of_the_demo_have_no_mail_where_it_would_leave(session: Session) -> None:
    ines = make_user(session)
    ines.is_demo = True
    at_once(session, ines)
    mention(session, ines)
    assert mail(session) == 0
    mention(session, ines, 2)
    assert mail_at_once(session, MONDAY_NOON, links=LINKS, with_demo=True) == 1


def test_without_the_bell_it_rings_not_and_waits_for_the_mail(session: Session) -> None:
    ines = make_user(session)
    choose(session, user=ines, choices={Event.MENTION: ChosenWays(bell=False)}, hours=Hours())
    assert mention(session, ines)
    assert count_new(session, ines.id) == 0


def test_with_neither_bell_nor_mail_nothing_is_told(session: Session) -> None:
    ines = make_user(session)
    silent = ChosenWays(bell=False, mail=MailedBy.OFF)
    choose(session, user=ines, choices={Event.MENTION: silent}, hours=Hours())
    assert mention(session, ines) is None


def test_the_page_begins_with_what_is_usual_and_keeps_what_is_chosen(
    session: Session, sign_in: SignIn
) -> None:
    ines = make_user(session)
    session.commit()
    browser = sign_in(ines)
    page = browser.get("/account/notifications").text
    assert page.count('<option selected value="digest">In the morning</option>') == 7
    assert page.count('<option selected value="at once">Straight away</option>') == 1
    changed = {
        **AS_USUAL,
        "mail_mention": "at once",
        "quiet_weekdays": ["friday"],
        "digest_at": "07:00",
        "quiet_from": "19:00",
        "quiet_until": "07:00",
    }
    del changed["bell_reply"]
    assert browser.post("/account/notifications", data=changed).status_code == 302
    session.expire_all()
    chosen = choices_of(session, ines)
    assert chosen[Event.MENTION].mail is MailedBy.AT_ONCE
    assert not chosen[Event.REPLY].bell
    assert chosen[Event.DUE].bell
    page = browser.get("/account/notifications").text
    assert '<option selected value="07:00">07:00</option>' in page
    assert browser.post("/account/notifications", data=changed).status_code == 302


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"quiet_from": "19:00"}, "Give both ends of your quiet hours, or neither."),
        (
            {"quiet_from": "19:00", "quiet_until": "19:00"},
            "Quiet hours begin and end at different times.",
        ),
        ({"digest_at": "03:00"}, "Not a valid choice"),
        ({"mail_due": "at once"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_lost(
    session: Session, sign_in: SignIn, wrong: dict[str, str], sentence: str
) -> None:
    ines = make_user(session)
    session.commit()
    form = {**AS_USUAL, "mail_mention": "at once", **wrong}
    page = sign_in(ines).post("/account/notifications", data=form).text
    assert sentence in page
    assert '<option selected value="at once">Straight away</option>' in page
    assert choices_of(session, ines) == {}
