"""Telling one of our people something, once."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.notifications.models import By, Event, Notification, NotificationChoice


def tell(
    session: Session, *, user: User, event: Event, key: str, text: str, path: str, at: datetime
) -> Notification | None:
    """Tell one of our people something, in the ways they chose for such an event.

    The one door for all of it; None if they were told this before, want to hear nothing of the
    kind, or no longer use Liaise. `key` is what it is about. The sentence must stay harmless for
    ever: it is not taken back when the page it leads to is later kept from them. So whoever calls
    this asks first whether they may read that page.
    """
    told = select(Notification.id).where(Notification.user_id == user.id, Notification.key == key)
    if not user.is_active or session.scalar(told):
        return None
    choice = session.get(NotificationChoice, (user.id, event)) or NotificationChoice(
        bell=True, mail=By.DIGEST
    )
    if not choice.bell and choice.mail is By.OFF:
        return None
    notification = Notification(
        user_id=user.id,
        event=event,
        key=key,
        text=text,
        path=path,
        created_at=at,
        bell=choice.bell,
        mail=choice.mail,
        mailed_at=at if choice.mail is By.OFF else None,
    )
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
        .where(Notification.user_id == user.id, Notification.seen_at.is_(None), Notification.bell)
        .values(seen_at=at)
    )
