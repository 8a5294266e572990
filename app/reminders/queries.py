"""What a tick asks, and what the pages show of rules and their occurrences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session, joinedload

from app.audit.models import AuditEvent
from app.directory.models import Organisation
from app.milestones.models import Milestone, MilestoneSeries
from app.reminders.models import Occurrence, OccurrenceState, ReminderRule
from app.reminders.rules import HORIZON, moment

# What a plan is made from. Recording one of these is what makes us plan anew.
PLANNED_FROM = (
    "closed_day",
    "document_type",
    "milestone",
    "milestone_date",
    "milestone_series",
    "milestone_standing",
    "organisation",
    "reminder_rule",
)

PIECES = "reminders:"  # what a round does, each piece apart

ABOUT: ColumnElement[str] = func.coalesce(MilestoneSeries.title, Milestone.title)

# In the words of the partial index, or it is not used.
IS_PLANNED: ColumnElement[bool] = literal_column("reminder_occurrence.state = 'planned'")


def rules_to_plan(session: Session, *, on: date, recorded_until: datetime) -> Sequence[int]:
    """Those not yet planned as on this day, or not for what has been recorded since."""
    changed = exists().where(
        AuditEvent.at > ReminderRule.planned_up_to, AuditEvent.kind.in_(PLANNED_FROM)
    )
    return session.scalars(
        select(ReminderRule.id)
        .where(
            ReminderRule.stopped_at.is_(None),
            or_(
                ReminderRule.planned_on.is_(None),
                ReminderRule.planned_on != on,
                ReminderRule.planned_up_to > recorded_until,  # the clock was put back
                changed,
            ),
        )
        .order_by(ReminderRule.id)
    ).all()


def due(session: Session, at: datetime) -> Sequence[tuple[int, int]]:
    """The rules and milestones of which something is due, the longest due first."""
    # In the order of the index, and without DISTINCT, for which SQLite would read the whole table.
    rows = session.execute(
        select(Occurrence.rule_id, Occurrence.milestone_id)
        .where(where_due(at))
        .order_by(Occurrence.due_on, Occurrence.due_time, Occurrence.id)
    )
    return list(dict.fromkeys((row.rule_id, row.milestone_id) for row in rows))


def where_due(at: datetime) -> ColumnElement[bool]:
    """Planned for then or before."""
    return and_(IS_PLANNED, tuple_(Occurrence.due_on, Occurrence.due_time) <= tuple_(*moment(at)))


def pieces_of(rule_id: int) -> str:
    """How the keys of what is done for this rule begin."""
    return f"{PIECES}{rule_id}:"


def title_of(session: Session, rule_id: int) -> str:
    """What a rule reminds of."""
    return session.execute(
        select(ABOUT)
        .select_from(ReminderRule)
        .join(MilestoneSeries, MilestoneSeries.id == ReminderRule.series_id, isouter=True)
        .join(Milestone, Milestone.id == ReminderRule.milestone_id, isouter=True)
        .where(ReminderRule.id == rule_id)
    ).scalar_one()


def rule_of(session: Session, rule_id: int) -> ReminderRule | None:
    return session.scalar(_rules().where(ReminderRule.id == rule_id))


def rules_about(session: Session, milestone: Milestone) -> Sequence[ReminderRule]:
    """Those of a milestone, its own and those of its duty; the stopped last."""
    return session.scalars(
        _rules()
        .where(
            or_(
                ReminderRule.milestone_id == milestone.id,
                and_(
                    ReminderRule.series_id.is_not(None),
                    ReminderRule.series_id == milestone.series_id,
                ),
            )
        )
        .order_by(ReminderRule.stopped_at.is_not(None), ReminderRule.id)
    ).all()


def _rules() -> Select[ReminderRule]:
    return select(ReminderRule).options(
        joinedload(ReminderRule.series),
        joinedload(ReminderRule.milestone),
        joinedload(ReminderRule.user),
        joinedload(ReminderRule.made_by),
    )


def all_rules() -> Select[Any]:
    """Every rule, with what it reminds of, its next day and what it has given."""
    next_day = (
        select(func.min(Occurrence.due_on))
        .where(Occurrence.rule_id == ReminderRule.id, IS_PLANNED)
        .correlate(ReminderRule)
        .scalar_subquery()
    )
    columns: tuple[Any, ...] = (
        ReminderRule,
        ABOUT.label("about"),
        next_day.label("next_day"),
        _count(OccurrenceState.FIRED).label("given"),
        _count(OccurrenceState.EXPIRED).label("missed"),
    )
    return (
        select(*columns)
        .join(MilestoneSeries, MilestoneSeries.id == ReminderRule.series_id, isouter=True)
        .join(Milestone, Milestone.id == ReminderRule.milestone_id, isouter=True)
        .options(joinedload(ReminderRule.user))
    )


def _count(state: OccurrenceState) -> ScalarSelect[int]:
    return (
        select(func.count(Occurrence.id))
        .where(Occurrence.rule_id == ReminderRule.id, Occurrence.state == state)
        .correlate(ReminderRule)
        .scalar_subquery()
    )


@dataclass(frozen=True)
class ReminderTally:
    """What became of the reminders of one day: so many of one step, with one outcome."""

    milestone: Milestone
    due_on: date
    step: str
    state: OccurrenceState
    reason: str
    count: int


def settled(
    session: Session, rule: ReminderRule, *, of: Milestone | None = None, most: int = 60
) -> Sequence[ReminderTally]:
    """The newest days first; what is only planned is worked out afresh and not read here."""
    alike = (
        Occurrence.milestone_id,
        Occurrence.due_on,
        Occurrence.step,
        Occurrence.state,
        Occurrence.reason,
    )
    wanted = (
        select(*alike, func.count(Occurrence.id).label("how_many"))
        .where(Occurrence.rule_id == rule.id, Occurrence.state != OccurrenceState.PLANNED)
        .group_by(*alike)
        .order_by(Occurrence.due_on.desc(), Occurrence.step, Occurrence.state, Occurrence.reason)
        .limit(most)
    )
    if of:
        wanted = wanted.where(Occurrence.milestone_id == of.id)
    counted = wanted.subquery()
    rows = session.execute(
        select(Milestone, counted)
        .join(counted, counted.c.milestone_id == Milestone.id)
        .order_by(counted.c.due_on.desc(), Milestone.id, counted.c.step, counted.c.state)
    )
    return [
        ReminderTally(row.Milestone, row.due_on, row.step, row.state, row.reason, row.how_many)
        for row in rows
    ]


def occurrences_of(rule: ReminderRule) -> Select[Any]:
    """Every single one of a rule, with the body and the milestone it is about."""
    columns: tuple[Any, ...] = (
        Occurrence,
        Milestone.title.label("milestone"),
        Organisation.short_name.label("body"),
    )
    return (
        select(*columns)
        .join(Milestone, Milestone.id == Occurrence.milestone_id)
        .join(Organisation, Organisation.id == Occurrence.organisation_id, isouter=True)
        .where(Occurrence.rule_id == rule.id)
    )


def to_remind_of(
    session: Session, on: date
) -> tuple[Sequence[MilestoneSeries], Sequence[Milestone]]:
    """Duties with a day of the year, and milestones of their own that are not over."""
    series = session.scalars(
        select(MilestoneSeries)
        .where(MilestoneSeries.month.is_not(None))
        .order_by(MilestoneSeries.month, MilestoneSeries.day, MilestoneSeries.id)
    ).all()
    alone = session.scalars(
        select(Milestone)
        .where(
            Milestone.cancelled_on.is_(None),
            Milestone.due_on >= on - HORIZON,
            Milestone.happened_on.is_(None),
        )
        .order_by(Milestone.due_on, Milestone.id)
    ).all()
    return series, alone
