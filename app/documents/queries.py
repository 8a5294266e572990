"""What the bodies have published."""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from app.core.text.alphabet import alphabetical
from app.directory.models import Organisation, Succession
from app.documents.models import Document, DocumentType

SHOWN_OF_A_BODY = 50

_WITH_TYPE = select(Document).options(joinedload(Document.document_type))
_WHOLE = _WITH_TYPE.options(joinedload(Document.organisation))
_NEWEST_FIRST = (Document.published_on.desc().nulls_last(), Document.id.desc())


def document_of(session: Session, document_id: int) -> Document | None:
    return session.scalar(_WHOLE.where(Document.id == document_id))


def all_documents() -> Select[Document]:
    return _WHOLE


def types(session: Session) -> Sequence[DocumentType]:
    return session.scalars(
        select(DocumentType).order_by(DocumentType.position, alphabetical(DocumentType.name))
    ).all()


def of_bodies(session: Session, bodies: Collection[Organisation]) -> Sequence[Document]:
    """The documents of these bodies, newest first; those without a day come last.

    The bodies are at hand, so they are not read once more.
    """
    return session.scalars(
        _WITH_TYPE.where(Document.organisation_id.in_([body.id for body in bodies]))
        .order_by(*_NEWEST_FIRST)
        .limit(SHOWN_OF_A_BODY)
    ).all()


def to_supersede(session: Session, body_id: int) -> Sequence[Document]:
    """What a document of this body may take the place of: its own, and its predecessors'."""
    before = select(Succession.predecessor_id).where(Succession.successor_id == body_id)
    return session.scalars(
        _WHOLE.where(
            Document.organisation_id.in_(before) | (Document.organisation_id == body_id)
        ).order_by(*_NEWEST_FIRST)
    ).all()


def superseded_by(session: Session, document_id: int) -> Document | None:
    return session.scalar(_WHOLE.where(Document.supersedes_id == document_id))


def makers(session: Session) -> Sequence[Organisation]:
    """Every body there is or was: old plans are written down too."""
    return session.scalars(
        select(Organisation).order_by(alphabetical(Organisation.name), Organisation.id)
    ).all()
