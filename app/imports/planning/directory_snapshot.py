"""The part of the register a file speaks of, read in few statements however long the file is."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from app.core.text.alphabet import alphabetical
from app.directory.models import (
    Appointment,
    Organisation,
    Person,
    PersonEmail,
    Post,
    PostObservation,
)
from app.directory.queries.posts import emails_of
from app.imports.planning.fields import name_key

Thing = TypeVar("Thing")
AT_ONCE = 500  # values in one IN list; both databases have a limit


@dataclass
class KnownSeats:
    """What is known of the seats and people a file names."""

    posts: dict[tuple[int, int], Post] = field(default_factory=dict)
    appointments: dict[tuple[int, int], list[Appointment]] = field(default_factory=dict)
    observations: dict[tuple[int, int], list[PostObservation]] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    emails: dict[int, list[PersonEmail]] = field(default_factory=dict)
    by_email: dict[str, set[int]] = field(default_factory=dict)
    by_name_at: dict[tuple[int, str], set[int]] = field(default_factory=dict)


def read_register(
    session: Session, seats: Collection[tuple[int, int]], email_keys: Collection[str]
) -> KnownSeats:
    """What is known at these bodies, and of whoever has one of these addresses."""
    register = KnownSeats()
    body_ids = sorted({body_id for body_id, _ in seats})
    posts = _posts(session, body_ids)
    register.posts = {(post.organisation_id, post.post_type_id): post for post in posts}
    seat_of = {post.id: seat for seat, post in register.posts.items()}
    for appointment in _appointments(session, body_ids):
        seat = seat_of[appointment.post_id]
        register.appointments.setdefault(seat, []).append(appointment)
        register.people[appointment.person_id] = appointment.person
        key = name_key(appointment.person.given_name, appointment.person.family_name)
        register.by_name_at.setdefault((seat[0], key), set()).add(appointment.person_id)
    for seen in _observations(session, body_ids):
        register.observations.setdefault(seat_of[seen.post_id], []).append(seen)
    for person in _people_with(session, email_keys):
        register.people[person.id] = person
    for ids in _portions(sorted(register.people)):
        register.emails |= emails_of(session, ids)
    for person_id, emails in register.emails.items():
        for email in emails:
            register.by_email.setdefault(email.address_key, set()).add(person_id)
    return register


def held_now(session: Session, post_type_ids: Collection[int], on: date) -> Sequence[Appointment]:
    """Whoever holds these kinds of post on that day, at bodies of that day."""
    return session.scalars(
        select(Appointment)
        .join(Appointment.post)
        .join(Post.organisation)
        .join(Post.post_type)
        .join(Appointment.person)
        .where(
            Post.post_type_id.in_(post_type_ids),
            Appointment.where_held_on(on),
            Organisation.where_exists_on(on),
        )
        .options(
            contains_eager(Appointment.person),
            contains_eager(Appointment.post).contains_eager(Post.organisation),
            contains_eager(Appointment.post).contains_eager(Post.post_type),
        )
        .order_by(
            alphabetical(Organisation.short_name), alphabetical(Person.family_name), Appointment.id
        )
    ).all()


def _posts(session: Session, body_ids: Sequence[int]) -> list[Post]:
    return [
        post
        for ids in _portions(body_ids)
        for post in session.scalars(select(Post).where(Post.organisation_id.in_(ids)))
    ]


def _appointments(session: Session, body_ids: Sequence[int]) -> list[Appointment]:
    return [
        appointment
        for ids in _portions(body_ids)
        for appointment in session.scalars(
            select(Appointment)
            .join(Appointment.post)
            .join(Appointment.person)
            .where(Post.organisation_id.in_(ids))
            .options(contains_eager(Appointment.person))
            .order_by(Appointment.id)
        )
    ]


def _observations(session: Session, body_ids: Sequence[int]) -> list[PostObservation]:
    return [
        seen
        for ids in _portions(body_ids)
        for seen in session.scalars(
            select(PostObservation)
            .join(PostObservation.post)
            .where(Post.organisation_id.in_(ids))
            .order_by(PostObservation.observed_on, PostObservation.id)
        )
    ]


def _people_with(session: Session, email_keys: Collection[str]) -> list[Person]:
    return [
        person
        for keys in _portions(sorted(email_keys))
        for person in session.scalars(
            select(Person).where(
                Person.id.in_(
                    select(PersonEmail.person_id).where(PersonEmail.address_key.in_(keys))
                )
            )
        )
    ]


def namesakes(session: Session, family_names: Collection[str]) -> dict[str, set[int]]:
    """The ids of people with one of these family names, by the key of their whole name."""
    found: dict[str, set[int]] = {}
    for names in _portions(sorted(family_names)):
        for person_id, given_name, family_name in session.execute(
            select(Person.id, Person.given_name, Person.family_name).where(
                Person.family_name.in_(names)
            )
        ):
            found.setdefault(name_key(given_name, family_name), set()).add(person_id)
    return found


def _portions(things: Sequence[Thing]) -> Iterator[Sequence[Thing]]:
    for start in range(0, len(things), AT_ONCE):
        yield things[start : start + AT_ONCE]
