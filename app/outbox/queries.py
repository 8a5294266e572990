"""What the Mail page shows of the queue."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.outbox.models import Message, MessageState

TROUBLED = (MessageState.WAITING_TO_RETRY, MessageState.REFUSED, MessageState.UNKNOWN)


def counts(session: Session) -> dict[MessageState, int]:
    """How many messages are in each state; every state is there, also with none."""
    found = session.execute(select(Message.state, func.count()).group_by(Message.state))
    return dict.fromkeys(MessageState, 0) | {state: number for state, number in found}


def latest_troubles(session: Session, limit: int = 10) -> Sequence[Message]:
    """The newest messages that did not simply go, without their contents."""
    return session.scalars(
        select(Message).where(Message.state.in_(TROUBLED)).order_by(Message.id.desc()).limit(limit)
    ).all()


def oldest_waiting(session: Session) -> datetime | None:
    """Since when the longest-waiting queued message has been due."""
    return session.scalar(
        select(func.min(Message.queued_at)).where(Message.state == MessageState.QUEUED)
    )
