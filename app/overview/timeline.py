"""The story of some bodies, newest first: letters, answers, notes, calls, who came and went.

One statement finds the entries of a page among all of them, whatever their kind, and reads only
those; a second one reads who is named in them, a third what came out of them. So a story of 500
entries costs what one of 25 does.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    bindparam,
    desc,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.visibility import Reader
from app.core.db import remembered
from app.directory.models import Organisation, Person
from app.interactions.models import InteractionKind
from app.interactions.outcomes.outcome_queries import CameOf, came_of
from app.overview.entries import (
    BODY,
    KINDS,
    NAMES,
    PAGE,
    SOMEBODY,
    STORY,
    EntryKind,
    Subject,
    kinds,
)

PER_PAGE = 25
LAST_PAGE = 1_000_000  # beyond any story; what is left out before it must be a number, too
INTERACTIONS = {kind.value for kind in InteractionKind}
NAMED = {what: kind.named for kind in KINDS for what in kind.whats}


Asked = dict[str, Sequence[int]]
Story = CompoundSelect[*tuple[Any, ...]]


class Whose(enum.Enum):
    OF_BODIES = "of bodies"
    OF_PEOPLE = "of people"
    OF_BOTH = "of both"

    def among(self, kind: EntryKind) -> ColumnElement[bool] | None:
        """Which entries of a kind are theirs, if any can be."""
        if self is Whose.OF_BODIES:
            return kind.of_bodies
        if kind.of_people is None or self is Whose.OF_PEOPLE:
            return kind.of_people
        return kind.of_bodies & kind.of_people

    def kinds(self, subject: Subject) -> list[tuple[EntryKind, ColumnElement[bool]]]:
        """The kinds of entry that can be theirs, each with which of it are."""
        every = ((kind, self.among(kind)) for kind in kinds(subject))
        return [(kind, which) for kind, which in every if which is not None]

    @property
    def subjects(self) -> list[Subject]:
        """What their timeline can be narrowed to: nobody has written a document, only bodies."""
        return [one for one in Subject if self.kinds(one)]


class TimelineEntry(NamedTuple):
    """One line of the story; `entries.EntryKind` says what each kind tells."""

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
    if people is not None:
        asked["people"] = people
    whose = Whose.OF_BODIES if people is None else Whose.OF_BOTH
    return _page(session, (whose, subject), asked, number=page, reader=reader)


def of_person(
    session: Session,
    person_id: int,
    *,
    subject: Subject = Subject.ALL,
    page: int = 1,
    reader: User | None = None,
) -> Page:
    """What one person was sent, said, and did with us, and the posts they held."""
    asked: Asked = {"people": [person_id]}
    of = (Whose.OF_PEOPLE, subject)
    return _page(session, of, asked, number=page, reader=reader)


def _page(
    session: Session,
    of: tuple[Whose, Subject],
    asked: Asked,
    *,
    number: int,
    reader: User | None,
) -> Page:
    whose, subject = of
    if not whose.kinds(subject):
        return Page((), number=1, total=0)
    story = _story(whose, subject, reader and Reader.of(reader))
    number = min(max(1, number), LAST_PAGE)
    found = _read(session, story, asked, number)
    if not found and number > 1:  # beyond the end: show the last page
        found = _read(session, story, asked, 1)
        number = max(1, -(-_total(found) // PER_PAGE))
        if number > 1:
            found = _read(session, story, asked, number)
    told = _with_outcomes(session, _with_names(session, found), reader)
    return Page(told, number=number, total=_total(found))


def _read(session: Session, story: Story, asked: Asked, number: int) -> list[TimelineEntry]:
    rows = session.execute(story, {**asked, "skip": (number - 1) * PER_PAGE})
    return [TimelineEntry(*row) for row in rows]


def _ids(model: type[Organisation | Person], name: str) -> Select[int]:
    return select(model.id).where(model.id.in_(bindparam(name, type_=Integer, expanding=True)))


@remembered
def _story(whose: Whose, subject: Subject, reader: Reader | None) -> Story:
    """One page of what is asked for, told in full; beside each entry how many there are in all.

    The one statement with named places: it is so large that SQLAlchemy, asked with another that
    is alike, needs longer to see that it is than the database to answer (decision 17).
    """
    wanted = whose.kinds(subject)
    parts = [
        *([] if whose is Whose.OF_PEOPLE else [_ids(Organisation, "bodies").cte(BODY.name)]),
        *([] if whose is Whose.OF_BODIES else [_ids(Person, "people").cte(SOMEBODY.name)]),
        union_all(*(kind.found(which, reader) for kind, which in wanted)).cte(STORY.name),
        select(*STORY.c, func.count().over().label("total"))
        .order_by(STORY.c.on.desc(), STORY.c.what, STORY.c.id.desc())
        .limit(PER_PAGE)
        .offset(bindparam("skip", type_=Integer))
        .cte(PAGE.name),
    ]
    told = union_all(*(kind.telling for kind, _ in wanted))
    return told.order_by(desc("on"), "what", desc("id")).add_cte(*parts)


def _total(found: Sequence[TimelineEntry]) -> int:
    return found[0].total if found else 0


def _with_names(session: Session, found: Sequence[TimelineEntry]) -> tuple[TimelineEntry, ...]:
    """With the names that belong to each, in the order they are to be read."""
    named = union_all(
        *(
            naming.where(
                naming.selected_columns.id.in_(
                    [entry.id for entry in found if NAMED[entry.what] == whose]
                )
            )
            for whose, naming in NAMES.items()
        )
    ).order_by("place", "name")
    names: dict[tuple[str, int], tuple[str, ...]] = {}
    for whose, id_, name, _ in session.execute(named):
        names[whose, id_] = (*names.get((whose, id_), ()), name)
    return tuple(
        entry._replace(names=names.get((NAMED[entry.what], entry.id), ())) for entry in found
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
