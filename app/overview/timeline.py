"""The story of some bodies, newest first: letters, answers, notes, calls, who came and went.

One statement finds the entries of a page among all of them, whatever their kind, and reads only
those; a second one reads who is named in them, a third what came out of them. So a story of 500
entries costs what one of 25 does.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select, union_all
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.visibility import as_reader
from app.core.statements import AnySelect, a_number
from app.interactions.models import InteractionKind
from app.interactions.outcomes.outcome_queries import CameOf, came_of
from app.overview.entries import EntryKind, Subject, kinds

PER_PAGE = 25
INTERACTIONS = {kind.value for kind in InteractionKind}

Asked = dict[str, Any]


class TimelineEntry(NamedTuple):
    """One line of the story; `entries.Kind` says what each kind tells."""

    what: str
    id: int
    on: date
    total: int  # how many there are in all
    title: str
    state: str
    words: str
    who: str
    by: str
    place: str
    source: str
    starts_at: datetime | None
    ends_at: datetime | None
    link_id: int | None
    names: tuple[str, ...] = ()
    came: tuple[CameOf, ...] = ()  # out of a meeting, a call, a note


@dataclass(frozen=True)
class Page:
    entries: tuple[TimelineEntry, ...]
    number: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PER_PAGE))


def of_bodies(
    session: Session,
    body_ids: Sequence[int],
    *,
    people: Sequence[int] | None = None,
    subject: Subject = Subject.ALL,
    page: int = 1,
    reader: User | None = None,
) -> Page:
    """The timeline of these bodies together, or of what they and these people had part in."""
    asked: Asked = {"bodies": body_ids}
    if people is None:
        return _page(session, _story_of_bodies(subject), asked, page, reader)
    return _page(session, _story_of_both(subject), {**asked, "people": people}, page, reader)


def of_person(
    session: Session,
    person_id: int,
    *,
    subject: Subject = Subject.ALL,
    page: int = 1,
    reader: User | None = None,
) -> Page:
    """What one person was sent, said, and did with us, and the posts they held."""
    return _page(session, _story_of_people(subject), {"people": [person_id]}, page, reader)


def _page(
    session: Session, story: AnySelect, asked: Asked, number: int, reader: User | None
) -> Page:
    asked |= as_reader(reader)
    number = max(1, number)
    found = _read(session, story, asked, number)
    if not found and number > 1:  # beyond the end: show the last page
        found = _read(session, story, asked, 1)
        number = max(1, -(-_total(found) // PER_PAGE))
        if number > 1:
            found = _read(session, story, asked, number)
    told = _with_outcomes(session, _with_names(session, found), reader)
    return Page(told, number=number, total=_total(found))


def _read(session: Session, story: AnySelect, asked: Asked, number: int) -> list[TimelineEntry]:
    rows = session.execute(story, {**asked, "skip": (number - 1) * PER_PAGE})
    return [TimelineEntry(*row) for row in rows]


def _total(found: Sequence[TimelineEntry]) -> int:
    return found[0].total if found else 0


def _with_names(session: Session, found: Sequence[TimelineEntry]) -> tuple[TimelineEntry, ...]:
    asked: dict[str, list[int]] = {kind.what: [] for kind in _naming()}
    for entry in found:
        if entry.what in asked:
            asked[entry.what].append(entry.id)
    names: dict[tuple[str, int], tuple[str, ...]] = {}
    for what, id_, name in session.execute(_named(), asked):
        names[what, id_] = (*names.get((what, id_), ()), name)
    return tuple(
        entry._replace(names=names[entry.what, entry.id])
        if (entry.what, entry.id) in names
        else entry
        for entry in found
    )


def _with_outcomes(
    session: Session, found: Sequence[TimelineEntry], reader: User | None
) -> tuple[TimelineEntry, ...]:
    ids = [entry.id for entry in found if entry.what in INTERACTIONS]
    came = came_of(session, ids, reader=reader)
    return tuple(
        entry._replace(came=tuple(came.get(entry.id, ()))) if entry.what in INTERACTIONS else entry
        for entry in found
    )


# Statements are put together once, with places for what differs: putting one together takes
# longer than the database needs to answer it.


@cache
def _story_of_bodies(subject: Subject) -> AnySelect:
    chosen = kinds(subject)
    return _newest_first(chosen, [kind.found(kind.of_bodies) for kind in chosen])


@cache
def _story_of_people(subject: Subject) -> AnySelect:
    chosen = _with_people(subject)
    return _newest_first(chosen, [kind.found(of_people) for kind, of_people in chosen.items()])


@cache
def _story_of_both(subject: Subject) -> AnySelect:
    chosen = _with_people(subject)
    found = [kind.found(kind.of_bodies & of_people) for kind, of_people in chosen.items()]
    return _newest_first(chosen, found)


def _with_people(subject: Subject) -> dict[EntryKind, ColumnElement[bool]]:
    return {kind: kind.of_people for kind in kinds(subject) if kind.of_people is not None}


def _newest_first(chosen: Collection[EntryKind], found: Sequence[AnySelect]) -> AnySelect:
    """One page of what was found, told in full; beside each entry how many there are in all."""
    story = union_all(*found).subquery()
    page = (
        select(story.c.what, story.c.id, story.c.on, func.count().over().label("total"))
        .order_by(story.c.on.desc(), story.c.what, story.c.id.desc())
        .limit(PER_PAGE)
        .offset(a_number("skip"))
        .cte("page")
    )
    told = union_all(*(kind.telling(page) for kind in chosen)).subquery()
    return select(told).order_by(told.c.on.desc(), told.c.what, told.c.id.desc())


@cache
def _naming() -> tuple[EntryKind, ...]:
    return tuple(kind for kind in kinds(Subject.ALL) if kind.named is not None)


@cache
def _named() -> AnySelect:
    """The names that belong to the entries of a page, in the order they are to be read."""
    names = union_all(*(kind.naming() for kind in _naming())).subquery()
    return select(names.c.what, names.c.id, names.c.name).order_by(names.c.place, names.c.name)
