"""After a date moved: whether reminders begin again for the new day is for a person to say.

Whatever moved it, the form or a newer reference file, the question is the same. Until it is
answered nothing is sent twice, and Home asks the coordinators.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, select, update
from sqlalchemy.orm import Session

from app.milestones.models import Milestone
from app.reminders import queries, services
from app.reminders.models import Occurrence, OccurrenceState, ReminderRule
from app.reminders.previewing import OnDay, preview
from app.reminders.rules import parted


@dataclass(frozen=True)
class RuleAfterMove:
    """What one rule would send: all of it again, or only what nobody has been sent yet."""

    rule: ReminderRule
    again: Sequence[OnDay]
    rest: Sequence[OnDay]


@dataclass(frozen=True)
class MoveQuestion:
    told_for: date  # the day that reminders were sent for
    due_on: date
    rules: tuple[RuleAfterMove, ...]

    @property
    def is_later(self) -> bool:
        """What was put off is begun again, unless somebody says no; what comes sooner is not."""
        return self.due_on > self.told_for


def question_of(session: Session, milestone: Milestone, *, at: datetime) -> MoveQuestion | None:
    """None where nobody was reminded for another day, or where beginning again sends nothing."""
    told_for = session.scalars(
        select(Occurrence.told_for)
        .join(ReminderRule, ReminderRule.id == Occurrence.rule_id)
        .where(Occurrence.milestone_id == milestone.id, _told_for_another(milestone.due_on))
        .order_by(Occurrence.settled_at.desc())
        .limit(1)
    ).first()
    if told_for is None:
        return None
    rules = tuple(
        _after(session, one, milestone, at)
        for one in queries.rules_about(session, milestone)
        if not one.stopped_at
    )
    if not any(one.again for one in rules):
        return None
    return MoveQuestion(told_for, milestone.due_on, rules)


def answer(session: Session, milestone: Milestone, *, again: bool, at: datetime) -> int:
    """Begin again, or let what was sent count for the new day; how many reminders that plans."""
    planned = services.tell_again(session, milestone, at=at) if again else 0
    session.execute(
        update(Occurrence)
        .where(
            Occurrence.milestone_id == milestone.id,
            Occurrence.state == OccurrenceState.FIRED,
        )
        .values(told_for=milestone.due_on),
        execution_options={"synchronize_session": False},
    )
    return planned


def waiting(session: Session, on: date, *, at: datetime) -> list[tuple[Milestone, MoveQuestion]]:
    """Every milestone to come of which it is still to be said."""
    moved = session.scalars(
        select(Milestone)
        .where(
            Milestone.due_on >= on,
            Milestone.cancelled_on.is_(None),
            exists().where(
                Occurrence.milestone_id == Milestone.id,
                ReminderRule.id == Occurrence.rule_id,
                _told_for_another(Milestone.due_on),
            ),
        )
        .order_by(Milestone.due_on, Milestone.id)
    ).all()
    asked = ((one, question_of(session, one, at=at)) for one in moved)
    return [(one, question) for one, question in asked if question]


def _told_for_another(day: object) -> ColumnElement[bool]:
    return and_(
        Occurrence.state == OccurrenceState.FIRED,
        Occurrence.told_for != day,
        ReminderRule.stopped_at.is_(None),
    )


def _after(
    session: Session, rule: ReminderRule, milestone: Milestone, at: datetime
) -> RuleAfterMove:
    again = [
        replace(one, steps=tuple(parted(step)[1] for step in one.steps))
        for one in preview(session, rule, at=at, of=milestone, again=True).days
    ]
    return RuleAfterMove(rule, again, preview(session, rule, at=at, of=milestone).days)
