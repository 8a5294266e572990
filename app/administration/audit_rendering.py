"""A page of history put into words: who, when, and what from what to what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.administration.record_labels import kind_referred_to, names_of
from app.audit import queries
from app.audit.models import AuditEvent, AuditValue
from app.audit.rules import MASKED, field_words, kind_words, value_words
from app.core.from_outside import record_number_or_none

LONG = 160  # a longer value is folded away


@dataclass(frozen=True)
class RenderedChange:
    field: str
    old: str
    new: str
    is_masked: bool = False

    @property
    def is_long(self) -> bool:
        return max(len(self.old), len(self.new)) > LONG


@dataclass(frozen=True)
class RenderedEvent:
    at: datetime
    who: str
    ip: str | None
    action: str
    what: str  # the kind of record, when it is not the one the page is about
    summary: str
    changes: Sequence[RenderedChange]


def tell(
    session: Session,
    events: Sequence[AuditEvent],
    *,
    about: tuple[str, int] | None = None,
    reader: User,
) -> list[RenderedEvent]:
    """These events in words. Ids become the names their records have today."""
    values = queries.values_of(session, events)
    names = names_of(
        session,
        {
            (kind, number)
            for event in events
            for value in values[event.id]
            if (kind := kind_referred_to(event.kind, value.field))
            for raw in (value.old, value.new)
            if (number := record_number_or_none(raw)) is not None
        },
        reader=reader,
    )
    return [
        RenderedEvent(
            at=event.at,
            who=event.actor_name,
            ip=event.ip,
            action=event.action,
            what="" if about == (event.kind, event.record_id) else kind_words(event.kind),
            summary=event.summary,
            changes=[_change(event.kind, value, names) for value in values[event.id]],
        )
        for event in events
    ]


def _change(kind: str, value: AuditValue, names: dict[tuple[str, int], str]) -> RenderedChange:
    label = field_words(value.field)
    if MASKED in (value.old, value.new):
        return RenderedChange(label, "", "", is_masked=True)
    target = kind_referred_to(kind, value.field)
    return RenderedChange(label, _name(value.old, target, names), _name(value.new, target, names))


def _name(raw: str | None, target: str | None, names: dict[tuple[str, int], str]) -> str:
    if target and (number := record_number_or_none(raw)) is not None:
        return names.get((target, number), f"number {number}")
    return value_words(raw)
