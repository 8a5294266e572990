"""What milestones still ask of bodies: those somebody was reminded of, and those of their own."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import User
from app.core.clock import LONDON
from app.core.text.alphabet import folded
from app.core.web.filters import plural
from app.digests.rules import DigestLine, Group, Link, Tone
from app.directory.models import Organisation, Ownership
from app.milestones import queries
from app.milestones.labels import day_words
from app.milestones.models import Compliance, DateKind, Milestone
from app.milestones.rules import asked_kinds, is_assumed, is_by_law, span
from app.notifications.models import Event
from app.reminders.labels import bell_words, subject_words
from app.reminders.models import Occurrence, OccurrenceState, Reminded
from app.settings.queries import closed_days

# A reminder is spoken of until what it is about is settled, but not for ever.
REMINDED_SINCE = timedelta(days=366)
MISSED_SINCE = timedelta(days=7)
MOST_BODIES = 12


@dataclass(frozen=True)
class BodiesThatMatter:
    """Those that matter here: the ones this person looks after, and others they were told of."""

    owned: Mapping[int, Organisation]
    others: Mapping[int, Organisation]
    settled: Mapping[int, Collection[int]]  # by milestone

    def waited_for(
        self, milestone: Milestone, told: Collection[int | None], on: date
    ) -> list[Organisation]:
        """The bodies this person should know of that have not met it."""
        known = {**self.others, **self.owned}
        wanted = {id_: known[id_] for id_ in told if id_ in known}
        wanted |= {id_: body for id_, body in self.owned.items() if binds(milestone, body)}
        settled = self.settled.get(milestone.id, ())
        return sorted(
            (body for body in wanted.values() if body.id not in settled and body.exists_on(on)),
            key=lambda body: (folded(body.short_name), body.id),
        )


_BINDING = (
    select(Milestone)
    .where(Milestone.cancelled_on.is_(None))
    .options(joinedload(Milestone.document_type))
    .order_by(Milestone.due_on, Milestone.id)
)
_REMINDED = (
    select(
        Occurrence.milestone_id,
        Occurrence.organisation_id,
        func.max(case((Occurrence.state == OccurrenceState.EXPIRED, Reminded.at))),
        func.max(case((Occurrence.state == OccurrenceState.FIRED, Reminded.at))),
    )
    .join(Reminded, Reminded.occurrence_id == Occurrence.id)
    .where(Occurrence.state.in_((OccurrenceState.EXPIRED, OccurrenceState.FIRED)))
    .group_by(Occurrence.milestone_id, Occurrence.organisation_id)
)


@dataclass(frozen=True)
class Told:
    """What this person was told of one milestone, and who says when it is due."""

    missed: Mapping[int | None, bool]  # by body, or none: whether all lately was missed
    said_by: Collection[DateKind]


@dataclass(frozen=True)
class Today:
    on: date
    closed: Collection[date]


def lines(session: Session, user: User, on: date, *, until: date) -> Iterable[DigestLine]:
    """Two statements; four or five more when there is something to say."""
    told = _told(session, user, on)
    is_near = Milestone.due_on.between(on, until)
    milestones = session.scalars(_BINDING.where(or_(Milestone.id.in_(told), is_near))).all()
    if not milestones:
        return
    bodies = _bodies(session, user, on, milestones, told)
    said_by = queries.said_by(session, [milestone.id for milestone in milestones])
    today = Today(on, closed_days(session))
    for milestone in milestones:
        of_it = Told(told.get(milestone.id, {}), said_by[milestone.id])
        yield from _of_milestone(milestone, of_it, bodies, today)


def binds(milestone: Milestone, body: Organisation) -> bool:
    made = milestone.document_type
    kinds = asked_kinds(milestone.binds_kinds, made.organisation_kinds if made else [])
    return (
        body.kind.value in kinds
        and (not milestone.binds_only or body.id in milestone.binds_only)
        and body.exists_on(milestone.binds_as_on)
    )


def _of_milestone(
    milestone: Milestone, told: Told, bodies: BodiesThatMatter, today: Today
) -> Iterable[DigestLine]:
    if not milestone.asks_each:
        concerned = any(binds(milestone, body) for body in bodies.owned.values())
        if not milestone.happened_on and (told.missed or concerned):
            yield _line(milestone, [], told, today, is_missed=any(told.missed.values()))
        return
    waited_for = bodies.waited_for(milestone, told.missed, today.on)
    missed = [body for body in waited_for if told.missed.get(body.id)]
    in_time = [body for body in waited_for if not told.missed.get(body.id)]
    for found, is_missed in ((in_time, False), (missed, True)):
        if found:
            yours = all(body.id in bodies.owned for body in found)
            yield _line(milestone, found, told, today, is_missed=is_missed, yours=yours)


def _line(
    milestone: Milestone,
    bodies: Sequence[Organisation],
    told: Told,
    today: Today,
    *,
    is_missed: bool,
    yours: bool = False,
) -> DigestLine:
    values = {"milestone_id": milestone.id}
    group, pill, tone = _when(milestone, today.on, told.said_by)
    calls = group is Group.TODAY
    if is_missed and group is Group.COMING:  # what is due today, or overdue, is said as that
        group, pill, tone = Group.MISSED, "Missed", Tone.BAD
    links = [
        Link(body.short_name, "directory.organisation", {"organisation_id": body.id})
        for body in bodies[:MOST_BODIES]
    ]
    if more := len(bodies) - MOST_BODIES:
        links += [Link(f"{more} more", "milestones.show", values)] if more > 0 else []
    words = bell_words(milestone, bodies, today.on, told.said_by, yours=yours)
    return DigestLine(
        Group.BY_LAW if is_by_law(told.said_by) else group,
        pill,
        tone,
        Link(words.rstrip("."), "milestones.show", values),
        note="A reminder came too late to be sent." if is_missed else "",
        bodies=tuple(links) if len(bodies) > 1 else (),
        event=Event.REMINDER,
        day=milestone.due_on,
        calls=calls,
        in_subject=subject_words(milestone, bodies, today.on, today.closed, yours=yours),
    )


def _when(milestone: Milestone, on: date, said_by: Collection[DateKind]) -> tuple[Group, str, Tone]:
    due = span(milestone.due_on, milestone.precision)
    if on > due.last and is_assumed(said_by):  # nobody is late for a day that we assumed
        ago = plural((on - due.last).days, "day")
        return Group.COMING, f"Expected {ago} ago", Tone.WARN
    if on > due.last:
        return Group.OVERDUE, f"Overdue {plural((on - due.last).days, 'day')}", Tone.BAD
    if due.first == due.last == on:
        return Group.TODAY, "Due today", Tone.WARN
    words = day_words(milestone.due_on, milestone.precision)
    return Group.COMING, words[:1].upper() + words[1:], Tone.PLAIN


def _told(session: Session, user: User, on: date) -> dict[int, dict[int | None, bool]]:
    """By milestone and body, what this person was reminded of, and whether the last of it was
    missed lately: one that was given since says it all."""
    now = datetime.combine(on, time(), LONDON)
    reminded = session.execute(
        _REMINDED.where(Reminded.user_id == user.id, Reminded.at >= now - REMINDED_SINCE)
    )
    told: dict[int, dict[int | None, bool]] = defaultdict(dict)
    for milestone_id, body_id, missed_at, given_at in reminded:
        is_last = missed_at and (given_at is None or given_at < missed_at)
        told[milestone_id][body_id] = bool(is_last and missed_at >= now - MISSED_SINCE)
    return told


def _bodies(
    session: Session,
    user: User,
    on: date,
    milestones: Sequence[Milestone],
    told: Mapping[int, Collection[int | None]],
) -> BodiesThatMatter:
    looked_after = session.scalars(
        select(Organisation)
        .join(Ownership, Ownership.organisation_id == Organisation.id)
        .where(Ownership.user_id == user.id, Ownership.where_held_on(on))
    )
    owned = {body.id: body for body in looked_after}
    others = {id_ for by_body in told.values() for id_ in by_body if id_} - set(owned)
    found = (
        session.scalars(select(Organisation).where(Organisation.id.in_(others))) if others else ()
    )
    standings = session.execute(
        select(Compliance.milestone_id, Compliance.organisation_id).where(
            Compliance.milestone_id.in_([milestone.id for milestone in milestones])
        )
    )
    settled: dict[int, set[int]] = defaultdict(set)
    for milestone_id, body_id in standings:
        settled[milestone_id].add(body_id)
    return BodiesThatMatter(owned, {body.id: body for body in found}, settled)
