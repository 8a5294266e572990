"""Who changed what of a record last, for whoever was changing it at the same time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent, AuditValue
from app.audit.queries import events_about
from app.audit.services import actor_of

# A record is saved by a handful of people a day; its newest changes are among its newest events.
LOOKED_BACK = 50


@dataclass(frozen=True)
class LastSave:
    """Who saved something, and when. Nobody, where the history does not say."""

    name: str = ""
    at: datetime | None = None
    is_mine: bool = False  # in another window, or on another device

    @property
    def who(self) -> str:
        return "You, in another window," if self.is_mine else self.name or "Somebody else"


NOT_KNOWN = LastSave()


def last_changes(
    session: Session, about: Sequence[tuple[str, int]], fields: Collection[str]
) -> dict[str, LastSave]:
    """The newest change of each of these fields in what is about all of these records; where none
    names the field, the newest of them all."""
    found_about = events_about(*about[0])
    for kind, record_id in about[1:]:
        found_about = found_about.where(
            AuditEvent.id.in_(events_about(kind, record_id).with_only_columns(AuditEvent.id))
        )
    events = session.scalars(found_about.order_by(AuditEvent.id.desc()).limit(LOOKED_BACK)).all()
    if not events:
        return {}
    me = actor_of(session).id
    said = {
        event.id: LastSave(event.actor_name, event.at, me is not None and event.actor_id == me)
        for event in events
    }
    found: dict[str, LastSave] = {}
    named = session.execute(
        select(AuditValue.event_id, AuditValue.field)
        .where(AuditValue.event_id.in_(said), AuditValue.field.in_(fields))
        .order_by(AuditValue.event_id.desc())
    )
    for event_id, field in named:
        found.setdefault(field, said[event_id])
    newest_of_all = said[events[0].id]
    return {field: found.get(field, newest_of_all) for field in fields}
