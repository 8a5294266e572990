"""What milestones there are, whom each binds, and how those stand."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from app.core.text.alphabet import alphabetical
from app.directory.models import Organisation, OrganisationKind
from app.documents.models import DocumentType
from app.milestones.models import (
    BulkMark,
    Compliance,
    DateKind,
    Milestone,
    MilestoneDate,
    MilestoneSeries,
)
from app.milestones.rules import asked_kinds


def milestone_of(session: Session, milestone_id: int) -> Milestone | None:
    return session.scalar(
        select(Milestone)
        .where(Milestone.id == milestone_id)
        .options(joinedload(Milestone.series), joinedload(Milestone.document_type))
    )


def bound_to(session: Session, milestone: Milestone) -> list[Organisation]:
    """The bodies it binds: those of its kinds that were there when it fell due."""
    kinds = _kinds(session, milestone)
    if not kinds:
        return []
    wanted = select(Organisation).where(
        Organisation.kind.in_(kinds), Organisation.where_exists_on(milestone.binds_as_on)
    )
    if milestone.binds_only:
        wanted = wanted.where(Organisation.id.in_(milestone.binds_only))
    return list(session.scalars(wanted.order_by(alphabetical(Organisation.name), Organisation.id)))


def outstanding(session: Session, milestone: Milestone) -> list[Organisation]:
    """The bound bodies of which nothing is recorded; none where it asks nothing of each."""
    if not milestone.asks_each or milestone.cancelled_on:
        return []
    there = settled(session, milestone.id)
    return [body for body in bound_to(session, milestone) if body.id not in there]


def settled(session: Session, milestone_id: int) -> set[int]:
    """The bodies of which something is recorded: met, or not applicable."""
    return set(session.scalars(_settled(milestone_id)))


def is_outstanding(session: Session, milestone_id: int, organisation_id: int) -> bool:
    """Whether the milestone still waits for this body, asked at the moment it matters."""
    milestone = session.get(Milestone, milestone_id)
    return milestone is not None and any(
        body.id == organisation_id for body in outstanding(session, milestone)
    )


def standings_of(session: Session, milestone_id: int) -> Mapping[int, Compliance]:
    """What is recorded of each body, by its id."""
    rows = session.scalars(
        select(Compliance)
        .where(Compliance.milestone_id == milestone_id)
        .options(
            joinedload(Compliance.organisation),
            joinedload(Compliance.document),
            joinedload(Compliance.recorded_by),
        )
    )
    return {row.organisation_id: row for row in rows}


def dates_of(session: Session, milestone_id: int) -> Sequence[MilestoneDate]:
    """Every date it has or had, the present ones first, then the newest."""
    return session.scalars(
        select(MilestoneDate)
        .where(MilestoneDate.milestone_id == milestone_id)
        .options(joinedload(MilestoneDate.recorded_by))
        .order_by(MilestoneDate.replaced_at.is_not(None), MilestoneDate.falls_on, MilestoneDate.id)
    ).all()


def present_dates(session: Session) -> Mapping[int, Sequence[MilestoneDate]]:
    """The dates every milestone has now, in the order of their days, by its id."""
    found: dict[int, list[MilestoneDate]] = {}
    for one in session.scalars(
        select(MilestoneDate)
        .where(MilestoneDate.replaced_at.is_(None))
        .order_by(MilestoneDate.falls_on, MilestoneDate.id)
    ):
        found.setdefault(one.milestone_id, []).append(one)
    return found


def said_by(session: Session, ids: Collection[int]) -> Mapping[int, Collection[DateKind]]:
    """Who says when each of these is due: the kinds of its present dates."""
    found: dict[int, set[DateKind]] = {id_: set() for id_ in ids}
    for milestone_id, kind in session.execute(
        select(MilestoneDate.milestone_id, MilestoneDate.kind).where(
            MilestoneDate.milestone_id.in_(ids), MilestoneDate.replaced_at.is_(None)
        )
    ):
        found[milestone_id].add(kind)
    return found


def all_milestones(session: Session) -> Sequence[Milestone]:
    return session.scalars(
        select(Milestone)
        .options(joinedload(Milestone.document_type), joinedload(Milestone.series))
        .order_by(Milestone.due_on, Milestone.id)
    ).all()


def duties(session: Session) -> Sequence[MilestoneSeries]:
    """What comes back: each year, on an event, or all the time."""
    return session.scalars(
        select(MilestoneSeries)
        .options(joinedload(MilestoneSeries.document_type))
        .order_by(MilestoneSeries.month.is_(None), MilestoneSeries.month, MilestoneSeries.title)
    ).all()


def duty_of(session: Session, series_id: int) -> MilestoneSeries | None:
    return session.scalar(
        select(MilestoneSeries)
        .where(MilestoneSeries.id == series_id)
        .options(joinedload(MilestoneSeries.document_type))
    )


def of_duty(session: Session, series_id: int) -> Sequence[Milestone]:
    return session.scalars(
        select(Milestone).where(Milestone.series_id == series_id).order_by(Milestone.due_on)
    ).all()


def marks_of(session: Session, milestone_id: int, most: int = 20) -> Sequence[BulkMark]:
    """The last steps of marking, newest first."""
    return session.scalars(
        select(BulkMark)
        .where(BulkMark.milestone_id == milestone_id)
        .order_by(BulkMark.at.desc(), BulkMark.id.desc())
        .limit(most)
    ).all()


def no_longer_bound(session: Session, milestone: Milestone) -> list[Compliance]:
    """What is recorded of bodies it does not bind on the day it is due now: since it moved past
    a merger, say."""
    bound = {body.id for body in bound_to(session, milestone)}
    standings = standings_of(session, milestone.id)
    return [one for body_id, one in standings.items() if body_id not in bound]


def _kinds(session: Session, milestone: Milestone) -> list[OrganisationKind]:
    id_ = milestone.document_type_id
    made = session.get(DocumentType, id_) if id_ else None
    return [
        OrganisationKind(kind)
        for kind in asked_kinds(milestone.binds_kinds, made.organisation_kinds if made else [])
    ]


def _settled(milestone_id: int) -> Select[int]:
    return select(Compliance.organisation_id).where(Compliance.milestone_id == milestone_id)
