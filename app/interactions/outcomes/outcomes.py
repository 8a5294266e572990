"""What came out of a meeting, or was promised without one: writing it down and settling it.

A promise of ours, and a thing to follow up, become a follow-up with an owner and a day. A promise
of theirs becomes one on which we wait, owned by whoever of us asks after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import User
from app.core.errors import DomainError
from app.directory.models import Organisation, Person
from app.followups import services as followups
from app.followups.models import FollowUp, FollowUpState, Priority, Repeats
from app.followups.services import FollowUpDetails, Readers
from app.interactions import queries
from app.interactions.models import Interaction, Outcome, OutcomeKind, PointState, PromisedBy

LONGEST_TEXT = 2_000
OWNED = (OutcomeKind.COMMITMENT, OutcomeKind.FOLLOW_UP)
SETTLED = (PointState.KEPT, PointState.BROKEN, PointState.WITHDRAWN)


class NothingSaid(DomainError):
    """A point says something."""


class NobodyPromised(DomainError):
    """A commitment says who made it; one without a meeting, also to or by which body."""


class NoOwner(DomainError):
    """Whatever is to happen has one of our people and a day."""


class NotKept(DomainError):
    """What is settled says how."""


class KeptFromOthers(DomainError):
    """An entry cannot be hidden from people who work on what came out of it."""


@dataclass(frozen=True)
class OutcomeDetails:
    """What a point says; the same for writing one down and for changing one."""

    kind: OutcomeKind
    text: str
    promised_by: PromisedBy | None = None
    # Whose promise it is, or to whom we made ours; none: every body of its entry.
    organisation: Organisation | None = None
    person: Person | None = None
    owner: User | None = None  # of ours: does it, or asks after it
    due_on: date | None = None
    priority: Priority = Priority.NORMAL


def add(
    session: Session,
    said: OutcomeDetails,
    *,
    interaction: Interaction | None = None,
    made_on: date | None = None,
    by: User,
    at: datetime,
    on: date,
    form_token: str | None = None,
) -> Outcome:
    """Write a point down, with its follow-up where it has one.

    It is read by those who may read the entry it came from, and about all of its bodies unless it
    names one. The same form sent twice (a double click) writes one, and both get it back.
    """
    if form_token and (written := _written_by(session, form_token)):
        return written
    _refuse_nonsense(said, alone=interaction is None)
    if interaction and said.organisation is None:
        bodies = queries.organisations_of(session, interaction.id)
        said = replace(said, organisation=bodies[0] if len(bodies) == 1 else None)
    day = _made_on(interaction, made_on, on)
    readers = Readers.of(interaction) if interaction else Readers()
    point = Outcome(
        interaction_id=interaction.id if interaction else None,
        made_on=day,
        written_at=at,
        visible_to=readers.visible_to,
        member_organisation_id=readers.member_organisation_id,
        author_id=by.id,
        form_token=form_token,
    )
    _say(point, said)
    if said.kind is OutcomeKind.DECISION:
        point.state, point.settled_on = PointState.KEPT, day
    wanted = _follow_up_of(said)
    if wanted:
        about = ("interaction", interaction.id) if interaction else None
        follow_up = followups.add(
            session, wanted, by=by, at=at, on=on, about=about, readers=Readers.of(point)
        )
        point.follow_up_id = follow_up.id
    session.add(point)
    session.flush()
    return point


def change(
    session: Session, point: Outcome, said: OutcomeDetails, *, by: User, at: datetime, on: date
) -> None:
    """Correct what a point says. Its kind stays; what its follow-up says changes with it."""
    if point.state is not PointState.OPEN and point.kind is not OutcomeKind.DECISION:
        raise followups.Settled(f"This is {point.state.value}. Reopen it to change it.")
    if said.kind is not point.kind:
        raise NothingSaid("Its kind cannot be changed. Add one of the other kind.")
    _refuse_nonsense(said, alone=point.interaction_id is None)
    _say(point, said)
    wanted = _follow_up_of(said)
    follow_up = follow_up_of(session, point)
    if wanted and follow_up:
        followups.change(session, follow_up, wanted, by=by, at=at, on=on)
    elif wanted:
        about = ("interaction", point.interaction_id) if point.interaction_id else None
        made = followups.add(
            session, wanted, by=by, at=at, on=on, about=about, readers=Readers.of(point)
        )
        point.follow_up_id = made.id
    elif follow_up:
        raise NoOwner("Keep its owner and its day: it is on somebody’s list.")
    session.flush()


def settle(
    session: Session,
    point: Outcome,
    state: PointState,
    *,
    evidence: str = "",
    link: str = "",
    by: User,
    at: datetime,
    on: date,
    settled_on: date | None = None,
) -> None:
    """Say what became of it, and how we know; its follow-up is done or dropped with it."""
    if state is PointState.OPEN or (settled_on and not point.made_on <= settled_on <= on):
        raise NotKept("Say what became of it, and on which day up to today.")
    if state is PointState.BROKEN and not evidence.strip():
        raise NotKept("Say how we know it was not kept, in a few words.")
    follow_up = follow_up_of(session, point)
    if follow_up and follow_up.state is FollowUpState.OPEN:
        if state is PointState.KEPT:
            followups.finish(session, follow_up, by=by, at=at, on=on)
        else:
            reason = evidence.strip() or f"The promise was {state.value}"
            followups.drop(session, follow_up, reason=reason[: followups.LONGEST_WHAT])
    point.state, point.settled_on = state, settled_on or on
    point.evidence, point.evidence_link = evidence.strip(), link.strip()
    session.flush()


def reopen(session: Session, point: Outcome) -> None:
    """It is not settled after all. What was said as evidence stays in its history."""
    if point.kind is OutcomeKind.DECISION:
        raise NotKept("A decision cannot be reopened. Add the new one.")
    follow_up = follow_up_of(session, point)
    if follow_up:
        followups.reopen(session, follow_up)
    point.state, point.settled_on = PointState.OPEN, None
    point.evidence = point.evidence_link = ""
    session.flush()


def follow_up_of(session: Session, point: Outcome) -> FollowUp | None:
    return session.get(FollowUp, point.follow_up_id) if point.follow_up_id else None


def point_of(session: Session, follow_up: FollowUp) -> Outcome | None:
    """What is settled when this follow-up is."""
    return session.scalar(select(Outcome).where(Outcome.follow_up_id == follow_up.id))


def follow_visibility(session: Session, interaction: Interaction) -> None:
    """After an entry's readers changed: what came out of it is read by the same people.

    Refuses to hide an entry from somebody who wrote down, or owns, what came out of it.
    """
    points = session.scalars(
        select(Outcome)
        .where(Outcome.interaction_id == interaction.id)
        .options(
            joinedload(Outcome.author), joinedload(Outcome.follow_up).joinedload(FollowUp.owner)
        )
    ).all()
    for point in points:
        if not interaction.may_be_read_by(point.author):
            raise KeptFromOthers(
                f"{point.author.name} wrote down “{_short(point.text)}” here and could no longer "
                "read it. Leave this entry open to them."
            )
        point.visible_to = interaction.visible_to
        point.member_organisation_id = interaction.member_organisation_id
    _follow_ups_follow(session, interaction)
    session.flush()


def _follow_ups_follow(session: Session, interaction: Interaction) -> None:
    """Also those that stand for no point, and the coming ones of a series."""
    rows: Sequence[FollowUp] = session.scalars(
        select(FollowUp)
        .where(FollowUp.record_kind == "interaction", FollowUp.record_id == interaction.id)
        .options(joinedload(FollowUp.owner), joinedload(FollowUp.author))
    ).all()
    for row in rows:
        is_open = row.state is FollowUpState.OPEN
        for person in {row.author, row.owner} if is_open else {row.author}:
            if not interaction.may_be_read_by(person):
                raise KeptFromOthers(
                    f"“{_short(row.what)}” is {person.name}’s follow-up, who could no longer "
                    "read it. Give it to somebody who may, or leave this entry open to them."
                )
        row.visible_to = interaction.visible_to
        row.member_organisation_id = interaction.member_organisation_id


def _made_on(interaction: Interaction | None, made_on: date | None, on: date) -> date:
    day = made_on or (interaction.happened_on if interaction else on)
    if made_on and made_on > on:
        raise NothingSaid("Give today’s date or an earlier one: a promise has been made already.")
    return min(day, on)  # noted in a meeting that is still to come: it was said today


def _refuse_nonsense(said: OutcomeDetails, *, alone: bool) -> None:
    if not said.text.strip():
        raise NothingSaid("Say it in a line or two.")
    if len(said.text) > LONGEST_TEXT:
        raise NothingSaid(f"Keep this to {LONGEST_TEXT:,} characters.")
    if alone and said.kind is not OutcomeKind.COMMITMENT:
        raise NothingSaid("Without a meeting only a promise can be added here.")
    if said.kind is OutcomeKind.COMMITMENT:
        if said.promised_by is None:
            raise NobodyPromised("Say who promised: us or them.")
        if said.organisation is None and alone:
            raise NobodyPromised(
                "Choose the organisation that promised."
                if said.promised_by is PromisedBy.THEM
                else "Choose the organisation we promised this to."
            )
    if said.kind in OWNED and (said.owner is None or said.due_on is None):
        raise NoOwner(
            "Choose who of us asks about it, and by when they promised it."
            if said.promised_by is PromisedBy.THEM
            else "Choose who of us does it, and by when."
        )
    if (said.owner is None) != (said.due_on is None):
        raise NoOwner("Give both an owner and a day, or neither.")


def _say(point: Outcome, said: OutcomeDetails) -> None:
    is_promise = said.kind is OutcomeKind.COMMITMENT
    point.kind = said.kind
    point.text = " ".join(said.text.split())
    point.promised_by = said.promised_by if is_promise else None
    point.organisation_id = said.organisation.id if said.organisation else None
    point.person_id = said.person.id if said.person else None
    point.due_on = said.due_on
    point.priority = said.priority


def _follow_up_of(said: OutcomeDetails) -> FollowUpDetails | None:
    if said.owner is None or said.due_on is None or said.kind is OutcomeKind.DECISION:
        return None
    text = " ".join(said.text.split())
    return FollowUpDetails(
        what=_short(text, followups.LONGEST_WHAT),
        details=text if len(text) > followups.LONGEST_WHAT else "",
        owner=said.owner,
        due_on=said.due_on,
        priority=said.priority,
        waiting_on_them=said.promised_by is PromisedBy.THEM,
        organisation=said.organisation,
        person=said.person,
        repeats=Repeats.NEVER,
    )


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _written_by(session: Session, form_token: str) -> Outcome | None:
    return session.scalar(select(Outcome).where(Outcome.form_token == form_token))
