"""Named reads of templates, mailings and letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, case, exists, func, select
from sqlalchemy.orm import Session, aliased, defer, joinedload

from app.accounts.models import User
from app.core.db import AnySelect
from app.core.text.alphabet import alphabetical
from app.directory.models import (
    Appointment,
    Organisation,
    OrganisationKind,
    Person,
    Post,
    PostType,
    Region,
)
from app.letters.authorship import is_author
from app.letters.caught import is_caught
from app.letters.models import (
    Letter,
    LetterBoard,
    LetterRecipient,
    LetterState,
    LetterTemplate,
    Mailing,
    MailingState,
    PostalState,
    Signatory,
    TemplateVersion,
)

_MAILINGS = (
    select(Mailing)
    .options(
        joinedload(Mailing.template_version).joinedload(TemplateVersion.template),
        joinedload(Mailing.signatory),
        joinedload(Mailing.created_by),
        joinedload(Mailing.asked_by),
        joinedload(Mailing.released_by),
    )
    .execution_options(populate_existing=True)
)


def mailing(session: Session, mailing_id: int, *, lock: bool = False) -> Mailing | None:
    """A mailing with everything its pages name; locked, if asked, until the transaction ends."""
    found = _MAILINGS.where(Mailing.id == mailing_id)
    return session.scalar(found.with_for_update(of=Mailing) if lock else found)


def mailings() -> Select[Any]:
    """For the list: each mailing with its template and author."""
    author = aliased(User)
    columns: tuple[Any, ...] = (
        Mailing,
        LetterTemplate.name.label("template"),
        author.name.label("author"),
        exists()
        .where(Letter.mailing_id == Mailing.id, is_caught())
        .correlate(Mailing)
        .label("was_caught"),
        exists()
        .where(
            Letter.mailing_id == Mailing.id,
            Letter.post_state.in_((PostalState.APPROVED, PostalState.PRINTED)),
        )
        .correlate(Mailing)
        .label("waits_on_paper"),
    )
    return (
        select(*columns)
        .join(TemplateVersion, Mailing.template_version_id == TemplateVersion.id)
        .join(LetterTemplate, TemplateVersion.template_id == LetterTemplate.id)
        .join(author, Mailing.created_by_id == author.id)
    )


def waiting_for(session: Session, user: User) -> Sequence[Mailing]:
    """Mailings put forward that this person may approve: those they had no hand in."""
    waiting = session.scalars(
        select(Mailing)
        .where(Mailing.state == MailingState.AWAITING_APPROVAL)
        .options(joinedload(Mailing.asked_by))
        .order_by(Mailing.asked_at, Mailing.id)
    ).all()
    return [one for one in waiting if not is_author(one, user)]


def templates(
    session: Session, *, archived: bool = False
) -> Sequence[Row[LetterTemplate, TemplateVersion]]:
    """Each template with the number and day of its latest version."""
    newest = (
        select(TemplateVersion.template_id, func.max(TemplateVersion.number).label("number"))
        .group_by(TemplateVersion.template_id)
        .subquery()
    )
    shelved = LetterTemplate.archived_at.is_not(None)
    return session.execute(
        select(LetterTemplate, TemplateVersion)
        .join(newest, newest.c.template_id == LetterTemplate.id)
        .join(
            TemplateVersion,
            (TemplateVersion.template_id == LetterTemplate.id)
            & (TemplateVersion.number == newest.c.number),
        )
        .where(shelved if archived else ~shelved)
        .order_by(
            LetterTemplate.is_starter,
            case((LetterTemplate.is_starter, LetterTemplate.id), else_=0),
            alphabetical(LetterTemplate.name),
        )
    ).all()


def versions_of(session: Session, template: LetterTemplate) -> Sequence[TemplateVersion]:
    """Newest first."""
    return session.scalars(
        select(TemplateVersion)
        .where(TemplateVersion.template_id == template.id)
        .options(joinedload(TemplateVersion.written_by))
        .order_by(TemplateVersion.number.desc())
    ).all()


def mailings_with(session: Session, template: LetterTemplate) -> Sequence[Row[Mailing, int]]:
    """Mailings made with any version of a template, and which version."""
    return session.execute(
        select(Mailing, TemplateVersion.number)
        .join(TemplateVersion, Mailing.template_version_id == TemplateVersion.id)
        .where(TemplateVersion.template_id == template.id)
        .order_by(Mailing.id.desc())
    ).all()


def signatories(session: Session, *, archived: bool = False) -> Sequence[Signatory]:
    known = Signatory.archived_at.is_not(None) if archived else Signatory.archived_at.is_(None)
    return session.scalars(
        select(Signatory).where(known).order_by(alphabetical(Signatory.name))
    ).all()


class BodyNamed(NamedTuple):
    """As much of a body as the rows of a check show."""

    id: int
    kind: OrganisationKind
    short_name: str


@dataclass(frozen=True)
class CheckedRow:
    """A letter in the rows of a check, with the bodies it names."""

    letter: Letter
    bodies: tuple[BodyNamed, ...]

    @property
    def about(self) -> str:
        return ", ".join(body.short_name for body in self.bodies) or self.letter.to_name


_WITHOUT_WORDS = select(Letter).options(defer(Letter.text), defer(Letter.html)).order_by(Letter.id)
_BODIES_NAMED: AnySelect = (
    select(LetterBoard.letter_id, Organisation.id, Organisation.kind, Organisation.short_name)
    .join(Organisation, LetterBoard.organisation_id == Organisation.id)
    .join(Letter, LetterBoard.letter_id == Letter.id)
    .order_by(alphabetical(Organisation.short_name))
)


def rows(session: Session, mailing: Mailing) -> list[CheckedRow]:
    """Every letter of a mailing without its words, in the order they were checked."""
    of_mailing = Letter.mailing_id == mailing.id
    letters = session.scalars(_WITHOUT_WORDS.where(of_mailing)).all()
    bodies: dict[int, list[BodyNamed]] = {}
    for letter_id, *body in session.execute(_BODIES_NAMED.where(of_mailing)):
        bodies.setdefault(letter_id, []).append(BodyNamed(*body))
    return [CheckedRow(letter, tuple(bodies.get(letter.id, ()))) for letter in letters]


def row_of(session: Session, mailing_id: int, key: str | None) -> int | None:
    """The number that the row of this reader has since the last check."""
    wanted = select(Letter.id).where(Letter.mailing_id == mailing_id, Letter.addressee_key == key)
    return session.scalars(wanted.order_by(Letter.id)).first()


def letter(session: Session, mailing_id: int, letter_id: int) -> Letter | None:
    """One letter of this mailing, with its words."""
    return session.scalar(
        select(Letter)
        .where(Letter.id == letter_id, Letter.mailing_id == mailing_id)
        .execution_options(populate_existing=True)
    )


class LetterNamed(NamedTuple):
    """As much of a letter as a link to it says."""

    id: int
    sent_on: date | None
    subject: str
    state: LetterState


def letter_followed(session: Session, letter: Letter) -> LetterNamed | None:
    """Of a chaser: the letter to the same reader that it follows."""
    chaser = aliased(Mailing)
    row = session.execute(
        _letters_named()
        .join(chaser, chaser.chases_id == Letter.mailing_id)
        .where(chaser.id == letter.mailing_id, Letter.addressee_key == letter.addressee_key)
        .order_by(Letter.series.desc())
    ).first()
    return LetterNamed(*row) if row else None


def chasers_of(session: Session, letter: Letter) -> list[LetterNamed]:
    """What was written to the same reader since, because this letter had no answer."""
    rows = session.execute(
        _letters_named()
        .join(Mailing, Mailing.id == Letter.mailing_id)
        .where(
            Mailing.chases_id == letter.mailing_id,
            Letter.addressee_key == letter.addressee_key,
            Letter.state != LetterState.EXCLUDED,
        )
        .order_by(Letter.id)
    )
    return [LetterNamed(*row) for row in rows]


def _letters_named() -> Select[int, date | None, str, LetterState]:
    return select(Letter.id, Letter.sent_on, Letter.subject, Letter.state)


def recipients_of(session: Session, letter: Letter) -> Sequence[LetterRecipient]:
    return session.scalars(
        select(LetterRecipient)
        .where(LetterRecipient.letter_id == letter.id)
        .order_by(LetterRecipient.id)
    ).all()


def post_types(session: Session) -> Sequence[PostType]:
    return session.scalars(
        select(PostType).order_by(PostType.position, alphabetical(PostType.name))
    ).all()


def regions(session: Session) -> Sequence[Region]:
    return session.scalars(select(Region).order_by(alphabetical(Region.name))).all()


def users(session: Session) -> Sequence[User]:
    return session.scalars(
        select(User).where(User.disabled_at.is_(None)).order_by(alphabetical(User.name), User.id)
    ).all()


def bodies_on(session: Session, day: date) -> Sequence[Organisation]:
    """Bodies that can be picked: of the kinds that have posts."""
    kinds = (
        OrganisationKind.ICB,
        OrganisationKind.ICP,
        OrganisationKind.LOCAL_AUTHORITY,
        OrganisationKind.NHS_ENGLAND,
    )
    return session.scalars(
        select(Organisation)
        .where(Organisation.kind.in_(kinds), Organisation.where_exists_on(day))
        .order_by(Organisation.kind, alphabetical(Organisation.short_name), Organisation.id)
    ).all()


def holders_on(session: Session, day: date) -> Sequence[Row[Person, str]]:
    """People who hold some post that day, with one of their bodies, by name."""
    return session.execute(
        select(Person, func.min(Organisation.short_name).label("body"))
        .join(Appointment, Appointment.person_id == Person.id)
        .join(Post, Appointment.post_id == Post.id)
        .join(Organisation, Post.organisation_id == Organisation.id)
        .where(Appointment.where_held_on(day), Organisation.where_exists_on(day))
        .group_by(Person.id)
        .order_by(alphabetical(Person.family_name), alphabetical(Person.given_name), Person.id)
    ).all()
