"""Where we stand with each system on a day: its step, its lead, when we last heard."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Executable, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.accounts.models import User
from app.directory.models import (
    Appointment,
    Organisation,
    Ownership,
    Person,
    Post,
    PostType,
    Region,
)
from app.interactions.models import Interaction, InteractionKind, InteractionOrganisation
from app.letters.models import Letter, LetterAnswer, LetterBoard, LetterState
from app.overview.engagement import Engagement, Step, engagement
from app.overview.family import Families, families_on

CHILDREN = "children"
UNCHECKED_AFTER = timedelta(days=90)


@dataclass(frozen=True)
class Lead:
    person_id: int
    name: str
    is_acting: bool
    checked_on: date | None
    objected_on: date | None


@dataclass(frozen=True)
class Standing:
    """One row of the map, its table and its CSV."""

    system: Organisation
    board: Organisation
    region: Region | None
    engagement: Engagement
    leads: tuple[Lead, ...]
    owner_id: int | None
    owner: str
    last_contact_on: date | None


def is_stale(row: Standing, day: date) -> bool:
    """Whether a lead of this system was not checked for 90 days."""
    return any(
        lead.checked_on is None or lead.checked_on <= day - UNCHECKED_AFTER for lead in row.leads
    )


@dataclass(frozen=True)
class _Span:
    first: date | None
    last: date | None


def standings(session: Session, day: date) -> list[Standing]:
    """Every system of that day, by name. Nine statements, however many systems."""
    everybody = families_on(session, day)
    boards = _boards(session, everybody)
    posts = _leads(session, day)
    owners = _owners(session, day, everybody)
    first_named = _by_system(everybody, _first_named(session, day))
    letters = _by_system(everybody, _letters(session, day))
    answers = _by_system(everybody, _answers(session, day))
    calls = _by_system(everybody, _calls(session, day))
    rows = []
    for system, board in boards:
        leads = posts.get(board.id, ())
        contacts = [span[system.id].last for span in (letters, answers, calls) if system.id in span]
        owner_id, owner = owners.get(board.id, (None, ""))
        rows.append(
            Standing(
                system=system,
                board=board,
                region=board.region,
                engagement=engagement(
                    {
                        Step.LEAD_NAMED: _first(first_named, system.id),
                        Step.LETTER_SENT: _first(letters, system.id),
                        Step.REPLIED: _first(answers, system.id),
                    },
                    lead_known_now=bool(leads),
                ),
                leads=leads,
                owner_id=owner_id,
                owner=owner,
                last_contact_on=max((day for day in contacts if day), default=None),
            )
        )
    return rows


def standing_of(session: Session, system_id: int, day: date) -> Standing | None:
    """One system's row; none on a day it does not exist."""
    return next((row for row in standings(session, day) if row.system.id == system_id), None)


def _boards(session: Session, everybody: Families) -> list[tuple[Organisation, Organisation]]:
    system = aliased(Organisation)
    rows = session.execute(
        select(system, Organisation)
        .join(Organisation, Organisation.part_of_id == system.id)
        .where(Organisation.id.in_(everybody.board_of.values()))
        .options(joinedload(Organisation.region))
        .order_by(system.short_name, system.id)
    )
    return [(system_row, board) for system_row, board in rows]


def _leads(session: Session, day: date) -> dict[int, tuple[Lead, ...]]:
    rows = session.execute(
        select(Post.organisation_id, Appointment, Person)
        .join(Post, Post.id == Appointment.post_id)
        .join(PostType, PostType.id == Post.post_type_id)
        .join(Person, Person.id == Appointment.person_id)
        .where(PostType.code == CHILDREN, Appointment.where_held_on(day))
        .order_by(Appointment.is_acting, Person.family_name, Person.id)
    )
    leads: dict[int, tuple[Lead, ...]] = {}
    for body_id, held, person in rows:
        lead = Lead(person.id, person.name, held.is_acting, held.checked_on, person.objected_on)
        leads[body_id] = (*leads.get(body_id, ()), lead)
    return leads


def _owners(session: Session, day: date, everybody: Families) -> dict[int, tuple[int, str]]:
    rows = session.execute(
        select(Ownership.organisation_id, User.id, User.name)
        .join(User, User.id == Ownership.user_id)
        .where(
            Ownership.organisation_id.in_(everybody.board_of.values()), Ownership.where_held_on(day)
        )
        .order_by(Ownership.id)
    )
    return {body_id: (user_id, name) for body_id, user_id, name in rows}


Spans = Iterable[tuple[int, date | None, date | None]]


def _first_named(session: Session, day: date) -> Spans:
    """The day we can first show somebody in the children's lead's post of each body."""
    known = func.coalesce(Appointment.started_on, Appointment.checked_on)
    return _read(
        session,
        select(Post.organisation_id, func.min(known), func.max(known))
        .join(Appointment, Appointment.post_id == Post.id)
        .join(PostType, PostType.id == Post.post_type_id)
        .where(PostType.code == CHILDREN, known <= day)
        .group_by(Post.organisation_id),
    )


def _letters(session: Session, day: date) -> Spans:
    return _read(
        session,
        select(LetterBoard.organisation_id, func.min(Letter.sent_on), func.max(Letter.sent_on))
        .join(Letter, Letter.id == LetterBoard.letter_id)
        .where(Letter.state == LetterState.SENT, Letter.sent_on <= day)
        .group_by(LetterBoard.organisation_id),
    )


def _answers(session: Session, day: date) -> Spans:
    answered = LetterAnswer.answered_on
    return _read(
        session,
        select(LetterBoard.organisation_id, func.min(answered), func.max(answered))
        .join(LetterAnswer, LetterAnswer.letter_id == LetterBoard.letter_id)
        .where(answered <= day)
        .group_by(LetterBoard.organisation_id),
    )


def _calls(session: Session, day: date) -> Spans:
    """Calls only: a note is ours, and no contact."""
    happened = Interaction.happened_on
    return _read(
        session,
        select(InteractionOrganisation.organisation_id, func.min(happened), func.max(happened))
        .join(Interaction, Interaction.id == InteractionOrganisation.interaction_id)
        .where(Interaction.kind == InteractionKind.CALL, happened <= day)
        .group_by(InteractionOrganisation.organisation_id),
    )


def _read(session: Session, statement: Executable) -> Spans:
    return [(row[0], row[1], row[2]) for row in session.execute(statement)]


def _by_system(everybody: Families, spans: Spans) -> dict[int, _Span]:
    """Gather bodies' first and last days under the systems they belong to."""
    found: dict[int, _Span] = {}
    for body_id, first, last in spans:
        for system_id in everybody.systems_of.get(body_id, ()):
            known = found.get(system_id, _Span(None, None))
            found[system_id] = _Span(
                min((day for day in (known.first, first) if day), default=None),
                max((day for day in (known.last, last) if day), default=None),
            )
    return found


def _first(spans: Mapping[int, _Span], system_id: int) -> date | None:
    return spans[system_id].first if system_id in spans else None
