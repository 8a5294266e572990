"""Things somebody owes somebody by a date."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.accounts.visibility import Confidential
from app.core.db import LET_GO, NUMBERED_ONCE, Base, IntPk
from app.directory.models import Organisation, Person

READERS = ("asleep_until", "visible_to", "author_id", "member_organisation_id")


class Priority(enum.Enum):
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class FollowUpState(enum.Enum):
    """Snoozed is not a state of its own: an open follow-up is asleep until its day comes."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class Repeats(enum.Enum):
    NEVER = "never"
    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


class FollowUp(Confidential, Base):
    """What one of our people will do, or wait for, by a date. It always has an owner and a date."""

    __tablename__ = "follow_up"
    __table_args__ = (
        CheckConstraint("state <> 'dropped' OR reason <> ''", name="dropped_with_reason"),
        CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done_at_when_done"),
        # Each holds all that counting a list asks for, so that 20,000 are counted without reading
        # them, in the order the lists are in.
        Index("ix_follow_up_by_day", "state", "due_on", "id", *READERS, "waiting_on_them"),
        Index("ix_follow_up_by_owner", "owner_id", "state", "due_on", "id", *READERS),
        Index("ix_follow_up_by_done", "done_at", "id", "state", *READERS),
        NUMBERED_ONCE,
    )
    __audit__ = "follow_up"

    id: Mapped[IntPk]
    what: Mapped[str]
    details: Mapped[str] = mapped_column(Text, default="")
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    due_on: Mapped[date]
    priority: Mapped[Priority] = mapped_column(default=Priority.NORMAL)
    waiting_on_them: Mapped[bool] = mapped_column(default=False)  # they owe it; the owner chases
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=LET_GO)
    # The record it is about, of a feature above this one: "interaction", "letter", "mailing" …
    record_kind: Mapped[str] = mapped_column(default="")
    record_id: Mapped[int | None] = mapped_column(info=LET_GO | {"kind in": "record_kind"})
    state: Mapped[FollowUpState] = mapped_column(default=FollowUpState.OPEN)
    reason: Mapped[str] = mapped_column(default="")  # why dropped, or why asleep
    asleep_until: Mapped[date | None]
    repeats: Mapped[Repeats] = mapped_column(default=Repeats.NEVER)
    repeat_from: Mapped[date | None]  # the first day of the series: a rule from the 31st stays one
    repeat_of_id: Mapped[int | None] = mapped_column(
        ForeignKey("follow_up.id"), unique=True, info=LET_GO
    )
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    form_token: Mapped[str | None] = mapped_column(unique=True)  # a double click writes once

    owner: Mapped[User] = relationship(foreign_keys=[owner_id], lazy="raise_on_sql")
    author: Mapped[User] = relationship(
        foreign_keys="FollowUp.author_id", lazy="raise_on_sql", viewonly=True
    )
    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql")
    person: Mapped[Person | None] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        subjects = [("follow_up", self.id)]
        if self.organisation_id:
            subjects.append(("organisation", self.organisation_id))
        if self.person_id:
            subjects.append(("person", self.person_id))
        return subjects


# PostgreSQL reads an index only in the very order it was made in: the newest first, and those
# without a day (dropped) last. SQLite's own order of the index above is that already.
Index(
    "ix_follow_up_newest_done",
    FollowUp.done_at.desc().nulls_last(),
    FollowUp.id.desc(),
    info={"only": "postgresql"},  # for migrations/env.py
)


class BulkField(enum.Enum):
    OWNER = "owner"
    DUE = "due"


class BulkChange(Base):
    """One change of many follow-ups at once, with what each said before: it is undone as one."""

    __tablename__ = "follow_up_bulk_change"
    __table_args__ = (Index(None, "by_id", "at"),)

    id: Mapped[IntPk]
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]
    field: Mapped[BulkField]
    set_to: Mapped[str]  # the owner's id, or the day
    words: Mapped[str]  # "3 follow-ups given to Jo Sample"
    before: Mapped[dict[str, Any]]  # by follow-up: the owner's id, or the day
    undone_at: Mapped[datetime | None]
    form_token: Mapped[str | None] = mapped_column(unique=True)
