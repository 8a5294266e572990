"""What the bodies have published: this is their first form, without files and without marks."""

import enum
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import LET_GO, NUMBERED_ONCE, Base, IntPk
from app.directory.models import Organisation


class DocumentType(Base):
    """A kind of strategy, plan or report, and the days from and until which bodies make one."""

    __tablename__ = "document_type"
    __audit__ = "document_type"

    id: Mapped[IntPk]
    code: Mapped[str] = mapped_column(unique=True)  # joint_forward_plan, annual_report …
    name: Mapped[str]
    organisation_kinds: Mapped[list[str]] = mapped_column(default=list)  # who makes one
    in_use_from: Mapped[date | None]
    in_use_until: Mapped[date | None]  # the last day; empty while it goes on
    source: Mapped[str] = mapped_column(default="")
    confidence: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=100)


class DocumentStage(enum.Enum):
    DRAFT = "draft"
    FINAL = "final"
    REFRESH = "refresh"


class Document(Base):
    """One body's strategy, plan or report for one cycle."""

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint("supersedes_id IS NULL OR supersedes_id <> id", name="not_itself"),
        Index(None, "organisation_id", "document_type_id", "published_on"),
        NUMBERED_ONCE,
    )
    __audit__ = "document"

    id: Mapped[IntPk]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    document_type_id: Mapped[int] = mapped_column(ForeignKey("document_type.id"), index=True)
    title: Mapped[str]
    cycle: Mapped[str] = mapped_column(default="")  # the years it is for: 2023–28
    stage: Mapped[DocumentStage] = mapped_column(default=DocumentStage.FINAL)
    published_on: Mapped[date | None]  # empty: not known, or not yet
    link: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")  # where it was found, if not at the link
    note: Mapped[str] = mapped_column(Text, default="")
    supersedes_id: Mapped[int | None] = mapped_column(
        ForeignKey("document.id"), unique=True, info=LET_GO
    )
    is_demo: Mapped[bool] = mapped_column(default=False)
    form_token: Mapped[str | None] = mapped_column(unique=True)  # a double click writes once

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    document_type: Mapped[DocumentType] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("document", self.id), ("organisation", self.organisation_id)]
