"""Told to end, or kept from the database, in the middle of a letter: it is finished, once."""

import os
import signal
import time
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core import fault_points, loopback, shutdown
from app.letters.models import Letter, LetterEvent, LetterState
from tests.sending import children
from tests.sending.mailings import config_to, make_released, open_session, send, states
from tests.smtp_server import SmtpServer

S = LetterState
HELD_SECONDS = 6.5  # longer than SQLite itself waits for a lock


def sender_told_to_end(database_url: str, config: Mapping[str, Any], moment: str) -> None:
    """A sender whose process is asked to end as it passes the named moment, of its first letter."""
    loopback.stay_on_loopback()
    shutdown.on_signals()
    told: list[str] = []

    def watch(name: str) -> None:
        if name == moment and not told:
            told.append(name)
            os.kill(os.getpid(), signal.SIGTERM)

    fault_points.watch(watch)
    with open_session(database_url) as session:
        send(session, config)


@pytest.mark.parametrize("moment", fault_points.SENDING[1:])
def test_asked_to_end_a_sender_finishes_its_letter_and_begins_no_other(
    live: Session, live_database: str, server: SmtpServer, moment: str
) -> None:
    mailing, letters = make_released(live, 2)
    arguments = (live_database, config_to(server.port), moment)
    assert children.run_to_its_end(sender_told_to_end, *arguments) == 0
    assert states(live, mailing) == [S.SENT, S.QUEUED]
    assert server.copies() == {letters[0].message_id: 1}


def holder_of_the_letter(database_url: str, letter_id: int, held: Any) -> None:
    """Another process in the middle of changing this letter, which takes its time."""
    with open_session(database_url) as session:
        session.scalars(select(Letter.id).where(Letter.id == letter_id).with_for_update()).one()
        held.set()
        time.sleep(HELD_SECONDS)
        session.rollback()


def test_an_answer_waits_for_whoever_holds_the_database_and_is_recorded_once(
    live: Session, live_database: str, server: SmtpServer
) -> None:
    """On SQLite the other process holds the one write lock, on PostgreSQL the letter's row."""
    mailing, (letter,) = make_released(live, 1)
    held = children.FORKS.Event()
    config = config_to(server.port)
    began = []

    def watch(name: str) -> None:
        if name == "reply received":
            began.append(children.start(holder_of_the_letter, live_database, letter.id, held))
            assert held.wait(10)

    fault_points.watch(watch)
    try:
        since = time.monotonic()
        assert send(live, config, recording_seconds=60) == 1
    finally:
        fault_points.watch(None)
    began[0].join(10)
    assert time.monotonic() - since >= HELD_SECONDS
    assert states(live, mailing) == [S.SENT]
    assert server.copies() == {letter.message_id: 1}
    recorded = select(func.count()).where(
        LetterEvent.letter_id == letter.id, LetterEvent.state == S.SENT
    )
    assert live.scalar(recorded) == 1
