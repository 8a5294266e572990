"""Colleagues with things before them, and the mails they get."""

from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.core.clock import LONDON
from app.digests.jobs import give_mornings
from app.digests.models import Digest
from app.followups import services as followups
from app.followups.models import FollowUp
from app.followups.services import FollowUpDetails
from app.outbox import mime
from app.outbox.models import Message
from app.settings.services import settings_of
from tests.factories import EVERYTHING, make_user

MONDAY = date(2026, 11, 23)
A_DAY = timedelta(days=1)


def at(day: date, clock: str = "08:31") -> datetime:
    """What a clock in London shows on that day."""
    return datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=LONDON).astimezone(UTC)


def colleague(
    session: Session, name: str = "Ines Sample", permissions: tuple[Permission, ...] = EVERYTHING
) -> User:
    """One who has taken up their invitation."""
    user = make_user(session, name, permissions=permissions)
    user.password_hash = "not a hash"
    session.flush()
    return user


def owes(session: Session, owner: User, due_on: date, what: str = "Send the pack") -> FollowUp:
    written = at(due_on - 7 * A_DAY)
    wanted = FollowUpDetails(what, owner, due_on)
    return followups.add(session, wanted, by=owner, at=written, on=written.date())


def mails(session: Session) -> list[Message]:
    return list(session.scalars(select(Message).order_by(Message.id)))


def mornings(session: Session) -> list[Digest]:
    return list(session.scalars(select(Digest).order_by(Digest.id)))


def give(app: Flask, session: Session, when: datetime) -> int:
    session.commit()
    return give_mornings(app, session, when)


def as_sent(session: Session, message: Message) -> EmailMessage:
    """The mail as it leaves."""
    content = mime.as_bytes(
        message,
        settings_of(session),
        name="Liaise",
        address="liaise@example.org",
        base_url="http://localhost",
        now=message.send_after,
    )
    parsed = message_from_bytes(content, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed
