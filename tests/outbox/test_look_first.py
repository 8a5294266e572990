"""Mail to colleagues waits where somebody has to look first; what they asked for since goes."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.outbox import queries, services
from app.outbox.jobs import deliver_due
from app.outbox.models import Message, MessageState, Occasion
from app.settings.services import settings_of
from tests.factories import NOON
from tests.outbox.test_jobs import FakeServer

M = MessageState
A_MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def asked(session: Session) -> None:
    """Somebody was asked at noon to look."""
    settings = settings_of(session)
    settings.look_first, settings.look_first_at = "This may be a copy.", NOON
    session.commit()


def queue(session: Session, occasion: Occasion, since: timedelta) -> Message:
    message = services.enqueue(
        session,
        recipient=f"{occasion.name.lower()}@example.org",
        subject="Hello",
        body="Hello",
        send_after=NOON + since,
        occasion=occasion,
    )
    session.commit()
    return message


def look(session: Session) -> None:
    settings_of(session).look_first, settings_of(session).look_first_at = "", None
    session.commit()


@pytest.mark.usefixtures("asked")
def test_only_what_was_asked_for_since_leaves_before_somebody_has_looked(session: Session) -> None:
    held = [queue(session, occasion, -A_MINUTE) for occasion in Occasion]
    held += [queue(session, occasion, A_MINUTE) for occasion in (Occasion.TOLD, Occasion.MORNING)]
    link = queue(session, Occasion.ASKED_FOR, A_MINUTE)
    server, later = FakeServer(), NOON + 2 * A_MINUTE
    assert deliver_due(session, server, later) == 1
    assert link.state is M.SENT
    assert [(one.state, one.attempts) for one in held] == [(M.QUEUED, 0)] * len(held)
    assert queries.waiting_for_a_look(session) == len(held)

    look(session)
    assert deliver_due(session, server, later) == len(held), "nothing was lost"
    assert deliver_due(session, server, later) == 0, "and nothing goes twice"
    assert {one.state for one in held} == {M.SENT}


@pytest.mark.usefixtures("asked")
def test_what_met_a_temporary_no_before_waits_too(session: Session) -> None:
    message = queue(session, Occasion.TOLD, -A_MINUTE)
    message.state = M.WAITING_TO_RETRY
    session.commit()
    assert deliver_due(session, FakeServer(), NOON + A_MINUTE) == 0
    look(session)
    assert deliver_due(session, FakeServer(), NOON + A_MINUTE) == 1


@pytest.mark.usefixtures("asked")
def test_the_morning_mail_of_an_earlier_day_does_not_go_late(session: Session) -> None:
    yesterday, today = (queue(session, Occasion.MORNING, since) for since in (-A_DAY, -A_MINUTE))
    told = queue(session, Occasion.TOLD, -A_DAY)
    services.withdraw_stale(session, at=NOON + A_MINUTE)
    look(session)
    assert deliver_due(session, FakeServer(), NOON + A_MINUTE) == 2
    session.expire_all()
    assert (yesterday.state, today.state, told.state) == (M.WITHDRAWN, M.SENT, M.SENT)
    assert yesterday.body == ""
    assert "until its day was over" in (yesterday.server_reply or "")


@pytest.mark.usefixtures("asked")
def test_whoever_looked_can_withdraw_what_waits_but_not_what_was_asked_for(
    session: Session,
) -> None:
    told = queue(session, Occasion.TOLD, -A_MINUTE)
    link = queue(session, Occasion.ASKED_FOR, A_MINUTE)
    services.withdraw_waiting(session, words="Not sent.")
    look(session)
    assert deliver_due(session, FakeServer(), NOON + 2 * A_MINUTE) == 1
    session.expire_all()
    assert (told.state, link.state) == (M.WITHDRAWN, M.SENT)
