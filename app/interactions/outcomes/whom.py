"""Whom a promise or a follow-up is about: the body it names, or else every body of its entry.

What came out of a meeting with three boards is about all three, unless it names one of them.
Nothing is copied for that: when the bodies of the meeting are corrected, this is right with them.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session, object_session

from app.core.db import AnySelect
from app.core.text.alphabet import alphabetical
from app.directory.models import Organisation
from app.followups.models import FollowUp
from app.followups.narrowing import AboutBodies
from app.interactions.models import InteractionOrganisation, Outcome

FROM_ENTRY = "interaction"


def where_about(model: Any, body_ids: Collection[int]) -> ColumnElement[bool]:
    entries = select(InteractionOrganisation.interaction_id).where(
        InteractionOrganisation.organisation_id.in_(body_ids)
    )
    own: ColumnElement[bool] = model.organisation_id.in_(body_ids)
    return own | _came_from(model, entries)


def bodies_of(
    session: Session, rows: Iterable[FollowUp | Outcome]
) -> dict[int, Sequence[Organisation]]:
    """By row, by name. One statement, and none where each names its own (which are loaded)."""
    named: dict[int, Sequence[Organisation]] = {}
    entries: dict[int, int] = {}
    for row in rows:
        entry_id = _entry_of(row)
        if row.organisation_id is not None:
            named[row.id] = [row.organisation] if row.organisation else []
        elif entry_id is not None:
            entries[row.id] = entry_id
    found = _bodies_of_entries(session, set(entries.values()))
    return named | {row_id: found.get(entry_id, []) for row_id, entry_id in entries.items()}


def names(bodies: Sequence[Organisation]) -> str:
    return ", ".join(body.short_name for body in bodies)


def about(model: type[FollowUp | Outcome]) -> AboutBodies:
    """For a list of these: how it is narrowed to bodies, sorted by them, and exported."""
    return AboutBodies(
        where=lambda condition: _where(model, condition),
        name=_first_name(model),
        words=_Names(),
    )


def _where(model: Any, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    entries = (
        select(InteractionOrganisation.interaction_id)
        .join(Organisation, Organisation.id == InteractionOrganisation.organisation_id)
        .where(condition)
    )
    own: ColumnElement[bool] = model.organisation.has(condition)
    return own | _came_from(model, entries)


def _came_from(model: Any, entries: AnySelect) -> ColumnElement[bool]:
    """It names no body itself, and came from one of these entries."""
    names_none: ColumnElement[bool] = model.organisation_id.is_(None)
    if model is FollowUp:
        return names_none & (FollowUp.record_kind == FROM_ENTRY) & FollowUp.record_id.in_(entries)
    return names_none & Outcome.interaction_id.in_(entries)


def _first_name(model: Any) -> Any:
    """For sorting: of several bodies, the first by name."""
    entry_id = (
        case((FollowUp.record_kind == FROM_ENTRY, FollowUp.record_id))
        if model is FollowUp
        else Outcome.interaction_id
    )
    name = func.lower(Organisation.short_name)
    own = select(name).where(Organisation.id == model.organisation_id)
    first = (
        select(func.min(name))
        .join(InteractionOrganisation, InteractionOrganisation.organisation_id == Organisation.id)
        .where(InteractionOrganisation.interaction_id == entry_id)
    )
    return func.coalesce(
        own.correlate(model).scalar_subquery(), first.correlate(model).scalar_subquery()
    )


class _Names:
    """The names for an export, which reads row by row: those of entries at once, and only then."""

    def __init__(self) -> None:
        self.by_entry: dict[int, str] | None = None

    def __call__(self, row: FollowUp | Outcome) -> str:
        if row.organisation_id is not None:
            return row.organisation.short_name if row.organisation else ""
        entry_id = _entry_of(row)
        session = object_session(row)
        if entry_id is None or session is None:
            return ""
        if self.by_entry is None:
            found = _bodies_of_entries(session, _entries_without_own(type(row)))
            self.by_entry = {id_: names(bodies) for id_, bodies in found.items()}
        return self.by_entry.get(entry_id, "")


def _entries_without_own(model: Any) -> AnySelect:
    if model is FollowUp:
        return select(FollowUp.record_id).where(
            FollowUp.organisation_id.is_(None), FollowUp.record_kind == FROM_ENTRY
        )
    return select(Outcome.interaction_id).where(
        Outcome.organisation_id.is_(None), Outcome.interaction_id.is_not(None)
    )


def _entry_of(row: FollowUp | Outcome) -> int | None:
    if isinstance(row, Outcome):
        return row.interaction_id
    return row.record_id if row.record_kind == FROM_ENTRY else None


def _bodies_of_entries(
    session: Session, entry_ids: Collection[int] | AnySelect
) -> dict[int, list[Organisation]]:
    if isinstance(entry_ids, Collection) and not entry_ids:
        return {}
    rows = session.execute(
        select(InteractionOrganisation.interaction_id, Organisation)
        .join(Organisation, Organisation.id == InteractionOrganisation.organisation_id)
        .where(InteractionOrganisation.interaction_id.in_(entry_ids))
        .order_by(alphabetical(Organisation.short_name), Organisation.id)
    )
    found: dict[int, list[Organisation]] = {}
    for entry_id, body in rows:
        found.setdefault(entry_id, []).append(body)
    return found
