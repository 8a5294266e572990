"""Posts that should exist, who is appointed to them, and what was seen where nobody is named."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import User
from app.core.errors import DomainError
from app.core.web.filters import on_day
from app.directory.models import (
    Appointment,
    Organisation,
    OrganisationKind,
    Person,
    Post,
    PostObservation,
    PostState,
    PostType,
)

WITHOUT_NAME = (PostState.VACANT, PostState.NOT_PUBLISHED, PostState.UNKNOWN)
A_DAY = timedelta(days=1)


class AlreadyHeld(DomainError):
    """The person has this post, or somebody has it in a way that leaves no room."""


class BadDates(DomainError):
    """Days that cannot be true together."""


def make_due_posts(
    session: Session, *, on: date, organisations: Collection[Organisation] | None = None
) -> int:
    """Make the seats that should exist at every body of `on`, held or not; how many are new."""
    wanted = organisations
    if wanted is None:
        wanted = session.scalars(
            select(Organisation).where(Organisation.where_exists_on(on)).order_by(Organisation.id)
        ).all()
    rows = session.execute(select(Post.organisation_id, Post.post_type_id))
    have = {(organisation_id, post_type_id) for organisation_id, post_type_id in rows}
    due = [
        Post(organisation_id=organisation.id, post_type_id=post_type.id)
        for post_type in session.scalars(select(PostType).order_by(PostType.position, PostType.id))
        for organisation in wanted
        if organisation.kind.value in post_type.organisation_kinds
        and (organisation.id, post_type.id) not in have
    ]
    session.add_all(due)
    session.flush()
    return len(due)


def post_at(session: Session, *, organisation: Organisation, post_type: PostType) -> Post:
    """The seat at a body; made if the body does not have one of this kind yet."""
    post = session.scalar(
        select(Post)
        .where(Post.organisation_id == organisation.id, Post.post_type_id == post_type.id)
        .options(joinedload(Post.organisation), joinedload(Post.post_type))
    )
    if post is None:
        post = Post(organisation=organisation, post_type=post_type)
        session.add(post)
        session.flush()
    return post


def appoint(
    session: Session,
    *,
    post: Post,
    person: Person,
    by: User | None,
    on: date,
    started_on: date | None = None,
    ended_on: date | None = None,
    is_acting: bool = False,
    job_title: str = "",
    source: str = "",
    checked_on: date | None = None,
    shared: bool = False,
) -> Appointment:
    """Record who holds a post. Whoever held it until then leaves the day before, unless shared.

    Without a first day, all we know is that they were there when somebody looked, and the one
    before is taken to have left the day before that.
    """
    _check_days(post.organisation, started_on, ended_on, checked_on, on)
    others = _overlapping(session, post, started_on, ended_on)
    if mine := next((other for other in others if other.person_id == person.id), None):
        raise AlreadyHeld(f"{person.name} already holds this post{_since(mine.started_on)}.")
    if not shared:
        for other in others:
            _make_room(other, started_on or checked_on or on, ended_on)
    appointment = Appointment(
        post_id=post.id,
        person_id=person.id,
        started_on=started_on,
        ended_on=ended_on,
        known_since=checked_on or on,
        is_acting=is_acting,
        job_title=job_title.strip(),
        source=source.strip(),
        checked_on=checked_on,
        checked_by_id=by.id if by and checked_on else None,
    )
    session.add(appointment)
    session.flush()
    return appointment


def correct_appointment(
    session: Session,
    *,
    appointment: Appointment,
    on: date,
    started_on: date | None,
    ended_on: date | None,
    is_acting: bool,
    job_title: str,
    source: str,
) -> Appointment:
    """Put right what was recorded wrongly. A change of holder is an end and an appointment."""
    _check_days(appointment.post.organisation, started_on, ended_on, None, on)
    appointment.started_on, appointment.ended_on = started_on, ended_on
    appointment.is_acting = is_acting
    appointment.job_title, appointment.source = job_title.strip(), source.strip()
    session.flush()
    return appointment


def end_appointment(
    session: Session,
    *,
    appointment: Appointment,
    ended_on: date,
    by: User,
    on: date,
    state: PostState | None = None,
    source: str = "",
) -> Appointment:
    """Record somebody's last day, and what is known of the post after it."""
    if appointment.started_on and ended_on < appointment.started_on:
        raise BadDates(
            f"The last day cannot be before the first, {on_day(appointment.started_on)}."
        )
    if appointment.ended_on and appointment.ended_on < ended_on:
        raise BadDates(f"This appointment has already ended, on {on_day(appointment.ended_on)}.")
    appointment.ended_on = ended_on
    session.flush()
    if state is not None:
        record_state(
            session,
            post=appointment.post,
            state=state,
            # A post whose holder leaves in the future is known today to be vacant from then.
            observed_on=ended_on + A_DAY,
            source=source,
            by=by,
            on=max(on, ended_on + A_DAY),
        )
    return appointment


def confirm(
    session: Session,
    *,
    appointment: Appointment,
    checked_on: date,
    by: User,
    on: date,
    source: str = "",
) -> Appointment:
    """Somebody looked again and it still holds. An empty source leaves the one there was."""
    if checked_on > on:
        raise BadDates("The day it was checked cannot be in the future.")
    if appointment.checked_on and checked_on < appointment.checked_on:
        raise BadDates(f"It was checked later than that, on {on_day(appointment.checked_on)}.")
    appointment.known_since = appointment.known_since or checked_on
    appointment.checked_on, appointment.checked_by_id = checked_on, by.id
    appointment.source = source.strip() or appointment.source
    session.flush()
    return appointment


def record_state(
    session: Session,
    *,
    post: Post,
    state: PostState,
    observed_on: date,
    by: User | None,
    on: date,
    source: str = "",
    note: str = "",
) -> PostObservation:
    """Record that a post is vacant, not published, or that its holder is not known."""
    if state not in WITHOUT_NAME:
        raise DomainError("To say that a post is held, say who holds it.")
    if observed_on > on:
        raise BadDates("The day this was seen cannot be in the future.")
    holder = session.scalar(
        select(Appointment)
        .where(Appointment.post_id == post.id, Appointment.where_held_on(observed_on))
        .options(joinedload(Appointment.person))
    )
    if holder:
        raise AlreadyHeld(
            f"{holder.person.name} holds this post on {on_day(observed_on)}. End that appointment "
            f"first; then the post can be recorded as {state.value}."
        )
    observation = PostObservation(
        post_id=post.id,
        state=state,
        observed_on=observed_on,
        source=source.strip(),
        note=note.strip(),
        observed_by_id=by.id if by else None,
    )
    session.add(observation)
    session.flush()
    return observation


def add_post_type(
    session: Session,
    *,
    code: str,
    name: str,
    addressed_as: str,
    organisation_kinds: Sequence[OrganisationKind],
    duty: str,
    source: str,
    position: int,
    on: date,
) -> PostType:
    """A new kind of seat, which every body of these kinds has from now on."""
    code = code.strip().lower()
    if session.scalar(select(PostType).where(PostType.code == code)):
        raise DomainError(f"There is already a post type with the code “{code}”. Choose another.")
    post_type = PostType(code=code)
    session.add(post_type)
    return edit_post_type(
        session,
        post_type=post_type,
        name=name,
        addressed_as=addressed_as,
        organisation_kinds=organisation_kinds,
        duty=duty,
        source=source,
        position=position,
        on=on,
    )


def edit_post_type(
    session: Session,
    *,
    post_type: PostType,
    name: str,
    addressed_as: str,
    organisation_kinds: Sequence[OrganisationKind],
    duty: str,
    source: str,
    position: int,
    on: date,
) -> PostType:
    """Posts that exist already stay, with their history, when a kind of body is taken away."""
    if not organisation_kinds:
        raise DomainError("Choose at least one kind of body that should have this post.")
    post_type.name, post_type.addressed_as = name.strip(), addressed_as.strip()
    post_type.organisation_kinds = [kind.value for kind in organisation_kinds]
    post_type.duty, post_type.source, post_type.position = duty.strip(), source.strip(), position
    session.flush()
    make_due_posts(session, on=on)
    return post_type


def _check_days(
    body: Organisation,
    started_on: date | None,
    ended_on: date | None,
    checked_on: date | None,
    on: date,
) -> None:
    if started_on and ended_on and ended_on < started_on:
        raise BadDates("The last day cannot be before the first.")
    if checked_on and checked_on > on:
        raise BadDates("The day it was checked cannot be in the future.")
    if body.dissolved_on and (ended_on or date.max) >= body.dissolved_on:
        raise BadDates(
            f"{body.name} ended: its last day was {on_day(body.dissolved_on - A_DAY)}. "
            "Give a last day no later than that, or appoint at its successor."
        )
    if body.established_on and started_on and started_on < body.established_on:
        raise BadDates(
            f"{body.name} began on {on_day(body.established_on)}. Nobody can have held a post "
            "there before; leave the first day empty if it is not known."
        )


def _overlapping(
    session: Session, post: Post, started_on: date | None, ended_on: date | None
) -> Sequence[Appointment]:
    """Who else holds the post on some day of the span. Two unknown first days are no overlap
    with somebody who left before."""
    found = session.scalars(
        select(Appointment)
        .where(Appointment.post_id == post.id)
        .options(joinedload(Appointment.person))
        .order_by(Appointment.id)
    )
    return [
        other
        for other in found
        if (other.ended_on is None or (started_on is not None and other.ended_on >= started_on))
        and (ended_on is None or other.started_on is None or other.started_on <= ended_on)
    ]


def _make_room(other: Appointment, first_day: date, last_day: date | None) -> None:
    """End the one before the day before; refuse where that would not be the truth."""
    goes_on = last_day is not None and (other.ended_on is None or other.ended_on > last_day)
    if goes_on or (other.started_on and other.started_on >= first_day):
        raise AlreadyHeld(
            f"{other.person.name} holds this post{_since(other.started_on)}. Tick “shared” if "
            "both hold it, or put the days right first."
        )
    other.ended_on = first_day - A_DAY


def _since(day: date | None) -> str:
    return f" from {on_day(day)}" if day else ""
