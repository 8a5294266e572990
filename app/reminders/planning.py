"""Bringing what is stored of a rule into line with what it wants now.

Whoever plans or fires holds the rule's row, so that four processes do it one after the other and
all but the first find nothing left to do.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, joinedload

from app.core.months import months_after
from app.core.web.filters import on_day
from app.milestones import queries as milestones
from app.milestones.models import Milestone
from app.reminders.models import Occurrence, OccurrenceState, Reminded, ReminderRule
from app.reminders.rules import (
    HORIZON,
    About,
    Aim,
    Changes,
    Pattern,
    Stored,
    compare,
    moment,
)
from app.settings.queries import closed_days

# A change carries the moment it was written, and is seen when its transaction ends: by then at the
# latest, for no page and no job may take longer.
MARGIN = timedelta(minutes=2)

# What is there already is left as it is, whoever put it there.
INSERTS = {
    "sqlite": sqlite.insert(Occurrence).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(Occurrence).on_conflict_do_nothing(),
}

STOPPED = "The rule was stopped."


def locked(session: Session, rule_id: int) -> ReminderRule:
    """The rule as it is this moment. Nobody else changes it, plans or fires until we commit."""
    return session.get_one(ReminderRule, rule_id, populate_existing=True, with_for_update=True)


def plan(session: Session, rule: ReminderRule, *, at: datetime, recorded_until: datetime) -> int:
    """Plan for every milestone of a rule that is held; how many occurrences were written.

    `recorded_until` is the time on the clock that the history goes by, whatever day is planned as.
    """
    on = moment(at)[0]
    closed = closed_days(session)
    written = 0
    for milestone in milestones_of(session, rule, on=on):
        written += plan_one(session, rule, milestone, at=at, closed=closed)
    session.execute(
        update(ReminderRule)
        .where(ReminderRule.id == rule.id)
        .values(planned_on=on, planned_up_to=recorded_until - MARGIN),
        execution_options={"synchronize_session": False},
    )
    return written


def plan_one(
    session: Session,
    rule: ReminderRule,
    milestone: Milestone,
    *,
    at: datetime,
    closed: Collection[date],
    telling: int = 0,
) -> int:
    stored = stored_of(session, rule.id, milestone.id)
    aim = aim_of(session, rule, milestone, at=at, closed=closed, telling=telling)
    changes = compare(aim, stored)
    _write(session, rule.id, milestone.id, changes, at)
    return len(changes.new) + len(changes.moved) + len(changes.superseded)


def milestones_of(session: Session, rule: ReminderRule, *, on: date) -> Sequence[Milestone]:
    """Those it holds for that are near enough to plan for, or not long enough over."""
    wanted = select(Milestone).options(
        joinedload(Milestone.series), joinedload(Milestone.document_type)
    )
    if rule.series_id is None:
        wanted = wanted.where(Milestone.id == rule.milestone_id)
    else:
        wanted = wanted.where(
            Milestone.series_id == rule.series_id,
            Milestone.due_on.between(on - HORIZON, on + HORIZON),
        )
    return session.scalars(wanted.order_by(Milestone.due_on, Milestone.id)).all()


def aim_of(
    session: Session,
    rule: ReminderRule,
    milestone: Milestone,
    *,
    at: datetime,
    closed: Collection[date],
    telling: int = 0,
) -> Aim:
    """What the rule, kept or only just typed, wants of this milestone now."""
    about, outstanding = whom_about(session, milestone)
    return Aim(
        pattern=pattern_of(rule),
        due_on=milestone.due_on,
        about=about,
        outstanding=outstanding,
        in_force_from=moment(rule.in_force_from),
        today=moment(at)[0],
        closed=closed,
        catch_up_days=rule.catch_up_days,
        repeats_until=repeats_until(rule, milestone),
        over=why_over(rule, milestone),
        telling=telling,
    )


def whom_about(session: Session, milestone: Milestone) -> tuple[list[About], set[About]]:
    """The bodies it asks and those outstanding; the milestone itself where it asks none."""
    bound = milestones.bound_to(session, milestone) if milestone.asks_each else []
    if bound:
        about: list[About] = [body.id for body in bound]
        return about, set(about) - milestones.settled(session, milestone.id)
    return [None], set() if milestone.happened_on else {None}


def pattern_of(rule: ReminderRule) -> Pattern:
    return Pattern(
        tuple(rule.offsets), rule.days, rule.at_time, rule.repeat_every, rule.repeat_unit
    )


def repeats_until(rule: ReminderRule, milestone: Milestone) -> date:
    """A duty that comes back is repeated for until its next year, and not for years that were over
    when the rule was made. For a single milestone somebody may still want what is overdue."""
    if rule.series_id is None:
        return date.max
    if milestone.due_on < moment(rule.made_at)[0]:
        return date.min
    return months_after(milestone.due_on, 12)


def why_over(rule: ReminderRule, milestone: Milestone) -> str:
    if rule.stopped_at:
        return STOPPED
    if milestone.cancelled_on:
        return f"The milestone was cancelled on {on_day(milestone.cancelled_on)}."
    if milestone.happened_on and not milestone.asks_each:
        return f"It came about on {on_day(milestone.happened_on)}."
    return ""


def stored_of(session: Session, rule_id: int, milestone_id: int) -> list[Stored]:
    rows = session.execute(
        select(
            Occurrence.id,
            Occurrence.organisation_id,
            Occurrence.step,
            Occurrence.due_on,
            Occurrence.due_time,
            Occurrence.state,
        ).where(Occurrence.rule_id == rule_id, Occurrence.milestone_id == milestone_id)
    )
    return [Stored(*row) for row in rows]


def _write(
    session: Session, rule_id: int, milestone_id: int, changes: Changes, at: datetime
) -> None:
    if changes.superseded:
        by_reason: dict[str, list[int]] = defaultdict(list)
        for id_, reason in changes.superseded.items():
            by_reason[reason].append(id_)
        for reason, ids in by_reason.items():
            settle(session, ids, OccurrenceState.SUPERSEDED, reason, at=at)
    if changes.moved:
        _re_date(session, changes)
    if changes.new:
        connection = session.connection()
        connection.execute(
            INSERTS[connection.dialect.name],
            [
                {
                    "rule_id": rule_id,
                    "milestone_id": milestone_id,
                    "organisation_id": one.about,
                    "step": one.step,
                    "due_on": one.due_on,
                    "due_time": one.due_time,
                    "state": OccurrenceState.PLANNED,
                    "reason": "",
                }
                for one in changes.new
            ],
        )


def _re_date(session: Session, changes: Changes) -> None:
    forget_told(session, changes.moved)
    session.connection().execute(
        update(Occurrence)
        .where(Occurrence.id == bindparam("moved_id"), Occurrence.state != OccurrenceState.FIRED)
        .values(
            due_on=bindparam("to_day"),
            due_time=bindparam("to_time"),
            state=OccurrenceState.PLANNED,
            reason="",
            settled_at=None,
        ),
        [
            {"moved_id": id_, "to_day": to.due_on, "to_time": to.due_time}
            for id_, to in changes.moved.items()
        ],
    )


def forget_told(session: Session, ids: Iterable[int]) -> None:
    """Of a reminder that was missed and is planned anew, nobody has been told yet."""
    session.connection().execute(delete(Reminded).where(Reminded.occurrence_id.in_(list(ids))))


def give_up(session: Session, rule: ReminderRule, *, at: datetime) -> None:
    """Nothing a stopped rule had planned is wanted any more."""
    session.connection().execute(
        update(Occurrence)
        .where(Occurrence.rule_id == rule.id, Occurrence.state == OccurrenceState.PLANNED)
        .values(state=OccurrenceState.SUPERSEDED, reason=STOPPED, settled_at=at)
    )


def settle(
    session: Session,
    ids: Iterable[int],
    state: OccurrenceState,
    reason: str = "",
    *,
    at: datetime,
) -> None:
    session.connection().execute(
        update(Occurrence)
        .where(Occurrence.id.in_(list(ids)))
        .values(state=state, reason=reason, settled_at=at)
    )
