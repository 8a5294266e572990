"""Files of leads and of letters: one waiting between the steps, and what each import did."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.db import Base, IntPk


class FileSubject(enum.Enum):
    """What the rows of a file are about."""

    LEADS = "leads"
    LETTERS = "letters"


class RowOutcome(enum.Enum):
    """What one row of a file means for the register."""

    PROBLEM = "problem"
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class LeadImport(Base):
    """One file read into the register. What it changed is kept, so it can be undone.

    Leads were the first kind, and gave the tables their names.
    """

    __tablename__ = "lead_import"
    __audit__ = "lead_import"

    id: Mapped[IntPk]
    kind: Mapped[FileSubject] = mapped_column(default=FileSubject.LEADS)
    file_name: Mapped[str]
    file_sha256: Mapped[str] = mapped_column(index=True)
    source: Mapped[str] = mapped_column(Text, default="")  # of rows that did not say it
    imported_at: Mapped[datetime]
    imported_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    new_count: Mapped[int] = mapped_column(default=0)
    changed_count: Mapped[int] = mapped_column(default=0)
    unchanged_count: Mapped[int] = mapped_column(default=0)
    problem_count: Mapped[int] = mapped_column(default=0)

    imported_by: Mapped[User | None] = relationship(
        lazy="raise_on_sql", foreign_keys=[imported_by_id]
    )
    undone_by: Mapped[User | None] = relationship(lazy="raise_on_sql", foreign_keys=[undone_by_id])


class LeadImportRow(Base):
    """What was said of one row of the file when it was imported."""

    __tablename__ = "lead_import_row"

    id: Mapped[IntPk]
    lead_import_id: Mapped[int] = mapped_column(ForeignKey("lead_import.id"), index=True)
    number: Mapped[int]  # the spreadsheet's own
    outcome: Mapped[RowOutcome]
    who: Mapped[str]
    where: Mapped[str]
    story: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # changes, notes, problems, corrected


class LeadImportChange(Base):
    """One record an import created (old is empty) or changed; the whole record before and after."""

    __tablename__ = "lead_import_change"

    id: Mapped[IntPk]
    lead_import_id: Mapped[int] = mapped_column(ForeignKey("lead_import.id"), index=True)
    table: Mapped[str]
    record_id: Mapped[int]
    old: Mapped[str | None] = mapped_column(Text)  # JSON
    new: Mapped[str] = mapped_column(Text)  # JSON


class LeadFile(Base):
    """A file between its upload and its import: its owner's alone, and gone after a day."""

    __tablename__ = "lead_file"

    id: Mapped[IntPk]
    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    kind: Mapped[FileSubject] = mapped_column(default=FileSubject.LEADS)
    file_name: Mapped[str]
    file_sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)  # emptied once imported
    choices: Mapped[dict[str, Any]] = mapped_column(default=dict)  # replaced whole
    expires_at: Mapped[datetime]
    lead_import_id: Mapped[int | None] = mapped_column(ForeignKey("lead_import.id"))
