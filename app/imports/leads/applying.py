"""Doing what a plan says, in the words of the directory.

New people and appointments are made all at once: the plan has already refused whatever the
directory's services would, and ten thousand single steps would keep the database to themselves for
minutes. What changes about people and posts already known goes through those services.
"""

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.directory.addresses import address_key
from app.directory.models import Appointment, Person, PersonEmail, Post
from app.directory.services.people import add_email, emails, prefer_email
from app.directory.services.posts import record_state
from app.imports.leads.plan import HolderPlan, LeadPlan, PersonPlan, SeatPlan
from app.imports.planning.kind import ImportOrigin


def apply(session: Session, plan: LeadPlan, origin: ImportOrigin) -> None:
    people = _people(session, plan, origin)
    posts = {id(seat): _post(session, plan, seat) for seat in plan.seats}
    session.flush()
    appointments = []
    for seat in plan.seats:
        for ending in seat.endings:
            ending.appointment.ended_on = ending.last_day
        for holder in seat.holders:
            if holder.appointment is None:
                person_id = people[id(holder.person)]
                appointments.append(_appointment(holder, posts[id(seat)], person_id, origin))
            elif holder.values:
                _correct(holder, origin.by)
    session.flush()
    origin.make(appointments)
    for seat in plan.seats:
        if seat.sighting:
            record_state(
                session,
                post=posts[id(seat)],
                state=seat.sighting.state,
                observed_on=seat.sighting.observed_on,
                source=seat.sighting.source,
                by=origin.by,
                on=origin.on,
            )


def _people(session: Session, plan: LeadPlan, origin: ImportOrigin) -> dict[int, int]:
    """Put each person of the plan into the register; gives their ids."""
    new = [(one, _new_person(one, origin)) for one in plan.people if one.person is None]
    origin.make(
        [person for _, person in new], summaries=[_where_read(one, origin) for one, _ in new]
    )
    origin.make([email for one, person in new for email in _new_emails(one, person)])
    for one in plan.people:
        if one.person is not None:
            _change_person(session, one, one.person)
    ids = {id(one): person.id for one, person in new}
    return ids | {id(one): one.person.id for one in plan.people if one.person is not None}


def _where_read(plan: PersonPlan, origin: ImportOrigin) -> str:
    """For the person's history. It is no source that a letter could name."""
    numbers = [str(row.lead.number) for row in plan.rows]
    return f"{origin.file_name}, {'row' if len(numbers) == 1 else 'rows'} {', '.join(numbers)}"


def _new_person(plan: PersonPlan, origin: ImportOrigin) -> Person:
    lead = plan.rows[0].lead
    return Person(
        **plan.values,
        details_source=lead.found_at,
        details_obtained_on=lead.checked_on or origin.on,
    )


def _new_emails(plan: PersonPlan, person: Person) -> list[PersonEmail]:
    return [
        PersonEmail(
            person_id=person.id,
            address=address,
            address_key=address_key(address),
            is_preferred=address_key(address) == plan.preferred,
        )
        for address in plan.new_emails
    ]


def _change_person(session: Session, plan: PersonPlan, person: Person) -> None:
    for field, value in plan.values.items():
        setattr(person, field, value)
    for address in plan.new_emails:
        preferred = address_key(address) == plan.preferred
        add_email(session, person=person, address=address, preferred=preferred)
    held = {email.address_key: email for email in emails(session, person)}
    if plan.preferred and not held[plan.preferred].is_preferred:
        prefer_email(session, email=held[plan.preferred])


def _post(session: Session, plan: LeadPlan, seat: SeatPlan) -> Post:
    """The seat at a body; made if the body does not have one of this kind yet."""
    known = plan.posts.get((seat.body.id, seat.post_type.id))
    if known is not None:
        return known
    post = Post(organisation=seat.body, post_type=seat.post_type)
    session.add(post)
    return post


def _appointment(
    holder: HolderPlan, post: Post, person_id: int, origin: ImportOrigin
) -> Appointment:
    checked = holder.values.get("checked_on")
    return Appointment(
        post_id=post.id,
        person_id=person_id,
        known_since=checked or origin.on,
        checked_by_id=origin.by.id if origin.by and checked else None,
        **holder.values,
    )


def _correct(holder: HolderPlan, by: User | None) -> None:
    assert holder.appointment is not None
    for field, value in holder.values.items():
        setattr(holder.appointment, field, value)
    if "checked_on" in holder.values:
        holder.appointment.checked_by_id = by.id if by else None
