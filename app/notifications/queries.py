"""What waits behind somebody's bell."""

from functools import cache

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.statements import AnySelect, a_number
from app.notifications.models import Notification


def count_new(session: Session, user_id: int) -> int:
    """Every page asks this: one count, answered by an index."""
    return session.scalar(_new(), {"user": user_id}) or 0


def notifications_of(user: User) -> Select[Notification]:
    return select(Notification).where(Notification.user_id == user.id, Notification.bell)


def notification_of(session: Session, user: User, notification_id: int) -> Notification | None:
    """One of their own; another's does not exist for them."""
    return session.scalar(notifications_of(user).where(Notification.id == notification_id))


@cache
def _new() -> AnySelect:
    return select(func.count(Notification.id)).where(
        Notification.user_id == a_number("user"),
        Notification.seen_at.is_(None),
        Notification.bell,
    )
