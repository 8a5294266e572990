"""Posts, who holds and held them, and their addresses."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.core.text.alphabet import alphabetical
from app.directory.models import (
    Appointment,
    Organisation,
    Person,
    PersonEmail,
    Post,
    PostObservation,
    PostType,
)

LATEST_FIRST = (
    *(Appointment.ended_on.is_not(None), Appointment.ended_on.desc()),
    *(Appointment.started_on.desc(), Appointment.id.desc()),
)


def emails_of(
    session: Session, person_ids: Collection[int] | Select[int]
) -> dict[int, list[PersonEmail]]:
    """Each person's addresses, the preferred first and the failed last."""
    found: dict[int, list[PersonEmail]] = {}
    for email in session.scalars(
        select(PersonEmail)
        .where(PersonEmail.person_id.in_(person_ids))
        .order_by(
            PersonEmail.failed_on.is_not(None), PersonEmail.is_preferred.desc(), PersonEmail.id
        )
    ):
        found.setdefault(email.person_id, []).append(email)
    return found


def appointments_of_person(session: Session, person_id: int) -> Sequence[Appointment]:
    """What a person holds and held, the latest first."""
    return session.scalars(
        select(Appointment)
        .join(Appointment.post)
        .where(Appointment.person_id == person_id)
        .options(
            contains_eager(Appointment.post).joinedload(Post.post_type),
            contains_eager(Appointment.post).joinedload(Post.organisation),
        )
        .order_by(*LATEST_FIRST)
    ).all()


def appointments_of_post(session: Session, post_id: int) -> Sequence[Appointment]:
    """Who holds and held a post, the latest first."""
    return session.scalars(
        select(Appointment)
        .where(Appointment.post_id == post_id)
        .options(joinedload(Appointment.person), joinedload(Appointment.checked_by))
        .order_by(*LATEST_FIRST)
    ).all()


def observations_of_post(session: Session, post_id: int) -> Sequence[PostObservation]:
    return session.scalars(
        select(PostObservation)
        .where(PostObservation.post_id == post_id)
        .order_by(PostObservation.observed_on.desc(), PostObservation.id.desc())
    ).all()


def post_with_body(session: Session, post_id: int) -> Post | None:
    return session.scalar(
        select(Post)
        .where(Post.id == post_id)
        .options(joinedload(Post.post_type), joinedload(Post.organisation))
    )


def appointment_with_body(session: Session, appointment_id: int) -> Appointment | None:
    return session.scalar(
        select(Appointment)
        .join(Appointment.post)
        .where(Appointment.id == appointment_id)
        .options(
            contains_eager(Appointment.post).joinedload(Post.post_type),
            contains_eager(Appointment.post).joinedload(Post.organisation),
            joinedload(Appointment.person),
        )
    )


def people_at(session: Session, organisation_ids: Collection[int], on: date) -> Sequence[Person]:
    """Everybody who holds a post at these bodies on that day, once each."""
    holding = (
        select(Appointment.person_id)
        .join(Appointment.post)
        .where(Post.organisation_id.in_(organisation_ids), Appointment.where_held_on(on))
    )
    return session.scalars(
        select(Person)
        .where(Person.id.in_(holding))
        .order_by(alphabetical(Person.family_name), alphabetical(Person.given_name), Person.id)
    ).all()


def post_types(session: Session) -> Sequence[PostType]:
    return session.scalars(select(PostType).order_by(PostType.position, PostType.id)).all()


def counts_by_type(session: Session, on: date) -> dict[int, tuple[int, int]]:
    """For each kind of post: at how many bodies of that day it is, and at how many it is held."""
    held = select(Appointment.post_id).where(Appointment.where_held_on(on)).distinct().subquery()
    rows = session.execute(
        select(Post.post_type_id, func.count(Post.id), func.count(held.c.post_id))
        .join(Post.organisation)
        .outerjoin(held, held.c.post_id == Post.id)
        .where(Organisation.where_exists_on(on))
        .group_by(Post.post_type_id)
    )
    return {type_id: (there, known) for type_id, there, known in rows}
