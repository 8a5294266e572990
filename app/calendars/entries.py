"""What belongs in whose calendar. Programs outside read a feed: no entry holds any word of what is
kept from others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, defer, joinedload

from app.accounts.models import User
from app.accounts.visibility import Visibility
from app.audit.models import AuditEvent, AuditSubject
from app.calendars.ical import CalendarAttendee, CalendarEntry
from app.core.text.alphabet import alphabetical
from app.directory.models import Organisation, Person
from app.directory.queries.posts import emails_of
from app.followups.models import FollowUp, FollowUpState
from app.interactions.entries.view_models import title_of
from app.interactions.models import (
    Interaction,
    InteractionKind,
    InteractionOrganisation,
    InteractionPerson,
    InteractionState,
    InteractionUser,
)
from app.interactions.outcomes.whom import bodies_of, names
from app.milestones.labels import day_words
from app.milestones.models import Milestone, Precision
from app.workstreams.labels import date_words
from app.workstreams.models import Workstream, WorkstreamDate

IN_CALENDARS = (InteractionKind.MEETING, InteractionKind.CALL, InteractionKind.EVENT)
LOOK_BACK = timedelta(days=90)
BEGINNING = datetime.fromisoformat("2026-01-01T00:00:00+00:00")  # of what has no history


@dataclass(frozen=True)
class Subscriber:
    """Whose feed is being read, and when."""

    user: User
    with_all: bool
    on: date
    base_url: str

    def uid(self, kind: str, record_id: int) -> str:
        return f"{kind}-{record_id}@{urlsplit(self.base_url).hostname}"


def entries_for(session: Session, whose: Subscriber) -> list[CalendarEntry]:
    """Everything in somebody's feed: only what they may read."""
    return [entry for read in SOURCES for entry in read(session, whose)]


def meetings(session: Session, whose: Subscriber) -> list[CalendarEntry]:
    """Planned, held and cancelled: a program that has one must learn that it is off."""
    user = whose.user
    wanted = [
        Interaction.kind.in_(IN_CALENDARS),
        Interaction.happened_on >= whose.on - LOOK_BACK,
        Interaction.where_read_by(user),
    ]
    if not whose.with_all:
        wanted.append(_mine(user))
    return _as_entries(session, _read(session, *wanted), whose)


def meeting(session: Session, interaction: Interaction, whose: Subscriber) -> CalendarEntry:
    """One meeting with who is to be there, for a file of its own."""
    [entry] = _as_entries(session, [interaction], whose)
    theirs, unreachable = _theirs(session, interaction.id)
    ours = [CalendarAttendee(one.name, one.email) for one in _ours(session, interaction.id)]
    words = [entry.description]
    if unreachable:
        words.append(f"Also there: {', '.join(unreachable)}")
    author = interaction.author
    return replace(
        entry,
        description="\n".join(words),
        organiser=CalendarAttendee(author.name, author.email),
        attendees=tuple(ours + theirs),
    )


def follow_ups(session: Session, whose: Subscriber) -> list[CalendarEntry]:
    """What somebody has to do, on the day it is due; while it is asleep, on the day it wakes."""
    user = whose.user
    found = session.scalars(
        select(FollowUp)
        .where(
            FollowUp.owner_id == user.id,
            FollowUp.state == FollowUpState.OPEN,
            FollowUp.where_read_by(user),
        )
        .options(joinedload(FollowUp.organisation))
        .order_by(FollowUp.due_on, FollowUp.id)
    ).all()
    changed = _changes(session, "follow_up", [one.id for one in found])
    about = bodies_of(session, found)
    return [
        _to_do(one, names(about.get(one.id, [])), changed.get(one.id, one.created_at), whose)
        for one in found
    ]


def _to_do(one: FollowUp, bodies: str, changed_at: datetime, whose: Subscriber) -> CalendarEntry:
    url = f"{whose.base_url}/follow-ups/{one.id}"
    return CalendarEntry(
        uid=whose.uid("follow-up", one.id),
        summary=_summary(one, bodies),
        description=f"In Liaise: {url}",
        starts=max(one.due_on, one.asleep_until or one.due_on),
        changed_at=changed_at,
        url=url,
        is_private=one.visible_to is not Visibility.GROUP,
    )


def _summary(one: FollowUp, bodies: str) -> str:
    """What is to be done, and about whom. Of what is kept from others only the bodies are named."""
    if one.visible_to is not Visibility.GROUP:
        return f"Follow-up: {bodies}" if bodies else "Follow-up"
    return f"Due: {one.what} ({bodies})" if bodies else f"Due: {one.what}"


def workstream_dates(session: Session, whose: Subscriber) -> list[CalendarEntry]:
    """The dates of every workstream that is open; a month or season stands on its first day."""
    found = session.execute(
        select(WorkstreamDate, Workstream.name)
        .join(Workstream, Workstream.id == WorkstreamDate.workstream_id)
        .where(Workstream.closed_on.is_(None), WorkstreamDate.falls_on >= whose.on - LOOK_BACK)
        .order_by(WorkstreamDate.falls_on, WorkstreamDate.id)
    ).all()
    changed = _changes(session, "workstream_date", [one.id for one, _ in found])
    return [
        CalendarEntry(
            uid=whose.uid("workstream-date", one.id),
            summary=f"{one.what} ({date_words(one)})",
            description=f"{name}\nSource: {one.source}" if one.source else name,
            starts=one.falls_on,
            changed_at=changed.get(one.id, BEGINNING),
            url=f"{whose.base_url}/workstreams/{one.workstream_id}",
        )
        for one, name in found
    ]


def milestones(session: Session, whose: Subscriber) -> list[CalendarEntry]:
    """Each on the first day it may be due; one that was cancelled is said to be off."""
    found = session.scalars(
        select(Milestone)
        .where(Milestone.due_on >= whose.on - LOOK_BACK)
        .order_by(Milestone.due_on, Milestone.id)
    ).all()
    changed = _changes(session, "milestone", [one.id for one in found])
    return [
        CalendarEntry(
            uid=whose.uid("milestone", one.id),
            summary=_off(
                _due_words(one), one.cancelled_on is not None, one.happened_on is not None
            ),
            description="\n".join(line for line in (one.basis, _binds(one)) if line),
            starts=one.due_on,
            changed_at=changed.get(one.id, BEGINNING),
            url=f"{whose.base_url}/milestones/{one.id}",
            is_cancelled=one.cancelled_on is not None,
        )
        for one in found
    ]


# A further kind of date in people's calendars is one function more.
SOURCES: tuple[Callable[[Session, Subscriber], list[CalendarEntry]], ...] = (
    meetings,
    follow_ups,
    workstream_dates,
    milestones,
)


def _off(words: str, is_off: bool, is_over: bool = False) -> str:
    """In words, too: many programs show what is cancelled like anything else."""
    if is_off:
        return f"Cancelled: {words}"
    return f"Happened: {words}" if is_over else words


def _due_words(milestone: Milestone) -> str:
    if milestone.precision is Precision.DAY:
        return milestone.title
    return f"{milestone.title} ({day_words(milestone.due_on, milestone.precision)})"


def _binds(milestone: Milestone) -> str:
    return f"Binds: {milestone.binds}" if milestone.binds else ""


def _read(session: Session, *wanted: ColumnElement[bool]) -> Sequence[Interaction]:
    return session.scalars(
        select(Interaction)
        .where(*wanted)
        .options(joinedload(Interaction.author), defer(Interaction.body), defer(Interaction.agenda))
        .order_by(Interaction.happened_on, Interaction.id)
    ).all()


def _mine(user: User) -> ColumnElement[bool]:
    there = select(InteractionUser.interaction_id).where(InteractionUser.user_id == user.id)
    return or_(Interaction.author_id == user.id, Interaction.id.in_(there))


def _as_entries(
    session: Session, found: Sequence[Interaction], whose: Subscriber
) -> list[CalendarEntry]:
    ids = [one.id for one in found]
    bodies = _bodies(session, ids)
    changed = _changes(session, "interaction", ids)
    return [
        _entry(one, bodies.get(one.id, []), changed.get(one.id, one.written_at), whose)
        for one in found
    ]


def _entry(
    one: Interaction, bodies: list[Organisation], changed_at: datetime, whose: Subscriber
) -> CalendarEntry:
    url = f"{whose.base_url}/interactions/{one.id}"
    is_off = one.state is InteractionState.CANCELLED
    words = [f"With {', '.join(body.short_name for body in bodies)}"] if bodies else []
    if one.link:
        words.append(f"Join: {one.link}")
    return CalendarEntry(
        uid=whose.uid("interaction", one.id),
        summary=_off(title_of(one, bodies), is_off),
        starts=one.starts_at or one.happened_on,
        ends=one.ends_at,
        changed_at=changed_at,
        sequence=one.version - 1,
        place=one.place or one.link,
        description="\n".join([*words, f"In Liaise: {url}"]),
        url=url,
        is_cancelled=is_off,
        is_private=one.visible_to is not Visibility.GROUP,
    )


def _bodies(session: Session, ids: Sequence[int]) -> dict[int, list[Organisation]]:
    found: dict[int, list[Organisation]] = {}
    for interaction_id, body in session.execute(
        select(InteractionOrganisation.interaction_id, Organisation)
        .join(Organisation, Organisation.id == InteractionOrganisation.organisation_id)
        .where(InteractionOrganisation.interaction_id.in_(ids))
        .order_by(alphabetical(Organisation.name))
    ):
        found.setdefault(interaction_id, []).append(body)
    return found


def _changes(session: Session, kind: str, ids: Sequence[int]) -> dict[int, datetime]:
    """When each record last changed, as its history says."""
    if not ids:
        return {}
    rows = session.execute(
        select(AuditSubject.record_id, func.max(AuditEvent.at))
        .join(AuditEvent, AuditEvent.id == AuditSubject.event_id)
        .where(AuditSubject.kind == kind, AuditSubject.record_id.in_(ids))
        .group_by(AuditSubject.record_id)
    )
    return {record_id: at for record_id, at in rows}


def _ours(session: Session, interaction_id: int) -> Sequence[User]:
    return session.scalars(
        select(User)
        .join(InteractionUser, InteractionUser.user_id == User.id)
        .where(InteractionUser.interaction_id == interaction_id)
        .order_by(alphabetical(User.name), User.id)
    ).all()


def _theirs(session: Session, interaction_id: int) -> tuple[list[CalendarAttendee], list[str]]:
    """Those with an address that works, and the names of the others; whoever objected to contact
    is named without an address."""
    people = session.scalars(
        select(Person)
        .join(InteractionPerson, InteractionPerson.person_id == Person.id)
        .where(InteractionPerson.interaction_id == interaction_id)
        .order_by(alphabetical(Person.family_name), Person.id)
    ).all()
    emails = emails_of(session, [person.id for person in people])
    reached, others = [], []
    for person in people:
        usable = [e.address for e in emails.get(person.id, []) if e.failed_on is None]
        if usable and person.objected_on is None:
            reached.append(CalendarAttendee(person.name, usable[0]))
        else:
            others.append(person.name)
    return reached, others
