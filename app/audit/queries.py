"""Reading what was done: to one record, or by everybody."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent, AuditSubject, AuditValue


def events_about(kind: str, record_id: int) -> Select[Any]:
    """The events on one record's history, for a list to sort and page."""
    return select(AuditEvent).join(
        AuditSubject,
        (AuditSubject.event_id == AuditEvent.id)
        & (AuditSubject.kind == kind)
        & (AuditSubject.record_id == record_id),
    )


def all_events() -> Select[Any]:
    """Every event, with the names of the fields it changed."""
    fields = (
        select(func.aggregate_strings(AuditValue.field, ","))
        .where(AuditValue.event_id == AuditEvent.id)
        .scalar_subquery()
        .label("fields")
    )
    return select(AuditEvent, fields)


def values_of(session: Session, events: Sequence[AuditEvent]) -> dict[int, list[AuditValue]]:
    """What each of these events changed, in one statement."""
    found: dict[int, list[AuditValue]] = {event.id: [] for event in events}
    for value in session.scalars(
        select(AuditValue).where(AuditValue.event_id.in_(found)).order_by(AuditValue.id)
    ):
        found[value.event_id].append(value)
    return found


def actions(session: Session) -> Sequence[str]:
    """Every word there is for what was done."""
    return session.scalars(select(AuditEvent.action).distinct().order_by(AuditEvent.action)).all()


def kinds(session: Session) -> Sequence[str]:
    """Every kind of record that something was done to."""
    return session.scalars(
        select(AuditEvent.kind).where(AuditEvent.kind != "").distinct().order_by(AuditEvent.kind)
    ).all()
