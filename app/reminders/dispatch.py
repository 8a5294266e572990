"""Giving the reminders of one rule about one milestone that are due, once.

One transaction holds the rule and the milestone, brings the plan up to date, claims what is due,
looks again whether it still holds, and writes down who was told. Whatever ends it midway leaves
nothing behind, and the next round begins anew.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NamedTuple

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import User
from app.core.clock import LONDON
from app.core.fault_points import fault_point
from app.core.text.alphabet import alphabetical
from app.core.web.filters import on_day, plural
from app.directory.models import Organisation
from app.milestones import queries as milestones
from app.milestones.models import Compliance, ComplianceState, Milestone
from app.notifications.models import Event, Notification
from app.notifications.services import notify
from app.reminders import planning
from app.reminders.labels import bell_words
from app.reminders.models import Occurrence, OccurrenceState, Reminded, ReminderRule
from app.reminders.queries import where_due
from app.reminders.recipients import recipients
from app.reminders.rules import About, is_quiet, is_too_late, moment
from app.settings.queries import closed_days

MET = "It had been met."
NOT_APPLICABLE = "It does not apply to this body."
CAME_ABOUT = "It had come about."
NOBODY = "There was nobody to tell."
MISSED_WORDS = (
    "Some reminders came too late to be sent. They are on Home, and in your next morning email."
)


class ClaimedReminder(NamedTuple):
    id: int
    about: About
    step: str
    due_on: date


@dataclass(frozen=True)
class Verdict:
    state: OccurrenceState
    reason: str = ""


FIRED = Verdict(OccurrenceState.FIRED)


def fire(session: Session, rule_id: int, milestone_id: int, *, at: datetime) -> int:
    """Give what is due of this rule and milestone; how many reminders were given."""
    rule = planning.locked(session, rule_id)
    milestone = _locked(session, milestone_id)
    closed = closed_days(session)
    planning.plan_one(session, rule, milestone, at=at, closed=closed)
    claimed = _claim(session, rule, milestone, at)
    fault_point("reminders claimed")
    if not claimed:
        return 0
    about = list(dict.fromkeys(one.about for one in claimed))
    on = moment(at)[0]
    told = recipients(session, rule, about, on=on)
    excused = _excused(session, milestone, about, on)
    verdicts = {
        one.id: _verdict(rule, one, excused, told[one.about], on=on, closed=closed)
        for one in claimed
    }
    _settle(session, verdicts, at)
    reminded = [one for one in claimed if verdicts[one.id].state is not OccurrenceState.SKIPPED]
    _write_down(session, reminded, told, at)
    fired = [one for one in reminded if verdicts[one.id] is FIRED]
    _ring(session, rule, milestone, _to_ring(fired, told), at=at)
    _say_missed(session, [one for one in reminded if one not in fired], told, at=at)
    fault_point("reminders given")
    return len(fired)


def _locked(session: Session, milestone_id: int) -> Milestone:
    return session.scalars(
        select(Milestone)
        .where(Milestone.id == milestone_id)
        .options(joinedload(Milestone.series), joinedload(Milestone.document_type))
        .with_for_update(of=Milestone)
        .execution_options(populate_existing=True)
    ).one()


def _claim(
    session: Session, rule: ReminderRule, milestone: Milestone, at: datetime
) -> Sequence[ClaimedReminder]:
    rows = session.connection().execute(
        update(Occurrence)
        .where(
            Occurrence.rule_id == rule.id, Occurrence.milestone_id == milestone.id, where_due(at)
        )
        .values(state=OccurrenceState.FIRED, settled_at=at, told_for=milestone.due_on)
        .returning(Occurrence.id, Occurrence.organisation_id, Occurrence.step, Occurrence.due_on)
    )
    return sorted(ClaimedReminder(*row) for row in rows)


def _excused(
    session: Session, milestone: Milestone, about: Sequence[About], on: date
) -> Mapping[About, str]:
    """Those of which nothing is wanted any more, and why."""
    if milestone.happened_on:
        excused: dict[About, str] = {None: CAME_ABOUT}
    else:
        excused = {}
    bodies = [one for one in about if one is not None]
    standings = session.execute(
        select(Compliance.organisation_id, Compliance.state).where(
            Compliance.milestone_id == milestone.id, Compliance.organisation_id.in_(bodies)
        )
    )
    for body, state in standings:
        excused[body] = MET if state is ComplianceState.MET else NOT_APPLICABLE
    ended = session.execute(
        select(Organisation.id, Organisation.dissolved_on).where(
            Organisation.id.in_(bodies), ~Organisation.where_exists_on(on)
        )
    )
    for body, dissolved_on in ended:
        if dissolved_on and dissolved_on <= on:
            excused[body] = f"The body ended on {on_day(dissolved_on)}."
    return excused


def _verdict(
    rule: ReminderRule,
    one: ClaimedReminder,
    excused: Mapping[About, str],
    told: Sequence[User],
    *,
    on: date,
    closed: Collection[date],
) -> Verdict:
    if one.about in excused:
        return Verdict(OccurrenceState.SKIPPED, excused[one.about])
    if not told:
        return Verdict(OccurrenceState.SKIPPED, NOBODY)
    if is_too_late(one.due_on, on, rule.catch_up_days, closed):
        days = plural(rule.catch_up_days, "working day")
        return Verdict(OccurrenceState.EXPIRED, f"Its day was more than {days} ago.")
    return FIRED


def _settle(session: Session, verdicts: Mapping[int, Verdict], at: datetime) -> None:
    by_verdict: dict[Verdict, list[int]] = defaultdict(list)
    for id_, verdict in verdicts.items():
        if verdict is not FIRED:
            by_verdict[verdict].append(id_)
    for verdict, ids in by_verdict.items():
        planning.settle(session, ids, verdict.state, verdict.reason, at=at)


def _write_down(
    session: Session,
    reminded: Sequence[ClaimedReminder],
    told: Mapping[About, Sequence[User]],
    at: datetime,
) -> None:
    rows = [
        {"occurrence_id": one.id, "user_id": user.id, "at": at}
        for one in reminded
        for user in told[one.about]
    ]
    if rows:
        # Databases of before 0.2.0 hold rows of reminders that were missed and planned anew.
        planning.forget_told(session, [one.id for one in reminded])
        session.connection().execute(insert(Reminded), rows)


def _to_ring(
    fired: Sequence[ClaimedReminder], told: Mapping[About, Sequence[User]]
) -> dict[int, User]:
    return {user.id: user for one in fired if not is_quiet(one.step) for user in told[one.about]}


def _ring(
    session: Session,
    rule: ReminderRule,
    milestone: Milestone,
    users: Mapping[int, User],
    *,
    at: datetime,
) -> None:
    """One line a day for each rule and milestone, about all the bodies of that day."""
    if not users:
        return
    on = moment(at)[0]
    key = f"reminder:{rule.id}:{milestone.id}:{on.isoformat()}"
    there = {
        one.user_id: one
        for one in session.scalars(
            select(Notification).where(
                Notification.key == key, Notification.user_id.in_(list(users))
            )
        )
    }
    said_by = milestones.said_by(session, [milestone.id])[milestone.id]
    for user_id, bodies in _told_today(session, rule, milestone, users, on).items():
        words = bell_words(milestone, bodies, on, said_by)
        if user_id not in there:
            path = f"/milestones/{milestone.id}"
            notify(
                session,
                user=users[user_id],
                event=Event.REMINDER,
                key=key,
                text=words,
                path=path,
                at=at,
            )
        elif there[user_id].text != words:
            there[user_id].text, there[user_id].seen_at = words, None


def _told_today(
    session: Session, rule: ReminderRule, milestone: Milestone, users: Collection[int], on: date
) -> dict[int, list[Organisation]]:
    """Of which bodies each was told on that day, a body once however many reminders it had."""
    rows = session.execute(
        select(Reminded.user_id, Organisation)
        .join(Occurrence, Occurrence.id == Reminded.occurrence_id)
        .join(Organisation, Organisation.id == Occurrence.organisation_id, isouter=True)
        .where(
            Occurrence.rule_id == rule.id,
            Occurrence.milestone_id == milestone.id,
            Occurrence.state == OccurrenceState.FIRED,
            Reminded.user_id.in_(list(users)),
            Reminded.at >= datetime.combine(on, time(), LONDON),
        )
        .order_by(alphabetical(Organisation.name), Organisation.id)
    )
    told: dict[int, dict[int, Organisation]] = {user_id: {} for user_id in users}
    for user_id, body in rows:
        if body is not None:
            told[user_id][body.id] = body
    return {user_id: list(bodies.values()) for user_id, bodies in told.items()}


def _say_missed(
    session: Session,
    expired: Sequence[ClaimedReminder],
    told: Mapping[About, Sequence[User]],
    *,
    at: datetime,
) -> None:
    """One line a day, however much was missed."""
    users = {user.id: user for one in expired for user in told[one.about]}
    key = f"reminders-missed:{moment(at)[0].isoformat()}"
    for user in users.values():
        notify(
            session,
            user=user,
            event=Event.REMINDER,
            key=key,
            text=MISSED_WORDS,
            path="/",
            at=at,
        )
