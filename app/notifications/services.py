"""Telling one of our people something, once."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.notifications.models import Notification


def tell(
    session: Session, *, user: User, key: str, text: str, path: str, at: datetime
) -> Notification | None:
    """Put a sentence behind somebody's bell; None if they were told this before.

    `key` is what it is about. The sentence must stay harmless for ever: it is not taken back when
    the page it leads to is later kept from them.
    """
    told = select(Notification.id).where(Notification.user_id == user.id, Notification.key == key)
    if session.scalar(told):
        return None
    notification = Notification(user_id=user.id, key=key, text=text, path=path, created_at=at)
    try:
        with session.begin_nested():
            session.add(notification)
    except IntegrityError:  # another request was first by a moment
        return None
    return notification


def mark_seen(notification: Notification, *, at: datetime) -> None:
    notification.seen_at = notification.seen_at or at


def mark_all_seen(session: Session, *, user: User, at: datetime) -> None:
    """Everything that waits behind somebody's bell."""
    session.execute(
        update(Notification)
        .where(Notification.user_id == user.id, Notification.seen_at.is_(None))
        .values(seen_at=at)
    )
