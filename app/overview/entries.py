"""Every kind of entry a timeline can have: where it is found, and what is told of it.

A new kind is one more `EntryKind` in `KINDS`, and its words in `templates/overview/_timeline.html`.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    String,
    case,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.core.statements import NO_NUMBER, NO_TEXT, NO_TIME, AnySelect, numbers
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
MET = (InteractionKind.MEETING, InteractionKind.EVENT)
LINK = "link_id"  # the record a name in it leads to


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


@dataclass(frozen=True, eq=False)
class EntryKind:
    """One kind of entry.

    `of_bodies` and `of_people` say which belong to the bodies or the people asked for. They look
    at indexed columns only: every entry passes them, while `told` is read for one page.
    """

    what: str
    subject: Subject
    id: Any
    on: Any  # its day; without one it is not told
    of_bodies: ColumnElement[bool]
    of_people: ColumnElement[bool] | None = None
    told: Mapping[str, Any] = field(default_factory=dict)  # columns by the names above
    joined: Sequence[tuple[Any, Any]] = ()  # whatever else `told` is read from, and how
    named: AnySelect | None = None  # those it names: `id` of the entry, `name`, `place` among them

    def found(self, condition: ColumnElement[bool]) -> AnySelect:
        """All of them, as little of each as puts them in order."""
        what = literal(self.what, String).label("what")
        found = select(what, self.id.label("id"), self.on.label("on"))
        return found.where(self.on.is_not(None), condition)

    def telling(self, page: CTE) -> AnySelect:
        """Those of one page, with all that is told of them."""
        texts = [self.told.get(name, NO_TEXT).label(name) for name in TEXTS]
        times = [self.told.get(name, NO_TIME).label(name) for name in TIMES]
        link = self.told.get(LINK, NO_NUMBER).label(LINK)
        telling = select(*page.c, *texts, *times, link).join(self.id.class_, self.id == page.c.id)
        for target, condition in self.joined:
            telling = telling.outerjoin(target, condition)
        return telling.where(page.c.what == self.what)

    def naming(self) -> AnySelect:
        """Who is named in these entries; their ids are passed under what they are."""
        assert self.named is not None
        what, id_ = literal(self.what, String).label("what"), self.named.selected_columns["id"]
        return self.named.add_columns(what).where(id_.in_(numbers(self.what)))


def kinds(subject: Subject) -> list[EntryKind]:
    return [kind for kind in _kinds() if subject in (Subject.ALL, kind.subject)]


BODIES = select(Organisation.id).where(Organisation.id.in_(numbers("bodies"))).cte("body")
PEOPLE = numbers("people")


@cache
def _kinds() -> tuple[EntryKind, ...]:
    return (
        _letter(),
        _posted_besides(),
        _came_back(),
        _answer(),
        *(_interaction(kind) for kind in InteractionKind),
        _document(),
        _appointment("began", Appointment.started_on),
        _appointment("ended", Appointment.ended_on),
        _observation(),
        _succession(),
    )


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


def _about_letter(
    what: str, on: Any, is_told: ColumnElement[bool], told: Mapping[str, Any]
) -> EntryKind:
    return EntryKind(
        what=what,
        subject=Subject.LETTERS,
        id=Letter.id,
        on=on,
        of_bodies=is_told & Letter.id.in_(_letters_to_bodies()),
        of_people=is_told & (Letter.person_id.in_(PEOPLE)),
        told={
            "title": Letter.subject,
            "who": case((Letter.to_name == "", Letter.stands_in_as), else_=Letter.to_name),
            "source": case(
                (Letter.channel == "both", "email"), else_=type_coerce(Letter.channel, String)
            ),
            LINK: Letter.mailing_id,
            **told,
        },
        named=select(
            LetterBoard.letter_id.label("id"),
            Organisation.short_name.label("name"),
            Organisation.short_name.label("place"),
        ).join(Organisation, Organisation.id == LetterBoard.organisation_id),
    )


def _answer() -> EntryKind:
    to_person = select(Letter.id).where(Letter.person_id.in_(PEOPLE))
    return EntryKind(
        what="answer",
        subject=Subject.LETTERS,
        id=LetterAnswer.id,
        on=LetterAnswer.answered_on,
        of_bodies=LetterAnswer.letter_id.in_(_letters_to_bodies()),
        of_people=LetterAnswer.letter_id.in_(to_person),
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


def _interaction(kind: InteractionKind) -> EntryKind:
    about, took_part = InteractionOrganisation, InteractionPerson
    at_bodies = select(about.interaction_id).where(about.organisation_id.in_(_bodies()))
    with_people = select(took_part.interaction_id).where(took_part.person_id.in_(PEOPLE))
    is_theirs = (Interaction.kind == kind) & Interaction.where_read_by_reader()
    return EntryKind(
        what=kind.value,
        subject=Subject.MEETINGS if kind in MET else Subject.NOTES,
        id=Interaction.id,
        on=Interaction.happened_on,
        of_bodies=is_theirs & Interaction.id.in_(at_bodies),
        of_people=is_theirs & Interaction.id.in_(with_people),
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
        named=select(
            took_part.interaction_id.label("id"),
            spoken(Person).label("name"),
            Person.family_name.label("place"),
        ).join(Person, Person.id == took_part.person_id),
    )


def _document() -> EntryKind:
    return EntryKind(
        what="document",
        subject=Subject.DOCUMENTS,
        id=Document.id,
        on=Document.published_on,
        of_bodies=Document.organisation_id.in_(_bodies()),
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
        what=what,
        subject=Subject.PEOPLE,
        id=Appointment.id,
        on=on,
        of_bodies=Appointment.post_id.in_(_posts_at_bodies()),
        of_people=Appointment.person_id.in_(PEOPLE),
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
        what="observed",
        subject=Subject.PEOPLE,
        id=PostObservation.id,
        on=PostObservation.observed_on,
        of_bodies=PostObservation.post_id.in_(_posts_at_bodies()),
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
        what="succession",
        subject=Subject.PEOPLE,
        id=Succession.id,
        on=Succession.effective_on,
        of_bodies=Succession.predecessor_id.in_(_bodies()) | Succession.successor_id.in_(_bodies()),
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


def _bodies() -> AnySelect:
    return select(BODIES.c.id)


def _letters_to_bodies() -> AnySelect:
    return select(LetterBoard.letter_id).where(LetterBoard.organisation_id.in_(_bodies()))


def _posts_at_bodies() -> AnySelect:
    return select(Post.id).where(Post.organisation_id.in_(_bodies()))
