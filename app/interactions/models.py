"""What happened, or will, between us and bodies; and what came out of it."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, column
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from app.accounts.models import User
from app.accounts.visibility import Confidential
from app.core.db import GOES_ALONG, LET_GO, NUMBERED_ONCE, Base, IntPk
from app.directory.models import Organisation, Person
from app.followups.models import FollowUp, Priority


class InteractionKind(enum.Enum):
    MEETING = "meeting"
    CALL = "call"
    EMAIL = "email"
    NOTE = "note"
    EVENT = "event"


class InteractionState(enum.Enum):
    """Whatever is not planned or cancelled has happened."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class Interaction(Confidential, Base):
    """One entry on the timeline. `happened_on` can be any day; `written_at` cannot."""

    __tablename__ = "interaction"
    __table_args__ = (
        Index(None, "happened_on"),
        Index(None, "state", "starts_at"),
        CheckConstraint(
            "ends_at IS NULL OR starts_at IS NOT NULL AND ends_at >= starts_at",
            name="ends_after_start",
        ),
        NUMBERED_ONCE,
    )
    __audit__ = "interaction"

    id: Mapped[IntPk]
    kind: Mapped[InteractionKind]
    happened_on: Mapped[date]  # in London; of a planned meeting, the day it is to be
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    state: Mapped[InteractionState] = mapped_column(default=InteractionState.HELD)
    subject: Mapped[str] = mapped_column(default="")
    agenda: Mapped[str] = mapped_column(Text, default="")  # Markdown
    body: Mapped[str] = mapped_column(Text, default="")  # the notes, Markdown
    place: Mapped[str] = mapped_column(default="")
    link: Mapped[str] = mapped_column(default="")  # of the video call
    others: Mapped[str] = mapped_column(Text, default="")  # who else was there, as it was given
    written_at: Mapped[datetime]
    # Counts saves: whoever saves over a later version than they read is told first.
    version: Mapped[int] = mapped_column(default=1)
    form_token: Mapped[str | None] = mapped_column(unique=True)  # a double click writes once

    author: Mapped[User] = relationship(
        foreign_keys="Interaction.author_id", lazy="raise_on_sql", viewonly=True
    )


class OfInteraction:
    """A row that belongs to an interaction, and is seen by whoever may read that."""

    interaction_id: Mapped[int]

    def audit_readers(self) -> str:
        session = object_session(self)
        interaction = session.get(Interaction, self.interaction_id) if session else None
        return interaction.audit_readers() if interaction else ""


class InteractionOrganisation(OfInteraction, Base):
    __tablename__ = "interaction_organisation"
    __audit__ = "interaction_organisation"

    interaction_id: Mapped[int] = mapped_column(
        ForeignKey("interaction.id"), primary_key=True, info=GOES_ALONG
    )
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True, index=True
    )

    interaction: Mapped[Interaction] = relationship(lazy="raise_on_sql")
    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("interaction", self.interaction_id), ("organisation", self.organisation_id)]


class InteractionPerson(OfInteraction, Base):
    """Somebody of theirs who was there. Their posts on the day come from the appointments."""

    __tablename__ = "interaction_person"
    __audit__ = "interaction_person"

    interaction_id: Mapped[int] = mapped_column(
        ForeignKey("interaction.id"), primary_key=True, info=GOES_ALONG
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    capacity: Mapped[str] = mapped_column(default="")  # as what, where no post says so

    interaction: Mapped[Interaction] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("interaction", self.interaction_id), ("person", self.person_id)]


class InteractionUser(OfInteraction, Base):
    """One of our people who was there."""

    __tablename__ = "interaction_user"
    __audit__ = "interaction_user"

    interaction_id: Mapped[int] = mapped_column(
        ForeignKey("interaction.id"), primary_key=True, info=GOES_ALONG
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True, index=True)

    interaction: Mapped[Interaction] = relationship(lazy="raise_on_sql")
    user: Mapped[User] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("interaction", self.interaction_id)]


class Theme(Base):
    """A subject, in a small tree: the seven criteria, and what else the group works on."""

    __tablename__ = "theme"
    __table_args__ = NUMBERED_ONCE
    __audit__ = "theme"

    id: Mapped[IntPk]
    name: Mapped[str] = mapped_column(unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"))
    position: Mapped[int] = mapped_column(default=0)
    retired_on: Mapped[date | None]  # kept on what has it, no longer offered


class InteractionTheme(OfInteraction, Base):
    __tablename__ = "interaction_theme"
    __audit__ = "interaction_theme"

    interaction_id: Mapped[int] = mapped_column(
        ForeignKey("interaction.id"), primary_key=True, info=GOES_ALONG
    )
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id"), primary_key=True, index=True)

    interaction: Mapped[Interaction] = relationship(lazy="raise_on_sql")
    theme: Mapped[Theme] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("interaction", self.interaction_id)]


class Draft(Base):
    """What somebody is typing, kept on the server every few seconds and read by nobody else.

    `key` says what it will become: "interaction:12", or the form token of an entry not yet made.
    A tab that found another tab's words there goes on under a key of its own, "interaction:12~tab",
    until its user has settled which they want.
    """

    __tablename__ = "draft"
    __table_args__ = (
        Index(
            "uq_draft_author_id_key",
            "author_id",
            "key",
            unique=True,
            sqlite_where=column("discarded_at").is_(None),
            postgresql_where=column("discarded_at").is_(None),
        ),
        NUMBERED_ONCE,
    )

    id: Mapped[IntPk]
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    key: Mapped[str]
    path: Mapped[str]  # the page on which it is being typed
    body: Mapped[str] = mapped_column(Text, default="")
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the other fields of the form
    base_version: Mapped[int | None]  # of the entry, when typing began
    revision: Mapped[int] = mapped_column(default=1)  # counts saves: a second tab is told
    tab: Mapped[str] = mapped_column(default="")  # where it was typed last
    tab_save: Mapped[int] = mapped_column(default=0)  # that tab's own count: late ones are known
    started_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    discarded_at: Mapped[datetime | None]  # kept for a while, in case it was not meant


class OutcomeKind(enum.Enum):
    DECISION = "decision"
    COMMITMENT = "commitment"
    FOLLOW_UP = "follow-up"
    QUESTION = "question"


class PromisedBy(enum.Enum):
    US = "us"
    THEM = "them"


class PointState(enum.Enum):
    """A decision is settled when it is made; a question when it is answered."""

    OPEN = "open"
    KEPT = "kept"  # a commitment kept, a question answered, a follow-up done, a decision made
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"


class Outcome(Confidential, Base):
    """One thing that came out of an interaction. It is seen by those who may read that."""

    __tablename__ = "point"
    __table_args__ = (
        Index(None, "interaction_id"),
        Index(None, "kind", "state", "due_on", "id"),
        CheckConstraint(
            "kind <> 'commitment' OR promised_by IS NOT NULL", name="commitment_has_a_side"
        ),
        CheckConstraint("(state = 'open') = (settled_on IS NULL)", name="settled_on_when_settled"),
        NUMBERED_ONCE,
    )
    __audit__ = "point"

    id: Mapped[IntPk]
    # Empty for a commitment written down by itself, without a meeting.
    interaction_id: Mapped[int | None] = mapped_column(
        ForeignKey("interaction.id"), info=GOES_ALONG
    )
    kind: Mapped[OutcomeKind]
    text: Mapped[str] = mapped_column(Text)
    promised_by: Mapped[PromisedBy | None]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=LET_GO)
    made_on: Mapped[date]  # the day it was promised, decided or asked
    due_on: Mapped[date | None]
    priority: Mapped[Priority] = mapped_column(default=Priority.NORMAL)
    state: Mapped[PointState] = mapped_column(default=PointState.OPEN)
    settled_on: Mapped[date | None]
    evidence: Mapped[str] = mapped_column(Text, default="")  # how we know it was kept or broken
    evidence_link: Mapped[str] = mapped_column(default="")
    # Settles this point when it is finished.
    follow_up_id: Mapped[int | None] = mapped_column(ForeignKey("follow_up.id"), unique=True)
    written_at: Mapped[datetime]
    form_token: Mapped[str | None] = mapped_column(unique=True)

    interaction: Mapped[Interaction | None] = relationship(lazy="raise_on_sql")
    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql")
    person: Mapped[Person | None] = relationship(lazy="raise_on_sql")
    follow_up: Mapped[FollowUp | None] = relationship(lazy="raise_on_sql")
    author: Mapped[User] = relationship(
        foreign_keys="Outcome.author_id", lazy="raise_on_sql", viewonly=True
    )

    def audit_subjects(self) -> list[tuple[str, int]]:
        subjects = [("point", self.id)]
        if self.interaction_id:
            subjects.append(("interaction", self.interaction_id))
        if self.organisation_id:
            subjects.append(("organisation", self.organisation_id))
        return subjects


class OfferState(enum.Enum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    UNDER_WAY = "under way"
    DELIVERED = "delivered"
    DECLINED = "declined"


class Offer(Base):
    """Evidence, insight or a session that we offered to a body, and what became of it."""

    __tablename__ = "offer"
    __table_args__ = (Index(None, "state", "offered_on"), NUMBERED_ONCE)
    __audit__ = "offer"

    id: Mapped[IntPk]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    what: Mapped[str]
    details: Mapped[str] = mapped_column(Text, default="")
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"))
    state: Mapped[OfferState] = mapped_column(default=OfferState.OFFERED)
    offered_on: Mapped[date]
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    interaction_id: Mapped[int | None] = mapped_column(ForeignKey("interaction.id"), info=LET_GO)
    form_token: Mapped[str | None] = mapped_column(unique=True)

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    owner: Mapped[User] = relationship(lazy="raise_on_sql")
    theme: Mapped[Theme | None] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("offer", self.id), ("organisation", self.organisation_id)]


class OfferStep(Base):
    """A state an offer came to, and the day: the map's last step has a date."""

    __tablename__ = "offer_step"
    __table_args__ = (Index(None, "offer_id", "reached_on"), NUMBERED_ONCE)
    __audit__ = "offer_step"

    id: Mapped[IntPk]
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), info=GOES_ALONG)
    state: Mapped[OfferState]
    reached_on: Mapped[date]
    note: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    offer: Mapped[Offer] = relationship(lazy="raise_on_sql")
    by: Mapped[User] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("offer", self.offer_id)]
