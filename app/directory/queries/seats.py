"""Posts on a day: who holds each, what was seen where nobody does, and when somebody looked.

Read as columns: a table of posts shows a few words of each of many records.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.db import AnySelect, remembered
from app.core.text.alphabet import alphabetical
from app.directory.models import (
    PERSON_NAME,
    Appointment,
    Organisation,
    OrganisationKind,
    Person,
    PersonEmail,
    Post,
    PostObservation,
    PostState,
    PostType,
    held_from,
    held_on,
    spoken_name,
)
from app.directory.rules import Freshness, StateOnDay, freshness, state_on


class KindOfPost(NamedTuple):
    id: int
    code: str
    name: str


class SeatBody(NamedTuple):
    id: int
    kind: OrganisationKind
    name: str
    short_name: str


class Seat(NamedTuple):
    """One post at one body, held or not."""

    id: int
    post_type: KindOfPost
    organisation: SeatBody


class Somebody(NamedTuple):
    id: int
    name: str
    objected_on: date | None
    phone: str
    email: str  # the preferred address that works

    @property
    def reach(self) -> tuple[str, ...]:
        """The telephone and the address, as far as they are known; nothing of whoever objected."""
        return () if self.objected_on else tuple(one for one in (self.phone, self.email) if one)


class Holder(NamedTuple):
    """As much of an appointment as says who held a post when, and where that was found."""

    id: int
    started_on: date | None
    ended_on: date | None
    known_since: date | None
    is_acting: bool
    job_title: str
    source: str
    checked_on: date | None
    person: Somebody

    @property
    def held_from(self) -> date | None:
        return held_from(self.started_on, self.known_since, self.ended_on)

    def held_on(self, day: date) -> bool:
        return held_on(day, self.held_from, self.ended_on)


class Observation(NamedTuple):
    id: int
    state: PostState
    observed_on: date
    source: str


@dataclass(frozen=True)
class PostOnDay:
    """One seat at one body, with what is known of it on one day."""

    post: Seat
    day: date
    known: StateOnDay[Holder, Observation]

    @property
    def organisation(self) -> SeatBody:
        return self.post.organisation

    @property
    def post_type(self) -> KindOfPost:
        return self.post.post_type

    @property
    def state(self) -> PostState:
        return self.known.state

    @property
    def holders(self) -> tuple[Holder, ...]:
        return self.known.holders

    @property
    def checked_on(self) -> date | None:
        return self.known.checked_on

    @property
    def freshness(self) -> Freshness:
        return freshness(self.checked_on, self.day)

    @property
    def days_since_check(self) -> int | None:
        return (self.day - self.checked_on).days if self.checked_on else None


def posts_of(session: Session, organisation_ids: Collection[int], on: date) -> list[PostOnDay]:
    """Every seat of these bodies with its state; two statements however many bodies."""
    holding, seen = _at_bodies(tuple(organisation_ids), on)
    return _on_day(session.execute(holding), session.execute(seen), on)


def post_on(session: Session, post_id: int, on: date) -> PostOnDay:
    """One seat that exists."""
    holding = _holding(on).where(Post.id == post_id)
    seen = _SEEN.where(PostObservation.observed_on <= on, PostObservation.post_id == post_id)
    return _on_day(session.execute(holding), session.execute(seen), on)[0]


def _on_day(holding: Any, seen: Any, on: date) -> list[PostOnDay]:
    seats: dict[int, Seat] = {}
    holders: dict[int, list[Holder]] = {}
    for id_, *rest in holding:
        if id_ not in seats:
            seats[id_] = Seat(id_, KindOfPost(*rest[0:3]), SeatBody(*rest[3:7]))
            holders[id_] = []
        if rest[7] is not None:
            person_id, objected_on, phone, email, *name = rest[15:]
            person = Somebody(person_id, spoken_name(*name), objected_on, phone, email or "")
            holders[id_].append(Holder._make((*rest[7:15], person)))
    observed: dict[int, list[Observation]] = {}
    for post_id, *one in seen:
        observed.setdefault(post_id, []).append(Observation(*one))
    return [
        PostOnDay(seat, on, state_on(on, holders[id_], observed.get(id_, ())))
        for id_, seat in seats.items()
    ]


_ADDRESS = (
    select(PersonEmail.address)
    .where(PersonEmail.person_id == Person.id, PersonEmail.failed_on.is_(None))
    .order_by(PersonEmail.is_preferred.desc(), PersonEmail.id)
    .limit(1)
    .correlate(Person)
    .scalar_subquery()
)
_POSTS = (
    select(
        *(Post.id, PostType.id, PostType.code, PostType.name),
        *(Organisation.id, Organisation.kind, Organisation.name, Organisation.short_name),
        *(Appointment.id, Appointment.started_on, Appointment.ended_on),
        *(Appointment.known_since, Appointment.is_acting, Appointment.job_title),
        *(Appointment.source, Appointment.checked_on),
        *(Person.id, Person.objected_on, Person.phone, _ADDRESS, *PERSON_NAME),
    )
    .join(PostType, PostType.id == Post.post_type_id)
    .join(Organisation, Organisation.id == Post.organisation_id)
    .order_by(
        PostType.position,
        PostType.id,
        Organisation.kind,
        alphabetical(Organisation.short_name),
        Post.id,
    )
)
_SEEN = select(
    *(PostObservation.post_id, PostObservation.id, PostObservation.state),
    *(PostObservation.observed_on, PostObservation.source),
)


@remembered
def _holding(on: date) -> AnySelect:
    begun = (Appointment.post_id == Post.id) & Appointment.where_begun_by(on)
    return _POSTS.outerjoin(Appointment, begun).outerjoin(
        Person, Person.id == Appointment.person_id
    )


@remembered
def _at_bodies(body_ids: tuple[int, ...], on: date) -> tuple[AnySelect, AnySelect]:
    """Who holds each post of these bodies, and what was seen there."""
    is_theirs = Post.organisation_id.in_(body_ids)
    seen = _SEEN.join(Post, Post.id == PostObservation.post_id)
    return (
        _holding(on).where(is_theirs),
        seen.where(PostObservation.observed_on <= on, is_theirs),
    )
