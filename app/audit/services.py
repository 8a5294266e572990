"""Recording an act that is not simply the change of a row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent, AuditSubject, AuditValue
from app.core import clock
from app.core.statements import Prepared, Runs


@dataclass(frozen=True)
class Actor:
    """Who is acting in a session: a user, or a part of the system such as "the sender"."""

    name: str
    id: int | None = None
    ip: str | None = None


THE_SYSTEM = Actor("Liaise")

# The sender records every letter.
EVENT = Prepared(insert(AuditEvent).returning(AuditEvent.id))
SUBJECT = Prepared(insert(AuditSubject).inline())
VALUE = Prepared(insert(AuditValue).inline())


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
    record_by(
        actor_of(session),
        session.connection(),
        action=action,
        subjects=subjects,
        summary=summary,
        values=values,
        readers=readers,
    )


def record_by(
    actor: Actor,
    connection: Runs,
    *,
    action: str,
    subjects: Iterable[tuple[str, int]] = (),
    summary: str = "",
    values: Mapping[str, tuple[str | None, str | None]] | None = None,
    readers: str = "",
) -> None:
    """The same where there is no session."""
    ordered = list(dict.fromkeys(subjects))
    kind, record_id = ordered[0] if ordered else ("", None)
    event_id = EVENT.first(
        connection,
        at=clock.now(),
        actor_id=actor.id,
        actor_name=actor.name,
        ip=actor.ip,
        action=action,
        kind=kind,
        record_id=record_id,
        summary=summary,
        readers=readers,
    ).id
    if ordered:
        about = [{"event_id": event_id, "kind": k, "record_id": r} for k, r in ordered]
        SUBJECT.run_each(connection, about)
    if values:
        told = [
            {"event_id": event_id, "field": field, "old": old, "new": new}
            for field, (old, new) in values.items()
        ]
        VALUE.run_each(connection, told)


def record_export(session: Session, name: str, filters: Sequence[str], rows: int) -> None:
    """Somebody took a list away as a file: which, narrowed how, and how many rows."""
    narrowed = f", only {'; '.join(filters)}" if filters else ""
    counted = "1 row" if rows == 1 else f"{rows} rows"
    record(session, action="exported", summary=f"{name}, {counted}{narrowed}")
