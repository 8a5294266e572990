"""People may stop, pause and go on; what may not leave does not."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core import clock
from app.directory.models import Person, PersonEmail
from app.letters.approval import submitting
from app.letters.delivery import controls
from app.letters.models import (
    Letter,
    LetterAnswer,
    LetterRecipient,
    LetterState,
    Mailing,
    MailingState,
)
from app.notifications.models import Notification
from app.settings import installation
from app.settings.models import Settings
from config import Config
from tests.databases import Databases
from tests.factories import TODAY, make_person, make_user
from tests.sending.mailings import (
    FakeClock,
    add_letter,
    config_to,
    live_config_to,
    make_mailing,
    make_released,
    open_session,
    send,
    sender_for,
    states,
)
from tests.smtp_server import SmtpServer

S = LetterState


def stop(session: Session, mailing: Mailing) -> None:
    user = make_user(session, "Sam Stopper")
    controls.stop(session, mailing, by=user, at=clock.now(), why="Stopped by Sam Stopper.")
    session.commit()


def test_stopped_in_the_hold_nothing_leaves(live: Session, server: SmtpServer) -> None:
    mailing, _ = make_released(live, 3, state=MailingState.HOLDING, hold=timedelta(minutes=5))
    send(live, config_to(server.port))
    assert states(live, mailing) == [S.QUEUED] * 3, "the hold is not over"
    stop(live, mailing)
    later = FakeClock(timedelta(hours=1))
    send(live, config_to(server.port), now=later.now)
    assert states(live, mailing) == [S.STOPPED] * 3
    assert mailing.state is MailingState.STOPPED
    assert not server.messages


def test_when_the_hold_is_over_the_letters_go(live: Session, server: SmtpServer) -> None:
    mailing, _ = make_released(live, 2, state=MailingState.HOLDING, hold=timedelta(minutes=5))
    later = FakeClock(timedelta(minutes=5, seconds=1))
    assert send(live, config_to(server.port), now=later.now) == 2
    assert mailing.state is MailingState.FINISHED


@pytest.mark.parametrize("act", ["stop", "pause"])
def test_nothing_follows_the_letter_in_flight(
    live: Session, live_database: str, server: SmtpServer, act: str
) -> None:
    mailing, _ = make_released(live, 6)

    def intervene() -> None:
        with open_session(live_database) as other:
            there = other.get_one(Mailing, mailing.id)
            if act == "stop":
                stop(other, there)
            else:
                user = make_user(other, "Sam Pauser")
                controls.pause(other, there, by=user, at=clock.now())
                other.commit()

    sender = sender_for(live, config_to(server.port))
    transport = sender._transport
    deliver = transport.deliver
    count = 0

    def watched(*arguments, **named):  # type: ignore[no-untyped-def]
        nonlocal count
        count += 1
        if count == 3:  # the third is claimed, and not a byte of it has left
            intervene()
        return deliver(*arguments, **named)

    transport.deliver = watched  # type: ignore[method-assign]
    sender.run()
    sender.close()
    assert len(server.messages) == 2
    kept = S.STOPPED if act == "stop" else S.QUEUED
    assert states(live, mailing) == [S.SENT] * 2 + [kept] * 4


def test_paused_and_resumed_five_times_each_letter_goes_once(
    live: Session, server: SmtpServer
) -> None:
    mailing, letters = make_released(live, 6)
    user = make_user(live)
    for number in range(5):
        server.at("dot", "reply", "250 ok")
        sender = sender_for(live, config_to(server.port))
        sender._keep_up()
        assert sender._claim()
        sender._send_next()
        sender.close()
        controls.pause(live, live.get_one(Mailing, mailing.id), by=user, at=clock.now())
        live.commit()
        assert send(live, config_to(server.port)) == 0
        assert len(server.messages) == number + 1
        controls.resume(live, live.get_one(Mailing, mailing.id))
        live.commit()
    send(live, config_to(server.port))
    assert server.copies() == {letter.message_id: 1 for letter in letters}


def test_an_approval_that_lapsed_lets_nothing_leave_until_approved_again(
    live: Session, server: SmtpServer
) -> None:
    mailing, letters = make_released(live, 3)
    later = FakeClock(timedelta(hours=25))
    send(live, config_to(server.port), now=later.now)
    assert not server.messages
    assert states(live, mailing) == [S.EXPIRED] * 3
    assert live.scalars(select(Notification).where(Notification.text.contains("expired"))).all()
    live.get_one(Person, letters[1].person_id).objected_on = TODAY
    live.commit()

    submitting.ask_again(live, mailing, by=make_user(live), at=later.now())
    live.commit()
    assert mailing.letter_count == 2
    assert mailing.state is MailingState.AWAITING_APPROVAL
    send(live, config_to(server.port), now=later.now)
    assert states(live, mailing) == [S.READY, S.EXCLUDED, S.READY]
    assert not server.messages


def test_a_restored_copy_sends_nothing(live: Session, server: SmtpServer) -> None:
    mailing, _ = make_released(live, 2)
    live.get_one(Settings, 1).installation = "somewhere else"
    live.commit()
    send(live, config_to(server.port))
    assert not server.messages
    assert states(live, mailing) == [S.EXPIRED] * 2
    assert "another copy" in mailing.state_reason


def test_somebody_copied_objects_at_an_address_that_is_no_longer_on_record(
    live: Session, server: SmtpServer
) -> None:
    mailing, (letter,) = make_released(live, 1)
    chair = make_person(live, "Charlie Chair", email="new@example.com")
    chair.objected_on = TODAY
    live.add(
        LetterRecipient(
            letter_id=letter.id,
            person_id=chair.id,
            address="old@example.com",
            address_key="old@example.com",
            is_cc=True,
        )
    )
    live.commit()
    send(live, config_to(server.port))
    assert states(live, mailing) == [S.EXCLUDED]
    assert not server.messages


def test_an_objection_an_answer_or_a_bounce_since_approval_leaves_the_letter_out(
    live: Session, server: SmtpServer
) -> None:
    mailing, letters = make_released(live, 5)
    live.get_one(Person, letters[0].person_id).objected_on = TODAY
    live.add(
        LetterAnswer(
            letter_id=letters[1].id,
            answered_on=TODAY,
            answered_by="Robin Reader",
            recorded_at=clock.now(),
            recorded_by_id=mailing.created_by_id,
        )
    )
    bounced = live.scalars(select(PersonEmail).where(PersonEmail.address == letters[2].to_email))
    email = bounced.one()
    email.failed_on, email.failure = TODAY, "550 gone"
    copy = add_letter(live, mailing, "sixth@example.com", copies=("M1LEAD1@example.com",))
    live.commit()
    send(live, config_to(server.port))
    assert states(live, mailing) == [S.EXCLUDED] * 3 + [S.SENT] * 2 + [S.EXCLUDED]
    live.refresh(copy)
    assert "objected" in copy.state_reason
    assert len(server.messages) == 2
    assert mailing.state is MailingState.FINISHED


def make_fail(session: Session, address: str) -> None:
    email = session.scalars(select(PersonEmail).where(PersonEmail.address == address)).one()
    email.failed_on, email.failure = TODAY, "550 gone"


def test_mail_that_failed_since_approval_keeps_back_the_letter_to_that_address_alone(
    live: Session, server: SmtpServer
) -> None:
    """Nobody has objected or answered here: what failed is the only thing there is to find."""
    mailing, (letter,) = make_released(live, 1)
    copied = add_letter(live, mailing, "second@example.com", copies=(letter.to_email,))
    make_fail(live, letter.to_email)
    live.commit()

    assert send(live, config_to(server.port)) == 1

    assert states(live, mailing) == [S.EXCLUDED, S.SENT], "of a copy that fails the letter goes"
    live.refresh(letter)
    live.refresh(copied)
    assert letter.state_reason == "Mail to this address has failed since: 550 gone"
    assert copied.state_reason == ""


def test_mail_that_failed_since_keeps_a_letter_from_being_put_forward_or_sent_again(
    live: Session,
) -> None:
    mailing, (lapsed, unknown, other) = make_released(live, 3, state=MailingState.EXPIRED)
    lapsed.state, unknown.state, other.state = S.EXPIRED, S.UNKNOWN, S.EXPIRED
    make_fail(live, lapsed.to_email)
    make_fail(live, unknown.to_email)
    live.commit()
    second = make_user(live, "Sam Second")

    with pytest.raises(controls.NotNow, match="failed since: 550 gone"):
        controls.send_again(live, unknown, by=second, at=clock.now())
    submitting.ask_again(live, mailing, by=second, at=clock.now())
    live.commit()

    assert states(live, mailing) == [S.EXCLUDED, S.UNKNOWN, S.READY]


def test_an_answer_from_before_the_approval_was_there_for_all_to_see(
    live: Session, server: SmtpServer
) -> None:
    mailing, (letter,) = make_released(live, 1)
    live.add(
        LetterAnswer(
            letter_id=letter.id,
            answered_on=TODAY,
            answered_by="Robin Reader",
            recorded_at=clock.now() - timedelta(days=1),
            recorded_by_id=mailing.created_by_id,
        )
    )
    live.commit()
    assert send(live, config_to(server.port)) == 1


def test_changed_bytes_stop_the_whole_mailing(live: Session, server: SmtpServer) -> None:
    mailing, letters = make_released(live, 3)
    live.execute(
        update(Letter).where(Letter.id == letters[1].id).values(mime=b"To: x@example.com\r\n\r\nhi")
    )
    live.commit()
    send(live, config_to(server.port))
    assert len(server.messages) == 1
    assert states(live, mailing) == [S.SENT, S.STOPPED, S.STOPPED]
    assert mailing.state is MailingState.STOPPED
    assert "not what was approved" in mailing.state_reason


def test_with_a_server_but_not_live_a_mailing_waits_and_says_why(
    live: Session, server: SmtpServer
) -> None:
    mailing, _ = make_released(live, 2, state=MailingState.HOLDING)
    off = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": server.port}
    send(live, off)
    assert not server.messages
    assert states(live, mailing) == [S.QUEUED] * 2
    assert mailing.state is MailingState.PAUSED
    assert "switched off" in mailing.state_reason
    send(live, live_config_to(live, server.port))
    assert states(live, mailing) == [S.SENT] * 2


def test_a_quiet_period_holds_even_a_mailing_under_way(live: Session, server: SmtpServer) -> None:
    mailing, _ = make_released(live, 2)
    live.get_one(Settings, 1).quiet_reason = "Election period"
    live.commit()
    send(live, config_to(server.port))
    assert not server.messages
    assert mailing.state is MailingState.PAUSED
    assert "Election period" in mailing.state_reason


def test_the_pace_is_kept_by_all_senders_together_and_across_restarts(
    live: Session, live_database: str, server: SmtpServer
) -> None:
    make_released(live, 3, pace=20)
    make_released(live, 3, pace=20)
    later = FakeClock()
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        later.pass_(seconds=seconds)

    began = later.now()
    sender = sender_for(live, config_to(server.port), now=later.now, wait=wait)
    sender._keep_up()
    assert sender._claim()
    sender._send_next()
    sender.close()
    with open_session(live_database) as other:
        send(other, config_to(server.port), now=later.now, wait=wait)
    assert len(server.messages) == 6
    assert timedelta(seconds=14) < later.now() - began < timedelta(seconds=25)


def test_a_letter_whose_sender_died_is_queued_or_unknown_and_somebody_is_told(
    live: Session, server: SmtpServer
) -> None:
    mailing, letters = make_released(live, 2, state=MailingState.SENDING)
    lease = clock.now() + timedelta(minutes=2)
    for letter, state in zip(letters, (S.CLAIMED, S.TRANSMITTING), strict=True):
        live.execute(
            update(Letter)
            .where(Letter.id == letter.id)
            .values(state=state, claimed_by="gone", lease_until=lease)
        )
    live.commit()
    assert send(live, config_to(server.port)) == 0, "their sender may still be at work"
    later = FakeClock(timedelta(minutes=2, seconds=1))
    assert send(live, config_to(server.port), now=later.now) == 1
    assert states(live, mailing) == [S.SENT, S.UNKNOWN]
    told = live.scalars(select(Notification).where(Notification.text.contains("not known"))).all()
    assert len(told) == 2, "its author and its approver"


def test_an_unknown_letter_found_to_have_arrived_counts_as_sent(live: Session) -> None:
    mailing, (letter,) = make_released(live, 1)
    live.execute(update(Letter).values(state=S.UNKNOWN))
    live.commit()
    live.refresh(letter)
    controls.it_arrived(live, letter, by=make_user(live, "Robin"), at=clock.now())
    live.commit()
    assert states(live, mailing) == [S.SENT]
    assert letter.sent_on == clock.today()
    assert letter.state_reason == "Robin found out that it arrived."


def test_an_unknown_letter_is_sent_again_by_a_second_person_under_a_new_message_id(
    live: Session, server: SmtpServer
) -> None:
    mailing, (letter,) = make_released(live, 1)
    live.execute(update(Letter).values(state=S.UNKNOWN))
    mailing.state = MailingState.FINISHED
    live.commit()
    live.refresh(letter)
    author = live.get_one(type(make_user(live)), mailing.created_by_id)
    with pytest.raises(controls.NeedsSomebodyElse):
        controls.send_again(live, letter, by=author, at=clock.now())
    again = controls.send_again(live, letter, by=make_user(live, "Robin"), at=clock.now())
    live.commit()
    assert again.series == 2
    assert again.message_id != letter.message_id
    assert mailing.state is MailingState.HOLDING, "a release like any other"
    later = FakeClock(timedelta(minutes=6))
    send(live, config_to(server.port), now=later.now)
    assert states(live, mailing) == [S.STOPPED, S.SENT]
    (received,) = server.messages
    assert received.message_id == again.message_id
    old, new = (letter.mime or b""), received.content.partition(b"\r\n")[2]
    assert new == old.replace((letter.message_id or "").encode(), (again.message_id or "").encode())
    live.refresh(letter)
    with pytest.raises(controls.NotNow):
        controls.send_again(live, letter, by=make_user(live), at=clock.now())


def test_the_author_may_send_a_single_one_again_if_the_administrator_lets_them(
    live: Session,
) -> None:
    mailing, (letter,) = make_released(live, 1)
    live.execute(update(Letter).values(state=S.UNKNOWN))
    live.get_one(Settings, 1).single_letter_by_author = True
    live.commit()
    live.refresh(letter)
    author = live.get_one(type(make_user(live)), mailing.created_by_id)
    assert controls.send_again(live, letter, by=author, at=clock.now()).series == 2


def test_with_a_copy_to_somebody_sending_again_takes_a_second_person_whatever_the_setting(
    live: Session,
) -> None:
    mailing = make_mailing(live)
    letter = add_letter(
        live, mailing, "lead@example.com", copies=("chair@example.com",), state=S.UNKNOWN
    )
    live.get_one(Settings, 1).single_letter_by_author = True
    live.commit()
    author = live.get_one(type(make_user(live)), mailing.created_by_id)
    with pytest.raises(controls.NeedsSomebodyElse):
        controls.send_again(live, letter, by=author, at=clock.now())


def test_a_database_that_is_busy_for_a_while_loses_no_answer(
    live: Session, live_database: str, server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415

    from app.letters.delivery import outcomes  # noqa: PLC0415

    mailing, _ = make_released(live, 1)
    record, failures = outcomes.record, 2

    def busy(*arguments, **named):  # type: ignore[no-untyped-def]
        nonlocal failures
        if failures:
            failures -= 1
            raise OperationalError("UPDATE letter", {}, Exception("database is locked"))
        record(*arguments, **named)

    monkeypatch.setattr(outcomes, "record", busy)
    assert send(live, config_to(server.port)) == 1
    assert states(live, mailing) == [S.SENT]
    assert len(server.messages) == 1


@pytest.mark.slow("waits for a mail server that is slow")
def test_a_sender_waiting_for_a_slow_answer_keeps_its_letter(
    live: Session, server: SmtpServer
) -> None:
    from app.core.mail.connection import Patience  # noqa: PLC0415
    from app.letters.delivery.leases import LeaseKeeper  # noqa: PLC0415

    mailing, (letter,) = make_released(live, 1)
    server.at("dot", "drip")
    patient = Patience(connect=1, reply=5, after_final_dot=5)
    sender = sender_for(live, config_to(server.port), patience=patient)
    sender._leases = LeaseKeeper(
        live.get_bind().engine, lambda: clock.now() + timedelta(hours=1), every=0.1
    )
    seen = []
    watcher = threading.Timer(0.8, lambda: seen.append(lease_of(live, letter.id)))
    watcher.start()
    sender.run()
    sender.close()
    watcher.join()
    assert states(live, mailing) == [S.SENT]
    assert seen[0] is not None
    assert seen[0] > clock.now() + timedelta(minutes=30)


def lease_of(live: Session, letter_id: int):  # type: ignore[no-untyped-def]
    with live.get_bind().engine.connect() as connection:
        return connection.scalar(select(Letter.lease_until).where(Letter.id == letter_id))


def test_a_copy_put_back_and_accepted_is_another_installation_and_sends_nothing(
    databases: Databases, tmp_path: Path, server: SmtpServer
) -> None:
    config = Config(SECRET_KEY="x" * 32, DATABASE_URL=databases.copy(), DATA_DIR=tmp_path)
    with open_session(config.DATABASE_URL) as session:
        mailing, _ = make_released(session, 2)
        (tmp_path / installation.NOTE).write_text('{"installation": "another", "last_event": 0}')
        installation.accept(config)
        send(session, config_to(server.port))
        assert not server.messages
        assert states(session, mailing) == [S.EXPIRED] * 2
