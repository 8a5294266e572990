"""Has anything happened since? For whoever worked something out and is about to act on it."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent

# Two writers of PostgreSQL may commit in another order than they took their numbers.
STRAGGLERS = 10_000


@dataclass(frozen=True)
class ChangeMark:
    """How far the history had come, for some kinds of record."""

    last: int
    lately: int


def mark(session: Session, kinds: Collection[str], *, last: int | None = None) -> ChangeMark:
    """Take it before reading what the work is about."""
    if last is None:
        last = session.scalar(select(func.max(AuditEvent.id))) or 0
    lately = session.scalar(
        select(func.count())
        .select_from(AuditEvent)
        .where(AuditEvent.id > last - STRAGGLERS, AuditEvent.kind.in_(kinds))
    )
    return ChangeMark(last, lately or 0)


def has_moved(session: Session, since: ChangeMark, kinds: Collection[str]) -> bool:
    """Whether a record of these kinds has been made, changed or deleted since."""
    return mark(session, kinds, last=since.last) != since
