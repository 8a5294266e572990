"""What one of our people should know: behind the bell, by mail at once, or in the morning."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, IntPk


class Notification(Base):
    """One thing one user is told; `key` says what it is about, so that it is told only once."""

    __tablename__ = "notification"
    __table_args__ = (UniqueConstraint("user_id", "key"), Index(None, "user_id", "seen_at"))

    id: Mapped[IntPk]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    key: Mapped[str]  # e.g. "mention:interaction:12"
    text: Mapped[str]  # a sentence; never the words of a note
    path: Mapped[str]  # the page it leads to
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]


class By(enum.Enum):
    """How mail tells somebody of one kind of event."""

    DIGEST = "digest"  # in the morning, with the rest
    AT_ONCE = "at once"
    OFF = "off"


class NotificationChoice(Base):
    """What one user chose for one kind of event. Without a row: the bell and the morning mail."""

    __tablename__ = "notification_choice"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    event: Mapped[str] = mapped_column(primary_key=True)
    bell: Mapped[bool] = mapped_column(default=True)
    mail: Mapped[By] = mapped_column(default=By.DIGEST)


class MailHours(Base):
    """When one user wants mail. Without a row: 08:30 on every working day, and at any hour."""

    __tablename__ = "mail_hours"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    digest_at: Mapped[str] = mapped_column(default="08:30")  # on the clock in London
    quiet_weekdays: Mapped[list[str]] = mapped_column(default=list)  # "monday" …
    quiet_from: Mapped[str] = mapped_column(default="")  # mail at once waits from here …
    quiet_until: Mapped[str] = mapped_column(default="")  # … to here
