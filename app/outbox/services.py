"""Putting mail to our own users in the queue, and taking it out for a sender.

Nothing here may be addressed to anybody but a user or an invited colleague: letters to outsiders
leave only by a released mailing. Callers see to that; this package cannot know who is who.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core.errors import DomainError
from app.outbox.models import Message, MessageState
from app.outbox.rules import next_try

LEASE = timedelta(minutes=2)
# The reply to the last dot may take ten minutes (RFC 5321), so the lease has to outlast it.
TRANSMITTING_LEASE = timedelta(minutes=12)

DUE = (MessageState.QUEUED, MessageState.WAITING_TO_RETRY)


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
) -> Message:
    """Queue one mail to one colleague, to leave when this transaction has been committed.

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
        queued_at=send_after,
        send_after=send_after,
    )
    session.add(message)
    session.flush()
    return message


def claim_next(session: Session, now: datetime) -> Message | None:
    """Take one due message for this sender alone; None when there is nothing to take.

    The UPDATE tests the state it changes, so of two senders only one gets the row.
    """
    due = (
        select(Message.id)
        .where(Message.state.in_(DUE), Message.send_after <= now)
        .order_by(Message.send_after, Message.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    claimed_id = session.scalar(
        update(Message)
        .where(Message.id == due, Message.state.in_(DUE))
        .values(state=MessageState.CLAIMED, lease_until=now + LEASE, attempts=Message.attempts + 1)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    if claimed_id is None:
        return None
    return session.get_one(Message, claimed_id, populate_existing=True)


def start_transmitting(message: Message, now: datetime) -> None:
    """From here on a copy may be outside; committed before the first byte leaves."""
    message.state = MessageState.TRANSMITTING
    message.lease_until = now + TRANSMITTING_LEASE


def record_fate(message: Message, state: MessageState, words: str, now: datetime) -> None:
    """Write down how an attempt ended. A day of temporary refusals is a refusal."""
    message.lease_until = None
    message.server_reply = words
    if state is MessageState.WAITING_TO_RETRY:
        again = next_try(message.attempts, message.queued_at, now)
        if again is not None:
            message.state, message.send_after = state, again
            return
        state = MessageState.REFUSED
        message.server_reply = f"Given up after 24 hours. The last answer was: {words}"
    message.state = state
    message.sent_at = now if state is MessageState.SENT else None
    _forget_contents(message)


def end_leases(session: Session, now: datetime) -> None:
    """Deal with the messages of a sender that died: before the first byte, or perhaps after."""
    lapsed = select(Message).where(Message.lease_until < now).with_for_update(skip_locked=True)
    for message in session.scalars(lapsed):
        message.lease_until = None
        if message.state is MessageState.CLAIMED:
            message.state = MessageState.QUEUED
        else:
            message.state = MessageState.UNKNOWN
            message.server_reply = "The sender ended before the mail server’s answer was recorded."
            _forget_contents(message)


def _forget_contents(message: Message) -> None:
    """Sign-in links are kept only as hashes elsewhere; they must not survive here in the clear."""
    message.body = message.html = ""
    message.raw = None
