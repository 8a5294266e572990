"""Giving a password: the same three steps, and the same time, whether or not it is right.

Each step is a short transaction of its own, and the slow hashing lies between two of them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import emails, rules
from app.accounts.authentication import hashing, sessions, throttling
from app.accounts.models import Permission, User
from app.audit import services as audit
from app.audit.services import Actor
from app.outbox import services as outbox


@dataclass(frozen=True)
class Attempt:
    """Somebody is about to give a password for this address."""

    email: str
    ip: str | None
    at: datetime
    wait: timedelta
    user_id: int | None
    password_hash: str | None
    password_version: int

    @property
    def buckets(self) -> list[throttling.Bucket]:
        return throttling.for_account(throttling.PASSWORD, self.email)

    def is_right(self, password: str) -> bool:
        return hashing.is_right(self.password_hash, password)


def attempt(session: Session, *, email: str, ip: str | None, at: datetime) -> Attempt:
    """Count the try. Commit before looking at the password, so that the count stays."""
    email = rules.normal_email(email)
    wait = throttling.take(
        session,
        [
            *throttling.for_account(throttling.PASSWORD, email),
            *throttling.for_ip(throttling.PASSWORD_BY_IP, ip),
        ],
        at=at,
    )
    user = session.scalar(select(User).where(User.email == email, User.disabled_at.is_(None)))
    return Attempt(
        email=email,
        ip=ip,
        at=at,
        wait=wait,
        user_id=user.id if user else None,
        password_hash=user.password_hash if user else None,
        password_version=user.password_version if user else 0,
    )


def record_wrong_password(session: Session, attempt: Attempt) -> None:
    """What was typed is not written down: people type passwords into the wrong field."""
    subjects = [("user", attempt.user_id)] if attempt.user_id else []
    audit.record(
        session,
        action="sign-in failed",
        subjects=subjects,
        summary="Wrong password" if subjects else "No such user",
    )
    if attempt.user_id and throttling.is_full(session, attempt.buckets, at=attempt.at):
        alarm = throttling.for_account(throttling.ALARM, attempt.email)
        if not throttling.take(session, alarm, at=attempt.at):
            _tell_administrators(session, attempt)


def accept(session: Session, attempt: Attempt, password: str) -> User | None:
    """The password was right: forgive the tries before it, and hash it anew if that is due.

    None when, while we were hashing, the user was disabled or the password was changed.
    """
    user = session.get(User, attempt.user_id, populate_existing=True) if attempt.user_id else None
    if user is None or not user.is_active or user.password_version != attempt.password_version:
        return None
    throttling.forgive(session, attempt.buckets)
    by_ip = throttling.for_ip(throttling.PASSWORD_BY_IP, attempt.ip)
    throttling.give_back(session, by_ip, at=attempt.at)
    if user.password_hash and hashing.is_outdated(user.password_hash):
        user.password_hash = hashing.hash_password(password)
    return user


def open_browser(
    session: Session, *, user: User, at: datetime, ip: str | None, agent: str, how: str
) -> str:
    """Sign this browser in, and say so in the user's history; returns the cookie's token."""
    audit.act_as(session, Actor(user.name, user.id, ip))
    token = sessions.start(session, user=user, at=at, ip=ip, agent=agent)
    audit.record(session, action="signed in", subjects=[("user", user.id)], summary=how)
    return token


def _tell_administrators(session: Session, attempt: Attempt) -> None:
    subject, body = emails.many_wrong_passwords(email=attempt.email, ip=attempt.ip)
    for administrator in session.scalars(select(User).where(User.disabled_at.is_(None))):
        if administrator.may(Permission.ADMINISTER):
            outbox.enqueue(
                session,
                recipient=administrator.email,
                subject=subject,
                body=body,
                send_after=attempt.at,
            )
