"""Each user's secret calendar address; only its hash is kept."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class CalendarFeed(Base):
    __tablename__ = "calendar_feed"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    with_all: Mapped[bool] = mapped_column(default=False)  # all meetings one may read, or one's own
    made_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
