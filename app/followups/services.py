"""Writing down what somebody owes, and what becomes of it.

Whatever settles or reopens a follow-up that stands for a promise must settle or reopen the promise
too: pages and jobs call `app.interactions.outcomes.promises`, which calls this.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.visibility import Confidential, Visibility
from app.core.clock import LONDON
from app.core.errors import DomainError, NoReason
from app.directory.models import Organisation, Person
from app.followups.models import FollowUp, FollowUpState, Priority, Repeats
from app.followups.notifying import tell_given
from app.followups.rules import next_due

LONGEST_WHAT = 500
FURTHEST = timedelta(days=3653)


class NothingToDo(DomainError):
    """A follow-up says what is to be done."""


class NobodyToDoIt(DomainError):
    """Its owner must be able to sign in and to read it."""


class NoSuchDay(DomainError):
    """A day no plan reaches, or a rest that ends before it begins."""


class Settled(DomainError):
    """What is done or dropped is reopened before it changes."""


@dataclass(frozen=True)
class Readers:
    """Who may read a follow-up: those who may read what it was made from."""

    visible_to: Visibility = Visibility.GROUP
    member_organisation_id: int | None = None
    author_id: int | None = None  # of an entry kept to its author; whoever adds it otherwise

    @classmethod
    def of(cls, source: Confidential) -> "Readers":
        return cls(source.visible_to, source.member_organisation_id, source.author_id)


EVERYBODY = Readers()


@dataclass(frozen=True)
class FollowUpDetails:
    """What a follow-up says; the same for adding one and for changing one."""

    what: str
    owner: User
    due_on: date
    details: str = ""
    priority: Priority = Priority.NORMAL
    waiting_on_them: bool = False
    organisation: Organisation | None = None
    person: Person | None = None
    repeats: Repeats = Repeats.NEVER


def add(
    session: Session,
    wanted: FollowUpDetails,
    *,
    by: User,
    at: datetime,
    on: date,
    about: tuple[str, int] | None = None,
    readers: Readers = EVERYBODY,
    form_token: str | None = None,
) -> FollowUp:
    """Write a follow-up down. `about` is the record it is about, such as ("interaction", 12).

    The same form sent twice (a double click) writes one, and both get it back.
    """
    if form_token and (written := _written_by(session, form_token)):
        return written
    follow_up = FollowUp(
        record_kind=about[0] if about else "",
        record_id=about[1] if about else None,
        created_at=at,
        visible_to=readers.visible_to,
        member_organisation_id=readers.member_organisation_id,
        author_id=readers.author_id or by.id,
        form_token=form_token,
    )
    _say(follow_up, wanted, on)
    session.add(follow_up)
    session.flush()
    tell_given(session, follow_up, wanted.owner, by=by, at=at)
    return follow_up


def change(
    session: Session,
    follow_up: FollowUp,
    wanted: FollowUpDetails,
    *,
    by: User,
    at: datetime,
    on: date,
) -> None:
    """Correct what it says. Another day begins its series anew."""
    refuse_settled(follow_up)
    is_given = follow_up.owner_id != wanted.owner.id
    _say(follow_up, wanted, on)
    session.flush()
    if is_given:
        tell_given(session, follow_up, wanted.owner, by=by, at=at)


def reassign(follow_up: FollowUp, owner: User) -> None:
    refuse_settled(follow_up)
    _refuse_owner(follow_up, owner)
    follow_up.owner_id = owner.id


def move(follow_up: FollowUp, due_on: date, *, on: date) -> None:
    """Give it another day, this once: a series keeps to its own days."""
    refuse_settled(follow_up)
    refuse_far_day(due_on, on)
    follow_up.due_on = due_on


def snooze(follow_up: FollowUp, *, until: date, reason: str, on: date) -> None:
    """Put it out of sight until a day. Its date stays what it was."""
    refuse_settled(follow_up)
    if until <= on:
        raise NoSuchDay("Choose a day after today for it to come back.")
    refuse_far_day(until, on)
    if not reason.strip():
        raise NoReason("Say why it can wait, in a few words.")
    follow_up.asleep_until, follow_up.reason = until, reason.strip()


def wake(follow_up: FollowUp) -> None:
    follow_up.asleep_until, follow_up.reason = None, ""


def finish(session: Session, follow_up: FollowUp, *, by: User, at: datetime, on: date) -> None:
    """Done. One that repeats leaves the next of its series behind. Once done it stays so."""
    if follow_up.state is FollowUpState.DONE:
        return
    refuse_settled(follow_up)
    wake(follow_up)
    follow_up.state = FollowUpState.DONE
    follow_up.done_at, follow_up.done_by_id = at, by.id
    session.flush()
    _add_next(session, follow_up, at, on)


def drop(session: Session, follow_up: FollowUp, *, reason: str) -> None:
    """It will not be done; nor will the rest of its series."""
    refuse_settled(follow_up)
    if not reason.strip():
        raise NoReason("Say why it is dropped, in a few words.")
    follow_up.state = FollowUpState.DROPPED
    follow_up.asleep_until, follow_up.reason = None, reason.strip()
    session.flush()


def reopen(session: Session, follow_up: FollowUp) -> None:
    """It was not done after all. The next of its series goes, unless it was worked on since."""
    if follow_up.state is FollowUpState.OPEN:
        return
    successor = _next_of(session, follow_up)
    if successor and _is_as_made(follow_up, successor):
        session.delete(successor)
    elif successor:
        follow_up.repeats, follow_up.repeat_from = Repeats.NEVER, None
    follow_up.state, follow_up.reason = FollowUpState.OPEN, ""
    follow_up.done_at = follow_up.done_by_id = None
    session.flush()


def refuse_settled(follow_up: FollowUp) -> None:
    if follow_up.state is not FollowUpState.OPEN:
        raise Settled(f"This follow-up is {follow_up.state.value}. Reopen it to change it.")


def refuse_far_day(day: date, on: date) -> None:
    if abs(day - on) > FURTHEST:
        raise NoSuchDay("Give a day within ten years of today.")


def _say(follow_up: FollowUp, wanted: FollowUpDetails, on: date) -> None:
    _refuse_nonsense(wanted, on)
    _refuse_owner(follow_up, wanted.owner)
    begins_anew = (follow_up.repeats, follow_up.due_on) != (wanted.repeats, wanted.due_on)
    if wanted.repeats is Repeats.NEVER:
        follow_up.repeat_from = None
    elif begins_anew or follow_up.repeat_from is None:
        follow_up.repeat_from = wanted.due_on
    follow_up.what = " ".join(wanted.what.split())
    follow_up.details = wanted.details.strip()
    follow_up.owner_id = wanted.owner.id
    follow_up.due_on = wanted.due_on
    follow_up.priority = wanted.priority
    follow_up.waiting_on_them = wanted.waiting_on_them
    follow_up.organisation_id = wanted.organisation.id if wanted.organisation else None
    follow_up.person_id = wanted.person.id if wanted.person else None
    follow_up.repeats = wanted.repeats


def _refuse_nonsense(wanted: FollowUpDetails, on: date) -> None:
    if not wanted.what.strip():
        raise NothingToDo("Say what is to be done, in a line.")
    if len(wanted.what) > LONGEST_WHAT:
        raise NothingToDo(
            f"Keep this to {LONGEST_WHAT} characters; the rest can go under the details."
        )
    refuse_far_day(wanted.due_on, on)


def _refuse_owner(follow_up: FollowUp, owner: User) -> None:
    if not owner.is_active:
        raise NobodyToDoIt(f"{owner.name} no longer uses Liaise. Choose another owner.")
    if not follow_up.may_be_read_by(owner):
        raise NobodyToDoIt(
            f"{owner.name} may not read what this was made from. Choose somebody who may."
        )


def _written_by(session: Session, form_token: str) -> FollowUp | None:
    return session.scalar(select(FollowUp).where(FollowUp.form_token == form_token))


def _next_of(session: Session, follow_up: FollowUp) -> FollowUp | None:
    return session.scalar(select(FollowUp).where(FollowUp.repeat_of_id == follow_up.id))


CARRIED_ON = (
    *("what", "details", "owner_id", "priority", "waiting_on_them", "organisation_id", "person_id"),
    *("record_kind", "record_id", "repeats", "repeat_from"),
    *("visible_to", "member_organisation_id", "author_id"),
)


def _add_next(session: Session, follow_up: FollowUp, at: datetime, on: date) -> None:
    due_on = _next_day(follow_up, on)
    if due_on is None or _next_of(session, follow_up):
        return
    carried = {field: getattr(follow_up, field) for field in CARRIED_ON}
    session.add(FollowUp(**carried, due_on=due_on, created_at=at, repeat_of_id=follow_up.id))
    session.flush()


def _next_day(follow_up: FollowUp, on: date) -> date | None:
    first = follow_up.repeat_from or follow_up.due_on
    return next_due(follow_up.repeats, first, follow_up.due_on, on)


def _is_as_made(follow_up: FollowUp, successor: FollowUp) -> bool:
    """Whether nobody has touched the next of a series since it was made."""
    done_on = follow_up.done_at.astimezone(LONDON).date() if follow_up.done_at else date.min
    return (
        successor.state is FollowUpState.OPEN
        and successor.asleep_until is None
        and successor.due_on == _next_day(follow_up, done_on)
        and all(getattr(successor, field) == getattr(follow_up, field) for field in CARRIED_ON)
    )
