"""Making, changing and stopping a rule; telling people again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.core.errors import DomainError
from app.milestones.models import Milestone, MilestoneSeries
from app.reminders import planning
from app.reminders.models import Days, Every, OccurrenceState, ReminderAudience, ReminderRule
from app.reminders.rules import (
    MOST_CALENDAR_DAYS,
    MOST_WORKING_DAYS,
    Pattern,
    latest_telling,
    wrong_with_time,
)
from app.settings.queries import closed_days

MOST_OFFSETS = 12
MOST_REPEAT = {Every.DAYS: 365, Every.WEEKS: 52, Every.MONTHS: 12}
MOST_CATCH_UP = 20


class NoSuchDays(DomainError):
    """Nobody can be reminded on these days."""


class NoSuchRepeat(DomainError):
    pass


class NoSuchTime(DomainError):
    pass


class NoSuchPatience(DomainError):
    """How late a reminder may still be given."""


class AlreadyStopped(DomainError):
    pass


class NobodyToTell(DomainError):
    pass


class NothingToTell(DomainError):
    pass


@dataclass(frozen=True)
class RuleDetails:
    """A rule in the words of whoever makes it."""

    offsets: tuple[int, ...]
    days: Days = Days.WORKING
    repeat_every: int | None = None
    repeat_unit: Every | None = None
    at_time: str = "08:30"
    audience: ReminderAudience = ReminderAudience.OWNER
    user_id: int | None = None
    permission: Permission | None = None
    catch_up_days: int = 3


def pattern_described(described: RuleDetails) -> Pattern:
    return Pattern(
        described.offsets,
        described.days,
        described.at_time,
        described.repeat_every,
        described.repeat_unit,
    )


def drafted(
    described: RuleDetails,
    about: Milestone | MilestoneSeries,
    *,
    by: User,
    at: datetime,
    kept: ReminderRule | None = None,
) -> ReminderRule:
    """The rule as it would be, for a preview: a new one, or one that is kept, once changed."""
    rule = ReminderRule(
        series_id=about.id if isinstance(about, MilestoneSeries) else None,
        milestone_id=about.id if isinstance(about, Milestone) else None,
        made_at=kept.made_at if kept else at,
        in_force_from=at,
        made_by_id=by.id,
    )
    if kept:
        rule.id = kept.id
    _set(rule, described)
    return rule


def make(
    session: Session,
    described: RuleDetails,
    about: Milestone | MilestoneSeries,
    *,
    by: User,
    at: datetime,
    form_token: str | None = None,
) -> ReminderRule:
    """Keep a rule and plan for it. The same form sent twice makes one."""
    check(session, described)
    if form_token and (made := _made_by(session, form_token)):
        return made
    rule = drafted(described, about, by=by, at=at)
    rule.form_token = form_token
    session.add(rule)
    session.flush()
    planning.plan(session, planning.locked(session, rule.id), at=at, recorded_until=at)
    return rule


def change(session: Session, rule: ReminderRule, described: RuleDetails, *, at: datetime) -> None:
    """From now on it reminds so. What it told stays told, and no day that is over comes again."""
    check(session, described)
    if rule.stopped_at:
        raise AlreadyStopped("This rule was stopped. Make a new one instead.")
    if described == described_by(rule):
        return
    _set(rule, described)
    rule.in_force_from = at
    session.flush()
    planning.plan(session, rule, at=at, recorded_until=at)


def stop(session: Session, rule: ReminderRule, *, at: datetime) -> None:
    """It reminds of nothing more. What it told stays to be read."""
    if rule.stopped_at:
        return
    rule.stopped_at = at
    session.flush()
    planning.give_up(session, rule, at=at)


def tell_again(session: Session, milestone: Milestone, *, at: datetime) -> int:
    """Every rule of a milestone begins anew for its present date; how many reminders that plans.

    Only for a person who asks for it: a date that moves repeats nothing by itself.
    """
    closed = closed_days(session)
    written = 0
    for rule_id in _rule_ids(session, milestone):
        rule = planning.locked(session, rule_id)
        aim = planning.aim_of(session, rule, milestone, at=at, closed=closed)
        stored = planning.stored_of(session, rule.id, milestone.id)
        if aim.over or not any(one.state is OccurrenceState.FIRED for one in stored):
            continue
        telling = latest_telling(stored) + 1
        written += planning.plan_one(
            session, rule, milestone, at=at, closed=closed, telling=telling
        )
    if not written:
        raise NothingToTell(
            "There is nothing to send again: nobody has been reminded yet, or all the days of its "
            "rules are over."
        )
    return written


def check(session: Session, described: RuleDetails) -> None:
    if not described.offsets and described.repeat_every is None:
        raise NoSuchDays("Say when to remind: days before, the day itself, or a repeat.")
    if len(described.offsets) > MOST_OFFSETS:
        raise NoSuchDays(f"Give at most {MOST_OFFSETS} days. A repeat can do the rest.")
    most = MOST_WORKING_DAYS if described.days is Days.WORKING else MOST_CALENDAR_DAYS
    if any(abs(one) > most for one in described.offsets):
        raise NoSuchDays(f"Give days up to {most} before or after: that is about a year.")
    if described.repeat_every is not None and described.repeat_unit:
        longest = MOST_REPEAT[described.repeat_unit]
        if not 1 <= described.repeat_every <= longest:
            raise NoSuchRepeat(f"Repeat every 1 to {longest} {described.repeat_unit.value}.")
    if problem := wrong_with_time(described.at_time):
        raise NoSuchTime(problem)
    if not 0 <= described.catch_up_days <= MOST_CATCH_UP:
        raise NoSuchPatience(f"Give 0 to {MOST_CATCH_UP} working days for late reminders.")
    if described.audience is ReminderAudience.PERSON:
        person = session.get(User, described.user_id) if described.user_id else None
        if person is None or not person.is_active:
            raise NobodyToTell("Choose who is reminded: somebody who uses Liaise.")


def described_by(rule: ReminderRule) -> RuleDetails:
    return RuleDetails(
        offsets=tuple(rule.offsets),
        days=rule.days,
        repeat_every=rule.repeat_every,
        repeat_unit=rule.repeat_unit,
        at_time=rule.at_time,
        audience=rule.audience,
        user_id=rule.user_id,
        permission=Permission(rule.permission) if rule.permission else None,
        catch_up_days=rule.catch_up_days,
    )


def _set(rule: ReminderRule, described: RuleDetails) -> None:
    rule.offsets = list(described.offsets)
    rule.days = described.days
    rule.repeat_every, rule.repeat_unit = described.repeat_every, described.repeat_unit
    rule.at_time = described.at_time
    rule.audience = described.audience
    rule.user_id = described.user_id
    rule.permission = described.permission.value if described.permission else None
    rule.catch_up_days = described.catch_up_days


def _rule_ids(session: Session, milestone: Milestone) -> Sequence[int]:
    return session.scalars(
        select(ReminderRule.id)
        .where(
            ReminderRule.stopped_at.is_(None),
            (ReminderRule.milestone_id == milestone.id)
            | (
                ReminderRule.series_id.is_not(None)
                & (ReminderRule.series_id == milestone.series_id)
            ),
        )
        .order_by(ReminderRule.id)
    ).all()


def _made_by(session: Session, form_token: str) -> ReminderRule | None:
    return session.scalar(select(ReminderRule).where(ReminderRule.form_token == form_token))
