"""When a kind of document is in use, and what a document is called."""

from datetime import date

from app.documents.models import Document, DocumentType


def in_use_on(kind: DocumentType, day: date) -> bool:
    begun = kind.in_use_from is None or kind.in_use_from <= day
    return begun and (kind.in_use_until is None or day <= kind.in_use_until)


def made_by(kind: DocumentType, organisation_kind: str) -> bool:
    """Whether such bodies make such a document; one of no named makers is anybody's."""
    return not kind.organisation_kinds or organisation_kind in kind.organisation_kinds


def called(document: Document) -> str:
    """Its title, with the years it is for unless the title says them."""
    if document.cycle and document.cycle not in document.title:
        return f"{document.title}, {document.cycle}"
    return document.title
