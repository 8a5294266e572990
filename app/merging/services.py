"""Making one record of two that are one person, and taking that back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit.rules import field_words, kind_words
from app.audit.services import record
from app.bin.models import Binned, BinnedHow, BinnedRow, BinnedStep
from app.bin.queries import newest, steps_of
from app.bin.redirects import found_now, merge_of, merged_into
from app.bin.services import begin, restore
from app.bin.undo_log import change, take
from app.core.errors import DomainError
from app.core.web.filters import at_time
from app.demo.models import DemoRow
from app.directory.models import NotTheSame, Person, PersonEmail
from app.directory.services.people import emails
from app.merging import rules
from app.merging.mailings import refuse_under_way, rename_in_audiences
from app.merging.moving import PeopleMerge, move_all
from app.merging.rules import Side

PERSON = Person.__tablename__


class NobodyElse(DomainError):
    """One record cannot be merged with itself."""


class MergedAlready(DomainError):
    """Somebody else was first."""


class StandsOnIt(DomainError):
    """A later merge has to be taken back before this one."""


class Nameless(DomainError):
    """Somebody has a name."""


@dataclass(frozen=True)
class MergeChoices:
    """Whose values stay, and which address letters go to."""

    picked: Mapping[str, Side]
    preferred_key: str = ""


@dataclass(frozen=True)
class TakenBack:
    """Whoever came back, and what stays as somebody left it since, in words."""

    person: Person
    left: list[str]


def merge(
    session: Session, *, stays: Person, goes: Person, wanted: MergeChoices, by: User, at: datetime
) -> Binned:
    """The one who stays has everything of both; the other's record is in the bin for 30 days."""
    stays, goes = _both(session, stays.id, goes.id)
    refuse_under_way(session, goes)
    said = rules.values(stays, goes, wanted.picked)
    if not rules.has_a_name(said):
        raise Nameless("Keep at least one name.")
    binned = begin(
        session,
        goes,
        name=goes.name,
        by=by,
        at=at,
        how=BinnedHow.MERGED,
        merged_into_id=stays.id,
    )
    goes_was, stays_was = goes.name, stays.name
    rename_in_audiences(session, binned, goes, stays)
    move_all(PeopleMerge(session, binned, goes, stays))
    _make_real(session, binned, stays, goes)
    # All of them, also those that stay: what is changed later is told from what was chosen here.
    change(session, binned, stays, said)
    _prefer(session, binned, stays, wanted.preferred_key)
    take(session, binned, goes)
    record(
        session,
        action="merged",
        subjects=[(PERSON, stays.id), (PERSON, goes.id)],
        summary=f"{goes_was} (number {goes.id}) into {stays_was} (number {stays.id})",
    )
    return binned


def take_back(session: Session, binned: Binned, *, by: User, at: datetime) -> TakenBack:
    """Both records as they were. What somebody changed since stays as it is, and is said."""
    stays = _who_stayed(session, binned)
    chosen = _chosen(session, binned, stays)
    objected = stays.objected_on if chosen.get("objected_on") is None else None
    note = stays.objection_note
    restored = restore(session, binned, by=by, at=at)
    goes = session.get_one(Person, binned.record_id, populate_existing=True)
    left = [_left_words(table, name) for table, name in restored.left]
    if objected and not goes.objected_on:
        # Who of the two it was nobody can tell any more, and an objection is absolute.
        goes.objected_on, goes.objection_note = objected, note
        left.append(f"the objection recorded since, which now counts for {goes.name} too")
        session.flush()
    record(
        session,
        action="took a merge back",
        subjects=[(PERSON, stays.id), (PERSON, goes.id)],
        summary=f"{goes.name} (number {goes.id}) is a person of their own again",
    )
    return TakenBack(goes, list(dict.fromkeys(left)))


def tell_apart(
    session: Session, one: Person, other: Person, *, by: User, at: datetime
) -> NotTheSame:
    """They only look like one person: nobody is asked about these two again."""
    if one.id == other.id:
        raise NobodyElse("One record cannot be two people.")
    lower, higher = sorted((one.id, other.id))
    said = session.get(NotTheSame, (lower, higher))
    if said is None:
        said = NotTheSame(person_id=lower, other_id=higher, said_at=at, said_by_id=by.id)
        session.add(said)
        session.flush()
    return said


def ask_again(session: Session, said: NotTheSame) -> None:
    session.delete(said)
    session.flush()


def _both(session: Session, stays_id: int, goes_id: int) -> tuple[Person, Person]:
    """Both records, locked in one order whoever asks, so that two merges never wait in a ring."""
    if stays_id == goes_id:
        raise NobodyElse("Choose somebody else: a record cannot be merged with itself.")
    session.flush()
    found = {
        one.id: one
        for one in session.scalars(
            select(Person)
            .where(Person.id.in_((stays_id, goes_id)))
            .order_by(Person.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    for person_id in (stays_id, goes_id):
        if person_id not in found:
            raise MergedAlready(gone_words(session, person_id))
    return found[stays_id], found[goes_id]


def gone_words(session: Session, person_id: int) -> str:
    """Why there is no such record any more."""
    away = newest(session, PERSON, person_id)
    if away is None:
        return "This person is no longer in the register."
    if away.how is BinnedHow.MERGED:
        now = session.get(Person, found_now(session, PERSON, person_id))
        into = f" into {now.name}" if now else ""
        return f"{away.name} was merged{into} ({at_time(away.at)})."
    return f"{away.name} is in the bin ({at_time(away.at)}). Restore them first."


def _make_real(session: Session, binned: Binned, stays: Person, goes: Person) -> None:
    """A made-up record merged with a real one stays when the demo is taken out."""
    if stays.is_demo and not goes.is_demo:
        for row in session.scalars(select(DemoRow).where(DemoRow.table == PERSON)).all():
            if row.key == {"id": stays.id}:
                take(session, binned, row)


def _prefer(session: Session, binned: Binned, person: Person, key: str) -> None:
    """Of all addresses, one: that which was chosen, else the one the person had."""
    held = sorted(emails(session, person), key=lambda one: (one.failed_on is not None, one.id))
    chosen = next((one for one in held if one.address_key == key), None)
    chosen = chosen or next((one for one in held if one.is_preferred), None)
    for one in held:
        if one.is_preferred != (one is chosen):
            change(session, binned, one, {"is_preferred": one is chosen})
    session.flush()


def _who_stayed(session: Session, binned: Binned) -> Person:
    stays_id = binned.merged_into_id or 0
    session.flush()
    stays = session.get(Person, stays_id, with_for_update=True, populate_existing=True)
    if stays is None and (away := merge_of(session, PERSON, stays_id)):
        raise StandsOnIt(f"{gone_words(session, stays_id)} Undo that first: “{away.name}”.")
    if stays is None:
        raise StandsOnIt(gone_words(session, stays_id))
    for later in merged_into(session, PERSON, stays_id):
        if later.id > binned.id:
            raise StandsOnIt(
                f"{later.name} was merged into {stays.name} after this. Undo that first."
            )
    return stays


def _chosen(session: Session, binned: Binned, stays: Person) -> dict[str, Any]:
    """What the merge made of the record that stays."""
    said: dict[str, Any] = {}
    for step in steps_of(session, binned):
        if _is_about(step, stays):
            said |= step.after
    return said


def _is_about(step: BinnedRow, person: Person) -> bool:
    return (
        step.step is BinnedStep.CHANGED and step.table == PERSON and step.key == {"id": person.id}
    )


def _left_words(table: str, field: str) -> str:
    if table == PERSON:
        return field_words(field)
    if table == PersonEmail.__tablename__:
        return "an email address"
    return f"a {kind_words(table)}"
