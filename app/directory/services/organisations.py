"""Bodies: adding them, putting them right, ending them, and what takes over from what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.core.errors import DomainError
from app.core.web.filters import on_day
from app.directory.addresses import checked_address
from app.directory.models import (
    Appointment,
    Organisation,
    OrganisationKind,
    OrganisationName,
    Ownership,
    Post,
    Succession,
    SuccessionKind,
)
from app.directory.postal import as_kept
from app.directory.queries.bodies import lineage
from app.directory.services.owners import carry_owner
from app.directory.services.posts import make_due_posts

A_DAY = timedelta(days=1)
OF_A_SYSTEM = (OrganisationKind.ICS, OrganisationKind.ICB, OrganisationKind.ICP)
PASSES_ON = (SuccessionKind.MERGER, SuccessionKind.RENAME)


class Impossible(DomainError):
    """The days or bodies given cannot be true together."""


@dataclass(frozen=True)
class OrganisationDetails:
    """What a person may say of a body."""

    name: str
    short_name: str = ""
    ods_code: str = ""
    ons_code: str = ""
    region_id: int | None = None
    part_of_id: int | None = None
    website: str = ""
    postal_address: str = ""
    office_email: str = ""
    population: int | None = None
    population_0_24: int | None = None
    established_on: date | None = None
    note: str = ""


def add_organisation(
    session: Session, *, kind: OrganisationKind, described: OrganisationDetails, on: date
) -> Organisation:
    """A new body, with the posts that bodies of its kind should have."""
    organisation = Organisation(kind=kind, name="", short_name="")
    _describe(organisation, described)
    session.add(organisation)
    session.flush()
    _check_parts(session, organisation)
    make_due_posts(session, on=on, organisations=[organisation])
    return organisation


def edit_organisation(
    session: Session, *, organisation: Organisation, described: OrganisationDetails
) -> Organisation:
    _describe(organisation, described)
    if (
        organisation.dissolved_on
        and organisation.established_on
        and organisation.dissolved_on <= organisation.established_on
    ):
        raise Impossible("A body cannot have ended before it began.")
    _check_parts(session, organisation)
    session.flush()
    return organisation


def add_name(
    session: Session, *, organisation: Organisation, name: str, source: str = ""
) -> OrganisationName:
    """Another name it goes by, so that it is found under that too."""
    wanted = name.strip()
    known = {organisation.name, organisation.short_name}
    known |= set(
        session.scalars(
            select(OrganisationName.name).where(OrganisationName.organisation_id == organisation.id)
        )
    )
    if wanted.casefold() in {one.casefold() for one in known}:
        raise DomainError(f"“{wanted}” is already one of its names.")
    row = OrganisationName(organisation_id=organisation.id, name=wanted, source=source.strip())
    session.add(row)
    session.flush()
    return row


def dissolve(session: Session, *, organisation: Organisation, dissolved_on: date) -> None:
    """Record the first day a body no longer exists. A system ends with its board.

    Whoever held a post there or looked after it did so until the day before. What becomes of a
    partnership is for a person to find out and record.
    """
    if organisation.established_on and dissolved_on <= organisation.established_on:
        raise Impossible(
            f"It began on {on_day(organisation.established_on)}, so it cannot have ended by then."
        )
    if organisation.dissolved_on and organisation.dissolved_on != dissolved_on:
        raise Impossible(
            f"It is already recorded as ended: it no longer existed on "
            f"{on_day(organisation.dissolved_on)}. Take that back first."
        )
    bodies = [organisation]
    system = _system_of_board(session, organisation)
    if system and (system.dissolved_on is None or system.dissolved_on > dissolved_on):
        bodies.append(system)
    for body in bodies:
        body.dissolved_on = dissolved_on
        _end_appointments(session, body, dissolved_on - A_DAY)
        _end_ownership(session, body, dissolved_on - A_DAY)
    session.flush()


def take_back_end(session: Session, *, organisation: Organisation) -> None:
    """It has not ended after all, nor its system. Ended appointments stay ended: check them."""
    if organisation.dissolved_on is None:
        raise Impossible("No end of this body is recorded.")
    system = _system_of_board(session, organisation)
    if system and system.dissolved_on == organisation.dissolved_on:
        system.dissolved_on = None
    organisation.dissolved_on = None
    session.flush()


def record_succession(
    session: Session,
    *,
    predecessor: Organisation,
    successor: Organisation,
    effective_on: date,
    kind: SuccessionKind,
    note: str = "",
    source: str = "",
    ends_predecessor: bool = True,
) -> Succession:
    """Record who took over from whom, for a board's system as well.

    After a merger or a change of name the owner moves to the successor, unless it has one; after
    a split a person decides, and the successor is listed as needing an owner until then.
    """
    _check_succession(session, predecessor, successor, effective_on)
    succession = _succeed(
        session, predecessor, successor, effective_on, kind, note=note, source=source
    )
    before = _system_of_board(session, predecessor)
    after = _system_of_board(session, successor)
    if before and after and before.id != after.id:
        _succeed(session, before, after, effective_on, kind, note=note, source="its board")
    if kind in PASSES_ON:
        carry_owner(session, before=predecessor, after=successor, on=effective_on)
    if ends_predecessor and predecessor.dissolved_on is None:
        dissolve(session, organisation=predecessor, dissolved_on=effective_on)
    session.flush()
    return succession


def _describe(organisation: Organisation, said: OrganisationDetails) -> None:
    if not said.name.strip():
        raise DomainError("Give the body’s name.")
    organisation.name = said.name.strip()
    organisation.short_name = said.short_name.strip() or said.name.strip()
    for field in ("ods_code", "ons_code", "website", "note"):
        setattr(organisation, field, getattr(said, field).strip() or None)
    organisation.postal_address = as_kept(said.postal_address, organisation.postal_address) or None
    office = said.office_email.strip()
    organisation.office_email = checked_address(office) if office else None
    for field in ("region_id", "part_of_id", "population", "population_0_24", "established_on"):
        setattr(organisation, field, getattr(said, field))


def _check_parts(session: Session, organisation: Organisation) -> None:
    if organisation.part_of_id is None:
        return
    whole = session.get(Organisation, organisation.part_of_id)
    seen = {organisation.id}
    while whole is not None:
        if whole.id in seen:
            raise Impossible("A body cannot be part of itself, nor of one of its own parts.")
        seen.add(whole.id)
        whole = session.get(Organisation, whole.part_of_id) if whole.part_of_id else None


def _check_succession(
    session: Session, predecessor: Organisation, successor: Organisation, effective_on: date
) -> None:
    if predecessor.id == successor.id:
        raise Impossible("A body cannot succeed itself.")
    kinds = {predecessor.kind, successor.kind}
    if len(kinds) > 1 and kinds & set(OF_A_SYSTEM):
        raise Impossible("A system, a board or a partnership is succeeded by one of its own kind.")
    if not successor.exists_on(effective_on):
        raise Impossible(
            f"{successor.name} does not exist on {on_day(effective_on)}. Check that day, or when "
            "the successor began."
        )
    if not predecessor.exists_on(effective_on - A_DAY):
        raise Impossible(
            f"{predecessor.name} did not exist on the day before {on_day(effective_on)}, so "
            "nothing could pass on from it then."
        )
    if successor.id in lineage(session, [predecessor.id]):
        raise Impossible(f"{predecessor.name} is itself a successor of {successor.name}.")
    if session.scalar(
        select(Succession).where(
            Succession.predecessor_id == predecessor.id,
            Succession.successor_id == successor.id,
            Succession.effective_on == effective_on,
        )
    ):
        raise Impossible("That succession is already recorded.")


def _succeed(
    session: Session,
    before: Organisation,
    after: Organisation,
    effective_on: date,
    kind: SuccessionKind,
    *,
    note: str,
    source: str,
) -> Succession:
    succession = Succession(
        predecessor_id=before.id,
        successor_id=after.id,
        effective_on=effective_on,
        kind=kind,
        note=note.strip(),
        source=source.strip(),
        confidence="recorded by a person",
    )
    session.add(succession)
    session.flush()
    return succession


def _system_of_board(session: Session, body: Organisation) -> Organisation | None:
    if body.kind is not OrganisationKind.ICB or body.part_of_id is None:
        return None
    whole = session.get(Organisation, body.part_of_id)
    return whole if whole and whole.kind is OrganisationKind.ICS else None


def _end_appointments(session: Session, body: Organisation, last_day: date) -> None:
    held: Iterable[Appointment] = session.scalars(
        select(Appointment)
        .join(Appointment.post)
        .where(Post.organisation_id == body.id)
        .options(joinedload(Appointment.person))
    )
    for appointment in held:
        if appointment.ended_on is not None and appointment.ended_on <= last_day:
            continue
        if appointment.started_on and appointment.started_on > last_day:
            raise Impossible(
                f"{appointment.person.name} is recorded as starting there on "
                f"{on_day(appointment.started_on)}. Put that right first."
            )
        appointment.ended_on = last_day


def _end_ownership(session: Session, body: Organisation, last_day: date) -> None:
    for row in session.scalars(select(Ownership).where(Ownership.organisation_id == body.id)):
        if row.ended_on is None or row.ended_on > last_day:
            if row.started_on > last_day:
                session.delete(row)
            else:
                row.ended_on = last_day
