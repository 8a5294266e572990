"""Posts: who holds and held them, who stands in, and what has not been checked lately."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.directory.models import (
    Appointment,
    Organisation,
    OrganisationKind,
    Person,
    PersonEmail,
    Post,
    PostObservation,
    PostType,
)
from app.directory.rules import due_before


@dataclass(frozen=True)
class StandIn:
    """Who might be written to in place of an unknown lead, and as what."""

    role: str  # acting, send, chair or chief executive
    organisation: Organisation
    appointment: Appointment | None
    office_email: str | None = None


def holders_of(
    session: Session,
    post_type_code: str,
    on: date,
    *,
    organisation_ids: Collection[int] | None = None,
    kinds: Collection[OrganisationKind] | None = None,
    region_ids: Collection[int] | None = None,
) -> Sequence[Appointment]:
    """Whoever holds such a post on that day at a body of that day, ready to address.

    A shared post gives a row for each holder, and a person who holds it at several bodies a row
    for each body; an acting holder comes after the others.
    """
    wanted = (
        select(Appointment)
        .join(Appointment.post)
        .join(Post.post_type)
        .join(Post.organisation)
        .where(
            PostType.code == post_type_code,
            Appointment.where_held_on(on),
            Organisation.where_exists_on(on),
        )
        .options(
            contains_eager(Appointment.post).contains_eager(Post.post_type),
            contains_eager(Appointment.post).contains_eager(Post.organisation),
            joinedload(Appointment.person),
        )
        .order_by(Organisation.short_name, Organisation.id, Appointment.is_acting, Appointment.id)
    )
    if organisation_ids is not None:
        wanted = wanted.where(Organisation.id.in_(organisation_ids))
    if kinds is not None:
        wanted = wanted.where(Organisation.kind.in_(kinds))
    if region_ids is not None:
        wanted = wanted.where(Organisation.region_id.in_(region_ids))
    return session.scalars(wanted).all()


def stand_ins(
    session: Session,
    organisation_ids: Collection[int],
    on: date,
    *,
    post_type_code: str = "children",
    with_send_lead: bool = False,
) -> dict[int, list[StandIn]]:
    """For each body, who may be written to when the lead is unknown, the first choice first.

    The caller takes the first it can use: somebody who objected, or whose address failed, is
    still in the list, because why they were passed over has to be shown.
    """
    codes = [post_type_code, *(["send"] if with_send_lead else []), "chair", "chief_executive"]
    bodies = session.scalars(select(Organisation).where(Organisation.id.in_(organisation_ids)))
    chosen: dict[int, list[StandIn]] = {}
    by_body = {body.id: body for body in bodies}
    held: dict[tuple[int, str], list[Appointment]] = {}
    for code in codes:
        for appointment in holders_of(session, code, on, organisation_ids=organisation_ids):
            held.setdefault((appointment.post.organisation_id, code), []).append(appointment)
    for body_id, body in by_body.items():
        found = [
            StandIn("acting", body, a)
            for a in held.get((body_id, post_type_code), [])
            if a.is_acting
        ]
        if with_send_lead:
            found += [StandIn("send", body, a) for a in held.get((body_id, "send"), [])]
        found += [StandIn("chair", body, a) for a in held.get((body_id, "chair"), [])]
        if body.office_email:
            found.append(StandIn("chair", body, None, body.office_email))
        found += [
            StandIn("chief executive", body, a) for a in held.get((body_id, "chief_executive"), [])
        ]
        chosen[body_id] = found
    return chosen


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


def unchecked_since(session: Session, on: date) -> Sequence[Appointment]:
    """Who holds a post on that day and was not checked in the ninety days before; oldest first."""
    return session.scalars(
        select(Appointment)
        .join(Appointment.post)
        .join(Post.organisation)
        .where(
            Appointment.where_held_on(on),
            Organisation.where_exists_on(on),
            or_(Appointment.checked_on.is_(None), Appointment.checked_on < due_before(on)),
        )
        .options(
            contains_eager(Appointment.post).joinedload(Post.post_type),
            contains_eager(Appointment.post).contains_eager(Post.organisation),
            joinedload(Appointment.person),
        )
        .order_by(
            Appointment.checked_on.is_not(None), Appointment.checked_on, Organisation.short_name
        )
    ).all()


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
        .order_by(
            Appointment.ended_on.is_not(None),
            Appointment.ended_on.desc(),
            Appointment.started_on.desc(),
            Appointment.id.desc(),
        )
    ).all()


def appointments_of_post(session: Session, post_id: int) -> Sequence[Appointment]:
    """Who holds and held a post, the latest first."""
    return session.scalars(
        select(Appointment)
        .where(Appointment.post_id == post_id)
        .options(joinedload(Appointment.person), joinedload(Appointment.checked_by))
        .order_by(
            Appointment.ended_on.is_not(None),
            Appointment.ended_on.desc(),
            Appointment.started_on.desc(),
            Appointment.id.desc(),
        )
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
        .order_by(Person.family_name, Person.given_name, Person.id)
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
