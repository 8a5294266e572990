"""Recording an act that is not simply the change of a row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent, AuditSubject, AuditValue
from app.core import clock


@dataclass(frozen=True)
class Actor:
    """Who is acting in a session: a user, or a part of the system such as "the sender"."""

    name: str
    id: int | None = None
    ip: str | None = None


THE_SYSTEM = Actor("Liaise")

EVENT = insert(AuditEvent).returning(AuditEvent.id)
SUBJECT = insert(AuditSubject).inline()
VALUE = insert(AuditValue).inline()


def act_as(session: Session, actor: Actor) -> None:
    """Whatever this session changes from now on is recorded as done by `actor`."""
    session.info["actor"] = actor


def actor_of(session: Session) -> Actor:
    actor: Actor = session.info.get("actor", THE_SYSTEM)
    return actor


def record(
    session: Session,
    *,
    action: str,
    subjects: Iterable[tuple[str, int]] = (),
    summary: str = "",
    values: Mapping[str, tuple[str | None, str | None]] | None = None,
    readers: str = "",
) -> None:
    """Add an event to the histories of `subjects`; the first is what the act was done to.

    `readers` are those who alone may see it, as of a row that is kept from others.
    """
    session.flush()  # what was changed before this act stands before it in the history
    actor, connection = actor_of(session), session.connection()
    ordered = list(dict.fromkeys(subjects))
    kind, record_id = ordered[0] if ordered else ("", None)
    event = {
        "at": clock.now(),
        "actor_id": actor.id,
        "actor_name": actor.name,
        "ip": actor.ip,
        "action": action,
        "kind": kind,
        "record_id": record_id,
        "summary": summary,
        "readers": readers,
    }
    event_id = connection.execute(EVENT, event).scalar_one()
    if ordered:
        about = [{"event_id": event_id, "kind": k, "record_id": r} for k, r in ordered]
        connection.execute(SUBJECT, about)
    if values:
        told = [
            {"event_id": event_id, "field": field, "old": old, "new": new}
            for field, (old, new) in values.items()
        ]
        connection.execute(VALUE, told)


def record_export(session: Session, name: str, filters: Sequence[str], rows: int) -> None:
    """Somebody took a list away as a file: which, narrowed how, and how many rows."""
    narrowed = f", only {'; '.join(filters)}" if filters else ""
    counted = "1 row" if rows == 1 else f"{rows} rows"
    record(session, action="exported", summary=f"{name}, {counted}{narrowed}")
