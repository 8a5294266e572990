"""Keeping a workstream, and gathering what belongs to it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.db import Base
from app.core.errors import NameTaken
from app.core.text.alphabet import alphabetical
from app.directory.models import Organisation
from app.documents.models import Document
from app.interactions.models import Interaction, Outcome
from app.milestones.models import Milestone
from app.workstreams.models import (
    DatePrecision,
    Workstream,
    WorkstreamDate,
    WorkstreamDocument,
    WorkstreamInteraction,
    WorkstreamMilestone,
    WorkstreamOrganisation,
    WorkstreamPaper,
    WorkstreamPoint,
)


@dataclass(frozen=True)
class WorkstreamDetails:
    name: str
    purpose: str = ""
    owner_id: int | None = None


def add(
    session: Session, described: WorkstreamDetails, *, bodies: Collection[int] = ()
) -> Workstream:
    _refuse_taken(session, described.name)
    made = Workstream(name=described.name, purpose=described.purpose, owner_id=described.owner_id)
    session.add(made)
    session.flush()
    set_bodies(session, made, bodies)
    return made


def change(
    session: Session,
    workstream: Workstream,
    described: WorkstreamDetails,
    *,
    bodies: Collection[int],
) -> None:
    _refuse_taken(session, described.name, but=workstream.id)
    workstream.name = described.name
    workstream.purpose = described.purpose
    workstream.owner_id = described.owner_id
    set_bodies(session, workstream, bodies)


def set_bodies(session: Session, workstream: Workstream, wanted: Collection[int]) -> None:
    """The departments and other bodies it is about; row by row, so that the history notes each."""
    present = {
        row.organisation_id: row
        for row in session.scalars(
            select(WorkstreamOrganisation).where(
                WorkstreamOrganisation.workstream_id == workstream.id
            )
        )
    }
    for organisation_id in sorted(present.keys() - set(wanted)):
        session.delete(present[organisation_id])
    session.add_all(
        WorkstreamOrganisation(workstream_id=workstream.id, organisation_id=organisation_id)
        for organisation_id in sorted(set(wanted) - present.keys())
    )
    session.flush()


def close(workstream: Workstream, *, on: date) -> None:
    """It is over. It stays readable, and its dates leave people's calendars."""
    workstream.closed_on = workstream.closed_on or on


def reopen(workstream: Workstream) -> None:
    workstream.closed_on = None


def put_meeting(session: Session, workstream: Workstream, interaction: Interaction) -> None:
    _put(session, WorkstreamInteraction, workstream, interaction_id=interaction.id)


def take_meeting(session: Session, workstream: Workstream, interaction: Interaction) -> None:
    _take(session, WorkstreamInteraction, workstream, interaction_id=interaction.id)


def put_promise(session: Session, workstream: Workstream, point: Outcome) -> None:
    _put(session, WorkstreamPoint, workstream, point_id=point.id)


def take_promise(session: Session, workstream: Workstream, point: Outcome) -> None:
    _take(session, WorkstreamPoint, workstream, point_id=point.id)


def put_milestone(session: Session, workstream: Workstream, milestone: Milestone) -> None:
    _put(session, WorkstreamMilestone, workstream, milestone_id=milestone.id)


def take_milestone(session: Session, workstream: Workstream, milestone: Milestone) -> None:
    _take(session, WorkstreamMilestone, workstream, milestone_id=milestone.id)


def put_document(session: Session, workstream: Workstream, document: Document) -> None:
    _put(session, WorkstreamDocument, workstream, document_id=document.id)


def take_document(session: Session, workstream: Workstream, document: Document) -> None:
    _take(session, WorkstreamDocument, workstream, document_id=document.id)


def _put(session: Session, link: type[Base], workstream: Workstream, **other: int) -> None:
    """What is there already stays there once."""
    ids = {"workstream_id": workstream.id, **other}
    if session.get(link, ids) is None:
        session.add(link(**ids))
        session.flush()


def _take(session: Session, link: type[Base], workstream: Workstream, **other: int) -> None:
    there = session.get(link, {"workstream_id": workstream.id, **other})
    if there:
        session.delete(there)
        session.flush()


def add_paper(
    session: Session,
    workstream: Workstream,
    *,
    title: str,
    published_on: date | None,
    publisher: Organisation | None,
    link: str,
) -> WorkstreamPaper:
    paper = WorkstreamPaper(
        workstream_id=workstream.id,
        title=title,
        published_on=published_on,
        publisher_id=publisher.id if publisher else None,
        link=link,
    )
    session.add(paper)
    session.flush()
    return paper


def change_paper(
    paper: WorkstreamPaper,
    *,
    title: str,
    published_on: date | None,
    publisher: Organisation | None,
    link: str,
) -> None:
    paper.title, paper.published_on, paper.link = title, published_on, link
    paper.publisher_id = publisher.id if publisher else None


def add_date(
    session: Session,
    workstream: Workstream,
    *,
    what: str,
    falls_on: date,
    precision: DatePrecision,
    source: str,
) -> WorkstreamDate:
    made = WorkstreamDate(
        workstream_id=workstream.id,
        what=what,
        falls_on=first_day(falls_on, precision),
        precision=precision,
        source=source,
    )
    session.add(made)
    session.flush()
    return made


def change_date(
    one: WorkstreamDate, *, what: str, falls_on: date, precision: DatePrecision, source: str
) -> None:
    one.what, one.source, one.precision = what, source, precision
    one.falls_on = first_day(falls_on, precision)


def first_day(day: date, precision: DatePrecision) -> date:
    """Of the month or season the day lies in. Winter begins in December."""
    if precision is DatePrecision.DAY:
        return day
    if precision is DatePrecision.MONTH:
        return day.replace(day=1)
    month = day.month - day.month % 3
    return date(day.year, month, 1) if month else date(day.year - 1, 12, 1)


def _refuse_taken(session: Session, name: str, but: int | None = None) -> None:
    same = select(Workstream.id).where(
        func.lower(Workstream.name) == name.lower(), Workstream.id != (but or 0)
    )
    if session.scalar(same):
        raise NameTaken("There is a workstream of this name already. Give this one another name.")


def owners(session: Session, chosen: int | None = None) -> list[User]:
    """Who can look after one: whoever has an account, and whoever does so now."""
    return list(
        session.scalars(
            select(User)
            .where(User.disabled_at.is_(None) | (User.id == (chosen or 0)))
            .order_by(alphabetical(User.name), User.id)
        )
    )
