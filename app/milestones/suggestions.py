"""Which document would meet which milestone. It is offered; a person says whether it does."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.documents.models import Document, DocumentStage
from app.milestones import queries
from app.milestones.models import Compliance, Milestone
from app.milestones.rules import A_YEAR, nearest


@dataclass(frozen=True)
class SuggestedMilestone:
    """A milestone a document may meet. The likely one is ticked beforehand."""

    milestone: Milestone
    is_likely: bool


def would_meet(session: Session, document: Document) -> list[SuggestedMilestone]:
    """The milestones that wait for such a document of this body, the nearest first."""
    waiting = [
        one
        for one in _asking_for(session, document.document_type_id)
        if queries.is_outstanding(session, one.id, document.organisation_id)
    ]
    day = document.published_on
    if day is None:
        return [SuggestedMilestone(one, is_likely=False) for one in waiting]
    near = [one for one in waiting if abs((one.due_on - day).days) <= A_YEAR]
    likely = None if _is_draft(document) else nearest(day, {one.id: one.due_on for one in near})
    near.sort(key=lambda one: (one.id != likely, abs((one.due_on - day).days)))
    return [SuggestedMilestone(one, is_likely=one.id == likely) for one in near]


def met_by(session: Session, document_id: int) -> Sequence[tuple[Compliance, Milestone]]:
    """Where this document says that its body has met a milestone."""
    found = session.execute(
        select(Compliance, Milestone)
        .join(Milestone, Milestone.id == Compliance.milestone_id)
        .where(Compliance.document_id == document_id)
        .order_by(Milestone.due_on)
    )
    return [(standing, milestone) for standing, milestone in found]


def proposals(
    session: Session, milestone: Milestone, outstanding: Collection[int], on: date
) -> dict[int, Document]:
    """For each body outstanding, the document that would meet this milestone, if it has one: of
    the right kind, no draft, nearer to this milestone than to another of its kind, and the first
    such by its day."""
    if milestone.document_type_id is None or not outstanding:
        return {}
    dues = {one.id: one.due_on for one in _asking_for(session, milestone.document_type_id)}
    used = select(Compliance.document_id).where(Compliance.document_id.is_not(None))
    found: dict[int, Document] = {}
    for document in session.scalars(
        select(Document)
        .where(
            Document.document_type_id == milestone.document_type_id,
            Document.organisation_id.in_(outstanding),
            Document.published_on <= on,
            Document.stage != DocumentStage.DRAFT,
            Document.id.not_in(used),
        )
        .options(joinedload(Document.organisation))
        .order_by(Document.published_on, Document.id)
    ):
        day = document.published_on
        if day and nearest(day, dues) == milestone.id:
            found.setdefault(document.organisation_id, document)
    return found


def documents_to_name(
    session: Session, milestone: Milestone, body_ids: Collection[int]
) -> Mapping[int, list[Document]]:
    """The documents of the right kind that could be named as evidence, by their body."""
    found: dict[int, list[Document]] = {}
    for document in session.scalars(
        select(Document)
        .where(Document.organisation_id.in_(body_ids))
        .options(joinedload(Document.document_type))
        .order_by(Document.published_on.desc().nulls_last(), Document.id.desc())
    ):
        if milestone.document_type_id in (None, document.document_type_id):
            found.setdefault(document.organisation_id, []).append(document)
    return found


def _asking_for(session: Session, document_type_id: int) -> Sequence[Milestone]:
    return session.scalars(
        select(Milestone)
        .where(
            Milestone.document_type_id == document_type_id,
            Milestone.asks_each,
            Milestone.cancelled_on.is_(None),
        )
        .order_by(Milestone.due_on)
    ).all()


def _is_draft(document: Document) -> bool:
    return document.stage is DocumentStage.DRAFT
