"""The morning mail as it arrives: readable in both forms, small, and every link leads somewhere."""

import re
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from urllib.parse import urlsplit

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.visibility import Visibility
from app.core.mail.connection import mail_settings
from app.core.mail.smtp_transport import Transport
from app.directory.models import Organisation
from app.notifications.models import Event
from app.notifications.services import notify
from app.outbox.jobs import deliver_due
from app.outbox.models import Message
from tests.digests.desk import A_DAY, MONDAY, as_sent, at, colleague, give, mails, owes
from tests.factories import make_organisation
from tests.reminders.stage import give_owner, make_boards, make_milestone
from tests.smtp_server import smtp_server

SignIn = Callable[[User], FlaskClient]
LONG = "Ŵŷ, send the evidence pack that was promised to Siân’s office in the autumn meeting " * 5
ADDRESS = re.compile(r"https?://[^\s\"<>]+")


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def three_hundred(session: Session, user: User, about: Organisation) -> None:
    """A desk of three hundred things, each in as many words as fit."""
    for number in range(300):
        days = (-1, 0, 1)[number % 3] * (1 + number % 7)
        owes(session, user, MONDAY + days * A_DAY, LONG[:480]).organisation_id = about.id
    for number in range(60):
        notify(
            session,
            user=user,
            event=Event.MENTION,
            key=f"mention:interaction:{number}",
            text="Kim Sample mentioned you in a meeting of 20 November 2026.",
            path=f"/interactions/{number}",
            at=at(MONDAY - A_DAY),
        )


def test_three_hundred_open_items_are_one_readable_mail_under_100_kb(
    app: Flask, session: Session
) -> None:
    ines = colleague(session)
    three_hundred(session, ines, make_organisation(session, short_name="Sampleshire"))
    for board in make_boards(session, 36):
        give_owner(session, board, ines)
    make_milestone(session, MONDAY + 9 * A_DAY)
    give(app, session, at(MONDAY))
    [message] = mails(session)
    mail = as_sent(session, message)
    assert len(bytes(mail)) < 100_000
    assert message.subject == "100 due today, 100 overdue, 60 new"
    for written in (text_of(mail), html_of(mail)):
        assert written.count("and 75 more follow-ups") == 3
        assert "and 35 more" in written
    assert max(len(line) for line in text_of(mail).splitlines() if "://" not in line) <= 78


def test_its_html_is_sound_and_needs_nothing_from_elsewhere(app: Flask, session: Session) -> None:
    ines = colleague(session, "Ines <b>& Sample")
    owes(session, ines, MONDAY, "Send <script>alert(1)</script> & more")
    give(app, session, at(MONDAY))
    html = html_of(as_sent(session, mails(session)[0]))
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    assert page.get("lang") == "en-GB"
    assert "Send &lt;script&gt;" in html
    for tag in ("script", "style", "img", "link", "iframe"):
        assert not list(page.iter(tag)), f"<{tag}> is dropped or blocked by mail programs"
    assert all(element.get("style") for element in page.iter("a"))


def test_every_link_of_the_mail_opens_for_whoever_gets_it(
    app: Flask, session: Session, sign_in: SignIn
) -> None:
    ines = colleague(session)
    three_hundred(session, ines, make_organisation(session, short_name="Sampleshire"))
    for board in make_boards(session, 15):
        give_owner(session, board, ines)
    make_milestone(session, MONDAY + 9 * A_DAY)
    give(app, session, at(MONDAY))
    mail = as_sent(session, mails(session)[0])
    browser = sign_in(ines)
    in_both = [
        {address for address in ADDRESS.findall(written.replace("&amp;", "&"))}
        for written in (text_of(mail), html_of(mail))
    ]
    kinds = {re.sub(r"\d+", "0", address): address for address in in_both[1]}
    assert len(kinds) > 8
    for address in kinds.values():
        parts = urlsplit(address)
        if not parts.path.startswith("/interactions/"):  # made up here, without their entries
            assert browser.get(f"{parts.path}?{parts.query}").status_code == 200, address
    assert any(address.endswith("/account/notifications") for address in in_both[0])


@pytest.mark.parametrize("visible_to", [Visibility.MEMBER, Visibility.AUTHOR])
def test_words_that_only_few_may_read_are_not_in_the_mail(
    app: Flask, session: Session, visible_to: Visibility
) -> None:
    owed = owes(session, colleague(session), MONDAY, "Something secret")
    owed.visible_to = visible_to
    give(app, session, at(MONDAY))
    [message] = mails(session)
    assert "A follow-up only some may read" in message.body
    assert "secret" not in message.body + message.html


def test_it_arrives_over_smtp_in_both_forms_and_its_words_are_forgotten(
    app: Flask, session: Session
) -> None:
    ines = colleague(session)
    owes(session, ines, MONDAY, "Send the pack to Siân’s office")
    give(app, session, at(MONDAY))
    with smtp_server() as server:
        config = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": server.port}
        sent = deliver_due(session, Transport(mail_settings(config)), at(MONDAY, "08:32"))
    assert sent == 1
    [received] = server.messages
    assert received.recipients == (ines.email,)
    mail = message_from_bytes(received.content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert mail["Subject"] == "1 due today"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Send the pack to Siân’s office" in text_of(mail)
    assert "Send the pack to Siân’s office" in html_of(mail)
    message = session.get_one(Message, mails(session)[0].id)
    assert (message.body, message.html) == ("", "")


def test_the_mail_says_where_its_sender_is_told_what_to_send(app: Flask, session: Session) -> None:
    owes(session, colleague(session), MONDAY + timedelta(days=0))
    give(app, session, at(MONDAY))
    message = mails(session)[0]
    settings = f"{app.config['BASE_URL']}/account/notifications"
    assert settings in message.body
    assert settings in message.html
