"""The story of some bodies, newest first: letters, answers, notes, calls, who came and went.

One statement finds the entries of a page, whatever their kind; then one statement a kind reads
them. So a story of 500 entries costs what a story of 25 does.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    String,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session, defer, joinedload

from app.accounts.models import User
from app.core.statements import AnySelect, a_number, numbers
from app.directory.models import (
    Appointment,
    Organisation,
    Person,
    Post,
    PostObservation,
    Succession,
)
from app.interactions import queries as interactions
from app.interactions.models import (
    Interaction,
    InteractionKind,
    InteractionOrganisation,
    InteractionPerson,
)
from app.letters.models import Letter, LetterAnswer, LetterBoard, LetterState

PER_PAGE = 25
TOLD_STATES = (LetterState.SENT, LetterState.REFUSED, LetterState.UNKNOWN)


class Subject(enum.Enum):
    """What one can narrow a timeline to."""

    ALL = "all"
    LETTERS = "letters"
    NOTES = "notes"
    PEOPLE = "people"

    @property
    def words(self) -> str:
        return {"all": "All", "letters": "Letters", "notes": "Notes and calls"}.get(
            self.value, "Who leads"
        )


@dataclass(frozen=True)
class Entry:
    """One line of the story. `row` is the record itself, `people` whoever it involves."""

    what: str  # letter, answer, note, call, began, ended, observed, succession
    on: date
    row: Any
    people: tuple[Person, ...] = ()
    bodies: tuple[str, ...] = ()
    author: str = ""


@dataclass(frozen=True)
class Page:
    entries: tuple[Entry, ...]
    number: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PER_PAGE))


def of_bodies(
    session: Session, body_ids: Sequence[int], *, subject: Subject = Subject.ALL, page: int = 1
) -> Page:
    """The timeline of these bodies together."""
    return _page(session, _story_of_bodies(subject), {"bodies": body_ids}, page)


def of_person(
    session: Session, person_id: int, *, subject: Subject = Subject.ALL, page: int = 1
) -> Page:
    """What one person was sent, said, and did with us, and the posts they held."""
    return _page(session, _story_of_person(subject), {"person": person_id}, page)


# Statements are put together once, with places for what differs: putting one together takes
# longer than the database needs to answer it.


@cache
def _story_of_bodies(subject: Subject) -> AnySelect:
    body_ids = numbers("bodies")
    held = select(Post.id).where(Post.organisation_id.in_(body_ids))
    named = select(LetterBoard.letter_id).where(LetterBoard.organisation_id.in_(body_ids))
    involved = select(InteractionOrganisation.interaction_id).where(
        InteractionOrganisation.organisation_id.in_(body_ids)
    )
    sources = {
        Subject.LETTERS: _letters(Letter.id.in_(named)),
        Subject.NOTES: [_interactions(Interaction.id.in_(involved))],
        Subject.PEOPLE: [
            *_appointments(Appointment.post_id.in_(held)),
            _row("observed", PostObservation.id, PostObservation.observed_on).where(
                PostObservation.post_id.in_(held)
            ),
            _row("succession", Succession.id, Succession.effective_on).where(
                Succession.predecessor_id.in_(body_ids) | Succession.successor_id.in_(body_ids)
            ),
        ],
    }
    return _newest_first(sources, subject)


@cache
def _story_of_person(subject: Subject) -> AnySelect:
    person_id = a_number("person")
    involved = select(InteractionPerson.interaction_id).where(
        InteractionPerson.person_id == person_id
    )
    sources = {
        Subject.LETTERS: _letters(Letter.person_id == person_id),
        Subject.NOTES: [_interactions(Interaction.id.in_(involved))],
        Subject.PEOPLE: _appointments(Appointment.person_id == person_id),
    }
    return _newest_first(sources, subject)


def _newest_first(sources: dict[Subject, list[Select[Any]]], subject: Subject) -> AnySelect:
    """One page of the entries asked for; beside each how many there are in all."""
    chosen = [
        source
        for kind, selects in sources.items()
        if subject in (Subject.ALL, kind)
        for source in selects
    ]
    story = union_all(*chosen).subquery()
    return (
        select(story.c.what, story.c.id, story.c.on, func.count().over())
        .order_by(story.c.on.desc(), story.c.what, story.c.id.desc())
        .limit(PER_PAGE)
        .offset(a_number("skip"))
    )


def _letters(condition: ColumnElement[bool]) -> list[Select[Any]]:
    return [
        _row("letter", Letter.id, Letter.sent_on).where(condition, Letter.state.in_(TOLD_STATES)),
        _row("answer", LetterAnswer.id, LetterAnswer.answered_on)
        .join(Letter, Letter.id == LetterAnswer.letter_id)
        .where(condition),
    ]


def _interactions(condition: ColumnElement[bool]) -> Select[Any]:
    return _row("interaction", Interaction.id, Interaction.happened_on).where(condition)


def _appointments(condition: ColumnElement[bool]) -> list[Select[Any]]:
    return [
        _row("began", Appointment.id, Appointment.started_on).where(condition),
        _row("ended", Appointment.id, Appointment.ended_on).where(condition),
    ]


def _row(what: str, id_: Any, on: Any) -> Select[Any]:
    return select(literal(what, String).label("what"), id_.label("id"), on.label("on")).where(
        on.is_not(None)
    )


def _page(session: Session, story: AnySelect, asked: dict[str, Any], number: int) -> Page:
    number = max(1, number)
    found = session.execute(story, {**asked, "skip": (number - 1) * PER_PAGE}).all()
    if not found and number > 1:  # beyond the end: show the last page
        found = session.execute(story, {**asked, "skip": 0}).all()
        number = max(1, -(-_total(found) // PER_PAGE))
        if number > 1:
            found = session.execute(story, {**asked, "skip": (number - 1) * PER_PAGE}).all()
    ids: dict[str, list[int]] = {}
    for what, id_, *_ in found:
        ids.setdefault(what, []).append(id_)
    read = {
        "letter": _read_letters(session, ids.get("letter", [])),
        "answer": _read_answers(session, ids.get("answer", [])),
        "interaction": _read_interactions(session, ids.get("interaction", [])),
        "observed": _read_observations(session, ids.get("observed", [])),
        "succession": _read_successions(session, ids.get("succession", [])),
    }
    read["began"] = read["ended"] = _read_appointments(
        session, [*ids.get("began", []), *ids.get("ended", [])]
    )
    entries = tuple(_entry(what, on, read[what][id_]) for what, id_, on, _ in found)
    return Page(entries=entries, number=number, total=_total(found))


def _total(found: Sequence[Row[*tuple[Any, ...]]]) -> int:
    return found[0][-1] if found else 0


def _entry(what: str, on: date, details: dict[str, Any]) -> Entry:
    row = details["row"]
    if isinstance(row, Interaction):
        what = "call" if row.kind is InteractionKind.CALL else "note"
    return Entry(what=what, on=on, **details)


Details = dict[int, dict[str, Any]]


def _read_letters(session: Session, ids: list[int]) -> Details:
    if not ids:
        return {}
    bodies: dict[int, tuple[str, ...]] = {}
    for letter_id, name in session.execute(_bodies_named(), {"ids": ids}):
        bodies[letter_id] = (*bodies.get(letter_id, ()), name)
    return {
        row.id: {"row": row, "bodies": bodies.get(row.id, ())}
        for row in session.scalars(_letters_by_id(), {"ids": ids})
    }


def _read_answers(session: Session, ids: list[int]) -> Details:
    if not ids:
        return {}
    rows = session.scalars(_answers_by_id(), {"ids": ids})
    return {row.id: {"row": row, "author": row.recorded_by.name} for row in rows}


def _read_interactions(session: Session, ids: list[int]) -> Details:
    if not ids:
        return {}
    people = interactions.people_of(session, ids)
    return {
        id_: {"row": row, "author": row.author.name, "people": tuple(people.get(id_, ()))}
        for id_, row in interactions.by_ids(session, ids).items()
    }


def _read_appointments(session: Session, ids: list[int]) -> Details:
    if not ids:
        return {}
    return {
        row.id: {
            "row": row,
            "people": (row.person,),
            "bodies": (row.post.organisation.short_name,),
        }
        for row in session.scalars(_appointments_by_id(), {"ids": ids})
    }


def _read_observations(session: Session, ids: list[int]) -> Details:
    if not ids:
        return {}
    rows = session.execute(_observations_by_id(), {"ids": ids})
    return {row.id: {"row": row, "author": name or ""} for row, name in rows}


def _read_successions(session: Session, ids: list[int]) -> Details:
    if not ids:
        return {}
    rows = session.scalars(_successions_by_id(), {"ids": ids})
    return {row.id: {"row": row} for row in rows}


_IDS = numbers("ids")


@cache
def _letters_by_id() -> AnySelect:
    """Of a letter the story tells no words but its subject."""
    return (
        select(Letter)
        .options(defer(Letter.text), defer(Letter.html))
        .where(Letter.id.in_(_IDS))
        .options(defer(Letter.text), defer(Letter.html), defer(Letter.findings))
    )


@cache
def _bodies_named() -> AnySelect:
    return (
        select(LetterBoard.letter_id, Organisation.short_name)
        .join(Organisation, Organisation.id == LetterBoard.organisation_id)
        .where(LetterBoard.letter_id.in_(_IDS))
        .order_by(Organisation.short_name)
    )


@cache
def _answers_by_id() -> AnySelect:
    return (
        select(LetterAnswer)
        .where(LetterAnswer.id.in_(_IDS))
        .options(
            joinedload(LetterAnswer.letter)
            .options(defer(Letter.text), defer(Letter.html))
            .load_only(Letter.subject),
            joinedload(LetterAnswer.recorded_by),
        )
    )


@cache
def _appointments_by_id() -> AnySelect:
    at = joinedload(Appointment.post)
    return (
        select(Appointment)
        .where(Appointment.id.in_(_IDS))
        .options(
            joinedload(Appointment.person),
            at.joinedload(Post.post_type),
            at.joinedload(Post.organisation).load_only(Organisation.short_name),
        )
    )


@cache
def _observations_by_id() -> AnySelect:
    return (
        select(PostObservation, User.name)
        .outerjoin(User, User.id == PostObservation.observed_by_id)
        .where(PostObservation.id.in_(_IDS))
        .options(joinedload(PostObservation.post).joinedload(Post.post_type))
    )


@cache
def _successions_by_id() -> AnySelect:
    return (
        select(Succession)
        .where(Succession.id.in_(_IDS))
        .options(joinedload(Succession.predecessor), joinedload(Succession.successor))
    )
