"""Doing what a plan says, in the words of the directory."""

from datetime import date

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.directory.addresses import address_key
from app.directory.models import Person
from app.directory.services.people import add_email, add_person, emails, prefer_email
from app.directory.services.posts import appoint, post_at, record_state
from app.imports.plan import HolderPlan, PersonPlan, Plan, SeatPlan


def apply(session: Session, plan: Plan, *, file_name: str, by: User | None, on: date) -> None:
    people = {id(person): _person(session, person, file_name, on) for person in plan.people}
    for seat in plan.seats:
        _seat(session, seat, people, by, on)


def _person(session: Session, plan: PersonPlan, file_name: str, on: date) -> Person:
    person = plan.person
    if person is None:
        lead = plan.rows[0].lead
        person = add_person(
            session,
            details={
                **plan.values,
                "details_source": lead.source or f"{file_name}, row {lead.number}",
            },
            details_obtained_on=lead.checked_on or on,
        )
    else:
        for field, value in plan.values.items():
            setattr(person, field, value)
    made = {
        address_key(address): add_email(
            session,
            person=person,
            address=address,
            preferred=address_key(address) == plan.preferred,
        )
        for address in plan.new_emails
    }
    if plan.preferred and plan.preferred not in made:
        held = {email.address_key: email for email in emails(session, person)}
        prefer_email(session, email=held[plan.preferred])
    return person


def _seat(
    session: Session, seat: SeatPlan, people: dict[int, Person], by: User | None, on: date
) -> None:
    for ending in seat.endings:
        ending.appointment.ended_on = ending.last_day
    for holder in seat.holders:
        if holder.appointment is None:
            appoint(
                session,
                post=post_at(session, organisation=seat.body, post_type=seat.post_type),
                person=people[id(holder.person)],
                by=by,
                on=on,
                # Whoever leaves has been ended above; everybody else shares the post.
                shared=True,
                **holder.values,
            )
        elif holder.values:
            _correct(holder, by)
    if seat.sighting:
        record_state(
            session,
            post=post_at(session, organisation=seat.body, post_type=seat.post_type),
            state=seat.sighting.state,
            observed_on=seat.sighting.observed_on,
            source=seat.sighting.source,
            by=by,
            on=on,
        )


def _correct(holder: HolderPlan, by: User | None) -> None:
    assert holder.appointment is not None
    for field, value in holder.values.items():
        setattr(holder.appointment, field, value)
    if "checked_on" in holder.values:
        holder.appointment.checked_by_id = by.id if by else None
