"""What waits behind somebody's bell."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.db import AnySelect, remembered
from app.notifications.models import Event, MailedBy, MailHours, Notification, NotificationChoice


@remembered
def _new(user_id: int) -> Select[int]:
    return select(func.count(Notification.id)).where(
        Notification.user_id == user_id, Notification.seen_at.is_(None), Notification.bell
    )


def count_new(session: Session, user_id: int) -> int:
    """Every page asks this: one count, answered by an index."""
    return session.scalar(_new(user_id)) or 0


def notifications_of(user: User) -> Select[Notification]:
    return select(Notification).where(Notification.user_id == user.id, Notification.bell)


def notification_of(session: Session, user: User, notification_id: int) -> Notification | None:
    """One of their own; another's does not exist for them."""
    return session.scalar(notifications_of(user).where(Notification.id == notification_id))


def to_mail_at_once(session: Session) -> Sequence[Row[Any]]:
    """What is to be mailed without waiting for the morning, with whom and when they want mail."""
    waiting: AnySelect = (
        select(Notification, User, MailHours)
        .join(User, User.id == Notification.user_id)
        .outerjoin(MailHours, MailHours.user_id == User.id)
        .where(Notification.mailed_at.is_(None), Notification.mail == MailedBy.AT_ONCE)
        .order_by(Notification.user_id, Notification.id)
    )
    return session.execute(waiting).all()


def not_yet_mailed(session: Session) -> int:
    """How many things people were told of which no mail has said anything yet."""
    waiting: Select[int] = (
        select(func.count(Notification.id))
        .join(User, User.id == Notification.user_id)
        .where(Notification.mailed_at.is_(None), User.disabled_at.is_(None))
    )
    return session.scalar(waiting) or 0


def to_mail_in_the_morning(session: Session, user: User) -> Sequence[Notification]:
    """What was told since their last mail, oldest first."""
    return session.scalars(
        select(Notification)
        .where(
            Notification.mailed_at.is_(None),
            Notification.mail == MailedBy.DIGEST,
            Notification.user_id == user.id,
        )
        .order_by(Notification.id)
    ).all()


def choices_of(session: Session, user: User) -> dict[Event, NotificationChoice]:
    """What they chose; of an event that is not here they are told as usual."""
    mine = select(NotificationChoice).where(NotificationChoice.user_id == user.id)
    return {choice.event: choice for choice in session.scalars(mine)}
