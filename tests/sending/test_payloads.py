"""Text that has done harm elsewhere reaches a real mail server as words, and as nothing else."""

import email
import re
from datetime import timedelta
from email import policy
from email.message import EmailMessage

import html5lib
import pytest
from sqlalchemy.orm import Session

from app.core import clock
from app.letters.approval import releasing, submitting
from app.letters.drafting import row_decisions
from app.letters.models import CcRule, LetterState
from app.letters.recipients.audience import Audience
from app.settings.services import settings_of
from tests.factories import NOON, make_person, make_user
from tests.letters import conftest as letters
from tests.letters.conftest import BASE_URL, letters_of
from tests.letters.payloads import PAYLOADS
from tests.letters.test_releasing import APPROVER, Begin, Check
from tests.sending.mailings import config_to, send
from tests.smtp_server import SmtpServer

group, begin, check = letters.group, letters.begin, letters.check

BOARD = "A & B <C>"
LEAD = "Ó Brádaigh-Łuczak"
NAMES = (LEAD, *PAYLOADS)
SUBJECT = "To ((family name)) of ((system))"
RECIPIENT_HEADERS = {"to", "cc", "bcc"}
BODY = "((salutation)),\n\nWe write to ((family name)) at ((board)).\n\n((close)),\n"


@pytest.fixture
def session(live: Session) -> Session:
    """Here everything is really committed, so that the sender finds it."""
    return live


def flat(words: str) -> str:
    return " ".join(words.split())


def test_every_payload_arrives_literally_in_the_bytes_a_server_is_given(
    session: Session, begin: Begin, check: Check, server: SmtpServer
) -> None:
    for number, name in enumerate(NAMES):
        person = make_person(session, name, title="Dr", email=f"lead{number}@example.org")
        letters.lead(session, letters.board(session, f"{BOARD} {number}"), person)
    mailing = begin(subject=SUBJECT, body=BODY, audience=Audience(), cc_rule=CcRule.NOBODY)
    written = check(mailing)
    assert len(written) == len(NAMES) > 60
    author = make_user(session, "Ada Author")
    # Such a name looks like a gap that another tool left: no letter goes to it before it is mended.
    stopped = [letter for letter in written if letter.state is LetterState.DRAFT]
    gaps = {NAMES[int(one.to_email.partition("@")[0].removeprefix("lead"))] for one in stopped}
    assert all(letter.state_reason for letter in stopped)
    for letter in stopped:
        row_decisions.decide(session, mailing, letter, "leave out", "no name", by=author)
    written = [one for one in check(mailing) if one.state is LetterState.READY]
    assert len(written) == len(NAMES) - len(gaps) > 30
    submitting.send_test(session, mailing, written[0], by=author, at=NOON, base_url=BASE_URL)
    submitting.ask_for_approval(session, mailing, by=author, at=NOON, base_url=BASE_URL)
    approver = make_user(session, "Pat Approver", permissions=APPROVER)
    settings = settings_of(session)
    settings.letters_a_minute, settings.hold_minutes = 0, 0
    session.commit()
    now = clock.now()
    releasing.approve_and_release(session, mailing.id, by=approver, at=now, base_url=BASE_URL)
    session.commit()

    send(session, config_to(server.port), now=lambda: now + timedelta(hours=1))

    session.expire_all()
    states = {one.state for one in letters_of(session, mailing)}
    assert states == {LetterState.SENT, LetterState.EXCLUDED}
    by_address = {one.recipients: one.content for one in server.messages}
    assert len(by_address) == len(NAMES) - len(gaps)
    for number, name in [one for one in enumerate(NAMES) if one[1] not in gaps]:
        content = by_address[f"lead{number}@example.org",]
        says_only(content, name, number)


def says_only(content: bytes, name: str, number: int) -> None:
    message = email.message_from_bytes(content, policy=policy.SMTP)
    assert isinstance(message, EmailMessage)
    assert [one.lower() for one in message if one.lower() in RECIPIENT_HEADERS] == ["to"]
    assert flat(message["subject"]) == f"To {flat(name)} of {BOARD} {number}"
    plain = message.get_body(("plain",))
    html = message.get_body(("html",))
    assert plain is not None
    assert html is not None
    board = f"NHS {BOARD} {number} Integrated Care Board"
    sentence = flat(f"We write to {name} at {board}.")
    assert sentence in flat(plain.get_content())
    page = html5lib.HTMLParser(namespaceHTMLElements=False).parse(html.get_content())
    assert sentence in flat("".join(page.find("body").itertext()))
    assert not re.search(r"(?i)<(script|img|svg|iframe|style)\b", html.get_content())
