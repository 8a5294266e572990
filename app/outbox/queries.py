"""What the Mail page shows of the queue."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, not_, select
from sqlalchemy.orm import Session

from app.outbox.models import Message, MessageState, Occasion
from app.settings.models import Settings

DUE = (MessageState.QUEUED, MessageState.WAITING_TO_RETRY)
TROUBLED = (MessageState.WAITING_TO_RETRY, MessageState.REFUSED, MessageState.UNKNOWN)


def waits_for_a_look() -> ColumnElement[bool]:
    """Whether a message stays until somebody has looked: on a copy, the original may have sent it,
    or be about to. What was asked for here since is nobody else's, and lets people in to look.

    Asked of the settings as they are in this very statement.
    """
    asked_here = and_(
        Message.occasion == Occasion.ASKED_FOR,
        Message.queued_at >= select(Settings.look_first_at).scalar_subquery(),
    )
    question = select(Settings.look_first).scalar_subquery()
    return and_(question != "", not_(func.coalesce(asked_here, False)))


def waiting_for_a_look(session: Session) -> int:
    """How many messages stay until somebody has looked."""
    return (
        session.scalar(select(func.count()).where(Message.state.in_(DUE), waits_for_a_look())) or 0
    )


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
