"""Mail to our own users. A row is written in the same transaction as the reason for it."""

import enum
from datetime import datetime

from sqlalchemy import Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, IntPk


class MessageState(enum.Enum):
    QUEUED = "queued"
    CLAIMED = "claimed"
    TRANSMITTING = "transmitting"
    SENT = "sent"
    REFUSED = "refused"
    WAITING_TO_RETRY = "waiting to retry"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"  # somebody who looked at a copy said that it is not to go


class Occasion(enum.Enum):
    """Why there is such a mail."""

    ASKED_FOR = "asked for"  # a moment ago, by a button, and often needed to get in at all
    TOLD = "told"  # by Liaise, of what has happened
    MORNING = "morning"  # worth nothing on another day


class Message(Base):
    """One mail to one colleague: an invitation, a password link, a test letter, a digest."""

    __tablename__ = "message"
    __table_args__ = (Index(None, "state", "send_after"),)

    id: Mapped[IntPk]
    recipient: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text, default="")  # the same words, for who wants to see HTML
    occasion: Mapped[Occasion] = mapped_column(default=Occasion.TOLD)
    raw: Mapped[bytes | None] = mapped_column(LargeBinary)  # ready bytes, for a test letter
    state: Mapped[MessageState] = mapped_column(default=MessageState.QUEUED)
    queued_at: Mapped[datetime]  # when it was first due; retries end a day later
    send_after: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    server_reply: Mapped[str | None] = mapped_column(Text)
