"""Mail to our own users: taken by one sender, sent once, and its fate written down."""

import smtplib
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from email import message_from_bytes, policy

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.db import db
from app.outbox import services
from app.outbox.jobs import deliver_due
from app.outbox.models import Message, MessageState
from app.outbox.rules import Reply
from app.settings.services import settings_of
from tests.factories import NOON

YES = Reply(250, "OK")


class FakeServer:
    """Answers as a test tells it, and remembers what it took."""

    def __init__(self, **answers: Reply | OSError) -> None:
        self.answers = answers
        self.taken: list[tuple[str, bytes]] = []
        self.recipient = ""
        self.states: list[MessageState] = []
        self.look: Callable[[], MessageState] | None = None

    def _answer(self, step: str) -> Reply:
        answer = self.answers.get(step, YES)
        if isinstance(answer, OSError):
            raise answer
        return answer

    def connect(self) -> "FakeServer":
        self._answer("connect")
        return self

    def mail(self, sender: str) -> Reply:
        return self._answer("mail")

    def rcpt(self, recipient: str) -> Reply:
        self.recipient = recipient
        return self._answer("rcpt")

    def data(self, content: bytes) -> Reply:
        if self.look:
            self.states.append(self.look())
        reply = self._answer("data")
        if reply.is_yes:
            self.taken.append((self.recipient, content))
        return reply

    def reset(self) -> None:
        return None

    def close(self) -> None:
        self._answer("quit")


def queue(session: Session, name: str = "sam", **values: object) -> Message:
    message = services.enqueue(
        session,
        recipient=f"{name}@example.org",
        subject="Your invitation",
        body="Please come in.\n",
        send_after=NOON,
        raw=values.get("raw"),  # type: ignore[arg-type]
    )
    session.commit()
    return message


def test_a_due_message_is_sent_once_and_its_words_forgotten(session: Session) -> None:
    settings_of(session).group_name = "Sample Group"
    message, server = queue(session), FakeServer()
    assert deliver_due(session, server.connect, NOON, base_url="https://liaise.test") == 1
    assert deliver_due(session, server.connect, NOON) == 0
    assert message.state is MessageState.SENT
    assert (message.body, message.server_reply) == ("", "250 OK")
    [(recipient, content)] = server.taken
    mail = message_from_bytes(content, policy=policy.default)
    assert recipient == "sam@example.org"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == "Sample Group <liaise@localhost>"
    assert "Please come in." in mail.get_content()
    assert "-- \r\nSent by Liaise, the engagement register of Sample Group." in content.decode()
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_a_message_is_not_sent_before_its_time(session: Session) -> None:
    queue(session)
    assert deliver_due(session, FakeServer().connect, NOON - timedelta(minutes=1)) == 0


def test_transmitting_is_committed_before_the_first_byte(session: Session) -> None:
    message, server = queue(session), FakeServer()
    server.look = lambda: session.scalars(select(Message.state)).one()
    deliver_due(session, server.connect, NOON)
    assert server.states == [MessageState.TRANSMITTING]
    assert message.attempts == 1


def test_a_permanent_no_to_the_address_is_refused_and_the_next_message_goes(
    session: Session,
) -> None:
    first, server = queue(session), FakeServer(rcpt=Reply(550, "No such user"))
    second = queue(session, "kim")
    deliver_due(session, server.connect, NOON)
    assert (first.state, first.server_reply) == (MessageState.REFUSED, "550 No such user")
    assert second.state is MessageState.REFUSED


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("connect", ConnectionRefusedError("no")),
        ("connect", smtplib.SMTPAuthenticationError(535, b"Wrong password")),
        ("mail", Reply(554, "Go away")),
        ("mail", TimeoutError("hung")),
        ("rcpt", Reply(451, "Try later")),
        ("rcpt", smtplib.SMTPServerDisconnected("gone")),
        ("data", Reply(452, "Full")),
        ("data", Reply(451, "Later")),
    ],
)
def test_a_temporary_no_is_tried_again_after_a_minute(
    session: Session, step: str, answer: Reply | OSError
) -> None:
    message = queue(session)
    deliver_due(session, FakeServer(**{step: answer}).connect, NOON)
    assert message.state is MessageState.WAITING_TO_RETRY
    assert NOON + timedelta(seconds=60) <= message.send_after <= NOON + timedelta(seconds=75)
    assert message.server_reply
    assert deliver_due(session, FakeServer().connect, message.send_after) == 1


def test_retries_grow_apart_and_end_after_a_day(session: Session) -> None:
    message, now, waits = queue(session), NOON, []
    while message.state is not MessageState.REFUSED:
        deliver_due(session, FakeServer(rcpt=Reply(451, "Later")).connect, now)
        waits.append(round((message.send_after - now).total_seconds() / 60))
        now = message.send_after
    assert waits[:6] == [1, 5, 15, 30, 120, 120]
    assert now <= NOON + timedelta(hours=24)
    assert message.server_reply == "Given up after 24 hours. The last answer was: 451 Later"


@pytest.mark.parametrize(
    "error", [smtplib.SMTPServerDisconnected("gone"), TimeoutError("no answer")]
)
def test_a_message_whose_bytes_may_have_left_is_unknown_and_never_sent_again(
    session: Session, error: OSError
) -> None:
    message = queue(session)
    deliver_due(session, FakeServer(data=error).connect, NOON)
    assert message.state is MessageState.UNKNOWN
    assert deliver_due(session, FakeServer().connect, NOON + timedelta(days=2)) == 0


def test_a_server_that_hangs_up_on_goodbye_changes_nothing(session: Session) -> None:
    message = queue(session)
    deliver_due(session, FakeServer(quit=ConnectionResetError("rude")).connect, NOON)
    assert message.state is MessageState.SENT


def test_a_dead_sender_before_the_first_byte_is_followed_by_another(session: Session) -> None:
    queue(session)
    services.claim_next(session, NOON)
    session.commit()
    assert deliver_due(session, FakeServer().connect, NOON + timedelta(minutes=1)) == 0
    assert deliver_due(session, FakeServer().connect, NOON + timedelta(minutes=3)) == 1


def test_a_dead_sender_after_the_first_byte_leaves_unknown(session: Session) -> None:
    queue(session)
    message = services.claim_next(session, NOON)
    assert message is not None
    services.start_transmitting(message, NOON)
    session.commit()
    assert deliver_due(session, FakeServer().connect, NOON + timedelta(minutes=13)) == 0
    assert message.state is MessageState.UNKNOWN


def test_a_test_letter_goes_as_the_bytes_it_is(session: Session) -> None:
    letter = b"Date: Sun, 22 Nov 2026 12:00:00 +0000\r\nSubject: Test\r\n\r\nAs is.\r\n"
    queue(session, raw=letter)
    server = FakeServer()
    deliver_due(session, server.connect, NOON)
    assert server.taken == [("sam@example.org", letter)]


@pytest.mark.parametrize("value", ["a@example.org\r\nBcc: b@example.org", "two\nlines", " "])
def test_nothing_can_break_out_of_a_header(session: Session, value: str) -> None:
    for recipient, subject in ((value, "Fine"), ("sam@example.org", value)):
        with pytest.raises(services.UnfitForAHeader):
            services.enqueue(
                session, recipient=recipient, subject=subject, body="", send_after=NOON
            )


def test_of_eight_senders_each_message_is_taken_by_one(live_app: Flask) -> None:
    with live_app.app_context():
        sessions = db.sessionmaker
    with sessions() as session:
        for number in range(40):
            queue(session, f"user{number}")
    servers, start = [FakeServer() for _ in range(8)], threading.Barrier(8)

    def send(server: FakeServer, now: datetime) -> None:
        start.wait()
        with sessions() as own:
            deliver_due(own, server.connect, now)

    threads = [threading.Thread(target=send, args=(server, NOON)) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [recipient for server in servers for recipient, _ in server.taken]
    assert sorted(taken) == sorted(f"user{number}@example.org" for number in range(40))
