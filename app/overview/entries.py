"""Every kind of entry a timeline can have: where it is found, and what is told of it.

A new kind is one more `EntryKind` in `KINDS`, and its words in `templates/overview/_timeline.html`.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    String,
    case,
    cast,
    column,
    func,
    literal,
    null,
    select,
    table,
    type_coerce,
)
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.accounts.visibility import Confidential, Reader
from app.core.db import AnySelect, UtcDateTime
from app.directory.models import (
    Appointment,
    Organisation,
    Person,
    Post,
    PostObservation,
    PostType,
    Succession,
)
from app.directory.queries.name_search import spoken
from app.documents.models import Document, DocumentType
from app.interactions.models import (
    Interaction,
    InteractionKind,
    InteractionOrganisation,
    InteractionPerson,
)
from app.letters.caught import is_caught
from app.letters.models import Letter, LetterAnswer, LetterBoard, LetterState, PostalState

TOLD_STATES = (LetterState.SENT, LetterState.REFUSED, LetterState.UNKNOWN)
WAS_POSTED = (PostalState.POSTED, PostalState.RETURNED)

# What can be told of an entry; a kind leaves out what it has not.
TEXTS = ("title", "state", "words", "who", "by", "place", "source")
TIMES = ("starts_at", "ends_at")
LONGEST_WORDS = 2_000  # of an entry, on a timeline; its own page has all of them
LINK = "link_id"  # the record a name in it leads to

# What stands in the place of what a kind leaves out.
NO_TEXT = literal("", String)
NO_NUMBER = literal(0, Integer)
NO_TIME = cast(null(), UtcDateTime)


class Subject(enum.Enum):
    """What one can narrow a timeline to."""

    ALL = "all"
    LETTERS = "letters"
    MEETINGS = "meetings"
    NOTES = "notes"
    DOCUMENTS = "documents"
    PEOPLE = "people"

    @property
    def words(self) -> str:
        return {"notes": "Calls and notes", "people": "Who leads"}.get(
            self.value, self.value.capitalize()
        )


# What a timeline is made of: it brings these as common table expressions with their names.
BODY = table("body", column("id", Integer))  # of whom it tells
SOMEBODY = table("somebody", column("id", Integer))
STORY = table("story", column("what", String), column("id", Integer), column("on", Date))
PAGE = table(  # those of the story that are on one page, and how many there are in all
    "page",
    *(column("what", String), column("id", Integer), column("on", Date)),
    column("total", Integer),
)


@dataclass(frozen=True, eq=False)
class EntryKind:
    """One kind of entry, or several that are told alike.

    `of_bodies` and `of_people` say which belong to the bodies or the people asked for. They look
    at indexed columns only: every entry passes them, while `told` is read for one page.
    """

    whats: tuple[str, ...]
    subject: Subject
    id: Any
    on: Any  # its day; without one it is not told
    of_bodies: ColumnElement[bool]
    of_people: ColumnElement[bool] | None = None
    told: Mapping[str, Any] = field(default_factory=dict)  # columns by the names above
    joined: Sequence[tuple[Any, Any]] = ()  # whatever else `told` is read from, and how
    which: Any = None  # of several, what says which it is
    kept: type[Confidential] | None = None  # what may be kept from others
    named: str = ""  # which of NAMES tells who is named in it

    def found(self, condition: ColumnElement[bool], reader: Reader | None) -> AnySelect:
        """Those for which it holds, as little of each as puts them in order."""
        found = self._every.where(condition)
        return found.where(self.kept.where_read_by(reader)) if self.kept else found

    @cached_property
    def _every(self) -> AnySelect:
        what = literal(self.whats[0], String) if self.which is None else self.which
        every = select(what.label("what"), self.id.label("id"), self.on.label("on"))
        return every.where(self.on.is_not(None))

    @cached_property
    def telling(self) -> AnySelect:
        """Those of one page, with all that is told of them."""
        texts = [self.told.get(name, NO_TEXT).label(name) for name in TEXTS]
        times = [self.told.get(name, NO_TIME).label(name) for name in TIMES]
        link = self.told.get(LINK, NO_NUMBER).label(LINK)
        place = [one.label(one.name) for one in PAGE.c]
        telling = select(*place, *texts, *times, link).join(self.id.class_, self.id == PAGE.c.id)
        for target, condition in self.joined:
            telling = telling.outerjoin(target, condition)
        return telling.where(PAGE.c.what.in_(self.whats))


def kinds(subject: Subject) -> list[EntryKind]:
    return [kind for kind in KINDS if subject in (Subject.ALL, kind.subject)]


_BODIES = select(BODY.c.id)
_PEOPLE = select(SOMEBODY.c.id)
_LETTERS = select(LetterBoard.letter_id).where(LetterBoard.organisation_id.in_(_BODIES))
_POSTS = select(Post.id).where(Post.organisation_id.in_(_BODIES))

# Who is named in an entry, by its `id`; `place` is theirs among the names.
NAMES: Mapping[str, AnySelect] = {
    "letter": select(
        literal("letter", String).label("whose"),
        LetterBoard.letter_id.label("id"),
        Organisation.short_name.label("name"),
        Organisation.short_name.label("place"),
    ).join(Organisation, Organisation.id == LetterBoard.organisation_id),
    "interaction": select(
        literal("interaction", String).label("whose"),
        InteractionPerson.interaction_id.label("id"),
        spoken(Person).label("name"),
        Person.family_name.label("place"),
    ).join(Person, Person.id == InteractionPerson.person_id),
}


def _letter() -> EntryKind:
    is_told = Letter.state.in_(TOLD_STATES) | (
        (Letter.state == LetterState.BY_POST) & Letter.post_state.in_(WAS_POSTED)
    )
    state = case(
        (is_caught(), "caught"),
        (Letter.state == LetterState.BY_POST, "sent"),
        else_=type_coerce(Letter.state, String),
    )
    return _about_letter("letter", Letter.sent_on, is_told, {"state": state})


def _posted_besides() -> EntryKind:
    """The paper of a letter that went by mail too."""
    is_told = Letter.post_state.in_(WAS_POSTED) & (Letter.state != LetterState.BY_POST)
    return _about_letter("posted", Letter.posted_on, is_told, {})


def _came_back() -> EntryKind:
    is_told = Letter.post_state == PostalState.RETURNED
    return _about_letter("returned", Letter.returned_on, is_told, {"words": Letter.returned_why})


def _bounced() -> EntryKind:
    is_told = Letter.bounced_on.is_not(None)
    return _about_letter("bounced", Letter.bounced_on, is_told, {"words": Letter.bounced_why})


def _about_letter(
    what: str, on: Any, is_told: ColumnElement[bool], told: Mapping[str, Any]
) -> EntryKind:
    return EntryKind(
        whats=(what,),
        subject=Subject.LETTERS,
        id=Letter.id,
        on=on,
        of_bodies=is_told & Letter.id.in_(_LETTERS),
        of_people=is_told & Letter.person_id.in_(_PEOPLE),
        told={
            "title": Letter.subject,
            "who": case((Letter.to_name == "", Letter.stands_in_as), else_=Letter.to_name),
            "place": type_coerce(Letter.kind, String),
            "source": case(
                (Letter.channel == "both", "email"), else_=type_coerce(Letter.channel, String)
            ),
            LINK: Letter.mailing_id,
            **told,
        },
        named="letter",
    )


def _answer() -> EntryKind:
    return EntryKind(
        whats=("answer",),
        subject=Subject.LETTERS,
        id=LetterAnswer.id,
        on=LetterAnswer.answered_on,
        of_bodies=LetterAnswer.letter_id.in_(_LETTERS),
        of_people=LetterAnswer.letter_id.in_(
            select(Letter.id).where(Letter.person_id.in_(_PEOPLE))
        ),
        told={
            "title": Letter.subject,
            "words": LetterAnswer.said,
            "who": LetterAnswer.answered_by,
            "by": User.name,
        },
        joined=[
            (Letter, Letter.id == LetterAnswer.letter_id),
            (User, User.id == LetterAnswer.recorded_by_id),
        ],
    )


def _interaction(subject: Subject, interactions: Sequence[InteractionKind]) -> EntryKind:
    about, took_part = InteractionOrganisation, InteractionPerson
    are_these = Interaction.kind.in_(interactions)
    at_bodies = select(about.interaction_id).where(about.organisation_id.in_(_BODIES))
    with_people = select(took_part.interaction_id).where(took_part.person_id.in_(_PEOPLE))
    return EntryKind(
        whats=tuple(kind.value for kind in interactions),
        subject=subject,
        id=Interaction.id,
        on=Interaction.happened_on,
        of_bodies=are_these & Interaction.id.in_(at_bodies),
        of_people=are_these & Interaction.id.in_(with_people),
        which=type_coerce(Interaction.kind, String),
        kept=Interaction,
        told={
            "title": Interaction.subject,
            "state": type_coerce(Interaction.state, String),
            "words": func.substr(Interaction.body, 1, LONGEST_WORDS),
            "by": User.name,
            "place": Interaction.place,
            "source": type_coerce(Interaction.visible_to, String),
            "starts_at": Interaction.starts_at,
            "ends_at": Interaction.ends_at,
        },
        joined=[(User, User.id == Interaction.author_id)],
        named="interaction",
    )


def _document() -> EntryKind:
    return EntryKind(
        whats=("document",),
        subject=Subject.DOCUMENTS,
        id=Document.id,
        on=Document.published_on,
        of_bodies=Document.organisation_id.in_(_BODIES),
        told={
            "title": Document.title,
            "state": type_coerce(Document.stage, String),
            "words": Document.cycle,
            "who": Organisation.short_name,
            "place": DocumentType.name,
            "source": Document.link,
        },
        joined=[
            (DocumentType, DocumentType.id == Document.document_type_id),
            (Organisation, Organisation.id == Document.organisation_id),
        ],
    )


def _appointment(what: str, on: Any) -> EntryKind:
    return EntryKind(
        whats=(what,),
        subject=Subject.PEOPLE,
        id=Appointment.id,
        on=on,
        of_bodies=Appointment.post_id.in_(_POSTS),
        of_people=Appointment.person_id.in_(_PEOPLE),
        told={
            "title": PostType.name,
            "state": case((Appointment.is_acting, "acting"), else_=""),
            "who": spoken(Person),
            "place": Organisation.short_name,
            "source": Appointment.source,
            LINK: Appointment.person_id,
        },
        joined=[
            (Person, Person.id == Appointment.person_id),
            (Post, Post.id == Appointment.post_id),
            (PostType, PostType.id == Post.post_type_id),
            (Organisation, Organisation.id == Post.organisation_id),
        ],
    )


def _observation() -> EntryKind:
    return EntryKind(
        whats=("observed",),
        subject=Subject.PEOPLE,
        id=PostObservation.id,
        on=PostObservation.observed_on,
        of_bodies=PostObservation.post_id.in_(_POSTS),
        told={
            "title": PostType.name,
            "state": type_coerce(PostObservation.state, String),
            "words": PostObservation.note,
            "by": func.coalesce(User.name, ""),
            "source": PostObservation.source,
        },
        joined=[
            (Post, Post.id == PostObservation.post_id),
            (PostType, PostType.id == Post.post_type_id),
            (User, User.id == PostObservation.observed_by_id),
        ],
    )


def _succession() -> EntryKind:
    before, after = aliased(Organisation), aliased(Organisation)
    return EntryKind(
        whats=("succession",),
        subject=Subject.PEOPLE,
        id=Succession.id,
        on=Succession.effective_on,
        of_bodies=Succession.predecessor_id.in_(_BODIES) | Succession.successor_id.in_(_BODIES),
        told={
            "state": type_coerce(Succession.kind, String),
            "words": Succession.note,
            "who": before.name,
            "place": after.name,
            "source": Succession.source,
        },
        joined=[
            (before, before.id == Succession.predecessor_id),
            (after, after.id == Succession.successor_id),
        ],
    )


KINDS = (
    _letter(),
    _posted_besides(),
    _came_back(),
    _bounced(),
    _answer(),
    _interaction(Subject.MEETINGS, (InteractionKind.MEETING, InteractionKind.EVENT)),
    _interaction(
        Subject.NOTES, (InteractionKind.CALL, InteractionKind.EMAIL, InteractionKind.NOTE)
    ),
    _document(),
    _appointment("began", Appointment.started_on),
    _appointment("ended", Appointment.ended_on),
    _observation(),
    _succession(),
)
