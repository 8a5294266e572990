"""Reminder rules, the occurrences planned from them, and whom each one told."""

import enum
from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.db import GOES_ALONG, NUMBERED_ONCE, Base, IntPk
from app.directory.models import Organisation
from app.milestones.models import Milestone, MilestoneSeries


class Days(enum.Enum):
    """What a rule counts in: any days, moved back to a working day, or working days only."""

    CALENDAR = "calendar"
    WORKING = "working"


class Every(enum.Enum):
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


class ReminderAudience(enum.Enum):
    OWNER = "owner"  # whoever looks after the body on the day; the coordinators where nobody does
    PERSON = "person"
    PERMISSION = "permission"


class ReminderRule(Base):
    """When our people are told of a milestone, counted from its date, and which of them.

    A rule of a series holds for each of its years. It never fires for a day before `in_force_from`.
    """

    __tablename__ = "reminder_rule"
    __table_args__ = (
        CheckConstraint("(series_id IS NULL) <> (milestone_id IS NULL)", name="one_target"),
        CheckConstraint("(repeat_every IS NULL) = (repeat_unit IS NULL)", name="whole_repeat"),
        CheckConstraint("repeat_every IS NULL OR repeat_every > 0", name="repeat_forward"),
        CheckConstraint("(audience = 'person') = (user_id IS NOT NULL)", name="person"),
        CheckConstraint("(audience = 'permission') = (permission IS NOT NULL)", name="permission"),
        CheckConstraint("catch_up_days >= 0", name="catch_up"),
        NUMBERED_ONCE,
    )
    __audit__ = "reminder_rule"

    id: Mapped[IntPk]
    series_id: Mapped[int | None] = mapped_column(ForeignKey("milestone_series.id"), index=True)
    milestone_id: Mapped[int | None] = mapped_column(
        ForeignKey("milestone.id"), index=True, info=GOES_ALONG
    )
    offsets: Mapped[list[int]] = mapped_column(JSON)  # days from the date: -28 before, 0 on it
    days: Mapped[Days] = mapped_column(default=Days.WORKING)
    repeat_every: Mapped[int | None]  # after the last offset, until met
    repeat_unit: Mapped[Every | None]
    at_time: Mapped[str] = mapped_column(default="08:30")  # on the clock in London
    audience: Mapped[ReminderAudience] = mapped_column(default=ReminderAudience.OWNER)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    permission: Mapped[str | None]
    catch_up_days: Mapped[int] = mapped_column(default=3)  # working days; later it expires
    made_at: Mapped[datetime]
    in_force_from: Mapped[datetime]  # made, or last changed
    # Planned as on this day, with all that the history had until then: a little before the
    # planning, because what is being written meanwhile is seen later than the moment it carries.
    planned_on: Mapped[date | None]
    planned_up_to: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    is_demo: Mapped[bool] = mapped_column(default=False)
    form_token: Mapped[str | None] = mapped_column(unique=True)  # a double click writes once

    series: Mapped[MilestoneSeries | None] = relationship(lazy="raise_on_sql")
    milestone: Mapped[Milestone | None] = relationship(lazy="raise_on_sql")
    user: Mapped[User | None] = relationship(lazy="raise_on_sql", foreign_keys=[user_id])
    made_by: Mapped[User] = relationship(lazy="raise_on_sql", foreign_keys=[made_by_id])


class OccurrenceState(enum.Enum):
    PLANNED = "planned"
    FIRED = "fired"
    SKIPPED = "skipped"  # with the reason: met, nobody to tell …
    SUPERSEDED = "superseded"  # the milestone was cancelled, the rule changed or stopped
    EXPIRED = "expired"  # its day was too long ago when we came to it: listed as missed, not fired


class Occurrence(Base):
    """One reminder of one rule about one body, or about a milestone that binds none.

    What makes it one is rule, milestone, body and step; its day is a column and moves with the
    milestone while it has not fired. Day and time are those of London's calendar and clock.
    """

    __tablename__ = "reminder_occurrence"
    __table_args__ = (
        Index(
            "uq_reminder_occurrence_body",
            "rule_id",
            "milestone_id",
            "organisation_id",
            "step",
            unique=True,
            postgresql_where=text("organisation_id IS NOT NULL"),
            sqlite_where=text("organisation_id IS NOT NULL"),
        ),
        Index(
            "uq_reminder_occurrence_no_body",
            "rule_id",
            "milestone_id",
            "step",
            unique=True,
            postgresql_where=text("organisation_id IS NULL"),
            sqlite_where=text("organisation_id IS NULL"),
        ),
        # Small however many have fired: only what is still to come.
        Index(
            "ix_reminder_occurrence_due",
            "due_on",
            "due_time",
            "id",
            postgresql_where=text("state = 'planned'"),
            sqlite_where=text("state = 'planned'"),
        ),
        Index(None, "rule_id", "state"),
        Index(None, "milestone_id"),
        Index(None, "organisation_id"),
        NUMBERED_ONCE,
    )

    id: Mapped[IntPk]
    rule_id: Mapped[int] = mapped_column(ForeignKey("reminder_rule.id"), info=GOES_ALONG)
    milestone_id: Mapped[int] = mapped_column(ForeignKey("milestone.id"), info=GOES_ALONG)
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id"), info=GOES_ALONG
    )
    step: Mapped[str]  # the offset ("-28"), or which repeat it is ("r2"); "a2:" before: told again
    due_on: Mapped[date]
    due_time: Mapped[str]
    state: Mapped[OccurrenceState] = mapped_column(default=OccurrenceState.PLANNED)
    reason: Mapped[str] = mapped_column(default="")
    settled_at: Mapped[datetime | None]  # when it left "planned"
    told_for: Mapped[date | None]  # the day of the milestone that it was given for

    rule: Mapped[ReminderRule] = relationship(lazy="raise_on_sql")
    milestone: Mapped[Milestone] = relationship(lazy="raise_on_sql")
    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql")


class Reminded(Base):
    """One of our people was told by one occurrence: what the digest and Home list from.

    Of an occurrence that expired it says who should have been told, and is told that it was missed.
    """

    __tablename__ = "reminded"
    __table_args__ = (Index(None, "user_id", "at"),)

    occurrence_id: Mapped[int] = mapped_column(
        ForeignKey("reminder_occurrence.id"), primary_key=True, info=GOES_ALONG
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    at: Mapped[datetime]

    occurrence: Mapped[Occurrence] = relationship(lazy="raise_on_sql")
