"""Writing down what a body has published."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import DomainError, NoTitle
from app.core.web.filters import on_day
from app.directory.models import Organisation
from app.documents import rules
from app.documents.models import Document, DocumentStage, DocumentType


class NotInUse(DomainError):
    """On the day it was published, nobody made this kind of document."""


class NotTheirs(DomainError):
    """Bodies of this kind make no such document."""


class NotYet(DomainError):
    """It cannot have been published on a day to come."""


class Superseded(DomainError):
    """A document takes the place of one other, and no other took that place before."""


@dataclass(frozen=True)
class DocumentDetails:
    """What is written down of a document; the same for adding one and for changing one."""

    organisation: Organisation
    document_type: DocumentType
    title: str
    cycle: str = ""
    stage: DocumentStage = DocumentStage.FINAL
    published_on: date | None = None
    link: str = ""
    source: str = ""
    note: str = ""
    supersedes: Document | None = None


def add(
    session: Session,
    described: DocumentDetails,
    *,
    on: date,
    form_token: str | None = None,
    is_demo: bool = False,
) -> Document:
    """Write a document down. The same form sent twice (a double click) writes one."""
    if form_token and (written := _written_by(session, form_token)):
        return written
    document = Document(form_token=form_token, is_demo=is_demo)
    _fill(session, document, described, on)
    session.add(document)
    session.flush()
    return document


def change(session: Session, document: Document, described: DocumentDetails, *, on: date) -> None:
    _fill(session, document, described, on)
    session.flush()


def _fill(session: Session, document: Document, described: DocumentDetails, on: date) -> None:
    _check(session, document, described, on)
    document.organisation_id = described.organisation.id
    document.document_type_id = described.document_type.id
    document.title = described.title.strip()
    document.cycle = described.cycle.strip()
    document.stage = described.stage
    document.published_on = described.published_on
    document.link = described.link.strip()
    document.source = described.source.strip()
    document.note = described.note.strip()
    document.supersedes_id = described.supersedes.id if described.supersedes else None


def _check(session: Session, document: Document, described: DocumentDetails, on: date) -> None:
    kind, day = described.document_type, described.published_on
    if not described.title.strip():
        raise NoTitle("Enter the title, as the document has it.")
    if not rules.made_by(kind, described.organisation.kind.value):
        raise NotTheirs(
            f"{described.organisation.short_name} does not make a {_named(kind)}. "
            "Choose the body that does, or “Other document”."
        )
    if day and day > on:
        raise NotYet("It was not published on a day to come. Leave the day empty until it is.")
    if day and not rules.in_use_on(kind, day):
        raise NotInUse(_when_in_use(kind, day))
    if described.supersedes:
        _check_supersedes(session, document, described.supersedes)


def _check_supersedes(session: Session, document: Document, before: Document) -> None:
    if before.id == document.id:
        raise Superseded("A document does not take its own place. Choose another one, or none.")
    taken = session.scalar(
        select(Document).where(Document.supersedes_id == before.id, Document.id != document.id)
    )
    if taken:
        raise Superseded(
            f"“{taken.title}” has taken the place of that document already. Choose that one."
        )


def _when_in_use(kind: DocumentType, day: date) -> str:
    if kind.in_use_from and day < kind.in_use_from:
        when = f"has been made only since {on_day(kind.in_use_from)}"
    else:
        when = f"was made until {on_day(kind.in_use_until)}"
    return (
        f"A {_named(kind)} {when}, and this was published on {on_day(day)}. "
        "Correct the day, or choose “Other document”."
    )


def _named(kind: DocumentType) -> str:
    return kind.name[0].lower() + kind.name[1:]


def _written_by(session: Session, form_token: str) -> Document | None:
    return session.scalar(select(Document).where(Document.form_token == form_token))
