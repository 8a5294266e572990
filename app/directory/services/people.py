"""People, how to address and reach them, and whether they want to be reached at all."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.services import record
from app.core.errors import DomainError
from app.core.web.filters import on_day
from app.directory.addresses import address_key, checked_address
from app.directory.models import Person, PersonEmail, SubscriberType
from app.directory.postal import as_kept

FIELDS = (
    "title",
    "given_name",
    "family_name",
    "known_as",
    "post_nominals",
    "salutation_override",
    "phone",
    "postal_address",
    "lawful_basis",
    "details_source",
    "note",
)


class AlreadyThere(DomainError):
    """The person has this address."""


def add_person(
    session: Session,
    *,
    details: Mapping[str, str],
    email: str = "",
    subscriber_type: SubscriberType = SubscriberType.CHECK,
    details_obtained_on: date | None = None,
    is_demo: bool = False,
) -> Person:
    """A person as they were given to us; nothing about a name or title is worked out."""
    person = Person(is_demo=is_demo)
    session.add(person)
    _describe(person, details, subscriber_type, details_obtained_on)
    session.flush()
    if email.strip():
        add_email(session, person=person, address=email)
    return person


def edit_person(
    session: Session,
    *,
    person: Person,
    details: Mapping[str, str],
    subscriber_type: SubscriberType,
    details_obtained_on: date | None,
) -> Person:
    _describe(person, details, subscriber_type, details_obtained_on)
    session.flush()
    return person


def add_email(
    session: Session, *, person: Person, address: str, preferred: bool = True
) -> PersonEmail:
    """Another address of a person. The first is preferred; there is always exactly one."""
    kept = checked_address(address)
    key = address_key(kept)
    mine = emails(session, person)
    if any(email.address_key == key for email in mine):
        raise AlreadyThere(f"{person.name} already has the address {kept}.")
    email = PersonEmail(
        person_id=person.id, address=kept, address_key=key, is_preferred=preferred or not mine
    )
    if email.is_preferred:
        for other in mine:
            other.is_preferred = False
    session.add(email)
    session.flush()
    return email


def prefer_email(session: Session, *, email: PersonEmail) -> PersonEmail:
    """Write to this one from now on."""
    for other in session.scalars(
        select(PersonEmail).where(PersonEmail.person_id == email.person_id)
    ):
        other.is_preferred = other.id == email.id
    session.flush()
    return email


def record_failure(
    session: Session, *, email: PersonEmail, failed_on: date, why: str, on: date
) -> PersonEmail:
    """Somebody says that an email to this address bounced."""
    if failed_on > on:
        raise DomainError("Give today’s date or an earlier one.")
    why = " ".join(why.split()).rstrip(". ")
    if not why:
        raise DomainError("Say why it bounced, as the message that came back says.")
    return mark_failed(session, email=email, failed_on=failed_on, why=why)


def mark_failed(session: Session, *, email: PersonEmail, failed_on: date, why: str) -> PersonEmail:
    """Email to this address does not arrive: it is written to no more until it works again."""
    email.failed_on, email.failure = failed_on, why
    session.flush()
    return email


def forget_failure(session: Session, *, email: PersonEmail) -> PersonEmail:
    """Somebody found out that the address works after all."""
    email.failed_on, email.failure = None, ""
    session.flush()
    return email


def next_preferred(session: Session, email: PersonEmail) -> PersonEmail | None:
    """Which address is written to once this one is gone; none if that changes nothing."""
    if not email.is_preferred:
        return None
    return session.scalar(
        select(PersonEmail)
        .where(PersonEmail.person_id == email.person_id, PersonEmail.id != email.id)
        .order_by(PersonEmail.failed_on.is_not(None), PersonEmail.id)
        .limit(1)
    )


def settle_preferred(session: Session, email: PersonEmail) -> None:
    """An address that comes back gives way to the one that was chosen meanwhile."""
    others = session.scalars(
        select(PersonEmail.id).where(
            PersonEmail.person_id == email.person_id,
            PersonEmail.id != email.id,
            PersonEmail.is_preferred,
        )
    ).all()
    if others and email.is_preferred:
        email.is_preferred = False
        session.flush()


def emails(session: Session, person: Person) -> Sequence[PersonEmail]:
    return session.scalars(
        select(PersonEmail)
        .where(PersonEmail.person_id == person.id)
        .order_by(PersonEmail.is_preferred.desc(), PersonEmail.id)
    ).all()


def record_objection(
    session: Session, *, person: Person, objected_on: date, note: str, on: date
) -> None:
    """They do not want to hear from us. Absolute: it beats every way of choosing addressees."""
    if objected_on > on:
        raise DomainError("The day somebody objected cannot be in the future.")
    if person.objected_on:
        raise DomainError(
            f"{person.name}’s objection is already recorded, from {on_day(person.objected_on)}."
        )
    person.objected_on, person.objection_note = objected_on, note.strip()
    session.flush()


def withdraw_objection(session: Session, *, person: Person, reason: str) -> None:
    """They may be written to again; the reason stays in the history."""
    if person.objected_on is None:
        raise DomainError(f"No objection of {person.name}’s is recorded.")
    if not reason.strip():
        raise DomainError("Say why the objection no longer holds, for example how they told us.")
    record(
        session,
        action="withdrew objection",
        subjects=[("person", person.id)],
        summary=reason.strip(),
    )
    person.objected_on, person.objection_note = None, ""
    session.flush()


def _describe(
    person: Person,
    details: Mapping[str, Any],
    subscriber_type: SubscriberType,
    details_obtained_on: date | None,
) -> None:
    for field in FIELDS:
        if field in details:
            said = (details[field] or "").strip()
            if field == "postal_address":
                said = as_kept(said, person.postal_address)
            setattr(person, field, said)
    if not (person.given_name or person.family_name or person.known_as):
        raise DomainError("Give at least one name.")
    person.subscriber_type = subscriber_type
    person.details_obtained_on = details_obtained_on
