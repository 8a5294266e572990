"""What an entry said when somebody began to type, read from its history, which keeps it anyway."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit.models import AuditEvent, AuditSubject, AuditValue
from app.interactions.models import Interaction

KIND = Interaction.__audit__


@dataclass(frozen=True)
class NotesVersion:
    """Who changed the notes, and when."""

    name: str
    at: datetime
    by_id: int | None


def text_at(
    session: Session, interaction: Interaction, version: int, *, reader: User
) -> str | None:
    """The notes as they stood in this version; None where that cannot be told.

    What was written while the entry was kept from this reader stays kept from them.
    """
    if version == interaction.version:
        return interaction.body
    counted, text = 1, None
    for readers, values in _told(session, interaction.id):
        counted = int(values.get("version") or counted)
        if counted > version:
            break
        if "body" in values:
            text = values["body"] or ""
            text = text if _was_open_to(readers, reader) else None
    return text


def last_change(session: Session, interaction_id: int) -> NotesVersion | None:
    found = session.execute(
        _changes(interaction_id)
        .with_only_columns(AuditEvent.actor_name, AuditEvent.at, AuditEvent.actor_id)
        .where(AuditValue.field == "body")
        .order_by(AuditEvent.id.desc())
        .limit(1)
    ).one_or_none()
    return NotesVersion(*found) if found else None


def _told(session: Session, interaction_id: int) -> Iterator[tuple[str, dict[str, str | None]]]:
    """Each change of the notes or of the version, oldest first, with who might read it then."""
    rows = session.execute(
        _changes(interaction_id)
        .with_only_columns(AuditEvent.id, AuditEvent.readers, AuditValue.field, AuditValue.new)
        .where(AuditValue.field.in_(("body", "version")))
        .order_by(AuditEvent.id)
    )
    for _, changes in groupby(rows, key=lambda row: row[0]):
        of_event = list(changes)
        yield of_event[0][1], {field: new for _, _, field, new in of_event}


def _changes(interaction_id: int) -> Select[Any]:
    return (
        select(AuditEvent)
        .join(AuditSubject, AuditSubject.event_id == AuditEvent.id)
        .join(AuditValue, AuditValue.event_id == AuditEvent.id)
        .where(
            AuditSubject.kind == KIND,
            AuditSubject.record_id == interaction_id,
            AuditEvent.kind == KIND,
            AuditEvent.record_id == interaction_id,
        )
    )


def _was_open_to(readers: str, reader: User) -> bool:
    return readers in ("", f"user:{reader.id}", f"member:{reader.member_organisation_id}")
