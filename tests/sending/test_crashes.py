"""A sender killed at every named step: nothing goes twice, nothing is lost."""

import signal
import time
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.fault_points import SENDING
from app.letters.models import LetterState, Mailing, MailingState
from app.notifications.models import Notification
from tests.sending import children
from tests.sending.mailings import (
    config_to,
    make_released,
    states,
)
from tests.smtp_server import SmtpServer

LAST = 3
BEFORE_THE_BYTES = SENDING[: SENDING.index("transmitting recorded")]
WHILE_TRANSMITTING = SENDING[len(BEFORE_THE_BYTES) : SENDING.index("reply recorded")]
GIVEN = WHILE_TRANSMITTING[WHILE_TRANSMITTING.index("message given") :]


def wait_until(true: Callable[[], bool]) -> None:
    """What a dead process had sent may still be on its way."""
    deadline = time.monotonic() + 5
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert true()


hit: set[tuple[str, int]] = set()


def run_again_later(database_url: str, port: int) -> None:
    """Somebody starts a sender once more, after the lease of the dead one has ended."""
    code = children.run_to_its_end(children.sender_later, database_url, config_to(port))
    assert code == 0


@pytest.mark.parametrize("number", [1, 2, LAST])
@pytest.mark.parametrize("step", SENDING)
def test_killed_at_any_step_each_letter_goes_once_or_a_person_is_asked(
    live: Session, live_database: str, server: SmtpServer, step: str, number: int
) -> None:
    mailing, letters = make_released(live, LAST)
    config = config_to(server.port)
    each = 1 if step == "connected" else 50
    code = children.run_to_its_end(children.sender, live_database, config, (step, number), each)
    assert code == -signal.SIGKILL
    hit.add((step, number))
    if step in GIVEN:
        wait_until(lambda: len(server.messages) == number)

    run_again_later(live_database, server.port)

    copies = [server.copies().get(letter.message_id or "", 0) for letter in letters]
    expected = [LetterState.SENT] * LAST
    once = [1] * LAST
    if step in WHILE_TRANSMITTING:
        expected[number - 1] = LetterState.UNKNOWN
        once[number - 1] = 1 if step in GIVEN else 0
    assert states(live, mailing) == expected
    assert copies == once
    assert live.get_one(Mailing, mailing.id).state is MailingState.FINISHED
    alerts = live.scalars(select(Notification).where(Notification.text.contains("not known"))).all()
    assert bool(alerts) == (step in WHILE_TRANSMITTING)


def test_every_named_step_was_really_passed() -> None:
    if not hit:
        pytest.skip("the kills above were not run")
    assert hit == {(step, number) for step in SENDING for number in (1, 2, LAST)}
