"""How one body, or all of a system, stands to the milestones that bind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.directory.models import Organisation
from app.documents.models import DocumentType
from app.milestones.models import Compliance, Milestone
from app.milestones.progress import due_span
from app.milestones.rules import State, asked_kinds, state_of

# What was recorded is shown however old, and what is still outstanding too, apart from the rest.
LOOK_BACK = timedelta(days=366)
LOOK_AHEAD = timedelta(days=550)


@dataclass(frozen=True)
class OfBody:
    milestone: Milestone
    body: Organisation
    state: State
    standing: Compliance | None
    is_old: bool = False  # outstanding, and due longer ago than one looks back for anything else


_ASKING = (
    select(Milestone, DocumentType, Compliance)
    .outerjoin(DocumentType, DocumentType.id == Milestone.document_type_id)
    .where(Milestone.asks_each, Milestone.cancelled_on.is_(None))
    .order_by(Milestone.due_on, Milestone.id)
)


def of_bodies(session: Session, bodies: Sequence[Organisation], on: date) -> list[OfBody]:
    """What waits for these bodies, however long, and all that is recorded of them; one statement.
    The order is that of the days they are due."""
    of_them = (Compliance.milestone_id == Milestone.id) & Compliance.organisation_id.in_(
        [body.id for body in bodies]
    )
    rows = session.execute(_ASKING.outerjoin(Compliance, of_them)).all()
    standings = {(milestone.id, one.organisation_id): one for milestone, _, one in rows if one}
    found = []
    for milestone, kind in dict.fromkeys((milestone, kind) for milestone, kind, _ in rows):
        due = due_span(milestone)
        is_old = milestone.due_on < on - LOOK_BACK
        waits = milestone.due_on <= on + LOOK_AHEAD and not (is_old and milestone.happened_on)
        for body in bodies:
            standing = standings.get((milestone.id, body.id))
            if standing is None and not (waits and _binds(milestone, kind, body)):
                continue
            state = state_of(standing, due)
            found.append(
                OfBody(milestone, body, state, standing, is_old=is_old and standing is None)
            )
    return found


def _binds(milestone: Milestone, kind: DocumentType | None, body: Organisation) -> bool:
    kinds = asked_kinds(milestone.binds_kinds, kind.organisation_kinds if kind else [])
    named = not milestone.binds_only or body.id in milestone.binds_only
    return named and body.kind.value in kinds and body.exists_on(milestone.binds_as_on)
