"""What was deleted or merged away, and every row as it was, so that it can come back."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, IntPk


class BinnedHow(enum.Enum):
    DELETED = "deleted"
    MERGED = "merged"
    CHANGED = "changed"  # no record went: a change of many at once, which can be undone


class Binned(Base):
    """One record in the bin. After 30 days its rows are gone, and only that it was there is kept.

    `kind` and `record_id` are those of its history; ids are never given to another record.
    """

    __tablename__ = "binned"
    __table_args__ = (Index(None, "kind", "record_id"), Index(None, "at"))

    id: Mapped[IntPk]
    kind: Mapped[str]
    record_id: Mapped[int]
    name: Mapped[str]  # as its page was headed; empty once emptied
    how: Mapped[BinnedHow] = mapped_column(default=BinnedHow.DELETED)
    merged_into_id: Mapped[int | None]  # of the same kind
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    readers: Mapped[str] = mapped_column(default="")  # as an audit event's: who alone may see it
    restored_at: Mapped[datetime | None]
    restored_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    emptied_at: Mapped[datetime | None]


class BinnedStep(enum.Enum):
    """A row was taken out of its table whole; some of its fields got other values; it was made."""

    TAKEN = "taken"
    CHANGED = "changed"
    MADE = "made"


class BinnedRow(Base):
    """One row that went with a record, in the order in which it was done."""

    __tablename__ = "binned_row"
    __table_args__ = (Index(None, "kind", "record_id"),)

    id: Mapped[IntPk]
    binned_id: Mapped[int] = mapped_column(ForeignKey("binned.id"), index=True)
    step: Mapped[BinnedStep]
    table: Mapped[str]
    kind: Mapped[str] = mapped_column(default="")  # as in the history; empty where it has none
    record_id: Mapped[int | None]
    readers: Mapped[str] = mapped_column(default="")  # as an audit event's
    key: Mapped[dict[str, Any]]  # column → value of its primary key
    before: Mapped[dict[str, Any]]  # column → value: the whole row if taken, else what changed
    after: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # of what was changed; all of what was made
