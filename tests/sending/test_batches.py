"""Letters are claimed ten at once: whatever comes after that still holds back each not begun."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core import clock, fault_points, loopback, shutdown
from app.directory.models import Person
from app.letters.delivery import controls
from app.letters.delivery.leases import LeaseKeeper
from app.letters.delivery.queue import AT_ONCE
from app.letters.delivery.sender import send_due
from app.letters.models import Letter, LetterAnswer, LetterEvent, LetterState, Mailing, MailingState
from app.settings.models import Settings
from tests.factories import TODAY, make_person, make_user
from tests.sending import children
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
Act = Callable[[Session], None]


@contextmanager
def at(moment: str, number: int, act: Callable[[], None]) -> Iterator[None]:
    """Do this when the sender passes the moment named, the nth time."""
    passed = []

    def watch(name: str) -> None:
        passed.append(name)
        if name == moment and passed.count(name) == number:
            act()

    fault_points.watch(watch)
    try:
        yield
    finally:
        fault_points.watch(None)


def elsewhere(database_url: str, act: Act) -> Callable[[], None]:
    """Somebody else does it, and commits."""

    def done() -> None:
        with open_session(database_url) as other:
            act(other)
            other.commit()

    return done


def test_a_mailing_that_lapses_says_so_while_the_sender_is_busy_with_another(
    live: Session, live_database: str, server: SmtpServer
) -> None:
    make_released(live, 31)
    lapsing, _ = make_released(live, 1, name="Lapses soon")
    lapsing.approval_lapses_at = clock.now() + timedelta(minutes=1)
    live.commit()
    now, seen = FakeClock(), []

    def look() -> None:
        with open_session(live_database) as other:
            seen.append(other.get_one(Mailing, lapsing.id).state)

    acts = {5: lambda: now.pass_(minutes=2), 25: look}
    passed: list[str] = []

    def watch(name: str) -> None:
        passed.append(name)
        if name == "reply recorded":
            acts.get(passed.count(name), lambda: None)()

    fault_points.watch(watch)
    try:
        send(live, config_to(server.port), now=now.now)
    finally:
        fault_points.watch(None)
    assert seen == [MailingState.EXPIRED]


def stories(session: Session, letters: list[Letter]) -> list[list[LetterState]]:
    return [
        list(
            session.scalars(
                select(LetterEvent.state)
                .where(LetterEvent.letter_id == letter.id)
                .order_by(LetterEvent.id)
            )
        )
        for letter in letters
    ]


def test_ten_are_claimed_at_once_and_the_next_when_these_have_gone(
    live: Session, live_database: str, server: SmtpServer
) -> None:
    mailing, letters = make_released(live, AT_ONCE + 2)
    seen: list[list[LetterState]] = []

    def look(other: Session) -> None:
        seen.append(states(other, other.get_one(Mailing, mailing.id)))

    with at("claimed", 1, elsewhere(live_database, look)):
        send(live, config_to(server.port))

    assert seen == [[S.CLAIMED] * AT_ONCE + [S.QUEUED] * 2]
    assert states(live, mailing) == [S.SENT] * (AT_ONCE + 2)
    assert stories(live, letters) == [[S.CLAIMED, S.TRANSMITTING, S.SENT]] * (AT_ONCE + 2)


@pytest.mark.parametrize("act", ["stop", "pause"])
def test_a_stop_or_a_pause_after_the_claim_holds_back_every_letter_not_begun(
    live: Session, live_database: str, server: SmtpServer, act: str
) -> None:
    mailing, letters = make_released(live, 6)

    def intervene(other: Session) -> None:
        there, user = other.get_one(Mailing, mailing.id), make_user(other, "Sam Stopper")
        if act == "stop":
            controls.stop(other, there, by=user, at=clock.now(), why="Stopped by Sam Stopper.")
        else:
            controls.pause(other, there, by=user, at=clock.now())

    with at("reply received", 2, elsewhere(live_database, intervene)):
        assert send(live, config_to(server.port)) == 2

    kept = [S.STOPPED] if act == "stop" else []
    assert states(live, mailing) == [S.SENT] * 2 + [S.STOPPED if kept else S.QUEUED] * 4
    assert stories(live, letters)[2:] == [[S.CLAIMED, S.QUEUED, *kept]] * 4
    assert len(server.messages) == 2
    live.refresh(letters[5])
    assert (letters[5].claimed_by, letters[5].attempts) == (None, 0)


def test_an_objection_after_the_claim_in_whatever_spelling_stops_the_last_of_the_ten(
    live: Session, live_database: str, server: SmtpServer
) -> None:
    mailing = make_mailing(live)
    letters = [add_letter(live, mailing, f"lead{number}@example.com") for number in range(1, 4)]
    letters.append(add_letter(live, mailing, "a.reader@example.com"))
    live.commit()

    def object_(other: Session) -> None:
        other.get_one(Person, letters[1].person_id).objected_on = TODAY
        same = make_person(other, "Same Reader", email="areader+letters@example.com")
        same.objected_on = TODAY

    with at("recipient accepted", 1, elsewhere(live_database, object_)):
        send(live, config_to(server.port))

    assert states(live, mailing) == [S.SENT, S.EXCLUDED, S.SENT, S.EXCLUDED]
    assert len(server.messages) == 2
    for letter in (letters[1], letters[3]):
        live.refresh(letter)
        assert "objected" in letter.state_reason
    assert mailing.state is MailingState.FINISHED


def test_an_answer_after_the_claim_stops_its_letter_alone(
    live: Session, live_database: str, server: SmtpServer
) -> None:
    mailing, letters = make_released(live, 3)

    def answer(other: Session) -> None:
        other.add(
            LetterAnswer(
                letter_id=letters[2].id,
                answered_on=TODAY,
                answered_by="Robin Reader",
                recorded_at=clock.now(),
                recorded_by_id=mailing.created_by_id,
            )
        )

    with at("reply received", 1, elsewhere(live_database, answer)):
        send(live, config_to(server.port))

    assert states(live, mailing) == [S.SENT, S.SENT, S.EXCLUDED]


def begin_quiet_period(other: Session) -> None:
    other.get_one(Settings, 1).quiet_reason = "Election period"


def switch_off(other: Session) -> None:
    other.get_one(Settings, 1).live_at = None


@pytest.mark.parametrize("act", [begin_quiet_period, switch_off])
def test_mail_that_is_held_or_switched_off_stays_from_the_next_letter_on(
    live: Session, live_database: str, server: SmtpServer, act: Act
) -> None:
    mailing, _ = make_released(live, 5)
    config = live_config_to(live, server.port)
    with at("reply received", 2, elsewhere(live_database, act)):
        assert send(live, config) == 2
    assert states(live, mailing) == [S.SENT] * 2 + [S.QUEUED] * 3
    assert mailing.state is MailingState.PAUSED


def test_a_pace_that_is_set_meanwhile_is_kept_from_the_next_letter_on(
    live: Session, live_database: str, server: SmtpServer
) -> None:
    mailing, _ = make_released(live, 5)

    def set_pace(other: Session) -> None:
        other.get_one(Settings, 1).letters_a_minute = 1

    with at("reply received", 2, elsewhere(live_database, set_pace)):
        assert send(live, config_to(server.port)) == 3, "one more has its turn at once"
    assert states(live, mailing) == [S.SENT] * 3 + [S.QUEUED] * 2


def test_an_approval_that_lapses_after_the_claim_lets_no_more_go(
    live: Session, live_database: str, server: SmtpServer
) -> None:
    mailing, _ = make_released(live, 4)

    def lapse(other: Session) -> None:
        other.get_one(Mailing, mailing.id).approval_lapses_at = clock.now()

    with at("reply received", 1, elsewhere(live_database, lapse)):
        send(live, config_to(server.port))
    assert states(live, mailing) == [S.SENT] + [S.EXPIRED] * 3


def told_to_end(database_url: str, config: Mapping[str, Any], moment: str) -> None:
    """A sender as the jobs run it, asked to end as it passes the moment, of its second letter."""
    loopback.stay_on_loopback()
    shutdown.on_signals()
    end = at(moment, 2, lambda: os.kill(os.getpid(), signal.SIGTERM))
    with open_session(database_url) as session, end:
        send_due(session, config)


@pytest.mark.parametrize("moment", ["recipient accepted", "reply received"])
def test_asked_to_end_a_sender_gives_the_rest_back_at_once(
    live: Session, live_database: str, server: SmtpServer, moment: str
) -> None:
    mailing, letters = make_released(live, 5)
    arguments = (live_database, config_to(server.port), moment)
    assert children.run_to_its_end(told_to_end, *arguments) == 0
    assert states(live, mailing) == [S.SENT] * 2 + [S.QUEUED] * 3
    assert stories(live, letters)[2:] == [[S.CLAIMED, S.QUEUED]] * 3
    live.commit()
    assert send(live, config_to(server.port)) == 3, "no lease has to end first"


def test_after_an_unexpected_end_the_rest_is_given_back(live: Session, server: SmtpServer) -> None:
    mailing, _ = make_released(live, 4)

    def fail() -> None:
        raise RuntimeError

    with at("our address accepted", 2, fail), pytest.raises(RuntimeError):
        send(live, config_to(server.port))
    assert states(live, mailing) == [S.SENT] + [S.QUEUED] * 3


def test_two_senders_share_what_is_to_go(
    live: Session, live_database: str, server: SmtpServer
) -> None:
    mailing, letters = make_released(live, 2 * AT_ONCE)
    with open_session(live_database) as other_session:
        one, other = (
            sender_for(session, config_to(server.port)) for session in (live, other_session)
        )
        assert one._claim()
        assert other._claim()
        live.commit()
        holders = select(func.count()).where(Letter.state == S.CLAIMED).group_by(Letter.claimed_by)
        assert live.scalars(holders).all() == [AT_ONCE, AT_ONCE]
        live.commit()
        assert one.run() + other.run() == 2 * AT_ONCE
        one.close()
        other.close()
    assert states(live, mailing) == [S.SENT] * 2 * AT_ONCE
    assert server.copies() == {letter.message_id: 1 for letter in letters}


def test_killed_in_the_middle_of_ten_the_rest_goes_once_when_the_lease_has_ended(
    live: Session, live_database: str, server: SmtpServer
) -> None:
    mailing, letters = make_released(live, 8)
    config = config_to(server.port)
    dead = children.run_to_its_end(children.sender, live_database, config, ("data wanted", 4))
    assert dead == -signal.SIGKILL
    assert send(live, config) == 0, "they may still be at work"
    assert states(live, mailing) == [S.SENT] * 3 + [S.CLAIMED] * 5
    live.commit()

    assert children.run_to_its_end(children.sender_later, live_database, config) == 0
    assert states(live, mailing) == [S.SENT] * 8
    assert server.copies() == {letter.message_id: 1 for letter in letters}


def test_while_one_waits_for_its_answer_the_leases_of_all_ten_are_renewed(
    live: Session, live_database: str, server: SmtpServer
) -> None:
    mailing, _ = make_released(live, 3)
    sender = sender_for(live, config_to(server.port))
    engine: Any = live.get_bind()
    sender._leases = LeaseKeeper(engine, lambda: clock.now() + timedelta(hours=1), every=0.05)
    ends: list[Any] = []

    def wait(other: Session) -> None:
        soon = clock.now() + timedelta(minutes=30)
        renewed = select(func.count()).where(Letter.lease_until > soon)
        for _ in range(100):
            if other.scalar(renewed) == 3:
                break
            other.rollback()
            time.sleep(0.05)
        ends.append(other.scalar(renewed))

    with at("message given", 1, elsewhere(live_database, wait)):
        sender.run()
    sender.close()
    assert ends == [3]
    assert states(live, mailing) == [S.SENT] * 3
