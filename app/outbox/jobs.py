"""Sending the mail to our own users. Each step is committed before the next begins."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from app.outbox import mime, services
from app.outbox.models import Message, MessageState
from app.outbox.rules import Reply, Step, state_after, words_of
from app.settings.services import settings_of

LONGEST_ROUND = timedelta(seconds=60)


class Transport(Protocol):
    """One connection to a mail server, driven step by step. Errors are OSErrors, as in smtplib."""

    def mail(self, sender: str) -> Reply: ...
    def rcpt(self, recipient: str) -> Reply: ...
    def data(self, content: bytes) -> Reply: ...
    def reset(self) -> None: ...
    def close(self) -> None: ...


class Round:
    """What the messages of one round share: a connection, a sender address, the time."""

    def __init__(
        self, connect: Callable[[], Transport], now: datetime, *, base_url: str, fallback: str
    ) -> None:
        self._connect = connect
        self._began, self._ticks = now, time.monotonic()
        self.base_url, self.fallback = base_url, fallback
        self._open: Transport | None = None

    def now(self) -> datetime:
        """The time given, moved on by a clock that cannot be set."""
        return self._began + timedelta(seconds=time.monotonic() - self._ticks)

    def is_over(self) -> bool:
        return self.now() - self._began > LONGEST_ROUND

    def transport(self) -> Transport:
        if self._open is None:
            self._open = self._connect()
        return self._open

    def hang_up(self) -> None:
        """What a server does when we say goodbye changes nothing that was recorded."""
        transport, self._open = self._open, None
        if transport is not None:
            try:
                transport.close()
            except OSError:
                return


def deliver_due(
    session: Session,
    connect: Callable[[], Transport],
    now: datetime,
    *,
    base_url: str = "",
    fallback_sender: str = "liaise@localhost",
) -> int:
    """Send what is due; returns how many the server accepted.

    After a failure that is not about one message the round ends, for the next one to try.
    """
    services.end_leases(session, now)
    session.commit()
    this_round = Round(connect, now, base_url=base_url, fallback=fallback_sender)
    sent, goes_on = 0, True
    try:
        while goes_on and not this_round.is_over():
            message = services.claim_next(session, this_round.now())
            session.commit()
            if message is None:
                break
            goes_on = _deliver(session, message, this_round)
            sent += message.state is MessageState.SENT
    finally:
        this_round.hang_up()
    return sent


def _deliver(session: Session, message: Message, this_round: Round) -> bool:
    """One attempt; returns whether the connection is good for another message."""
    settings = settings_of(session)
    sender = mime.sender_address(settings, this_round.fallback)
    content = mime.as_bytes(
        message, settings, sender=sender, base_url=this_round.base_url, now=this_round.now()
    )
    session.commit()
    try:
        refusal = _introduce(this_round.transport(), sender, message.recipient)
    except OSError as error:
        this_round.hang_up()
        _record(session, message, MessageState.WAITING_TO_RETRY, words_of(error), this_round)
        return False
    if refusal is not None:
        step, reply = refusal
        _record(session, message, state_after(step, reply), str(reply), this_round)
        return _reset(this_round)
    services.start_transmitting(message, this_round.now())
    session.commit()
    try:
        reply = this_round.transport().data(content)
    except OSError as error:
        this_round.hang_up()
        _record(session, message, MessageState.UNKNOWN, words_of(error), this_round)
        return False
    _record(session, message, state_after(Step.DATA, reply), str(reply), this_round)
    return reply.is_yes or _reset(this_round)


def _introduce(transport: Transport, sender: str, recipient: str) -> tuple[Step, Reply] | None:
    """MAIL and RCPT; the answer that was not a yes, if there was one."""
    reply = transport.mail(sender)
    if not reply.is_yes:
        return Step.MAIL, reply
    reply = transport.rcpt(recipient)
    return None if reply.is_yes else (Step.RCPT, reply)


def _reset(this_round: Round) -> bool:
    try:
        this_round.transport().reset()
    except OSError:
        this_round.hang_up()
        return False
    return True


def _record(
    session: Session, message: Message, state: MessageState, words: str, this_round: Round
) -> None:
    services.record_fate(message, state, words, this_round.now())
    session.commit()
