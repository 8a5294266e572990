"""What becomes of a letter and its mailing, by what the mail server does."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent
from app.core import clock
from app.directory.models import PersonEmail
from app.letters.models import Letter, LetterEvent, LetterRecipient, LetterState, MailingState
from app.notifications.models import Notification
from tests.factories import make_person
from tests.sending.mailings import (
    FakeClock,
    add_letter,
    config_to,
    make_mailing,
    make_released,
    send,
    sender_for,
    states,
)
from tests.smtp_server import SmtpServer, smtp_server

S = LetterState


def test_every_letter_goes_once_and_the_mailing_finishes(live: Session, server: SmtpServer) -> None:
    mailing, letters = make_released(live, 3)
    assert send(live, config_to(server.port)) == 3
    assert states(live, mailing) == [S.SENT] * 3
    assert mailing.state is MailingState.FINISHED
    assert server.copies() == {letter.message_id: 1 for letter in letters}
    assert server.story.connections == 1


def test_the_server_gets_the_stored_bytes_under_a_date(live: Session, server: SmtpServer) -> None:
    mailing = make_mailing(live)
    letter = add_letter(live, mailing, "lead@example.com", copies=("chair@example.com",))
    live.commit()
    send(live, config_to(server.port))
    (received,) = server.messages
    date, _, rest = received.content.partition(b"\r\n")
    assert date.startswith(b"Date: ")
    assert rest == letter.mime
    assert received.sender == "letters@example.org"
    assert received.recipients == ("lead@example.com", "chair@example.com")


def test_each_step_is_in_the_letters_story_and_the_end_in_the_history(
    live: Session, server: SmtpServer
) -> None:
    _, (letter,) = make_released(live, 1)
    send(live, config_to(server.port))
    story = live.scalars(select(LetterEvent).order_by(LetterEvent.id)).all()
    assert [event.state for event in story] == [S.CLAIMED, S.TRANSMITTING, S.SENT]
    assert story[-1].note == "250 taken as 1"
    sent = live.scalars(select(AuditEvent).where(AuditEvent.action == "sent")).all()
    assert [(event.kind, event.record_id) for event in sent] == [("letter", letter.id)]
    live.refresh(letter)
    assert letter.server_reply == "250 taken as 1"
    assert letter.sent_on == clock.today()


@pytest.mark.parametrize("code", ["550 5.1.1 no such user", "554 no", "552 mailbox full"])
def test_a_permanent_no_to_one_address_is_that_letters_alone(
    live: Session, server: SmtpServer, code: str
) -> None:
    mailing, letters = make_released(live, 5)
    server.at("rcpt", "reply", code, address=letters[2].to_email)
    send(live, config_to(server.port))
    assert states(live, mailing) == [S.SENT, S.SENT, S.REFUSED, S.SENT, S.SENT]
    assert mailing.state is MailingState.FINISHED
    assert max(server.copies().values()) == 1
    live.refresh(letters[2])
    assert letters[2].server_reply == code
    email = live.scalars(
        select(PersonEmail).where(PersonEmail.address == letters[2].to_email)
    ).one()
    assert email.failed_on == clock.today()
    assert email.failure == code


def test_where_the_addressee_is_refused_nothing_is_said_of_the_addresses_copied(
    live: Session, server: SmtpServer
) -> None:
    make_person(live, "Chair", email="chair@example.com")
    mailing = make_mailing(live)
    add_letter(live, mailing, "lead@example.com", copies=("chair@example.com",))
    live.commit()
    server.at("rcpt", "reply", "550 unknown", address="lead@example.com")
    send(live, config_to(server.port))
    assert states(live, mailing) == [S.REFUSED]
    failed = select(PersonEmail.address).where(PersonEmail.failed_on.is_not(None))
    assert live.scalars(failed).all() == ["lead@example.com"]


def test_a_refused_copy_is_flagged_on_its_own_address(live: Session, server: SmtpServer) -> None:
    mailing = make_mailing(live)
    copies = ("chair@example.com", "chief@example.com")
    letter = add_letter(live, mailing, "lead@example.com", copies=copies)
    live.commit()
    server.at("rcpt", "reply", "550 unknown", address="chair@example.com")
    send(live, config_to(server.port))
    assert states(live, mailing) == [S.SENT]
    live.refresh(letter)
    assert "chair@example.com" in letter.state_reason
    outcome = {
        one.address: (one.accepted, one.reply) for one in live.scalars(select(LetterRecipient))
    }
    assert outcome == {
        "lead@example.com": (True, ""),
        "chair@example.com": (False, "550 unknown"),
        "chief@example.com": (True, ""),
    }
    assert server.messages[0].recipients == ("lead@example.com", "chief@example.com")


def test_greylisting_delays_each_letter_and_loses_none(live: Session) -> None:
    mailing, _ = make_released(live, 4)
    later = FakeClock()
    with smtp_server(greylists=True) as server:
        assert send(live, config_to(server.port), now=later.now) == 0
        assert states(live, mailing) == [S.WAITING_TO_RETRY] * 4
        assert live.get_one(type(mailing), mailing.id).state is MailingState.SENDING
        later.pass_(seconds=50)
        assert send(live, config_to(server.port), now=later.now) == 0
        later.pass_(seconds=20)
        assert send(live, config_to(server.port), now=later.now) == 4
        assert max(server.copies().values()) == 1
    assert states(live, mailing) == [S.SENT] * 4


def test_a_greylisted_copy_puts_the_whole_letter_off(live: Session, server: SmtpServer) -> None:
    mailing = make_mailing(live)
    add_letter(live, mailing, "lead@example.com", copies=("chair@example.com",))
    live.commit()
    server.at("rcpt", "reply", "451 later", address="chair@example.com", left=1)
    later = FakeClock()
    send(live, config_to(server.port), now=later.now)
    assert states(live, mailing) == [S.WAITING_TO_RETRY]
    later.pass_(minutes=2)
    send(live, config_to(server.port), now=later.now)
    assert server.messages[0].recipients == ("lead@example.com", "chair@example.com")


def test_retries_come_after_1_5_15_30_minutes_then_two_hours_until_the_approval_lapses(
    live: Session, server: SmtpServer
) -> None:
    mailing, (letter,) = make_released(live, 1)
    server.at("rcpt", "reply", "451 never")
    later = FakeClock()
    waits = []
    for _ in range(6):
        send(live, config_to(server.port), now=later.now)
        live.refresh(letter)
        assert letter.next_attempt_at is not None
        wait = letter.next_attempt_at - later.now()
        waits.append(round(wait.total_seconds() / 60))
        later.ahead += wait + timedelta(seconds=1)
    assert waits == [1, 5, 15, 30, 120, 120]
    later.pass_(hours=24)
    server.behave()
    send(live, config_to(server.port), now=later.now)
    assert states(live, mailing) == [S.EXPIRED]
    assert mailing.state is MailingState.EXPIRED
    assert not server.messages


@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        ("connect", "554 go away"),
        ("connect", "452 full"),
        ("mail", "452 full"),
        ("mail", "552 over quota"),
        ("mail", "554 no"),
        ("data", "554 no"),
        ("data", "452 full"),
        ("dot", "552 over quota"),
        ("dot", "452 full"),
    ],
)
def test_a_server_that_takes_no_more_pauses_the_mailing_at_once(
    live: Session, server: SmtpServer, stage: str, reply: str
) -> None:
    mailing, _ = make_released(live, 3)
    server.at(stage, "reply", reply, then_drop=stage == "connect")
    later = FakeClock()
    send(live, config_to(server.port), now=later.now)
    assert states(live, mailing) == [S.QUEUED] * 3
    assert mailing.state is MailingState.PAUSED
    assert reply in mailing.state_reason
    assert live.scalars(select(Notification.text)).first() is not None
    server.behave()
    later.pass_(minutes=1.1)
    send(live, config_to(server.port), now=later.now)
    assert states(live, mailing) == [S.SENT] * 3
    assert max(server.copies().values()) == 1


@pytest.mark.parametrize(
    ("stage", "reply", "minutes"), [("mail", "452 full", 1), ("rcpt", "451 later", 5)]
)
def test_only_an_attempt_at_the_letter_itself_makes_it_wait_longer_for_the_next(
    live: Session, server: SmtpServer, stage: str, reply: str, minutes: int
) -> None:
    _, (letter,) = make_released(live, 1)
    server.at(stage, "reply", reply)
    later = FakeClock()
    send(live, config_to(server.port), now=later.now)
    server.behave()
    server.at("rcpt", "reply", "451 later")
    later.pass_(minutes=1.1)
    send(live, config_to(server.port), now=later.now)
    live.refresh(letter)
    assert letter.state is S.WAITING_TO_RETRY
    assert letter.next_attempt_at is not None
    assert round((letter.next_attempt_at - later.now()).total_seconds() / 60) == minutes


def test_who_made_a_mailing_is_told_again_once_when_it_has_felt_the_way_four_times_in_vain(
    live: Session, server: SmtpServer
) -> None:
    mailing, _ = make_released(live, 1)
    server.at("mail", "reply", "452 full")
    later = FakeClock()
    theirs = select(func.count()).where(Notification.user_id == mailing.created_by_id)
    told, waits = [], []
    for _ in range(7):
        send(live, config_to(server.port), now=later.now)
        live.refresh(mailing)
        assert mailing.resume_at is not None
        wait = mailing.resume_at - later.now()
        waits.append(round(wait.total_seconds() / 60))
        told.append(live.scalar(theirs))
        later.ahead += wait + timedelta(seconds=1)
    assert waits == [1, 5, 15, 30, 120, 120, 120]
    assert told == [1, 1, 1, 1, 2, 2, 2]


@pytest.mark.parametrize("stage", ["connect", "ehlo", "mail", "rcpt", "data"])
@pytest.mark.parametrize("action", ["hang", "drop", "drip"])
def test_a_server_lost_before_the_first_byte_is_tried_again(
    live: Session, server: SmtpServer, stage: str, action: str
) -> None:
    mailing, _ = make_released(live, 4)
    server.at(stage, action)
    later = FakeClock()
    send(live, config_to(server.port), now=later.now)
    # Three failed in a row, so the fourth was not risked.
    assert states(live, mailing) == [S.WAITING_TO_RETRY] * 3 + [S.QUEUED]
    assert mailing.state is MailingState.PAUSED
    assert mailing.state_reason.startswith("3 letters in a row failed.")
    later.pass_(minutes=1.1)
    send(live, config_to(server.port), now=later.now)
    assert mailing.state is MailingState.PAUSED, "one letter felt the way, and it is still shut"
    server.behave()
    later.pass_(minutes=31)
    send(live, config_to(server.port), now=later.now)
    later.pass_(minutes=31)
    send(live, config_to(server.port), now=later.now)
    assert states(live, mailing) == [S.SENT] * 4
    assert max(server.copies().values()) == 1


@pytest.mark.parametrize("stage", ["body", "dot"])
@pytest.mark.parametrize("action", ["hang", "drop"])
@pytest.mark.parametrize("arrives", [True, False])
def test_a_line_lost_while_the_letter_is_handed_over_leaves_it_unknown(
    live: Session, server: SmtpServer, stage: str, action: str, arrives: bool
) -> None:
    mailing, letters = make_released(live, 3)
    server.at(stage, action, left=1, keeps=arrives)
    later = FakeClock()
    send(live, config_to(server.port), now=later.now)
    later.pass_(hours=3)
    send(live, config_to(server.port), now=later.now)
    assert states(live, mailing) == [S.UNKNOWN, S.SENT, S.SENT]
    copies = server.copies().get(letters[0].message_id or "", 0)
    assert copies == (1 if arrives and stage == "dot" else 0)
    assert mailing.state is MailingState.FINISHED


def test_a_nonsense_answer_to_the_whole_letter_leaves_it_unknown(
    live: Session, server: SmtpServer
) -> None:
    mailing, _ = make_released(live, 1)
    server.at("dot", "reply", "what is this")
    send(live, config_to(server.port))
    assert states(live, mailing) == [S.UNKNOWN]


def test_a_server_that_hangs_up_at_quit_changes_nothing(live: Session, server: SmtpServer) -> None:
    mailing, _ = make_released(live, 2)
    server.at("quit", "drop")
    send(live, config_to(server.port))
    assert states(live, mailing) == [S.SENT] * 2


def test_a_server_that_hangs_up_after_each_letter_gets_each_once(
    live: Session, server: SmtpServer
) -> None:
    mailing, _ = make_released(live, 3)
    server.at("dot", "reply", "250 ok", then_drop=True)
    later = FakeClock()
    for _ in range(4):
        send(live, config_to(server.port), now=later.now)
        later.pass_(minutes=6)
    assert states(live, mailing) == [S.SENT] * 3
    assert max(server.copies().values()) == 1


def test_a_letter_refused_after_it_was_read_is_refused_without_blaming_the_address(
    live: Session, server: SmtpServer
) -> None:
    mailing, _ = make_released(live, 1)
    server.at("dot", "reply", "550 5.7.1 looks like spam")
    send(live, config_to(server.port))
    assert states(live, mailing) == [S.REFUSED]
    assert live.scalars(select(PersonEmail).where(PersonEmail.failed_on.is_not(None))).all() == []


def test_a_no_to_what_one_letter_says_keeps_back_no_other(
    live: Session, server: SmtpServer
) -> None:
    mailing, _ = make_released(live, 3)
    server.at("dot", "reply", "554 5.7.1 rejected for its content", left=1)
    send(live, config_to(server.port))
    assert sorted(states(live, mailing), key=str) == [S.REFUSED, S.SENT, S.SENT]


def test_three_refusals_in_a_row_pause_the_mailing_until_a_person_looks(
    live: Session, server: SmtpServer
) -> None:
    mailing, _ = make_released(live, 5)
    server.at("rcpt", "reply", "550 relaying denied")
    later = FakeClock()
    send(live, config_to(server.port), now=later.now)
    later.pass_(hours=3)
    send(live, config_to(server.port), now=later.now)
    assert states(live, mailing) == [S.REFUSED] * 3 + [S.QUEUED] * 2
    assert mailing.state is MailingState.PAUSED
    assert mailing.resume_at is None


def test_a_message_over_the_servers_limit_pauses_before_it_is_given(live: Session) -> None:
    mailing, _ = make_released(live, 1)
    with smtp_server(size=500) as server:
        send(live, config_to(server.port))
        assert not server.messages
    assert states(live, mailing) == [S.QUEUED]
    assert "552" in mailing.state_reason


def test_nothing_answering_is_said_in_a_sentence(live: Session) -> None:
    mailing, _ = make_released(live, 1)
    with smtp_server() as server:
        port = server.port
    send(live, config_to(port))
    assert states(live, mailing) == [S.WAITING_TO_RETRY]
    assert "is it running?" in live.scalars(select(Letter.state_reason)).one()


def test_the_connection_is_renewed_after_so_many_letters(live: Session, server: SmtpServer) -> None:
    make_released(live, 5)
    send(live, config_to(server.port), messages_each=2)
    assert server.story.connections == 3


def test_no_transaction_is_open_while_anything_is_on_the_wire(
    live: Session, server: SmtpServer
) -> None:
    make_released(live, 2)
    sender = sender_for(live, config_to(server.port))
    transport = sender._transport
    deliver = transport.deliver
    seen = []

    def watched(*arguments, **named):  # type: ignore[no-untyped-def]
        seen.append(live.in_transaction())
        outcome = deliver(*arguments, **named)
        seen.append(live.in_transaction())
        return outcome

    transport.deliver = watched  # type: ignore[method-assign]
    sender.run()
    sender.close()
    assert seen == [False] * 4
