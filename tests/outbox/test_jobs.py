"""Mail to our own users: taken by one sender, sent once, and its fate written down."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from email import message_from_bytes, policy

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.claims import NoLongerOurs
from app.core.db import db
from app.core.mail.smtp_transport import (
    Accepted,
    DeliveryOutcome,
    Envelope,
    LostAfterFirstByte,
    MessageRefused,
    RecipientRefused,
    Reply,
    ServerProblem,
    Temporary,
)
from app.outbox import services
from app.outbox.jobs import deliver_due
from app.outbox.models import Message, MessageState
from app.settings.services import settings_of
from tests.factories import NOON

YES = Accepted(Reply(250, "OK"))


class FakeServer:
    """Has one answer for everything, and remembers what it took."""

    def __init__(self, answer: DeliveryOutcome = YES) -> None:
        self.answer = answer
        self.taken: list[tuple[str, bytes]] = []
        self.look: Callable[[], None] = lambda: None

    def deliver(
        self, envelope: Envelope, raw: bytes, *, before_first_byte: Callable[[], None]
    ) -> DeliveryOutcome:
        if isinstance(self.answer, Accepted | LostAfterFirstByte | MessageRefused):
            before_first_byte()
            self.look()
        if isinstance(self.answer, Accepted):
            self.taken.append((envelope.recipient, raw))
        return self.answer

    def close(self) -> None:
        return None


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
    assert deliver_due(session, server, NOON, base_url="https://liaise.test") == 1
    assert deliver_due(session, server, NOON) == 0
    assert message.state is MessageState.SENT
    assert (message.body, message.server_reply) == ("", "250 OK")
    [(recipient, content)] = server.taken
    mail = message_from_bytes(content, policy=policy.default)
    assert recipient == "sam@example.org"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == "Sample Group <liaise@liaise.test>"
    assert "Please come in." in mail.get_content()
    assert "-- \r\nSent by Liaise, the engagement register of Sample Group." in content.decode()
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_a_message_is_not_sent_before_its_time(session: Session) -> None:
    queue(session)
    assert deliver_due(session, FakeServer(), NOON - timedelta(minutes=1)) == 0


def test_transmitting_is_committed_before_the_first_byte(session: Session) -> None:
    message, server, seen = queue(session), FakeServer(), []
    server.look = lambda: seen.append(session.scalars(select(Message.state)).one())
    deliver_due(session, server, NOON)
    assert seen == [MessageState.TRANSMITTING]
    assert message.attempts == 1


@pytest.mark.parametrize("outcome", [RecipientRefused, MessageRefused])
def test_a_permanent_no_is_kept_in_the_servers_words_and_the_next_message_goes_on(
    session: Session, outcome: type[RecipientRefused | MessageRefused]
) -> None:
    first, second = queue(session), queue(session, "kim")
    deliver_due(session, FakeServer(outcome(Reply(550, "No such user"))), NOON)
    assert (first.state, first.server_reply) == (MessageState.REFUSED, "550 No such user")
    assert second.state is MessageState.REFUSED


@pytest.mark.parametrize(
    ("answer", "tried_in_one_round"),
    [
        (ServerProblem("refused", "Nothing answers."), 1),
        (ServerProblem("said 452", "Full.", takes_no_more=True), 1),
        (Temporary(Reply(421, "Busy"), of_address=False), 1),
        (Temporary(Reply(451, "Greylisted"), of_address=True), 2),
    ],
)
def test_a_temporary_no_is_tried_again_after_a_minute(
    session: Session, answer: DeliveryOutcome, tried_in_one_round: int
) -> None:
    messages = [queue(session), queue(session, "kim")]
    deliver_due(session, FakeServer(answer), NOON)
    waiting = [one for one in messages if one.state is MessageState.WAITING_TO_RETRY]
    assert len(waiting) == tried_in_one_round
    for message in waiting:
        assert NOON + timedelta(seconds=60) <= message.send_after <= NOON + timedelta(seconds=75)
        assert message.server_reply
    assert deliver_due(session, FakeServer(), NOON + timedelta(minutes=2)) == 2


def test_retries_grow_apart_and_end_after_a_day(session: Session) -> None:
    message, now, waits = queue(session), NOON, []
    while message.state is not MessageState.REFUSED:
        deliver_due(session, FakeServer(Temporary(Reply(451, "Later"), of_address=True)), now)
        waits.append(round((message.send_after - now).total_seconds() / 60))
        now = message.send_after
    assert waits[:6] == [1, 5, 15, 30, 120, 120]
    assert now <= NOON + timedelta(hours=24)
    assert message.server_reply == "Given up after 24 hours. The last answer was: 451 Later"


def test_a_message_whose_bytes_may_have_left_is_unknown_and_never_sent_again(
    session: Session,
) -> None:
    message = queue(session)
    deliver_due(session, FakeServer(LostAfterFirstByte("The line broke.")), NOON)
    assert (message.state, message.server_reply) == (MessageState.UNKNOWN, "The line broke.")
    assert deliver_due(session, FakeServer(), NOON + timedelta(days=2)) == 0


def test_a_dead_sender_before_the_first_byte_is_followed_by_another(session: Session) -> None:
    queue(session)
    services.claim_next(session, NOON)
    session.commit()
    assert deliver_due(session, FakeServer(), NOON + timedelta(minutes=1)) == 0
    assert deliver_due(session, FakeServer(), NOON + timedelta(minutes=3)) == 1


def test_a_dead_sender_after_the_first_byte_leaves_unknown(session: Session) -> None:
    queue(session)
    claim = services.claim_next(session, NOON)
    assert claim is not None
    services.start_transmitting(session, claim, NOON)
    session.commit()
    assert deliver_due(session, FakeServer(), NOON + timedelta(minutes=13)) == 0
    message = services.claimed(session, claim)
    assert message.state is MessageState.UNKNOWN


@pytest.mark.parametrize("how", ["the line broke", "the sender died"])
def test_of_a_mail_of_unknown_fate_no_sign_in_link_is_kept(session: Session, how: str) -> None:
    message = services.enqueue(
        session,
        recipient="sam@example.org",
        subject="Your invitation",
        body="Come in: https://liaise.test/welcome/secret",
        html="<a href='https://liaise.test/welcome/secret'>Come in</a>",
        raw=b"Subject: Your invitation\r\n\r\nhttps://liaise.test/welcome/secret\r\n",
        send_after=NOON,
    )
    session.commit()
    if how == "the line broke":
        deliver_due(session, FakeServer(LostAfterFirstByte("The line broke.")), NOON)
    else:
        claim = services.claim_next(session, NOON)
        assert claim is not None
        services.start_transmitting(session, claim, NOON)
        session.commit()
        deliver_due(session, FakeServer(), NOON + timedelta(minutes=13))

    session.expire_all()
    assert message.state is MessageState.UNKNOWN
    assert (message.body, message.html, message.raw) == ("", "", None)


@pytest.mark.parametrize(
    ("begun", "minutes", "waits"),
    [(False, 2, True), (False, 3, False), (True, 12, True), (True, 13, False)],
)
def test_a_sender_is_waited_for_until_its_lease_is_over(
    session: Session, begun: bool, minutes: int, waits: bool
) -> None:
    queue(session)
    claim = services.claim_next(session, NOON)
    assert claim is not None
    if begun:
        services.start_transmitting(session, claim, NOON)
    held = services.claimed(session, claim).state

    services.end_leases(session, NOON + timedelta(minutes=minutes))

    message = services.claimed(session, claim)
    assert (message.state is held) is waits
    assert (message.lease_until is not None) is waits


def test_a_sender_that_was_too_slow_to_connect_sends_nothing(session: Session) -> None:
    queue(session)

    class SlowServer(FakeServer):
        def deliver(
            self, envelope: Envelope, raw: bytes, *, before_first_byte: Callable[[], None]
        ) -> DeliveryOutcome:
            services.end_leases(session, later)
            assert services.claim_next(session, later)
            session.commit()
            return super().deliver(envelope, raw, before_first_byte=before_first_byte)

    later, slow = NOON + timedelta(minutes=3), SlowServer()
    assert deliver_due(session, slow, NOON) == 0
    assert not slow.taken
    assert deliver_due(session, FakeServer(), NOON + timedelta(minutes=6)) == 1


def test_what_a_slow_sender_says_of_a_message_that_another_has_is_not_written_down(
    session: Session,
) -> None:
    queue(session)
    slow = services.claim_next(session, NOON)
    services.end_leases(session, NOON + timedelta(minutes=3))
    other = services.claim_next(session, NOON + timedelta(minutes=3))
    assert slow is not None
    assert other is not None
    services.record_fate(session, slow, MessageState.REFUSED, "550 No", NOON)
    assert services.claimed(session, other).state is MessageState.CLAIMED
    with pytest.raises(NoLongerOurs):
        services.start_transmitting(session, slow, NOON)


def test_a_test_letter_goes_as_the_bytes_it_is(session: Session) -> None:
    letter = b"Date: Sun, 22 Nov 2026 12:00:00 +0000\r\nSubject: Test\r\n\r\nAs is.\r\n"
    queue(session, raw=letter)
    server = FakeServer()
    deliver_due(session, server, NOON)
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
            deliver_due(own, server, now)

    threads = [threading.Thread(target=send, args=(server, NOON)) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [recipient for server in servers for recipient, _ in server.taken]
    assert sorted(taken) == sorted(f"user{number}@example.org" for number in range(40))
