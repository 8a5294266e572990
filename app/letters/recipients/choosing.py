"""From an audience to named readers: who leads, who stands in, one letter for each, and copies."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from app.directory.addresses import address_key, mailbox
from app.directory.models import Appointment, Organisation, Person, PersonEmail
from app.directory.returned_mail import returned_address_problem
from app.letters.content.fields import AddressedSeat, Addressee, unique
from app.letters.models import CcRule, Channel
from app.letters.recipients import directory_snapshot
from app.letters.recipients.audience import Audience, How, LeadState
from app.letters.recipients.channels import by_its_way
from app.letters.recipients.directory_snapshot import (
    CHAIR,
    CHIEF_EXECUTIVE,
    SEND,
    DirectorySnapshot,
)
from app.letters.recipients.envelopes import envelope_of
from app.letters.recipients.recipient import Copy, Recipient

CHAIRS_OFFICE = "office of the chair"
CHIEF_EXECUTIVES_OFFICE = "office of the chief executive"
SEND_LEAD = "executive lead for special educational needs and disabilities"

NOT_THERE = "and the writer chose not to write there."
NOBODY_KNOWN = f"No lead is known, {NOT_THERE}"

CC_CODES = {
    CcRule.NOBODY: (),
    CcRule.CHAIR: (CHAIR,),
    CcRule.CHIEF_EXECUTIVE: (CHIEF_EXECUTIVE,),
    CcRule.BOTH: (CHAIR, CHIEF_EXECUTIVE),
}


NO_COPIES_BY_POST = "Copies go by email, and this letter goes by post alone: nobody gets a copy."

CC_NAMES = {CHAIR: "chair", CHIEF_EXECUTIVE: "chief executive"}


def readers(session: Session, *, audience: Audience, cc_rule: CcRule, on: date) -> list[Recipient]:
    """Everybody the audience means on that day, each once, in the order of their first body."""
    known, found = seats_on(session, audience, on)
    return letters_to(known, found, cc_rule, audience)


def seats_on(
    session: Session, audience: Audience, on: date
) -> tuple[DirectorySnapshot, list[Recipient]]:
    """Whom the audience means at each body, seat by seat, and what the directory knows of them."""
    known = directory_snapshot.read(session, audience, on)
    found = _people(known, audience) if audience.how is How.PEOPLE else _holders(known, audience)
    return known, list(found)


def letters_to(
    known: DirectorySnapshot, seats: Iterable[Recipient], cc_rule: CcRule, audience: Audience
) -> list[Recipient]:
    """One letter for each reader of these seats, by its way and with its copies."""
    bodies = {body.id: body for body in known.bodies}
    going = [by_its_way(one, audience) for one in _grouped(seats)]
    return [_with_copies(known, bodies, one, CC_CODES[cc_rule]) for one in going]


def _people(known: DirectorySnapshot, audience: Audience) -> Iterable[Recipient]:
    for body in known.bodies:
        for (body_id, code), post in known.posts.items():
            if body_id != body.id:
                continue
            for appointment in known.held(body, code):
                if appointment.person_id in audience.person_ids:
                    yield _reader(known, known.seat(body, post, appointment), appointment.person)


def _holders(known: DirectorySnapshot, audience: Audience) -> Iterable[Recipient]:
    for body in known.bodies:
        held = known.held(body, audience.post_type)
        post = known.posts.get((body.id, audience.post_type))
        if held and audience.lead_state is not LeadState.UNKNOWN:
            for appointment in held:
                yield _reader(known, known.seat(body, post, appointment), appointment.person)
        if not held and audience.lead_state is LeadState.KNOWN:
            yield _passed_over(known, body, audience)
        elif not held:
            yield _stand_in(known, body, audience)


def _reader(known: DirectorySnapshot, seat: AddressedSeat, person: Person) -> Recipient:
    addressee = _addressee(known, seat, person)
    if known.objects(person, address_key(addressee.email)):
        when = f" on {_day(person.objected_on)}" if person.objected_on else ""
        how = "" if person.objected_on else " (recorded for another person with this address)"
        return Recipient(addressee, excluded=f"Asked not to be contacted{when}{how}.")
    email = known.address_of(person)
    if email is None:
        problem = "No email address is recorded."
        return Recipient(addressee, problem=problem, only_by_mail=True)
    if email.failed_on is not None:
        why = f": {email.failure}" if email.failure else ""
        failed = f"Mail to {email.address} failed on {_day(email.failed_on)}{why}"
        return Recipient(addressee, excluded=failed.rstrip(".") + ".", only_by_mail=True)
    return Recipient(addressee)


def _addressee(known: DirectorySnapshot, seat: AddressedSeat, person: Person) -> Addressee:
    return addressee_of(person, (seat,), known.address_of(person))


def addressee_of(
    person: Person, seats: tuple[AddressedSeat, ...], email: PersonEmail | None = None
) -> Addressee:
    seat = seats[0] if seats else None
    return Addressee(
        key=f"person:{person.id}",
        seats=seats,
        person_id=person.id,
        title=person.title,
        given_name=person.given_name,
        family_name=person.family_name,
        known_as=person.known_as,
        post_nominals=person.post_nominals,
        salutation_override=person.salutation_override,
        email=email.address if email else "",
        email_person_id=person.id,
        source=person.details_source or (seat.source if seat else ""),
        source_on=person.details_obtained_on
        if person.details_source
        else seat.checked_on
        if seat
        else None,
        postal_address=person.postal_address or "",
        post_came_back=returned_address_problem(person),
    )


def _stand_in(known: DirectorySnapshot, body: Organisation, audience: Audience) -> Recipient:
    """The first who can be written to: the SEND lead if chosen, the chair's office, the chief
    executive's. Acting holders are holders, and come before all of these."""
    role = known.wanted.addressed_as if known.wanted else ""
    post = known.posts.get((body.id, audience.post_type))
    gap = known.gap(body, audience.post_type)
    why = _why_nobody(known, body, audience.post_type, role)
    if audience.send_lead_stands_in and audience.post_type != SEND:
        for appointment in known.held(body, SEND):
            seat = known.seat(body, known.posts[body.id, SEND], appointment)
            seat = replace(seat, stands_in_as=SEND_LEAD, in_place_of=role, gap=gap)
            reader = _reader(known, seat, appointment.person)
            if _is_reached(reader, audience):
                return replace(reader, by_way=f"{why}, so the letter goes to the {SEND_LEAD}.")
    own = replace(known.seat(body, post, None), role=role, in_place_of=role, gap=gap)
    for office, address, person_id in _offices(known, body):
        seat = replace(own, stands_in_as=office)
        return Recipient(
            Addressee(f"office:{body.id}", (seat,), email=address, email_person_id=person_id),
            by_way=f"{why}, so the letter goes to the {office}.",
        )
    return Recipient(
        Addressee(f"office:{body.id}", (own,)),
        problem=f"{why}, and there is no address for the chair or chief executive.",
        only_by_mail=True,
    )


def _is_reached(reader: Recipient, audience: Audience) -> bool:
    """By mail; or by post, if letters of this mailing may go by post."""
    if reader.only_by_mail:
        return audience.by.may_post and not envelope_of(reader.addressee).problem
    return not reader.excluded and not reader.problem


def _why_nobody(known: DirectorySnapshot, body: Organisation, code: str, role: str) -> str:
    """That nobody is known; or, where somebody looked, what they found and when."""
    if found := known.recorded(body, code):
        return f"The post is {found}"
    return f"No {role or 'holder of the post'} is known"


def _passed_over(known: DirectorySnapshot, body: Organisation, audience: Audience) -> Recipient:
    """Kept as a row, so that who approves sees which boards get nothing, and why."""
    seat = known.seat(body, known.posts.get((body.id, audience.post_type)), None)
    seat = replace(seat, role=known.wanted.addressed_as if known.wanted else "")
    found = known.recorded(body, audience.post_type)
    why = f"The post is {found}, {NOT_THERE}" if found else NOBODY_KNOWN
    return Recipient(Addressee(f"office:{body.id}", (seat,)), excluded=why)


def _offices(known: DirectorySnapshot, body: Organisation) -> Iterable[tuple[str, str, int | None]]:
    yield from _usable(known, known.held(body, CHAIR), CHAIRS_OFFICE)
    office = body.office_email
    if office and not known.objects(None, address_key(office)):
        yield CHAIRS_OFFICE, office, None
    yield from _usable(known, known.held(body, CHIEF_EXECUTIVE), CHIEF_EXECUTIVES_OFFICE)


def _usable(
    known: DirectorySnapshot, held: Sequence[Appointment], office: str
) -> Iterable[tuple[str, str, int | None]]:
    for appointment in held:
        email = known.address_of(appointment.person)
        if email is None or email.failed_on is not None:
            continue
        if not known.objects(appointment.person, email.address_key):
            yield office, email.address, appointment.person_id


def _grouped(found: Iterable[Recipient]) -> list[Recipient]:
    """One letter for a person who leads several boards, naming them all."""
    by_key: dict[str, Recipient] = {}
    for reader in found:
        first = by_key.get(reader.addressee.key)
        if first is None:
            by_key[reader.addressee.key] = reader
            continue
        seats = (*first.addressee.seats, *reader.addressee.seats)
        by_key[reader.addressee.key] = replace(
            first,
            addressee=replace(first.addressee, seats=seats),
            by_way=" ".join(unique((first.by_way, reader.by_way))),
            notes=tuple(unique((*first.notes, *reader.notes))),
        )
    return list(by_key.values())


def _with_copies(
    known: DirectorySnapshot,
    bodies: Mapping[int, Organisation],
    reader: Recipient,
    codes: Sequence[str],
) -> Recipient:
    """Office-holders of exactly the boards this letter names, each once, never the reader."""
    if reader.excluded:
        return reader  # no letter, no copies of it
    if reader.channel is Channel.POST:
        return replace(reader, no_copies=(NO_COPIES_BY_POST,) if codes else ())
    copies: dict[int, Copy] = {}
    notes: list[str] = []
    nobody: list[str] = []
    for seat in reader.addressee.seats:
        for code in codes:
            held = known.held(bodies[seat.organisation_id], code)
            if not held:
                nobody.append(f"No {CC_NAMES[code]} of {seat.short_name} is known: no copy there.")
            for appointment in held:
                person = appointment.person
                if person.id in (reader.addressee.person_id, reader.addressee.email_person_id):
                    nobody.append(
                        f"The {CC_NAMES[code]} of {seat.short_name} gets the letter itself."
                    )
                    continue
                capacity = f"{known.posts[seat.organisation_id, code].post_type.name}, {seat.board}"
                if person.id in copies:
                    before = copies[person.id]
                    copies[person.id] = replace(before, capacity=f"{before.capacity}; {capacity}")
                elif copy := _copy(known, person, capacity, reader.addressee, notes):
                    copies[person.id] = copy
    return replace(
        reader,
        copies=tuple(copies.values()),
        no_copies=tuple(unique(nobody)),
        notes=(*reader.notes, *notes),
    )


def _copy(
    known: DirectorySnapshot, person: Person, capacity: str, addressee: Addressee, notes: list[str]
) -> Copy | None:
    email = known.address_of(person)
    if email is None or email.failed_on is not None:
        notes.append(f"No copy to {person.name} ({capacity}): no working address is recorded.")
        return None
    if known.objects(person, email.address_key):
        notes.append(f"No copy to {person.name} ({capacity}): asked not to be contacted.")
        return None
    if mailbox(email.address_key) == mailbox(address_key(addressee.email)):
        return None
    return Copy(person.id, person.name, email.address, capacity)


def _day(day: date | None) -> str:
    return f"{day.day} {day:%b %Y}" if day else ""
