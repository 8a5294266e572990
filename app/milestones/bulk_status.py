"""Marking bodies as having met a milestone, many at once, and undoing it as one step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.bin.undo_log import AlreadyUndone, give_back, values_of
from app.core.errors import DomainError, NothingTicked
from app.directory.models import Organisation
from app.documents.models import Document
from app.milestones import queries
from app.milestones.body_labels import counted, nouns
from app.milestones.labels import day_words
from app.milestones.models import BulkMark, Compliance, ComplianceState, Milestone

# What a body's row says, as the step that changes it remembers.
RECORDED = ("state", "met_on", "document_id", "note", "recorded_at", "recorded_by_id")


class NoEvidence(DomainError):
    """A document or a note says that it is so."""


class NotBound(DomainError):
    """Only the bodies it binds can meet a milestone."""


class NoDay(DomainError):
    """Of what was met the day is kept."""


class NotYet(DomainError):
    """Nothing was met on a day to come."""


@dataclass(frozen=True)
class RecordedState:
    """What is recorded of a body; no state takes back what was recorded."""

    state: ComplianceState | None
    met_on: date | None = None
    document: Document | None = None
    note: str = ""


@dataclass(frozen=True)
class Undone:
    """What an undo gave back; what was marked by somebody since stays as it is."""

    given_back: int
    changed_since: int


def mark(
    session: Session,
    milestone: Milestone,
    bodies: Sequence[Organisation],
    wanted: RecordedState,
    *,
    by: User,
    at: datetime,
    on: date,
    form_token: str | None = None,
) -> BulkMark:
    """Record the same of all of them. Sent twice, it is done once."""
    return mark_each(
        session,
        milestone,
        [(one, wanted) for one in bodies],
        by=by,
        at=at,
        on=on,
        form_token=form_token,
    )


def mark_each(
    session: Session,
    milestone: Milestone,
    wanted: Sequence[tuple[Organisation, RecordedState]],
    *,
    by: User,
    at: datetime,
    on: date,
    form_token: str | None = None,
) -> BulkMark:
    """Record of each what is said of it, as one step."""
    if form_token and (done := _done_by(session, form_token)):
        return done
    check(session, milestone, wanted, on)
    rows = _rows(session, milestone.id, [body.id for body, _ in wanted])
    before = {
        str(body.id): {
            "was": values_of(rows[body.id], RECORDED) if body.id in rows else None,
            "marked": one.state is not None,
        }
        for body, one in wanted
    }
    for body, one in wanted:
        _put(session, milestone.id, body.id, rows.get(body.id), one, by_id=by.id, at=at)
    change = BulkMark(
        milestone_id=milestone.id,
        by_id=by.id,
        at=at,
        words=_words(wanted),
        before=before,
        form_token=form_token,
    )
    session.add(change)
    session.flush()
    return change


def undo(session: Session, change: BulkMark, *, at: datetime) -> Undone:
    """Give each back what was recorded of it, unless somebody recorded something since."""
    if change.undone_at:
        raise AlreadyUndone("This has been undone already.")
    rows = _rows(session, change.milestone_id, [int(id_) for id_ in change.before])
    untouched = _untouched(change, rows)
    for body_id, kept in untouched.items():
        row = rows.get(body_id)
        if kept["was"]:
            if row is None:
                row = Compliance(milestone_id=change.milestone_id, organisation_id=body_id)
                session.add(row)
            give_back(row, kept["was"])
        elif row:
            session.delete(row)
    change.undone_at = at
    session.flush()
    return Undone(len(untouched), len(change.before) - len(untouched))


def check(
    session: Session,
    milestone: Milestone,
    wanted: Sequence[tuple[Organisation, RecordedState]],
    on: date,
) -> None:
    """Refuse what cannot be recorded, with a sentence that says what to do."""
    if not wanted:
        raise NothingTicked("Tick at least one body.")
    if not milestone.asks_each:
        raise NotBound("This happens once, for all together: there is nothing to mark of each.")
    bound = {body.id for body in queries.bound_to(session, milestone)}
    if strange := next((body for body, _ in wanted if body.id not in bound), None):
        raise NotBound(f"{strange.name} is not bound by this milestone on the day it is due.")
    for _, one in wanted:
        if one.state is None:
            continue
        if one.document is None and not one.note.strip():
            raise NoEvidence("Choose the document that says so, or write a note.")
        if one.state is ComplianceState.MET and one.met_on is None:
            raise NoDay("Give the day it was met: the day it was published or done.")
        if one.met_on and one.met_on > on:
            raise NotYet("The day it was met has not come yet. Give today or an earlier day.")


def _rows(session: Session, milestone_id: int, ids: Sequence[int]) -> dict[int, Compliance]:
    rows = session.scalars(
        select(Compliance)
        .where(Compliance.milestone_id == milestone_id, Compliance.organisation_id.in_(ids))
        .with_for_update(of=Compliance)
    )
    return {row.organisation_id: row for row in rows}


def _put(
    session: Session,
    milestone_id: int,
    body_id: int,
    row: Compliance | None,
    wanted: RecordedState,
    *,
    by_id: int,
    at: datetime,
) -> None:
    if wanted.state is None:
        if row is not None:
            session.delete(row)
        return
    if row is None:
        row = Compliance(milestone_id=milestone_id, organisation_id=body_id)
        session.add(row)
    is_met = wanted.state is ComplianceState.MET
    row.state = wanted.state
    row.met_on = wanted.met_on if is_met else None
    row.document_id = wanted.document.id if wanted.document else None
    row.note = wanted.note.strip()
    row.recorded_at, row.recorded_by_id = at, by_id


def _untouched(change: BulkMark, rows: dict[int, Compliance]) -> dict[int, dict[str, Any]]:
    """Those that still say what this step made them say."""
    return {
        int(id_): kept
        for id_, kept in change.before.items()
        if (int(id_) in rows) is kept["marked"]
        and (not kept["marked"] or rows[int(id_)].recorded_at == change.at)
    }


def _done_by(session: Session, form_token: str) -> BulkMark | None:
    return session.scalar(select(BulkMark).where(BulkMark.form_token == form_token))


def _words(wanted: Sequence[tuple[Organisation, RecordedState]]) -> str:
    bodies = counted(len(wanted), nouns({body.kind for body, _ in wanted}))
    states = {one.state for _, one in wanted}
    if states == {None}:
        return f"{bodies} taken back to outstanding"
    if states == {ComplianceState.NOT_APPLICABLE}:
        return f"{bodies} marked as not applicable"
    days = {one.met_on for _, one in wanted if one.met_on}
    day = f" on {day_words(days.pop())}" if len(days) == 1 else ""
    return f"{bodies} marked as met{day}"
