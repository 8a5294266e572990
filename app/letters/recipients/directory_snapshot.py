"""What the directory knows of an audience on one day, read in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, Select, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.core.text.alphabet import alphabetical, folded
from app.directory.addresses import mailbox
from app.directory.labels import recorded
from app.directory.models import (
    Appointment,
    CouncilShare,
    Organisation,
    OrganisationKind,
    Ownership,
    Person,
    PersonEmail,
    Post,
    PostObservation,
    PostState,
    PostType,
)
from app.directory.returned_mail import returned_address_problem
from app.directory.rules import FRINGE, AnyStateOnDay, state_on
from app.letters.content.fields import AddressedSeat, unique
from app.letters.recipients.audience import Audience, How

CHAIR, CHIEF_EXECUTIVE, SEND = "chair", "chief_executive", "send"


@dataclass
class DirectorySnapshot:
    """The bodies written to, their seats, who holds them, and the addresses of those people."""

    day: date
    wanted: PostType | None
    bodies: Sequence[Organisation]
    posts: dict[tuple[int, str], Post] = field(default_factory=dict)
    holders: dict[int, list[Appointment]] = field(default_factory=dict)  # by post
    states: dict[int, AnyStateOnDay] = field(default_factory=dict)  # of seats nobody holds, by post
    emails: dict[int, list[PersonEmail]] = field(default_factory=dict)  # by person
    systems: dict[int, Organisation] = field(default_factory=dict)
    partnerships: dict[int, Organisation] = field(default_factory=dict)  # by system
    councils: dict[int, list[str]] = field(default_factory=dict)  # by body
    objecting: frozenset[str] = frozenset()  # mailboxes of people who objected

    def held(self, body: Organisation, code: str) -> list[Appointment]:
        """The holders of a seat, those not acting first."""
        post = self.posts.get((body.id, code))
        return self.holders.get(post.id, []) if post else []

    def recorded(self, body: Organisation, code: str) -> str:
        """What somebody saw who looked for the holder of a seat and found none, in words."""
        post = self.posts.get((body.id, code))
        known = self.states.get(post.id) if post else None
        return recorded(known) if known else ""

    def gap(self, body: Organisation, code: str) -> PostState:
        """Why there is no name for a seat: vacant, not published, or simply not known."""
        post = self.posts.get((body.id, code))
        known = self.states.get(post.id) if post else None
        return known.state if known else PostState.UNKNOWN

    def address_of(self, person: Person) -> PersonEmail | None:
        """The address to write to: one that has not failed, the preferred one first."""
        known = self.emails.get(person.id, [])
        return min(
            known, key=lambda e: (e.failed_on is not None, not e.is_preferred, e.id), default=None
        )

    def objects(self, person: Person | None, address_key: str) -> bool:
        """By the person's own record, or by the same mailbox on another record."""
        if person is not None and person.objected_on is not None:
            return True
        return bool(address_key) and mailbox(address_key) in self.objecting

    def seat(
        self, body: Organisation, post: Post | None, appointment: Appointment | None
    ) -> AddressedSeat:
        system = self.systems.get(body.part_of_id or 0)
        partnership = self.partnerships.get(body.part_of_id or 0)
        chairs = [a.person.name for a in self.held(body, CHAIR)]
        return AddressedSeat(
            organisation_id=body.id,
            board=body.name,
            short_name=body.short_name,
            role=post.post_type.addressed_as if post else "",
            post_id=post.id if post else None,
            appointment_id=appointment.id if appointment else None,
            job_title=appointment.job_title if appointment else "",
            is_acting=appointment.is_acting if appointment else False,
            system=system.short_name if system else body.short_name,
            partnership=partnership.name if partnership else "",
            region=body.region.name if body.region else "",
            councils=tuple(self.councils.get(body.id, ())),
            chair=" and ".join(unique(chairs)),
            checked_on=appointment.checked_on if appointment else None,
            source=appointment.source if appointment else "",
            postal_address=body.postal_address or "",
            post_came_back=returned_address_problem(body),
        )


def read(session: Session, audience: Audience, on: date) -> DirectorySnapshot:
    """Everything an audience needs; the same number of statements for one body or for all."""
    wanted = session.scalar(select(PostType).where(PostType.code == audience.post_type))
    register = DirectorySnapshot(on, wanted, session.scalars(_bodies(audience, on)).all())
    _read_posts(session, register, audience)
    _read_people(session, register)
    _read_surroundings(session, register)
    return register


def _bodies(audience: Audience, on: date) -> Select[Organisation]:
    wanted = (
        select(Organisation)
        .where(Organisation.where_exists_on(on))
        .options(joinedload(Organisation.region))
        .order_by(alphabetical(Organisation.short_name), Organisation.id)
    )
    if audience.how is How.BODIES:
        return wanted.where(Organisation.id.in_(audience.organisation_ids))
    if audience.how is How.PEOPLE:
        held = (
            select(Post.organisation_id)
            .join(Appointment, Appointment.post_id == Post.id)
            .where(Appointment.person_id.in_(audience.person_ids), Appointment.where_held_on(on))
        )
        return wanted.where(Organisation.id.in_(held))
    wanted = wanted.where(Organisation.kind == OrganisationKind(audience.kind))
    if audience.region_id is not None:
        wanted = wanted.where(Organisation.region_id == audience.region_id)
    if audience.owner_id is not None:
        owned = select(Ownership.organisation_id).where(
            Ownership.user_id == audience.owner_id, Ownership.where_held_on(on)
        )
        wanted = wanted.where(Organisation.id.in_(owned))
    return wanted


def _read_posts(session: Session, register: DirectorySnapshot, audience: Audience) -> None:
    ids = [body.id for body in register.bodies]
    posts = (
        select(Post)
        .join(Post.post_type)
        .where(Post.organisation_id.in_(ids))
        .options(contains_eager(Post.post_type))
        .order_by(PostType.position, Post.id)
    )
    if audience.how is not How.PEOPLE:
        codes = {audience.post_type, SEND, CHAIR, CHIEF_EXECUTIVE}
        posts = posts.where(PostType.code.in_(codes))
    for post in session.scalars(posts):
        register.posts[post.organisation_id, post.post_type.code] = post
    _read_holders(session, register)


def _read_holders(session: Session, register: DirectorySnapshot) -> None:
    """Who holds each seat that day; of a seat nobody holds, what was seen instead."""
    ids = [post.id for post in register.posts.values()]
    begun = (
        select(Appointment)
        .where(Appointment.post_id.in_(ids), Appointment.where_begun_by(register.day))
        .options(joinedload(Appointment.person))
        .order_by(Appointment.is_acting, Appointment.id)
    )
    seen = select(PostObservation).where(
        PostObservation.post_id.in_(ids), PostObservation.observed_on <= register.day
    )
    appointments, observations = defaultdict(list), defaultdict(list)
    for appointment in session.scalars(begun):
        appointments[appointment.post_id].append(appointment)
    for observation in session.scalars(seen):
        observations[observation.post_id].append(observation)
    for post_id in ids:
        held = [one for one in appointments[post_id] if one.held_on(register.day)]
        if held:
            register.holders[post_id] = held
        else:
            register.states[post_id] = state_on(
                register.day, appointments[post_id], observations[post_id]
            )


def _read_people(session: Session, register: DirectorySnapshot) -> None:
    people = {a.person_id for held in register.holders.values() for a in held}
    register.emails = emails_of(session, people)
    register.objecting = objecting_mailboxes(session.connection())


def emails_of(session: Session, person_ids: Iterable[int]) -> dict[int, list[PersonEmail]]:
    found = defaultdict(list)
    wanted = select(PersonEmail).where(PersonEmail.person_id.in_(list(person_ids)))
    for email in session.scalars(wanted):
        found[email.person_id].append(email)
    return dict(found)


OBJECTING = (
    select(PersonEmail.address_key).join(PersonEmail.person).where(Person.objected_on.is_not(None))
)


def objecting_mailboxes(connection: Connection) -> frozenset[str]:
    """Where people read who asked us not to write; an objection beats every path."""
    return frozenset(mailbox(key) for key in connection.scalars(OBJECTING))


def _read_surroundings(session: Session, register: DirectorySnapshot) -> None:
    systems = {body.part_of_id for body in register.bodies if body.part_of_id}
    around = session.scalars(
        select(Organisation)
        .where(
            or_(
                Organisation.id.in_(systems),
                Organisation.part_of_id.in_(systems)
                & (Organisation.kind == OrganisationKind.ICP)
                & Organisation.where_exists_on(register.day),
            )
        )
        .order_by(Organisation.id)
    )
    for body in around:
        if body.kind is OrganisationKind.ICP and body.part_of_id is not None:
            register.partnerships[body.part_of_id] = body
        else:
            register.systems[body.id] = body
    register.councils = _councils(session, register)


def _councils(session: Session, register: DirectorySnapshot) -> dict[int, list[str]]:
    """A share passes to the board named as its successor on the day its own board ends."""
    ids = [body.id for body in register.bodies]
    shares = session.scalars(
        select(CouncilShare)
        .where(
            or_(CouncilShare.board_id.in_(ids), CouncilShare.successor_board_id.in_(ids)),
            CouncilShare.role != FRINGE,
        )
        .options(joinedload(CouncilShare.board), joinedload(CouncilShare.council))
    ).all()
    found: dict[int, list[str]] = defaultdict(list)
    for share in sorted(shares, key=lambda one: folded(one.council.name)):
        if not share.council.exists_on(register.day):
            continue
        gone = not share.board.exists_on(register.day)
        found[(share.successor_board_id if gone else share.board_id) or 0].append(
            share.council.name
        )
    return {body_id: unique(names) for body_id, names in found.items()}
