"""Milestones, the dates they have had, and what each bound body made of them."""

import enum
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.db import GOES_ALONG, NUMBERED_ONCE, Base, IntPk
from app.directory.models import Organisation
from app.documents.models import Document, DocumentType


class Precision(enum.Enum):
    DAY = "day"
    MONTH = "month"
    SEASON = "season"
    ABOUT = "about"


class Comes(enum.Enum):
    """When a duty that is no single date comes round."""

    YEARLY = "yearly"
    ON_EVENT = "on event"
    CONTINUING = "continuing"


class DateKind(enum.Enum):
    STATUTORY = "statutory"
    ANNOUNCED = "announced"
    ACTUAL = "actual"
    ENTERED = "entered"  # neither law nor announcement says it: a date of our own, or the file's


class Binding:
    """Whom something binds, and what fulfils it: the same for a duty and for each of its years."""

    title: Mapped[str]
    basis: Mapped[str] = mapped_column(Text, default="")  # the law or guidance it rests on
    binds: Mapped[str] = mapped_column(default="")  # in the source's words
    binds_kinds: Mapped[list[str]] = mapped_column(default=list)  # of organisations
    # Where the words name single bodies (DHSC), only these of the kinds: ids of organisations.
    binds_only: Mapped[list[int]] = mapped_column(JSON, default=list)
    # Each bound body has to meet it; otherwise it comes about once, for all of them together.
    asks_each: Mapped[bool] = mapped_column(default=True)
    status: Mapped[str] = mapped_column(Text, default="")  # as last seen, in the source's words
    source: Mapped[str] = mapped_column(default="")
    confidence: Mapped[str] = mapped_column(default="")
    is_demo: Mapped[bool] = mapped_column(default=False)


class MilestoneSeries(Binding, Base):
    """A duty that comes back. A yearly one with a day makes each coming year's milestone itself."""

    __tablename__ = "milestone_series"
    __table_args__ = (
        CheckConstraint("(month IS NULL) = (day IS NULL)", name="whole_day"),
        CheckConstraint("month IS NULL OR comes = 'yearly'", name="day_of_a_year"),
    )
    __audit__ = "milestone_series"

    id: Mapped[IntPk]
    code: Mapped[str | None] = mapped_column(unique=True)  # R01, of the reference file
    comes: Mapped[Comes]
    month: Mapped[int | None]
    day: Mapped[int | None]  # the 31st of a shorter month is its last day; so is 29 February
    date_kind: Mapped[DateKind] = mapped_column(default=DateKind.ENTERED)  # who sets its day
    document_type_id: Mapped[int | None] = mapped_column(ForeignKey("document_type.id"))
    ended_on: Mapped[date | None]  # no milestone is made for a day after this one

    document_type: Mapped[DocumentType | None] = relationship(lazy="raise_on_sql")


class Milestone(Binding, Base):
    """Something due, expected or done on a date. `due_on` is what reminders count from.

    It is the announced date, or else the statutory, or else the one the milestone was entered
    with. `happened_on` to `happened_until` is when it really came about.
    """

    __tablename__ = "milestone"
    __table_args__ = (
        UniqueConstraint("series_id", "year"),
        CheckConstraint("(series_id IS NULL) = (year IS NULL)", name="year_of_a_series"),
        CheckConstraint(
            "happened_until IS NULL OR happened_until >= happened_on", name="ends_after_start"
        ),
        CheckConstraint("cancelled_on IS NULL OR cancelled_why <> ''", name="cancelled_with_why"),
        Index(None, "due_on"),
        NUMBERED_ONCE,
    )
    __audit__ = "milestone"

    id: Mapped[IntPk]
    code: Mapped[str | None] = mapped_column(unique=True)  # M13, of the reference file
    series_id: Mapped[int | None] = mapped_column(ForeignKey("milestone_series.id"))
    year: Mapped[int | None]
    due_on: Mapped[date]
    precision: Mapped[Precision] = mapped_column(default=Precision.DAY)
    happened_on: Mapped[date | None]
    happened_until: Mapped[date | None]
    happened_precision: Mapped[Precision] = mapped_column(default=Precision.DAY)
    document_type_id: Mapped[int | None] = mapped_column(ForeignKey("document_type.id"), index=True)
    cancelled_on: Mapped[date | None]
    cancelled_why: Mapped[str] = mapped_column(default="")
    form_token: Mapped[str | None] = mapped_column(unique=True)  # a double click writes once

    series: Mapped[MilestoneSeries | None] = relationship(lazy="raise_on_sql")
    document_type: Mapped[DocumentType | None] = relationship(lazy="raise_on_sql")

    @property
    def binds_as_on(self) -> date:
        """The day whose bodies it binds.

        What a duty asks for by a day of each year was the task of those who were there before that
        day: of a board that ended with it, and not of one born on it.
        """
        return self.due_on - timedelta(days=1) if self.series_id else self.due_on


class MilestoneDate(Base):
    """A date a milestone has or had. One that was replaced is kept, with the day it was."""

    __tablename__ = "milestone_date"
    __table_args__ = (
        CheckConstraint("until IS NULL OR until >= falls_on", name="ends_after_start"),
        Index(None, "milestone_id", "kind"),
        NUMBERED_ONCE,
    )
    __audit__ = "milestone_date"

    id: Mapped[IntPk]
    milestone_id: Mapped[int] = mapped_column(ForeignKey("milestone.id"), info=GOES_ALONG)
    kind: Mapped[DateKind]
    falls_on: Mapped[date]
    until: Mapped[date | None]  # the last of several days
    precision: Mapped[Precision] = mapped_column(default=Precision.DAY)
    source: Mapped[str] = mapped_column(default="")
    why: Mapped[str] = mapped_column(default="")  # why it moved
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    replaced_at: Mapped[datetime | None]

    recorded_by: Mapped[User | None] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("milestone", self.milestone_id)]


class ComplianceState(enum.Enum):
    """A body without a row is outstanding; late is a matter of the two dates."""

    MET = "met"
    NOT_APPLICABLE = "not applicable"


class Compliance(Base):
    """How one bound body stands to one milestone, and the document or note that says so."""

    __tablename__ = "milestone_standing"
    __table_args__ = (
        CheckConstraint("(state = 'met') = (met_on IS NOT NULL)", name="met_on_when_met"),
        CheckConstraint("document_id IS NOT NULL OR note <> ''", name="evidence"),
    )
    __audit__ = "milestone_standing"

    milestone_id: Mapped[int] = mapped_column(
        ForeignKey("milestone.id"), primary_key=True, info=GOES_ALONG
    )
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True, index=True
    )
    state: Mapped[ComplianceState]
    met_on: Mapped[date | None]
    document_id: Mapped[int | None] = mapped_column(
        ForeignKey("document.id"), index=True, info=GOES_ALONG | {"goes with it": True}
    )
    note: Mapped[str] = mapped_column(Text, default="")
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    document: Mapped[Document | None] = relationship(lazy="raise_on_sql")
    recorded_by: Mapped[User | None] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("milestone", self.milestone_id), ("organisation", self.organisation_id)]


class BulkMark(Base):
    """One marking of many bodies at once, with what each said before: it is undone as one."""

    __tablename__ = "milestone_bulk_mark"
    __table_args__ = (Index(None, "by_id", "at"), NUMBERED_ONCE)

    id: Mapped[IntPk]
    milestone_id: Mapped[int] = mapped_column(
        ForeignKey("milestone.id"), index=True, info=GOES_ALONG
    )
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]
    words: Mapped[str]  # "12 boards marked as met on 28 March 2027"
    # By body: its standing before, if it had one, and whether this step recorded or took back.
    before: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]
    form_token: Mapped[str | None] = mapped_column(unique=True)
