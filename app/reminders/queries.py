"""What a tick asks, and what the pages show of rules and their occurrences."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent
from app.core.statements import AnySelect, a_day
from app.reminders.models import Occurrence, ReminderRule
from app.reminders.rules import moment

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
    """The rules and milestones of which something is due."""
    day, clock = moment(at)
    rows = session.execute(_due(), {"day": day, "clock": clock})
    return sorted((row.rule_id, row.milestone_id) for row in rows)


def where_due() -> ColumnElement[bool]:
    """Planned for `day` and `clock` or before."""
    then = tuple_(a_day(), bindparam("clock", type_=String))
    return and_(IS_PLANNED, tuple_(Occurrence.due_on, Occurrence.due_time) <= then)


@cache
def _due() -> AnySelect:
    return select(Occurrence.rule_id, Occurrence.milestone_id).where(where_due()).distinct()
