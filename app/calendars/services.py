"""The secret address of somebody's calendar: making it, finding it, switching it off."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import Permission, User
from app.audit.services import record
from app.calendars.models import CalendarFeed
from app.core.text.alphabet import alphabetical


def make(session: Session, *, user: User, at: datetime) -> str:
    """A new address. It is told this once; an older one is dead from this moment on."""
    secret = secrets.token_urlsafe(32)  # 256 bits
    feed = session.get(CalendarFeed, user.id)
    if feed is None:
        feed = CalendarFeed(user_id=user.id, with_all=False)
        session.add(feed)
    feed.token_hash, feed.made_at, feed.read_at = hashed(secret), at, None
    record(session, action="made a calendar address", subjects=[("user", user.id)])
    return secret


def choose(session: Session, *, user: User, with_all: bool) -> None:
    """Which meetings it holds: one's own, or all one may read."""
    feed = session.get(CalendarFeed, user.id)
    if feed:
        feed.with_all = with_all


def switch_off(session: Session, *, user: User) -> None:
    """By its owner or by an administrator; the history says by whom."""
    feed = session.get(CalendarFeed, user.id)
    if feed:
        session.delete(feed)
        record(session, action="switched off a calendar address", subjects=[("user", user.id)])


def find(session: Session, secret: str) -> tuple[CalendarFeed, User] | None:
    """Whose address this is, as long as they may read anything here."""
    found = session.execute(
        select(CalendarFeed, User)
        .join(User, User.id == CalendarFeed.user_id)
        .where(CalendarFeed.token_hash == hashed(secret))
        .options(joinedload(User.member_organisation))
    ).one_or_none()
    return (found[0], found[1]) if found and is_alive(found[0], found[1]) else None


def is_alive(feed: CalendarFeed, user: User) -> bool:
    """It ends with whatever else let its owner in: a new password, signing out everywhere."""
    ended = user.all_ended_at is not None and user.all_ended_at >= feed.made_at
    return user.is_active and user.may(Permission.VIEW) and not ended


def everybodys(session: Session) -> Sequence[tuple[CalendarFeed, User]]:
    """Every address there is, by its owner's name."""
    found = session.execute(
        select(CalendarFeed, User)
        .join(User, User.id == CalendarFeed.user_id)
        .order_by(alphabetical(User.name), User.id)
    )
    return [(feed, user) for feed, user in found]


def note_reading(session: Session, token_hash: str, *, at: datetime) -> None:
    """When a program last asked: it tells whether an address is in use."""
    session.execute(
        update(CalendarFeed).where(CalendarFeed.token_hash == token_hash).values(read_at=at)
    )


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
