"""Organisations, people, posts and who held them, all over time."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    and_,
    or_,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship, validates

from app.accounts.models import User
from app.core.db import GOES_ALONG, NUMBERED_ONCE, Base, IntPk, remembered


class OrganisationKind(enum.Enum):
    ICS = "ics"
    ICB = "icb"
    ICP = "icp"
    PLACE = "place"
    LOCAL_AUTHORITY = "local_authority"
    NHS_ENGLAND = "nhs_england"
    HEALTH_AND_WELLBEING_BOARD = "health_and_wellbeing_board"
    GOVERNMENT_DEPARTMENT = "government_department"
    REGULATOR = "regulator"
    PROVIDER = "provider"
    VCSE = "vcse"
    PARLIAMENT = "parliament"
    OTHER = "other"


class Region(Base):
    """One of the seven NHS England regions; its regional team is an `nhs_england` body."""

    __tablename__ = "region"
    __audit__ = "region"

    id: Mapped[IntPk]
    ods_code: Mapped[str] = mapped_column(unique=True)
    ons_code: Mapped[str | None]
    name: Mapped[str] = mapped_column(unique=True)
    source: Mapped[str] = mapped_column(default="")
    confidence: Mapped[str] = mapped_column(default="")


class AtAnAddress:
    """Whoever letters are posted to. One that came back is about the address it went to: with
    another address it says nothing."""

    postal_address: Any
    post_returned_on: Any
    post_returned_why: Any

    @validates("postal_address")
    def _forget_what_came_back(self, _name: str, address: str | None) -> str | None:
        if self.post_returned_on and (address or "") != (self.postal_address or ""):
            self.post_returned_on, self.post_returned_why = None, ""
        return address


class Organisation(AtAnAddress, Base):
    """A body. `dissolved_on` is the first day it no longer exists."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint(
            "dissolved_on IS NULL OR established_on IS NULL OR dissolved_on > established_on",
            name="dissolved_after_established",
        ),
        Index(None, "kind", "dissolved_on"),
        NUMBERED_ONCE,
    )
    __audit__ = "organisation"

    id: Mapped[IntPk]
    kind: Mapped[OrganisationKind]
    name: Mapped[str]  # official
    short_name: Mapped[str]
    ods_code: Mapped[str | None] = mapped_column(index=True)  # never validated by pattern
    ons_code: Mapped[str | None] = mapped_column(index=True)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"), index=True)
    part_of_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    website: Mapped[str | None]
    postal_address: Mapped[str | None] = mapped_column(Text)
    post_returned_on: Mapped[date | None]  # a letter came back from there
    post_returned_why: Mapped[str] = mapped_column(Text, default="")
    office_email: Mapped[str | None]  # the office of the chair or chief executive
    population: Mapped[int | None]
    population_0_24: Mapped[int | None]
    established_on: Mapped[date | None]
    dissolved_on: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(Text)

    region: Mapped[Region | None] = relationship(lazy="raise_on_sql")
    part_of: Mapped["Organisation | None"] = relationship(
        lazy="raise_on_sql", remote_side="Organisation.id"
    )

    def exists_on(self, day: date) -> bool:
        return (self.established_on is None or self.established_on <= day) and (
            self.dissolved_on is None or day < self.dissolved_on
        )

    @classmethod
    @remembered
    def where_exists_on(cls, day: date) -> ColumnElement[bool]:
        """`exists_on`, said in SQL."""
        return and_(
            or_(cls.established_on.is_(None), cls.established_on <= day),
            or_(cls.dissolved_on.is_(None), cls.dissolved_on > day),
        )


class OrganisationName(Base):
    """Another name a body has or had."""

    __tablename__ = "organisation_name"
    __table_args__ = NUMBERED_ONCE
    __audit__ = "organisation_name"

    id: Mapped[IntPk]
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id"), index=True, info=GOES_ALONG
    )
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default="also known as")
    source: Mapped[str] = mapped_column(default="")
    confidence: Mapped[str] = mapped_column(default="")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("organisation", self.organisation_id)]


class OrganisationCode(Base):
    """A code a body had, from `since` to `until` inclusive; ONS codes change when areas do."""

    __tablename__ = "organisation_code"
    __table_args__ = (UniqueConstraint("organisation_id", "scheme", "code"), NUMBERED_ONCE)
    __audit__ = "organisation_code"

    id: Mapped[IntPk]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), info=GOES_ALONG)
    scheme: Mapped[str]  # ODS or ONS
    code: Mapped[str] = mapped_column(index=True)
    since: Mapped[date | None]
    until: Mapped[date | None]
    source: Mapped[str] = mapped_column(default="")
    confidence: Mapped[str] = mapped_column(default="")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("organisation", self.organisation_id)]


class SuccessionKind(enum.Enum):
    MERGER = "merger"
    SPLIT = "split"
    RENAME = "rename"
    ACQUISITION = "acquisition"


class Succession(Base):
    """Which body took over from which, wholly or in part; many to many."""

    __tablename__ = "succession"
    __table_args__ = (UniqueConstraint("predecessor_id", "successor_id", "effective_on"),)
    __audit__ = "succession"

    id: Mapped[IntPk]
    predecessor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    successor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    effective_on: Mapped[date]
    kind: Mapped[SuccessionKind]
    note: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    confidence: Mapped[str] = mapped_column(default="")

    predecessor: Mapped[Organisation] = relationship(
        lazy="raise_on_sql", foreign_keys=[predecessor_id]
    )
    successor: Mapped[Organisation] = relationship(lazy="raise_on_sql", foreign_keys=[successor_id])

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("organisation", self.predecessor_id), ("organisation", self.successor_id)]


class CouncilShare(Base):
    """How much of an upper-tier council's area lies in a system; `fringe` is left off screens."""

    __tablename__ = "council_share"
    __table_args__ = (UniqueConstraint("board_id", "council_id"),)
    __audit__ = "council_share"

    id: Mapped[IntPk]
    board_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    council_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    successor_board_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[str]
    percent_of_council: Mapped[float | None] = mapped_column(Float)
    straddles: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    confidence: Mapped[str] = mapped_column(default="")

    board: Mapped[Organisation] = relationship(lazy="raise_on_sql", foreign_keys=[board_id])
    council: Mapped[Organisation] = relationship(lazy="raise_on_sql", foreign_keys=[council_id])

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("organisation", self.board_id), ("organisation", self.council_id)]


class Tile(Base):
    """Where a board of July 2022 stands on the map of 42 equal tiles, and who keeps the tile."""

    __tablename__ = "tile"
    __audit__ = "tile"

    board_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    abbreviation: Mapped[str]
    column: Mapped[int]
    row: Mapped[int]
    x_centre: Mapped[float]
    y_centre_down: Mapped[float]
    holder_2026_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))

    board: Mapped[Organisation] = relationship(lazy="raise_on_sql", foreign_keys=[board_id])

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("organisation", self.board_id)]


class ReferenceFact(Base):
    """What the reference files said of one field of one record, with source and confidence.

    A field that no longer holds this value was changed by a person, and is theirs to keep.
    """

    __tablename__ = "reference_fact"

    kind: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str]
    confidence: Mapped[str]


class SubscriberType(enum.Enum):
    """PECR protects individual subscribers; a board's own addresses are corporate."""

    CORPORATE = "corporate"
    INDIVIDUAL = "individual"
    CHECK = "check"


class Person(AtAnAddress, Base):
    """Somebody we write to or meet. Names are never guessed from each other, nor titles at all."""

    __tablename__ = "person"
    __table_args__ = (
        Index(None, "family_name", "given_name"),
        # Looked at before each letter; it holds only the few who objected.
        Index(
            None,
            "objected_on",
            postgresql_where=text("objected_on IS NOT NULL"),
            sqlite_where=text("objected_on IS NOT NULL"),
        ),
        NUMBERED_ONCE,
    )
    __audit__ = "person"

    id: Mapped[IntPk]
    title: Mapped[str] = mapped_column(default="")
    given_name: Mapped[str] = mapped_column(default="")
    family_name: Mapped[str] = mapped_column(default="")
    known_as: Mapped[str] = mapped_column(default="")
    post_nominals: Mapped[str] = mapped_column(default="")
    salutation_override: Mapped[str] = mapped_column(default="")  # "Dame Mary": without "Dear"
    phone: Mapped[str] = mapped_column(default="")
    postal_address: Mapped[str] = mapped_column(Text, default="")
    post_returned_on: Mapped[date | None]  # a letter came back from there
    post_returned_why: Mapped[str] = mapped_column(Text, default="")
    subscriber_type: Mapped[SubscriberType] = mapped_column(default=SubscriberType.CHECK)
    lawful_basis: Mapped[str] = mapped_column(default="legitimate interests")
    details_source: Mapped[str] = mapped_column(default="")
    details_obtained_on: Mapped[date | None]
    objected_on: Mapped[date | None]  # objection to contact: absolute
    objection_note: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    is_demo: Mapped[bool] = mapped_column(default=False)

    @property
    def name(self) -> str:
        return spoken_name(self.title, self.given_name, self.known_as, self.family_name)


def spoken_name(title: str, given_name: str, known_as: str, family_name: str) -> str:
    """As one would say it: title, known-as or given name, family name."""
    return " ".join(part for part in (title, known_as or given_name, family_name) if part)


# What `spoken_name` needs, for statements that read a name and no whole person.
PERSON_NAME = (Person.title, Person.given_name, Person.known_as, Person.family_name)


class PersonEmail(Base):
    """An address of a person; `address_key` is its normalised form, by which it is compared."""

    __tablename__ = "person_email"
    __table_args__ = (UniqueConstraint("person_id", "address_key"), NUMBERED_ONCE)
    __audit__ = "person_email"

    id: Mapped[IntPk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=GOES_ALONG)
    address: Mapped[str]
    address_key: Mapped[str] = mapped_column(index=True)
    is_preferred: Mapped[bool] = mapped_column(default=True)
    failed_on: Mapped[date | None]  # a server said there is no such address
    failure: Mapped[str] = mapped_column(default="")

    person: Mapped[Person] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("person", self.person_id)]


class NotTheSame(Base):
    """Somebody looked at two records that seemed to be one person, and said they are two."""

    __tablename__ = "not_the_same"
    __table_args__ = (CheckConstraint("person_id < other_id", name="lower_first"),)
    __audit__ = "not_the_same"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id"), primary_key=True, info=GOES_ALONG
    )
    other_id: Mapped[int] = mapped_column(
        ForeignKey("person.id"), primary_key=True, index=True, info=GOES_ALONG
    )
    said_at: Mapped[datetime]
    said_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    said_by: Mapped[User] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("person", self.person_id), ("person", self.other_id)]


class PostType(Base):
    """A kind of seat that should exist at some kinds of body, and the duty that asks for it."""

    __tablename__ = "post_type"
    __audit__ = "post_type"

    id: Mapped[IntPk]
    code: Mapped[str] = mapped_column(unique=True)  # children, send, safeguarding, chair …
    name: Mapped[str]
    addressed_as: Mapped[str]  # "Executive Lead for Children and Young People"
    organisation_kinds: Mapped[list[str]] = mapped_column(default=list)
    duty: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=100)


class Post(Base):
    """One seat at one body. It exists whether or not anybody is known to hold it."""

    __tablename__ = "post"
    __table_args__ = (UniqueConstraint("organisation_id", "post_type_id"), NUMBERED_ONCE)
    __audit__ = "post"

    id: Mapped[IntPk]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), info=GOES_ALONG)
    post_type_id: Mapped[int] = mapped_column(ForeignKey("post_type.id"), index=True)

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    post_type: Mapped[PostType] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("organisation", self.organisation_id)]


def _body_of_post(row: "PostObservation | Appointment") -> list[tuple[str, int]]:
    session = object_session(row)
    post = session.get(Post, row.post_id) if session else None
    return [("organisation", post.organisation_id)] if post else []


class PostState(enum.Enum):
    NAMED = "named"
    SHARED = "shared"
    ACTING = "acting"
    VACANT = "vacant"
    NOT_PUBLISHED = "not published"
    UNKNOWN = "unknown"


class PostObservation(Base):
    """Somebody looked and found no name: the post is vacant, not published or unknown."""

    __tablename__ = "post_observation"
    __table_args__ = (
        CheckConstraint("state IN ('vacant', 'not published', 'unknown')", name="no_name"),
        Index(None, "post_id", "observed_on"),
        NUMBERED_ONCE,
    )
    __audit__ = "post_observation"

    id: Mapped[IntPk]
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"), info=GOES_ALONG)
    state: Mapped[PostState]
    observed_on: Mapped[date]
    source: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    observed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    post: Mapped[Post] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("post", self.post_id), *_body_of_post(self)]


def _first_looked(context: Any) -> date | None:
    """The day of the first check, which a later one leaves alone."""
    day = context.get_current_parameters().get("checked_on")
    return day if isinstance(day, date) else None


def held_from(
    started_on: date | None, known_since: date | None, ended_on: date | None
) -> date | None:
    """The first day we can say they held it; none where nobody ever looked. Somebody who had
    left when we first looked held it on their last day."""
    if started_on or known_since is None:
        return started_on
    return min(known_since, ended_on or known_since)


def held_on(day: date, first: date | None, last: date | None) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)


class Appointment(Base):
    """One person holding one post for a span of days. `ended_on` is the last day.

    Where the first day is not known, they hold it from the day we first found them there: on an
    earlier day nobody can say who held it.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        CheckConstraint(
            "ended_on IS NULL OR started_on IS NULL OR ended_on >= started_on",
            name="ends_after_start",
        ),
        Index(None, "post_id", "ended_on"),
        NUMBERED_ONCE,
    )
    __audit__ = "appointment"

    id: Mapped[IntPk]
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=GOES_ALONG)
    started_on: Mapped[date | None]  # empty: not known
    ended_on: Mapped[date | None]
    known_since: Mapped[date | None] = mapped_column(default=_first_looked)
    is_acting: Mapped[bool] = mapped_column(default=False)
    job_title: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")  # a link, or in words where it was found
    checked_on: Mapped[date | None]
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    post: Mapped[Post] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    checked_by: Mapped[User | None] = relationship(lazy="raise_on_sql")

    @property
    def held_from(self) -> date | None:
        return held_from(self.started_on, self.known_since, self.ended_on)

    def held_on(self, day: date) -> bool:
        return held_on(day, self.held_from, self.ended_on)

    @classmethod
    @remembered
    def where_begun_by(cls, day: date) -> ColumnElement[bool]:
        """`held_from` is no later than that day, said in SQL."""
        return or_(
            cls.started_on <= day,
            and_(
                cls.started_on.is_(None),
                or_(cls.known_since.is_(None), cls.known_since <= day, cls.ended_on <= day),
            ),
        )

    @classmethod
    @remembered
    def where_held_on(cls, day: date) -> ColumnElement[bool]:
        """`held_on`, said in SQL."""
        return and_(cls.where_begun_by(day), or_(cls.ended_on.is_(None), cls.ended_on >= day))

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [
            ("person", self.person_id),
            ("post", self.post_id),
            *_body_of_post(self),
        ]


class Ownership(Base):
    """Which of our users looks after a body, over a span of days. `ended_on` is the last."""

    __tablename__ = "ownership"
    __table_args__ = (Index(None, "organisation_id", "ended_on"), NUMBERED_ONCE)
    __audit__ = "ownership"

    id: Mapped[IntPk]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), info=GOES_ALONG)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    started_on: Mapped[date]
    ended_on: Mapped[date | None]

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    user: Mapped[User] = relationship(lazy="raise_on_sql")

    def held_on(self, day: date) -> bool:
        return self.started_on <= day and (self.ended_on is None or day <= self.ended_on)

    @classmethod
    @remembered
    def where_held_on(cls, day: date) -> ColumnElement[bool]:
        """`held_on`, said in SQL."""
        return and_(cls.started_on <= day, or_(cls.ended_on.is_(None), cls.ended_on >= day))

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("organisation", self.organisation_id)]
