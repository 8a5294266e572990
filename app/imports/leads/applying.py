"""Doing what a plan says, in the words of the directory.

New people and appointments are made all at once: the plan has already refused whatever the
directory's services would, and ten thousand single steps would keep the database to themselves for
minutes. What changes about people and posts already known goes through those services.
"""

from datetime import date

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.directory.addresses import address_key
from app.directory.models import Appointment, Person, PersonEmail, Post
from app.directory.services.people import add_email, emails, prefer_email
from app.directory.services.posts import record_state
from app.imports.plan import HolderPlan, PersonPlan, Plan, SeatPlan


def apply(session: Session, plan: Plan, *, file_name: str, by: User | None, on: date) -> None:
    people = {id(one): _person(session, one, file_name, on) for one in plan.people}
    posts = {id(seat): _post(session, plan, seat) for seat in plan.seats}
    session.flush()
    for seat in plan.seats:
        for ending in seat.endings:
            ending.appointment.ended_on = ending.last_day
        for holder in seat.holders:
            if holder.appointment is None:
                post, person = posts[id(seat)], people[id(holder.person)]
                session.add(_appointment(holder, post, person, by, on))
            elif holder.values:
                _correct(holder, by)
    session.flush()
    for seat in plan.seats:
        if seat.sighting:
            record_state(
                session,
                post=posts[id(seat)],
                state=seat.sighting.state,
                observed_on=seat.sighting.observed_on,
                source=seat.sighting.source,
                by=by,
                on=on,
            )


def _person(session: Session, plan: PersonPlan, file_name: str, on: date) -> Person:
    if plan.person is None:
        return _new_person(session, plan, file_name, on)
    for field, value in plan.values.items():
        setattr(plan.person, field, value)
    for address in plan.new_emails:
        preferred = address_key(address) == plan.preferred
        add_email(session, person=plan.person, address=address, preferred=preferred)
    held = {email.address_key: email for email in emails(session, plan.person)}
    if plan.preferred and not held[plan.preferred].is_preferred:
        prefer_email(session, email=held[plan.preferred])
    return plan.person


def _new_person(session: Session, plan: PersonPlan, file_name: str, on: date) -> Person:
    lead = plan.rows[0].lead
    person = Person(
        **plan.values,
        details_source=lead.source or f"{file_name}, row {lead.number}",
        details_obtained_on=lead.checked_on or on,
    )
    session.add(person)
    session.add_all(
        PersonEmail(
            person=person,
            address=address,
            address_key=address_key(address),
            is_preferred=address_key(address) == plan.preferred,
        )
        for address in plan.new_emails
    )
    return person


def _post(session: Session, plan: Plan, seat: SeatPlan) -> Post:
    """The seat at a body; made if the body does not have one of this kind yet."""
    known = plan.posts.get((seat.body.id, seat.post_type.id))
    if known is not None:
        return known
    post = Post(organisation=seat.body, post_type=seat.post_type)
    session.add(post)
    return post


def _appointment(
    holder: HolderPlan, post: Post, person: Person, by: User | None, on: date
) -> Appointment:
    checked = holder.values.get("checked_on")
    return Appointment(
        post_id=post.id,
        person_id=person.id,
        known_since=checked or on,
        checked_by_id=by.id if by and checked else None,
        **holder.values,
    )


def _correct(holder: HolderPlan, by: User | None) -> None:
    assert holder.appointment is not None
    for field, value in holder.values.items():
        setattr(holder.appointment, field, value)
    if "checked_on" in holder.values:
        holder.appointment.checked_by_id = by.id if by else None
