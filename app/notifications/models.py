"""What one of our people should know: behind the bell, by mail at once, or in the morning."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, IntPk


class MailedBy(enum.Enum):
    """How mail tells somebody of one kind of event."""

    DIGEST = "digest"  # in the morning, with the rest
    AT_ONCE = "at once"
    OFF = "off"


class Event(enum.Enum):
    """The kinds of things somebody is told of; each is chosen for by itself."""

    MENTION = "mention"
    REMINDER = "reminder"
    FOLLOW_UP = "follow-up"  # given to me by somebody else
    DUE = "due"  # something on my list is due today
    APPROVAL = "approval"  # a mailing waits for a second person
    MAILING = "mailing"  # one of mine was paused, or has finished
    REPLY = "reply"  # somebody answered a letter of mine, or a body I look after
    DIGEST = "digest"  # the morning mail itself


def usual(event: Event) -> MailedBy:
    """How mail tells of it whoever has chosen nothing: letters that stand still wait for nobody."""
    return MailedBy.AT_ONCE if event is Event.MAILING else MailedBy.DIGEST


class Notification(Base):
    """One thing one user is told; `key` says what it is about, so that it is told only once.

    Bell and mail are as that user had chosen when it was told.
    """

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        Index(None, "user_id", "seen_at"),
        # Small however many there are: only what has still to go into a mail.
        Index(
            "ix_notification_to_mail",
            "mail",
            "user_id",
            postgresql_where=text("mailed_at IS NULL"),
            sqlite_where=text("mailed_at IS NULL"),
        ),
    )

    id: Mapped[IntPk]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    event: Mapped[Event]
    key: Mapped[str]  # e.g. "mention:interaction:12"
    text: Mapped[str]  # a sentence; never the words of a note
    path: Mapped[str]  # the page it leads to
    created_at: Mapped[datetime]
    bell: Mapped[bool]
    mail: Mapped[MailedBy]
    seen_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]  # when it was put into a mail, or found to need none


class NotificationChoice(Base):
    """What one user chose for one kind of event. Without a row: the bell, and mail as usual."""

    __tablename__ = "notification_choice"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    event: Mapped[Event] = mapped_column(primary_key=True)
    bell: Mapped[bool] = mapped_column(default=True)
    mail: Mapped[MailedBy] = mapped_column(default=MailedBy.DIGEST)


class MailHours(Base):
    """When one user wants mail. Without a row: 08:30 on every working day, and at any hour."""

    __tablename__ = "mail_hours"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    digest_at: Mapped[str] = mapped_column(default="08:30")  # on the clock in London
    quiet_weekdays: Mapped[list[str]] = mapped_column(default=list)  # "monday" …
    quiet_from: Mapped[str] = mapped_column(default="")  # mail at once waits from here …
    quiet_until: Mapped[str] = mapped_column(default="")  # … to here
