"""Which morning's mail each of our people has had."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, IntPk
from app.outbox.models import Message


class Digest(Base):
    """One person's morning: at most one, whichever process comes first. No mail: nothing to say."""

    __tablename__ = "digest"
    __table_args__ = (UniqueConstraint("user_id", "day"),)

    id: Mapped[IntPk]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    day: Mapped[date]  # in London
    made_at: Mapped[datetime]
    is_late: Mapped[bool] = mapped_column(default=False)
    line_count: Mapped[int] = mapped_column(default=0)
    message_id: Mapped[int | None] = mapped_column(ForeignKey(Message.id))
