"""Senders side by side take each letter once; a sender that keeps its books by the mailing does
not, and these tests say so."""

import signal
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core import clock
from app.core.mail.connection import mail_settings
from app.core.mail.mime_message import dated, sender_of
from app.core.mail.smtp_transport import Accepted, Envelope, Transport
from app.letters.models import Letter, LetterState, MailingState
from tests.factories import NOON
from tests.sending import children
from tests.sending.mailings import config_to, make_released, open_session, send, states
from tests.smtp_server import SmtpServer

S = LetterState


def test_eight_senders_started_at_once_send_each_letter_once(
    live: Session, live_database: str, server: SmtpServer
) -> None:
    mailing, letters = make_released(live, 40)
    config = config_to(server.port)
    senders = [children.start(children.sender, live_database, config) for _ in range(8)]
    for sender in senders:
        sender.join(60)
    assert [sender.exitcode for sender in senders] == [0] * 8
    assert server.copies() == {letter.message_id: 1 for letter in letters}
    assert states(live, mailing) == [S.SENT] * 40
    assert server.story.connections > 1, "they shared the work"


def test_killed_twenty_times_after_the_claim_no_letter_is_skipped(
    live: Session, live_database: str, server: SmtpServer
) -> None:
    mailing, letters = make_released(live, 4)
    config = config_to(server.port)
    for _ in range(20):
        code = children.run_to_its_end(children.sender, live_database, config, ("claimed", 1))
        assert code == -signal.SIGKILL
        live.execute(update(Letter).values(lease_until=clock.now() - timedelta(seconds=1)))
        live.commit()
    assert not server.messages
    children.run_to_its_end(children.sender_later, live_database, config)
    assert states(live, mailing) == [S.SENT] * 4
    assert server.copies() == {letter.message_id: 1 for letter in letters}


def books_by_the_mailing(database_url: str, port: int, die_after: int = 0) -> None:
    """What other tools did: send all of a batch, and then write down that all were sent."""
    with open_session(database_url) as session:
        queued = session.scalars(
            select(Letter).where(Letter.state == S.QUEUED).order_by(Letter.id)
        ).all()
        transport = Transport(mail_settings(config_to(port)))
        for number, letter in enumerate(queued, 1):
            raw = session.scalar(select(Letter.mime).where(Letter.id == letter.id)) or b""
            outcome = transport.deliver(
                Envelope(sender_of(raw), letter.to_email),
                dated(raw, NOON),
                before_first_byte=lambda: None,
            )
            assert isinstance(outcome, Accepted)
            if number == die_after:
                transport.close()
                return  # dead, with nothing written down
        transport.close()
        for letter in queued:
            letter.state = S.SENT
        session.commit()


@pytest.mark.parametrize("number", [1, 2])
def test_a_sender_that_records_by_the_mailing_is_caught(
    live: Session, live_database: str, server: SmtpServer, number: int
) -> None:
    """The very check our own sender passes, on one that must not pass it."""
    _, letters = make_released(live, 3)
    books_by_the_mailing(live_database, server.port, die_after=number)
    books_by_the_mailing(live_database, server.port)
    copies = [server.copies().get(letter.message_id or "", 0) for letter in letters]
    assert copies != [1, 1, 1], "these tests would not notice a letter sent twice"
    assert copies == [2] * number + [1] * (3 - number)


def test_a_second_sender_finds_nothing_to_do(live: Session, server: SmtpServer) -> None:
    mailing, _ = make_released(live, 2)
    assert send(live, config_to(server.port)) == 2
    assert send(live, config_to(server.port)) == 0
    assert mailing.state is MailingState.FINISHED
    assert len(server.messages) == 2
