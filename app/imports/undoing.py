"""Taking an import back as a whole, or saying which records have changed since."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit.models import AuditEvent, AuditSubject
from app.audit.services import record
from app.bin import undo_log
from app.core.db import Base
from app.core.errors import DomainError
from app.core.web.filters import at_time
from app.directory.models import Organisation, Person, Post, PostType
from app.imports.models import LeadImport, LeadImportChange
from app.imports.tracking import PARTS, TRACKED, key_of, snapshot
from app.letters.drafting import letter_rows
from app.letters.models import Letter, Mailing

AT_ONCE = 500


@dataclass(frozen=True)
class Conflict:
    """One record that is no longer as the import left it."""

    kind: str
    record_id: int
    what: str
    why: str


class ChangedSince(DomainError):
    """Undoing would take away something that was done afterwards."""

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        count = len(conflicts)
        records = "1 record has" if count == 1 else f"{count} records have"
        super().__init__(
            f"This import cannot be undone, because {records} changed since. Nothing was undone."
            " Undo those changes first, or correct by hand what the import did."
        )
        self.conflicts = conflicts


def undo(
    session: Session, *, lead_import: LeadImport, by: User | None, at: datetime
) -> Sequence[Mailing]:
    """Every record returns to what it was; only the history keeps what happened.

    Returned are the drafts of letters that have to be checked again.
    """
    if lead_import.undone_at is not None:
        raise undo_log.AlreadyUndone("This import has already been undone.")
    changes = changes_of(session, lead_import)
    drafts = _drafts_about(session, changes)
    for draft in drafts:
        letter_rows.unfreeze(session, draft)
    rows = _rows(session, changes)
    if conflicts := find_conflicts(session, lead_import, changes, rows):
        raise ChangedSince(conflicts)
    for table in reversed(TRACKED):
        for change in changes:
            if change.table != table:
                continue
            row = rows[change.table, change.record_id]
            if change.old is None:
                _delete_parts(session, change)
                session.delete(row)
            else:
                undo_log.give_back(row, json.loads(change.old))
        session.flush()
    lead_import.undone_at, lead_import.undone_by_id = at, by.id if by else None
    record(
        session,
        action=f"undid an import of {lead_import.kind.value}",
        subjects=[("lead_import", lead_import.id)],
        summary=f"{lead_import.file_name}: {len(changes)} records returned to what they were",
    )
    return drafts


def _drafts_about(session: Session, changes: Sequence[LeadImportChange]) -> Sequence[Mailing]:
    made: dict[str, list[int]] = {}
    for change in changes:
        if change.old is None:
            made.setdefault(change.table, []).append(change.record_id)
    return letter_rows.drafts_about(session, made)


def _delete_parts(session: Session, change: LeadImportChange) -> None:
    if part := PARTS.get(change.table):
        model, owner = part
        for row in session.scalars(select(model).where(owner == change.record_id)):
            session.delete(row)
        session.flush()


def changes_of(session: Session, lead_import: LeadImport) -> Sequence[LeadImportChange]:
    return session.scalars(
        select(LeadImportChange)
        .where(LeadImportChange.lead_import_id == lead_import.id)
        .order_by(LeadImportChange.id)
    ).all()


def _rows(session: Session, changes: Sequence[LeadImportChange]) -> dict[tuple[str, int], Base]:
    found: dict[tuple[str, int], Base] = {}
    for table, model in TRACKED.items():
        ids = [change.record_id for change in changes if change.table == table]
        for portion in _portions(ids):
            key = model.__table__.c.id
            for row in session.scalars(
                select(model).where(key.in_(portion)).execution_options(populate_existing=True)
            ):
                found[table, key_of(row)] = row
    return found


def find_conflicts(
    session: Session,
    lead_import: LeadImport,
    changes: Sequence[LeadImportChange],
    rows: dict[tuple[str, int], Base],
) -> list[Conflict]:
    """Records that differ from what the import left, or that something newer points at."""
    describe = _Describer(session, lead_import)
    conflicts = []
    for change in changes:
        row = rows.get((change.table, change.record_id))
        if row is None:
            conflicts.append(describe.gone(change))
        elif differing := _differing(row, json.loads(change.new)):
            conflicts.append(describe.changed(change, row, differing))
    created = {(c.table, c.record_id) for c in changes if c.old is None}
    for table, record_id, pointing in _pointing_at(session, created):
        row = rows.get((table, record_id))
        if row is not None:
            conflicts.append(describe.in_use(table, row, pointing))
    return conflicts


def _differing(row: Base, left: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    now = snapshot(row)
    return {
        key: (value, now[key]) for key, value in left.items() if key in now and now[key] != value
    }


def _pointing_at(
    session: Session, created: set[tuple[str, int]]
) -> Iterator[tuple[str, int, Table]]:
    """Everything in the database that refers to a record the import made and is not of it."""
    parts = {model.__tablename__ for model, _ in PARTS.values()}
    for table in Base.metadata.sorted_tables:
        if table.name in parts:
            continue
        for key in table.foreign_keys:
            target = key.column.table.name
            ids = sorted(record_id for name, record_id in created if name == target)
            own = [record_id for name, record_id in created if name == table.name]
            for portion in _portions(ids):
                wanted = select(key.parent, *([table.c.id] if own else [])).where(
                    key.parent.in_(portion)
                )
                seen = {
                    row[0]
                    for row in session.execute(wanted)
                    if not own or (table.name, row[1]) not in created
                }
                for record_id in sorted(seen):
                    yield target, record_id, table


class _Describer:
    """Says in the field's words which record it is and what became of it."""

    def __init__(self, session: Session, lead_import: LeadImport) -> None:
        self.session, self.lead_import = session, lead_import

    def gone(self, change: LeadImportChange) -> Conflict:
        left = json.loads(change.new)
        name = " ".join(left.get(key) or "" for key in ("title", "given_name", "family_name"))
        what = (
            name.strip()
            or left.get("address")
            or left.get("subject")
            or f"A {change.table.replace('_', ' ')}"
        )
        return self._conflict(change.table, change.record_id, what, "removed since")

    def changed(
        self, change: LeadImportChange, row: Base, differing: dict[str, tuple[Any, Any]]
    ) -> Conflict:
        facts = "; ".join(
            f"{key.removesuffix('_id').replace('_', ' ')}: {_said(was)} → {_said(now)}"
            for key, (was, now) in differing.items()
        )
        return self._conflict(change.table, change.record_id, self._name(row), facts)

    def in_use(self, table: str, row: Base, pointing: Table) -> Conflict:
        name = pointing.name.replace("_", " ")
        why = f"{'an' if name[0] in 'aeiou' else 'a'} {name} refers to it"
        return self._conflict(table, key_of(row), self._name(row), why)

    def _conflict(self, table: str, record_id: int, what: str, why: str) -> Conflict:
        event = self.session.execute(
            select(AuditEvent.actor_name, AuditEvent.at)
            .join(AuditSubject, AuditSubject.event_id == AuditEvent.id)
            .where(
                AuditSubject.kind == table,
                AuditSubject.record_id == record_id,
                AuditEvent.at > self.lead_import.imported_at,
            )
            .order_by(AuditEvent.id.desc())
            .limit(1)
        ).first()
        if event:
            why = f"{why} ({event.actor_name}, {at_time(event.at)})"
        return Conflict(table, record_id, what, why)

    def _name(self, row: Base) -> str:
        if isinstance(row, Person):
            return row.name
        if isinstance(row, Letter):
            return f"{row.subject}, to {row.to_name}"
        person = self.session.get(Person, getattr(row, "person_id", 0) or 0)
        post = self.session.get(Post, row.id if isinstance(row, Post) else _post_id(row))
        if post is None:
            return f"{person.name}, {getattr(row, 'address', '')}" if person else ""
        body = self.session.get(Organisation, post.organisation_id)
        kind = self.session.get(PostType, post.post_type_id)
        seat = f"{kind.name if kind else ''}, {body.name if body else ''}"
        return f"{person.name}: {seat}" if person else seat


def _post_id(row: Base) -> int:
    return getattr(row, "post_id", 0) or 0


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value not in (None, "") else "nothing"


def _portions(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]
