"""Telling one of our people something, once."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.web.filters import cut
from app.notifications.hours import Hours
from app.notifications.models import (
    Event,
    MailedBy,
    MailHours,
    Notification,
    NotificationChoice,
    usual,
)
from app.outbox.services import enqueue

LONGEST_SUBJECT = 90


@dataclass(frozen=True)
class ChosenWays:
    """How somebody wants to be told of one kind of event."""

    bell: bool = True
    mail: MailedBy = MailedBy.DIGEST


def notify(
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
    choice = session.get(NotificationChoice, (user.id, event)) or ChosenWays(mail=usual(event))
    if not choice.bell and choice.mail is MailedBy.OFF:
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
        mailed_at=at if choice.mail is MailedBy.OFF else None,
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


def choose(
    session: Session, *, user: User, choices: Mapping[Event, ChosenWays], hours: Hours
) -> None:
    """What holds for all they are told from now on; what they were told already stays as it is."""
    for event, choice in choices.items():
        session.merge(
            NotificationChoice(user_id=user.id, event=event, bell=choice.bell, mail=choice.mail)
        )
    session.merge(
        MailHours(
            user_id=user.id,
            digest_at=hours.digest_at,
            quiet_weekdays=list(hours.quiet_weekdays),
            quiet_from=hours.quiet_from,
            quiet_until=hours.quiet_until,
        )
    )
    session.flush()


@contextmanager
def nothing_new(session: Session, *, at: datetime) -> Iterator[None]:
    """What is told meanwhile is an old story: it rings no bell and goes into no mail."""
    last = session.scalar(select(func.max(Notification.id))) or 0
    yield
    session.flush()
    session.execute(
        update(Notification).where(Notification.id > last).values(seen_at=at, mailed_at=at)
    )


@dataclass(frozen=True)
class Links:
    """Where Liaise is, and where one says how one wants to be told."""

    base_url: str
    settings_path: str


def mail(
    session: Session, user: User, told: Sequence[Notification], *, links: Links, at: datetime
) -> bool:
    """Queue one mail of what this user was told and has not read meanwhile; whether there is one.

    Whoever else is doing the same finds them taken.
    """
    taken = set(mark_mailed(session, [one.id for one in told], at=at))
    unread = [one for one in told if one.id in taken and one.seen_at is None]
    if not unread:
        return False
    more = f", and {len(unread) - 1} more" if len(unread) > 1 else ""
    said = "\n\n".join(f"{one.text}\n{links.base_url}{one.path}" for one in unread)
    enqueue(
        session,
        recipient=user.email,
        subject=cut(unread[0].text, LONGEST_SUBJECT).rstrip(".") + more,
        body=f"Dear {user.name},\n\n{said}\n\n"
        f"Choose what we tell you, how and when:\n"
        f"{links.base_url}{links.settings_path}\n",
        send_after=at,
    )
    return True


def mark_mailed(session: Session, ids: Sequence[int], *, at: datetime) -> Sequence[int]:
    """They have gone into a mail, or need none. Those that another process took are not among
    what comes back."""
    if not ids:
        return ()
    return session.scalars(
        update(Notification)
        .where(Notification.id.in_(ids), Notification.mailed_at.is_(None))
        .values(mailed_at=at)
        .returning(Notification.id)
        .execution_options(synchronize_session=False)
    ).all()


def mail_no_more_of_these(session: Session, *, at: datetime) -> None:
    """Whatever no mail has said yet: it stays behind the bell, and goes into none."""
    session.execute(
        update(Notification)
        .where(Notification.mailed_at.is_(None))
        .values(mailed_at=at)
        .execution_options(synchronize_session=False)
    )
