"""National strands of work, each with its departments, meetings, promises, papers and dates."""

import enum
from datetime import date

from sqlalchemy import ColumnElement, ForeignKey, Text, and_, or_
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from app.accounts.models import User
from app.core.db import GOES_ALONG, NUMBERED_ONCE, Base, IntPk
from app.directory.models import Organisation
from app.documents.models import Document
from app.interactions.models import Interaction, OfInteraction, Outcome
from app.milestones.models import Milestone


class Workstream(Base):
    __tablename__ = "workstream"
    __table_args__ = NUMBERED_ONCE
    __audit__ = "workstream"

    id: Mapped[IntPk]
    name: Mapped[str] = mapped_column(unique=True)
    purpose: Mapped[str] = mapped_column(Text, default="")  # Markdown
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    closed_on: Mapped[date | None]

    owner: Mapped[User | None] = relationship(lazy="raise_on_sql")


class WorkstreamOrganisation(Base):
    """A department or other body the strand is about."""

    __tablename__ = "workstream_organisation"
    __audit__ = "workstream_organisation"

    workstream_id: Mapped[int] = mapped_column(
        ForeignKey("workstream.id"), primary_key=True, info=GOES_ALONG
    )
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True, index=True
    )

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("workstream", self.workstream_id), ("organisation", self.organisation_id)]


class WorkstreamInteraction(OfInteraction, Base):
    __tablename__ = "workstream_interaction"
    __audit__ = "workstream_interaction"

    workstream_id: Mapped[int] = mapped_column(
        ForeignKey("workstream.id"), primary_key=True, info=GOES_ALONG
    )
    interaction_id: Mapped[int] = mapped_column(
        ForeignKey("interaction.id"), primary_key=True, index=True, info=GOES_ALONG
    )

    interaction: Mapped[Interaction] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("workstream", self.workstream_id)]


class WorkstreamPoint(Base):
    """A promise that belongs to the strand though its meeting does not."""

    __tablename__ = "workstream_point"
    __audit__ = "workstream_point"

    workstream_id: Mapped[int] = mapped_column(
        ForeignKey("workstream.id"), primary_key=True, info=GOES_ALONG
    )
    point_id: Mapped[int] = mapped_column(
        ForeignKey("point.id"), primary_key=True, index=True, info=GOES_ALONG
    )

    point: Mapped[Outcome] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("workstream", self.workstream_id)]

    def audit_readers(self) -> str:
        """Who may not read the promise does not learn from the history that it is here."""
        session = object_session(self)
        point = session.get(Outcome, self.point_id) if session else None
        return point.audit_readers() if point else ""


class WorkstreamPaper(Base):
    """A report, letter or page the strand turns on, with where it can be read."""

    __tablename__ = "workstream_paper"
    __table_args__ = NUMBERED_ONCE
    __audit__ = "workstream_paper"

    id: Mapped[IntPk]
    workstream_id: Mapped[int] = mapped_column(
        ForeignKey("workstream.id"), index=True, info=GOES_ALONG
    )
    title: Mapped[str]
    published_on: Mapped[date | None]
    publisher_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    link: Mapped[str] = mapped_column(default="")

    publisher: Mapped[Organisation | None] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("workstream", self.workstream_id)]


class DatePrecision(enum.Enum):
    DAY = "day"
    MONTH = "month"
    SEASON = "season"


class WorkstreamDate(Base):
    """A day, month or season that matters to the strand, and who says so."""

    __tablename__ = "workstream_date"
    __table_args__ = NUMBERED_ONCE
    __audit__ = "workstream_date"

    id: Mapped[IntPk]
    workstream_id: Mapped[int] = mapped_column(
        ForeignKey("workstream.id"), index=True, info=GOES_ALONG
    )
    what: Mapped[str]
    falls_on: Mapped[date]  # the first day of the month or season
    precision: Mapped[DatePrecision] = mapped_column(default=DatePrecision.DAY)
    source: Mapped[str] = mapped_column(default="")

    @classmethod
    def where_not_over(cls, day: date) -> ColumnElement[bool]:
        """A day that has not passed; a month or a season that is not over."""
        months = {DatePrecision.DAY: 0, DatePrecision.MONTH: 1, DatePrecision.SEASON: 3}
        return or_(
            *(
                and_(cls.precision == precision, cls.falls_on >= _first_not_over(day, length))
                for precision, length in months.items()
            )
        )

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("workstream", self.workstream_id)]


class WorkstreamMilestone(Base):
    """A milestone the strand works towards."""

    __tablename__ = "workstream_milestone"
    __audit__ = "workstream_milestone"

    workstream_id: Mapped[int] = mapped_column(
        ForeignKey("workstream.id"), primary_key=True, info=GOES_ALONG
    )
    milestone_id: Mapped[int] = mapped_column(
        ForeignKey("milestone.id"), primary_key=True, index=True, info=GOES_ALONG
    )

    milestone: Mapped[Milestone] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("workstream", self.workstream_id), ("milestone", self.milestone_id)]


class WorkstreamDocument(Base):
    """A body's document that belongs to the strand."""

    __tablename__ = "workstream_document"
    __audit__ = "workstream_document"

    workstream_id: Mapped[int] = mapped_column(
        ForeignKey("workstream.id"), primary_key=True, info=GOES_ALONG
    )
    document_id: Mapped[int] = mapped_column(
        ForeignKey("document.id"), primary_key=True, index=True, info=GOES_ALONG
    )

    document: Mapped[Document] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("workstream", self.workstream_id), ("document", self.document_id)]


def _first_not_over(day: date, months: int) -> date:
    """The earliest first day that a span of so many months can have and not be over."""
    if not months:
        return day
    count = day.year * 12 + day.month - months
    return date(count // 12, count % 12 + 1, 1)
