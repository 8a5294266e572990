"""Adding milestones, and moving and cancelling them; every date one had is kept."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.errors import DomainError, NoTitle
from app.milestones.models import DateKind, Milestone, MilestoneDate, Precision
from app.milestones.rules import due_date


class NoWhy(DomainError):
    """A date that moves, and a milestone that is cancelled, says why."""


class NoSuchDate(DomainError):
    """A date that says nothing new, or ends before it begins."""


class Cancelled(DomainError):
    """What was cancelled changes no more."""


@dataclass(frozen=True)
class GivenDate:
    """A date somebody gave a milestone, and where they have it from."""

    kind: DateKind
    falls_on: date
    until: date | None = None
    precision: Precision = Precision.DAY
    source: str = ""
    why: str = ""


@dataclass(frozen=True)
class MilestoneDetails:
    """What a milestone says besides its dates; the same for adding one and for changing one."""

    title: str
    basis: str = ""
    binds: str = ""
    binds_kinds: list[str] = field(default_factory=list)
    binds_only: list[int] = field(default_factory=list)
    asks_each: bool = True
    document_type_id: int | None = None
    status: str = ""
    source: str = ""


def add(
    session: Session,
    described: MilestoneDetails,
    said: GivenDate,
    *,
    by: User,
    at: datetime,
    form_token: str | None = None,
) -> Milestone:
    """Write a milestone down with its first date. The same form sent twice writes one."""
    if form_token and (made := _made_by(session, form_token)):
        return made
    _check(said)
    milestone = Milestone(due_on=said.falls_on, precision=said.precision, form_token=form_token)
    change(milestone, described)
    session.add(milestone)
    session.flush()
    _keep(session, milestone, said, by=by, at=at)
    session.flush()
    return milestone


def change(milestone: Milestone, described: MilestoneDetails) -> None:
    if not described.title.strip():
        raise NoTitle("Say what is due.")
    for name, value in vars(described).items():
        setattr(milestone, name, value)


def move(
    session: Session, milestone: Milestone, said: GivenDate, *, by: User, at: datetime
) -> MilestoneDate:
    """Give it another date of this kind. The one it had is kept, and says when it was replaced."""
    if milestone.cancelled_on:
        raise Cancelled("This milestone was cancelled, so it keeps the dates it had.")
    _check(said)
    had = _present(session, milestone.id, said.kind)
    if had and (had.falls_on, had.until, had.precision) == (
        said.falls_on,
        said.until,
        said.precision,
    ):
        raise NoSuchDate("It has this date already. Give the day it moves to.")
    if had and not said.why.strip():
        raise NoWhy("Say why the date moved: whoever planned with the old one will ask.")
    if had:
        had.replaced_at = at
    kept = _keep(session, milestone, said, by=by, at=at)
    session.flush()
    return kept


def cancel(milestone: Milestone, *, why: str, on: date) -> None:
    """It will not come. It stays to be read; nobody is outstanding any more."""
    if not why.strip():
        raise NoWhy("Say why it will not come: the milestone stays, and shows it.")
    if milestone.cancelled_on is None:
        milestone.cancelled_on, milestone.cancelled_why = on, why.strip()


def restore(milestone: Milestone) -> None:
    milestone.cancelled_on, milestone.cancelled_why = None, ""


def _keep(
    session: Session, milestone: Milestone, said: GivenDate, *, by: User | None, at: datetime
) -> MilestoneDate:
    row = MilestoneDate(
        milestone_id=milestone.id,
        kind=said.kind,
        falls_on=said.falls_on,
        until=said.until,
        precision=said.precision,
        source=said.source.strip(),
        why=said.why.strip(),
        recorded_at=at,
        recorded_by_id=by.id if by else None,
    )
    session.add(row)
    session.flush()
    if said.kind is DateKind.ACTUAL:
        milestone.happened_on, milestone.happened_until = said.falls_on, said.until
        milestone.happened_precision = said.precision
    _settle_due(session, milestone)
    return row


def _settle_due(session: Session, milestone: Milestone) -> None:
    """Its day is the announced one, or else the statutory, or else the one it was entered with."""
    rows = session.scalars(select(MilestoneDate).where(MilestoneDate.milestone_id == milestone.id))
    due = due_date(rows)
    if due:
        milestone.due_on, milestone.precision = due.falls_on, due.precision


def _present(session: Session, milestone_id: int, kind: DateKind) -> MilestoneDate | None:
    return session.scalar(
        select(MilestoneDate).where(
            MilestoneDate.milestone_id == milestone_id,
            MilestoneDate.kind == kind,
            MilestoneDate.replaced_at.is_(None),
        )
    )


def _made_by(session: Session, form_token: str) -> Milestone | None:
    return session.scalar(select(Milestone).where(Milestone.form_token == form_token))


def _check(said: GivenDate) -> None:
    if said.until and said.until < said.falls_on:
        raise NoSuchDate("The last day comes before the first. Put them the other way round.")
    if not date(1990, 1, 1) <= said.falls_on <= date(2100, 1, 1):
        raise NoSuchDate("Write a year between 1990 and 2100.")
