"""Choosing another password: with the old one, or by a link sent to the address."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import emails, rules
from app.accounts.authentication import passwords, secret_links, sessions, throttling
from app.accounts.models import LinkPurpose, User
from app.audit import services as audit
from app.audit.services import Actor


def check(password: str, user: User) -> None:
    """Refuse a password that would be guessed, least of all by somebody who knows the user."""
    passwords.check(password, names=(user.name, user.email, user.member_organisation.name))


def ask_for_link(
    session: Session, *, email: str, ip: str | None, base_url: str, at: datetime
) -> None:
    """Mail a link if the address is an active user's; to the one who asks it looks the same."""
    email = rules.normal_email(email)
    buckets = [
        *throttling.for_account(throttling.RESET, email),
        *throttling.for_ip(throttling.RESET_BY_IP, ip),
    ]
    if throttling.take(session, buckets, at=at):
        return
    user = session.scalar(select(User).where(User.email == email, User.disabled_at.is_(None)))
    if user is None:
        return
    link = secret_links.make(
        session, LinkPurpose.PASSWORD_RESET, user=user, base_url=base_url, at=at
    )
    emails.send(session, user, emails.password_link(name=user.name, link=link), at=at)
    audit.record(session, action="password link asked for", subjects=[("user", user.id)])


def set_by_link(
    session: Session, *, token: str, password_hash: str, ip: str | None, at: datetime
) -> User:
    link, user = secret_links.find(session, LinkPurpose.PASSWORD_RESET, token=token, at=at)
    if user is None:
        raise secret_links.DeadLink
    secret_links.use(session, link, at=at)
    audit.act_as(session, Actor(user.name, user.id, ip))
    change(session, user, password_hash=password_hash, at=at)
    # Whoever had been guessing must not keep the owner waiting now.
    throttling.forgive(session, throttling.for_account(throttling.PASSWORD, user.email))
    return user


def change(
    session: Session, user: User, *, password_hash: str, at: datetime, but: int | None = None
) -> None:
    """Links made for the old password die, and whatever else lets in; the owner is told."""
    user.password_hash = password_hash
    user.password_version += 1
    because = "the password was changed"
    sessions.end_everything(session, user=user, at=at, because=because, but=but)
    audit.record(session, action="password changed", subjects=[("user", user.id)])
    emails.send(session, user, emails.password_changed(name=user.name), at=at)
