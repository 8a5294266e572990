"""Reading workstreams: for each reader only the meetings and promises they may read."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, defer, joinedload

from app.accounts.models import User
from app.core.db import AnySelect
from app.core.text.alphabet import alphabetical
from app.directory.models import Organisation
from app.directory.queries.name_search import contains
from app.documents.models import Document
from app.interactions.models import Interaction, Outcome, OutcomeKind, PointState
from app.milestones.models import Milestone
from app.workstreams.models import (
    Workstream,
    WorkstreamDate,
    WorkstreamDocument,
    WorkstreamInteraction,
    WorkstreamMilestone,
    WorkstreamOrganisation,
    WorkstreamPaper,
    WorkstreamPoint,
)

OFFERED = 25


def workstream_of(session: Session, workstream_id: int) -> Workstream | None:
    return session.scalar(
        select(Workstream)
        .where(Workstream.id == workstream_id)
        .options(joinedload(Workstream.owner))
    )


def all_workstreams(on: date) -> AnySelect:
    """Each with its owner, the names of its bodies and the date that comes next."""
    bodies = (
        select(func.aggregate_strings(Organisation.short_name, ", "))
        .join(WorkstreamOrganisation, WorkstreamOrganisation.organisation_id == Organisation.id)
        .where(WorkstreamOrganisation.workstream_id == Workstream.id)
        .correlate(Workstream)
        .scalar_subquery()
    )
    following = (
        select(WorkstreamDate.id)
        .where(WorkstreamDate.workstream_id == Workstream.id, WorkstreamDate.where_not_over(on))
        .order_by(WorkstreamDate.falls_on, WorkstreamDate.id)
        .limit(1)
        .correlate(Workstream)
        .scalar_subquery()
    )
    return (
        select(
            Workstream,
            User.name.label("owner"),
            func.coalesce(bodies, "").label("bodies"),
            WorkstreamDate,
        )
        .outerjoin(User, User.id == Workstream.owner_id)
        .outerjoin(WorkstreamDate, WorkstreamDate.id == following)
    )


def open_workstreams(session: Session) -> Sequence[Workstream]:
    return session.scalars(
        select(Workstream)
        .where(Workstream.closed_on.is_(None))
        .order_by(alphabetical(Workstream.name))
    ).all()


def bodies_of(session: Session, workstream_id: int) -> Sequence[Organisation]:
    return session.scalars(
        select(Organisation)
        .join(WorkstreamOrganisation, WorkstreamOrganisation.organisation_id == Organisation.id)
        .where(WorkstreamOrganisation.workstream_id == workstream_id)
        .order_by(alphabetical(Organisation.short_name), Organisation.id)
    ).all()


def papers_of(session: Session, workstream_id: int) -> Sequence[WorkstreamPaper]:
    return session.scalars(
        select(WorkstreamPaper)
        .where(WorkstreamPaper.workstream_id == workstream_id)
        .options(joinedload(WorkstreamPaper.publisher))
        .order_by(WorkstreamPaper.published_on.desc().nulls_last(), WorkstreamPaper.id)
    ).all()


def dates_of(session: Session, workstream_id: int) -> Sequence[WorkstreamDate]:
    return session.scalars(
        select(WorkstreamDate)
        .where(WorkstreamDate.workstream_id == workstream_id)
        .order_by(WorkstreamDate.falls_on, WorkstreamDate.id)
    ).all()


def milestones_of(session: Session, workstream_id: int) -> Sequence[Milestone]:
    """What the strand works towards, by the day it is due."""
    there = select(WorkstreamMilestone.milestone_id).where(
        WorkstreamMilestone.workstream_id == workstream_id
    )
    return session.scalars(
        select(Milestone).where(Milestone.id.in_(there)).order_by(Milestone.due_on, Milestone.id)
    ).all()


def documents_of(session: Session, workstream_id: int) -> Sequence[Document]:
    there = select(WorkstreamDocument.document_id).where(
        WorkstreamDocument.workstream_id == workstream_id
    )
    return session.scalars(
        select(Document)
        .where(Document.id.in_(there))
        .options(joinedload(Document.organisation), joinedload(Document.document_type))
        .order_by(Document.published_on.desc().nulls_last(), Document.id)
    ).all()


def milestones_to_add(
    session: Session, workstream_id: int, words: str, on: date
) -> Sequence[Milestone]:
    """Those that are not in it: the next to come first, then the last that were."""
    there = select(WorkstreamMilestone.milestone_id).where(
        WorkstreamMilestone.workstream_id == workstream_id
    )
    wanted = select(Milestone).where(Milestone.id.not_in(there))
    if words:
        wanted = wanted.where(contains(Milestone.title, words))
    coming = wanted.where(Milestone.due_on >= on).order_by(Milestone.due_on, Milestone.id)
    been = wanted.where(Milestone.due_on < on).order_by(Milestone.due_on.desc(), Milestone.id)
    found = [*session.scalars(coming.limit(OFFERED)), *session.scalars(been.limit(OFFERED))]
    return found[:OFFERED]


def documents_to_add(session: Session, workstream_id: int, words: str) -> Sequence[Document]:
    there = select(WorkstreamDocument.document_id).where(
        WorkstreamDocument.workstream_id == workstream_id
    )
    wanted = (
        select(Document)
        .where(Document.id.not_in(there))
        .options(joinedload(Document.organisation), joinedload(Document.document_type))
        .order_by(Document.published_on.desc().nulls_last(), Document.id.desc())
        .limit(OFFERED)
    )
    if words:
        wanted = wanted.where(contains(Document.title, words))
    return session.scalars(wanted).all()


def meetings_of(workstream_id: int, reader: User) -> AnySelect:
    there = select(WorkstreamInteraction.interaction_id).where(
        WorkstreamInteraction.workstream_id == workstream_id
    )
    return (
        select(Interaction, User.name.label("by"))
        .join(User, User.id == Interaction.author_id)
        .where(Interaction.id.in_(there), Interaction.where_read_by(reader))
        .options(defer(Interaction.body), defer(Interaction.agenda))
    )


def promises_of(workstream_id: int, reader: User) -> AnySelect:
    """Those of its meetings, and those that were added by themselves (`is_added`)."""
    of_meetings = select(WorkstreamInteraction.interaction_id).where(
        WorkstreamInteraction.workstream_id == workstream_id
    )
    added = select(WorkstreamPoint.point_id).where(WorkstreamPoint.workstream_id == workstream_id)
    return (
        select(
            Outcome,
            func.coalesce(Organisation.short_name, "").label("body"),
            Outcome.id.in_(added).label("is_added"),
        )
        .outerjoin(Organisation, Organisation.id == Outcome.organisation_id)
        .where(
            Outcome.kind == OutcomeKind.COMMITMENT,
            or_(Outcome.interaction_id.in_(of_meetings), Outcome.id.in_(added)),
            *_readable_points(reader),
        )
    )


def workstreams_of(session: Session, interaction_id: int) -> Sequence[Workstream]:
    """Of a meeting that the caller may read."""
    return session.scalars(
        select(Workstream)
        .join(WorkstreamInteraction, WorkstreamInteraction.workstream_id == Workstream.id)
        .where(WorkstreamInteraction.interaction_id == interaction_id)
        .order_by(alphabetical(Workstream.name))
    ).all()


def meetings_to_add(
    session: Session, workstream_id: int, words: str, reader: User
) -> Sequence[Interaction]:
    """The newest that are not in it yet, narrowed by the words of their line."""
    there = select(WorkstreamInteraction.interaction_id).where(
        WorkstreamInteraction.workstream_id == workstream_id
    )
    wanted = select(Interaction).where(
        Interaction.id.not_in(there), Interaction.where_read_by(reader)
    )
    if words:
        wanted = wanted.where(contains(Interaction.subject, words))
    return session.scalars(
        wanted.options(
            joinedload(Interaction.author), defer(Interaction.body), defer(Interaction.agenda)
        )
        .order_by(Interaction.happened_on.desc(), Interaction.id.desc())
        .limit(OFFERED)
    ).all()


def promises_to_add(
    session: Session, workstream_id: int, words: str, reader: User
) -> Sequence[Outcome]:
    """Open ones that are not in it yet, the next due first."""
    added = select(WorkstreamPoint.point_id).where(WorkstreamPoint.workstream_id == workstream_id)
    wanted = select(Outcome).where(
        Outcome.kind == OutcomeKind.COMMITMENT,
        Outcome.state == PointState.OPEN,
        Outcome.id.not_in(added),
        *_readable_points(reader),
    )
    if words:
        wanted = wanted.where(contains(Outcome.text, words))
    return session.scalars(
        wanted.options(joinedload(Outcome.organisation))
        .order_by(Outcome.due_on.nulls_last(), Outcome.id)
        .limit(OFFERED)
    ).all()


def promise_of(session: Session, point_id: int, reader: User) -> Outcome | None:
    """What somebody may not read does not exist for them."""
    return session.scalar(
        select(Outcome).where(
            Outcome.id == point_id,
            Outcome.kind == OutcomeKind.COMMITMENT,
            *_readable_points(reader),
        )
    )


def _readable_points(reader: User) -> tuple[ColumnElement[bool], ...]:
    readable = select(Interaction.id).where(Interaction.where_read_by(reader))
    return (
        Outcome.where_read_by(reader),
        or_(Outcome.interaction_id.is_(None), Outcome.interaction_id.in_(readable)),
    )
