"""Gathering what a page about one body or one person shows, in a fixed number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import User
from app.core.text.alphabet import alphabetical
from app.directory.labels import FIELD_WORDS
from app.directory.models import (
    Appointment,
    Organisation,
    OrganisationCode,
    OrganisationKind,
    OrganisationName,
    Ownership,
    Person,
    PersonEmail,
    Post,
    ReferenceFact,
    Succession,
)
from app.directory.queries import bodies, owners, posts, seats
from app.directory.queries.bodies import Share, System
from app.directory.queries.seats import PostOnDay
from app.directory.reference_reconciler import text_of
from app.directory.salutation import Salutation, salutation_of


@dataclass(frozen=True)
class FactShown:
    """One field of a body, with where it is from, or that a person put it right."""

    field: str
    label: str
    value: Any
    source: str = ""
    confidence: str = ""


@dataclass(frozen=True)
class BodyShown:
    """A body on a day; of one that has ended by then, who led and what it was to the last."""

    organisation: Organisation
    day: date
    last_day: date | None  # only once it has ended
    system: System | None
    facts: list[FactShown]
    posts: list[PostOnDay]
    councils: list[Share]
    boards: list[tuple[Organisation, Share]]
    names: Sequence[OrganisationName]
    codes: Sequence[OrganisationCode]
    came_from: list[Succession]
    went_to: list[Succession]
    parts: Sequence[Organisation]
    owner: User | None
    owners: Sequence[Ownership]
    left_behind: Sequence[Appointment]


@dataclass(frozen=True)
class PersonShown:
    person: Person
    emails: Sequence[PersonEmail]
    salutation: Salutation
    now: list[Appointment]
    before: list[Appointment]
    shares_address_with: Sequence[Person]


def body(session: Session, organisation_id: int, day: date) -> BodyShown | None:
    organisation = session.scalar(
        select(Organisation)
        .where(Organisation.id == organisation_id)
        .options(joinedload(Organisation.region), joinedload(Organisation.part_of))
    )
    if organisation is None:
        return None
    asked_for, last_day = day, None
    if organisation.dissolved_on and organisation.dissolved_on <= day:
        day = last_day = organisation.dissolved_on - timedelta(days=1)
    system = bodies.system_of(session, organisation, day)
    is_system = organisation.kind is OrganisationKind.ICS
    shown = [one.id for one in system.bodies] if system and is_system else [organisation.id]
    board = system.board if system and is_system else organisation
    successions = bodies.successions_of(session, organisation.id)
    came_from = [one for one in successions if one.successor_id == organisation.id]
    owner_id = board.id if board else organisation.id
    return BodyShown(
        organisation=organisation,
        day=asked_for,
        last_day=last_day,
        system=system,
        facts=facts_shown(organisation, bodies.facts_of(session, "organisation", organisation.id)),
        posts=seats.posts_of(session, shown, day),
        councils=bodies.councils_of(session, board.id, day)
        if board and board.kind is OrganisationKind.ICB
        else [],
        boards=bodies.boards_of_council(session, organisation.id, day)
        if organisation.kind is OrganisationKind.LOCAL_AUTHORITY
        else [],
        names=bodies.names_of(session, organisation.id),
        codes=bodies.codes_of(session, organisation.id),
        came_from=came_from,
        went_to=[one for one in successions if one.predecessor_id == organisation.id],
        parts=_parts(session, organisation.id),
        owner=owners.owners_on(session, [owner_id], day).get(owner_id),
        owners=owners.owners_of(session, owner_id),
        left_behind=_left_behind(session, came_from, asked_for),
    )


def facts_shown(organisation: Organisation, facts: dict[str, ReferenceFact]) -> list[FactShown]:
    """The fields of a body in their usual order."""
    shown = []
    for field, label in FIELD_WORDS.items():
        value = getattr(organisation, field)
        fact = facts.get(field)
        if fact is None or value is None:
            shown.append(FactShown(field, label, value))
        elif text_of(value) == fact.value:
            shown.append(FactShown(field, label, value, fact.source, fact.confidence))
        else:
            said = f"the reference files said “{fact.value}”" if fact.value else ""
            shown.append(FactShown(field, label, value, "recorded by a person", said))
    return shown


def person(session: Session, person_id: int, day: date) -> PersonShown | None:
    found = session.get(Person, person_id)
    if found is None:
        return None
    appointments = posts.appointments_of_person(session, found.id)
    emails = posts.emails_of(session, [found.id]).get(found.id, [])
    is_over = [one.ended_on is not None and one.ended_on < day for one in appointments]
    return PersonShown(
        person=found,
        emails=emails,
        salutation=salutation_of(found),
        now=[one for one, over in zip(appointments, is_over, strict=True) if not over],
        before=[one for one, over in zip(appointments, is_over, strict=True) if over],
        shares_address_with=_others_at(session, found, emails),
    )


def _others_at(session: Session, person: Person, emails: Sequence[PersonEmail]) -> Sequence[Person]:
    """Somebody else with the same mailbox: a shared office, or the same person twice."""
    keys = [email.address_key for email in emails]
    return session.scalars(
        select(Person)
        .where(
            Person.id != person.id,
            Person.id.in_(select(PersonEmail.person_id).where(PersonEmail.address_key.in_(keys))),
        )
        .order_by(alphabetical(Person.family_name), Person.id)
    ).all()


def _parts(session: Session, organisation_id: int) -> Sequence[Organisation]:
    return session.scalars(
        select(Organisation)
        .where(Organisation.part_of_id == organisation_id)
        .order_by(Organisation.kind, alphabetical(Organisation.short_name))
    ).all()


def _left_behind(
    session: Session, came_from: Sequence[Succession], day: date
) -> Sequence[Appointment]:
    """Who held a post at a predecessor to the last, and holds none here: for a person to decide."""
    if not came_from:
        return []
    here = came_from[0].successor_id
    ended = {one.predecessor_id: one.effective_on for one in came_from if one.effective_on <= day}
    if not ended:
        return []
    holding_here = (
        select(Appointment.person_id)
        .join(Appointment.post)
        .where(Post.organisation_id == here, Appointment.where_held_on(day))
    )
    found = session.scalars(
        select(Appointment)
        .join(Appointment.post)
        .join(Post.organisation)
        .where(
            Post.organisation_id.in_(ended),
            Appointment.ended_on.is_not(None),
            Organisation.dissolved_on.is_not(None),
            Appointment.person_id.not_in(holding_here),
        )
        .options(
            joinedload(Appointment.person),
            joinedload(Appointment.post).joinedload(Post.post_type),
            joinedload(Appointment.post).joinedload(Post.organisation),
        )
        .order_by(alphabetical(Organisation.short_name), Appointment.id)
    )
    return [one for one in found if _to_the_last(one)]


def _to_the_last(appointment: Appointment) -> bool:
    ended = appointment.post.organisation.dissolved_on
    return ended is not None and appointment.ended_on == ended - timedelta(days=1)
