"""What one of our people should know: shown behind the bell."""

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
