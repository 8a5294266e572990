"""Sending the mail to our own users. Each step is committed before the next begins."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from sqlalchemy.orm import Session

from app.core.claims import Claim, NoLongerOurs
from app.core.mail.smtp_transport import (
    Accepted,
    DeliveryOutcome,
    Envelope,
    LostAfterFirstByte,
    MessageRefused,
    RecipientRefused,
    Temporary,
)
from app.outbox import mime, services
from app.outbox.models import Message, MessageState
from app.settings import pieces
from app.settings.pieces import Piece
from app.settings.services import settings_of

LONGEST_ROUND = timedelta(seconds=60)


class MailTransport(Protocol):
    """The part of `core.mail.smtp_transport.Transport` that is used here."""

    def deliver(
        self, envelope: Envelope, raw: bytes, *, before_first_byte: Callable[[], None]
    ) -> DeliveryOutcome: ...

    def close(self) -> None: ...


class Watch:
    """The time given, moved on by a clock that nobody can set."""

    def __init__(self, now: datetime) -> None:
        self._began, self._ticks = now, time.monotonic()

    def now(self) -> datetime:
        return self._began + self.elapsed()

    def elapsed(self) -> timedelta:
        return timedelta(seconds=time.monotonic() - self._ticks)


def deliver_due(
    session: Session,
    transport: MailTransport,
    now: datetime,
    *,
    base_url: str = "",
    default_sender: str = "Liaise <liaise@liaise.test>",
) -> int:
    """Send what is due; returns how many the server accepted.

    A failure that is not about one message ends the round: the next one tries again.
    """
    services.end_leases(session, now)
    session.commit()
    watch, sent, goes_on = Watch(now), 0, True
    try:
        while goes_on and watch.elapsed() < LONGEST_ROUND:
            claim = services.claim_next(session, watch.now())
            session.commit()
            if claim is None:
                break
            written = pieces.alone(
                session,
                _piece(claim),
                partial(_written, session, claim, watch.now(), base_url, default_sender),
                at=watch.now(),
            )
            if written is None:  # tried again when its lease ends
                continue
            envelope, content = written
            try:
                outcome = transport.deliver(
                    envelope,
                    content,
                    before_first_byte=partial(_start_transmitting, session, claim, watch),
                )
            except NoLongerOurs:  # connecting took longer than the lease: the next has it
                session.rollback()
                continue
            fate = services.record_fate(session, claim, *_fate(outcome), watch.now())
            session.commit()
            sent += fate is MessageState.SENT
            goes_on = _is_about_the_message(outcome)
    finally:
        transport.close()
    return sent


def _piece(claim: Claim) -> Piece:
    return Piece(
        f"message:{claim.id}",
        "Emails to colleagues",
        lambda session: f"An email to {session.get_one(Message, claim.id).recipient}",
    )


def _written(
    session: Session, claim: Claim, now: datetime, base_url: str, default_sender: str
) -> tuple[Envelope, bytes]:
    message, settings = services.claimed(session, claim), settings_of(session)
    name, address = mime.sender(settings, default_sender)
    content = mime.as_bytes(
        message, settings, name=name, address=address, base_url=base_url, now=now
    )
    return Envelope(address, message.recipient), content


def _start_transmitting(session: Session, claim: Claim, watch: Watch) -> None:
    services.start_transmitting(session, claim, watch.now())
    session.commit()


def _fate(outcome: DeliveryOutcome) -> tuple[MessageState, str]:
    if isinstance(outcome, Accepted):
        return MessageState.SENT, str(outcome.reply)
    if isinstance(outcome, RecipientRefused | MessageRefused):
        return MessageState.REFUSED, str(outcome.reply)
    if isinstance(outcome, LostAfterFirstByte):
        return MessageState.UNKNOWN, outcome.sentence
    if isinstance(outcome, Temporary):
        return MessageState.WAITING_TO_RETRY, str(outcome.reply)
    return MessageState.WAITING_TO_RETRY, outcome.sentence


def _is_about_the_message(outcome: DeliveryOutcome) -> bool:
    if isinstance(outcome, Temporary):
        return outcome.of_address
    return isinstance(outcome, Accepted | RecipientRefused | MessageRefused)
