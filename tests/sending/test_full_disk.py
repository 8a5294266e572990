"""A disk that fills up in the middle loses no answer and sends nothing twice."""

import resource
import signal
from collections.abc import Mapping
from typing import Any

from sqlalchemy import make_url
from sqlalchemy.orm import Session

from app.core import fault_points, loopback
from app.letters.models import LetterState
from tests.sending import children
from tests.sending.mailings import config_to, make_released, open_session, send, states
from tests.smtp_server import SmtpServer

S = LetterState


def sender_on_a_full_disk(
    database_url: str, config: Mapping[str, Any], full_from: str, until_later: bool
) -> None:
    """From the named moment no file can grow; perhaps there is room again after some tries."""
    loopback.stay_on_loopback()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]

    def watch(name: str) -> None:
        if name == full_from:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1, most))
            if until_later:
                signal.setitimer(signal.ITIMER_REAL, 0.7)

    def room_again(*_: object) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    signal.signal(signal.SIGALRM, room_again)
    fault_points.watch(watch)
    with open_session(database_url) as session:
        send(session, config, recording_seconds=10 if until_later else 0.5)


def is_sqlite(database_url: str) -> bool:
    """The files of a PostgreSQL server belong to another process, out of reach of this limit."""
    return make_url(database_url).get_backend_name() == "sqlite"


def test_an_answer_is_written_down_when_there_is_room_again(
    live: Session, live_database: str, server: SmtpServer
) -> None:
    mailing, letters = make_released(live, 2)
    arguments = (live_database, config_to(server.port), "reply received", True)
    assert children.run_to_its_end(sender_on_a_full_disk, *arguments) == 0
    assert states(live, mailing) == [S.SENT] * 2
    assert server.copies() == {letter.message_id: 1 for letter in letters}


def test_when_there_is_never_room_nothing_leaves_unrecorded(
    live: Session, live_database: str, server: SmtpServer
) -> None:
    mailing, _ = make_released(live, 2)
    config = config_to(server.port)
    code = children.run_to_its_end(
        sender_on_a_full_disk, live_database, config, "recipient accepted", False
    )
    if is_sqlite(live_database):
        assert code == 1, "the job failed, and says so in the log"
        assert not server.messages
    children.run_to_its_end(children.sender_later, live_database, config)
    assert states(live, mailing) == [S.SENT] * 2
    assert max(server.copies().values()) == 1
