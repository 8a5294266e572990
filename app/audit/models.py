"""Who did what, when; and for a change, from what to what. Rows here are only ever added."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, IntPk


class AuditEvent(Base):
    """One act. It keeps the actor's id and name, without a foreign key: events outlive users."""

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "at"),)

    id: Mapped[IntPk]
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    actor_name: Mapped[str]
    action: Mapped[str]  # created, changed, deleted, signed in, exported, released, sent …
    kind: Mapped[str]
    record_id: Mapped[int | None]
    summary: Mapped[str] = mapped_column(Text)
    ip: Mapped[str | None]
    # "user:5" or "member:3" when the record was kept from everybody else at the time.
    readers: Mapped[str] = mapped_column(default="", server_default="")


class AuditSubject(Base):
    """A record on whose history the event is shown."""

    __tablename__ = "audit_subject"
    __table_args__ = (Index(None, "kind", "record_id", "event_id"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("audit_event.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True)


class AuditValue(Base):
    """One field's old and new value, kept apart so that erasure may mask it; the event stays."""

    __tablename__ = "audit_value"

    id: Mapped[IntPk]
    event_id: Mapped[int] = mapped_column(ForeignKey("audit_event.id"), index=True)
    field: Mapped[str]
    old: Mapped[str | None] = mapped_column(Text)
    new: Mapped[str | None] = mapped_column(Text)
