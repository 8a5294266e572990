"""Putting mail to our own users in the queue, and taking it out for a sender.

Nothing here may be addressed to anybody but a user or an invited colleague: letters to outsiders
leave only by a released mailing. Callers see to that; this package cannot know who is who.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from app.core import claims
from app.core.claims import Claim
from app.core.clock import LONDON
from app.core.errors import DomainError
from app.outbox.models import Message, MessageState, Occasion
from app.outbox.queries import DUE, waits_for_a_look
from app.outbox.rules import next_try
from app.outbox.transitions import MESSAGE

LEASE = timedelta(minutes=2)
# The reply to the last dot may take ten minutes (RFC 5321), so the lease has to outlast it.
TRANSMITTING_LEASE = timedelta(minutes=12)

HELD = (MessageState.CLAIMED, MessageState.TRANSMITTING)
# Sign-in links are kept only as hashes elsewhere; they must not survive here in the clear.
NO_CONTENTS: dict[str, Any] = {"body": "", "html": "", "raw": None}


class UnfitForAHeader(DomainError):
    """A recipient or subject that would break out of its line."""


def enqueue(
    session: Session,
    *,
    recipient: str,
    subject: str,
    body: str,
    html: str = "",
    send_after: datetime,
    raw: bytes | None = None,
    occasion: Occasion = Occasion.TOLD,
) -> Message:
    """Queue one mail to one colleague, to leave when this transaction has been committed; from a
    copy only what somebody has `ASKED_FOR` there, before anybody has looked.

    `html` says what `body` says, for programs that show it. `raw` are the finished bytes of a test
    letter, sent as they are.
    """
    for what, text in (("address", recipient), ("subject", subject)):
        if not text.strip() or not text.isprintable():
            raise UnfitForAHeader(f"The {what} of a mail has to be one line of text.")
    message = Message(
        recipient=recipient,
        subject=subject,
        body=body,
        html=html,
        raw=raw,
        occasion=occasion,
        queued_at=send_after,
        send_after=send_after,
    )
    session.add(message)
    session.flush()
    return message


def claim_next(session: Session, now: datetime) -> Claim | None:
    """Take one due message for this sender alone; None when there is nothing to take.

    All mail to colleagues passes here, so here it waits for somebody to look.
    """
    due = (
        select(Message.id)
        .where(Message.state.in_(DUE), Message.send_after <= now, ~waits_for_a_look())
        .order_by(Message.send_after, Message.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    return claims.take(
        session,
        MESSAGE,
        Message.id == due,
        leaving=DUE,
        to=MessageState.CLAIMED,
        until=now + LEASE,
        attempts=Message.attempts + 1,
    )


def claimed(session: Session, claim: Claim) -> Message:
    return session.get_one(Message, claim.id, populate_existing=True)


def start_transmitting(session: Session, claim: Claim, now: datetime) -> None:
    """From here on a copy may be outside; committed before the first byte leaves."""
    claims.keep(
        session,
        MESSAGE,
        claim,
        leaving=(MessageState.CLAIMED,),
        to=MessageState.TRANSMITTING,
        until=now + TRANSMITTING_LEASE,
    )


def record_fate(
    session: Session, claim: Claim, state: MessageState, words: str, now: datetime
) -> MessageState:
    """Write down how an attempt ended, and return as what. A day of temporary refusals is a
    refusal."""
    message, values = claimed(session, claim), NO_CONTENTS
    if state is MessageState.SENT:
        values = values | {"sent_at": now}
    elif state is MessageState.WAITING_TO_RETRY:
        if again := next_try(message.attempts, message.queued_at, now):
            values = {"send_after": again}
        else:
            state = MessageState.REFUSED
            words = f"Given up after 24 hours. The last answer was: {words}"
    leaving = [before for before in HELD if MESSAGE.allows(before, state)]
    claims.let_go(session, MESSAGE, claim, leaving=leaving, to=state, server_reply=words, **values)
    session.refresh(message)
    return message.state


def withdraw_stale(session: Session, *, at: datetime) -> None:
    """Before what has waited for somebody to look goes on: the morning mails of earlier days."""
    morning = at.astimezone(LONDON).replace(hour=0, minute=0, second=0, microsecond=0)
    _withdraw(
        session,
        and_(Message.occasion == Occasion.MORNING, Message.queued_at < morning),
        "Not sent: it waited for somebody to look until its day was over.",
    )


def withdraw_waiting(session: Session, *, words: str) -> None:
    """Whatever waits for somebody to look is not to go at all."""
    _withdraw(session, waits_for_a_look(), words)


def _withdraw(session: Session, which: ColumnElement[bool], words: str) -> None:
    MESSAGE.move(
        session,
        which,
        leaving=DUE,
        to=MessageState.WITHDRAWN,
        server_reply=words,
        **NO_CONTENTS,
    )


def end_leases(session: Session, now: datetime) -> None:
    """Deal with the messages of a sender that died: before the first byte, or perhaps after."""
    over = Message.lease_until < now
    before, after = (MessageState.CLAIMED,), (MessageState.TRANSMITTING,)
    MESSAGE.move(session, over, leaving=before, to=MessageState.QUEUED, lease_until=None)
    MESSAGE.move(
        session,
        over,
        leaving=after,
        to=MessageState.UNKNOWN,
        lease_until=None,
        server_reply="The sender ended before the mail server’s answer was recorded.",
        **NO_CONTENTS,
    )
