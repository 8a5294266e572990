"""Addresses from which a letter came back: on the list to put right until somebody has."""

from datetime import date

from sqlalchemy.orm import Session

from app.core.web.filters import on_day
from app.directory.models import Organisation, Person

Addressed = Person | Organisation


def put_on_list(session: Session, record: Addressed, *, returned_on: date, why: str) -> None:
    """No letter goes to this address until it is put right, or found to work after all."""
    record.post_returned_on, record.post_returned_why = returned_on, why.strip()
    session.flush()


def works_after_all(session: Session, record: Addressed) -> None:
    """Somebody found out that letters reach this address."""
    record.post_returned_on, record.post_returned_why = None, ""
    session.flush()


def returned_address_problem(record: Addressed) -> str:
    """Why nothing can be posted there now, and what to do; empty where nothing came back."""
    if record.post_returned_on is None:
        return ""
    why = f" ({record.post_returned_why.rstrip(' .')})" if record.post_returned_why else ""
    return (
        f"a letter came back from this address on {on_day(record.post_returned_on)}{why}. "
        f"Correct the address of {record.name}, or say on their page that it works after all."
    )
