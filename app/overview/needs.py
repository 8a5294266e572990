"""What needs this user now: each with what to do about it, the most pressing first."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.core.filters import plural
from app.core.statements import AnySelect, a_day
from app.followups.models import FollowUp
from app.followups.queries import pressing
from app.interactions import drafts
from app.interactions.unsaved import said_when
from app.letters.caught import counts
from app.letters.drafting import is_author
from app.letters.models import Letter, LetterAnswer, LetterState, Mailing, MailingState
from app.overview.engagement import Step
from app.overview.standing import UNCHECKED_AFTER, Standing, is_stale

MOST_FOLLOW_UPS = 8  # the list behind the menu has them all
NO_REPLY_AFTER = timedelta(days=14)
NO_REPLY_BEFORE = timedelta(days=120)


class Urgency(enum.IntEnum):
    NOW = 0
    SOON = 1
    SOME_TIME = 2

    @property
    def pill(self) -> str:
        return {Urgency.NOW: "bad", Urgency.SOON: "warn"}.get(self, "none")


@dataclass(frozen=True)
class Need:
    """One line of "Needs you": a word for the pill, what it is, and where to act on it."""

    urgency: Urgency
    pill: str
    words: str
    act: str
    endpoint: str
    values: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    tick: FollowUp | None = None  # one that is ticked off on the spot


def needs_of(
    session: Session, user: User, rows: Sequence[Standing], *, on: date, at: datetime
) -> list[Need]:
    """Five statements; the rest is read off the standings the page has already."""
    found = [
        *_from_drafts(session, user, on),
        *_from_follow_ups(session, user, on),
        *_from_mailings(session, user, at),
        *_from_letters(session, user),
    ]
    if user.may(Permission.COORDINATE, Permission.LOG):
        found += [*_from_systems(user, rows, on)]
    if user.may(Permission.COORDINATE):
        found += _without_reply(session, on)
    return sorted(found, key=lambda need: need.urgency)


def _from_drafts(session: Session, user: User, on: date) -> Iterable[Need]:
    """What this user typed and has not saved: one line, for however many entries."""
    waiting = drafts.waiting(session, by=user)
    if not waiting:
        return
    latest = waiting[0]
    length = plural(len(latest.body.split()), "word")
    more = f", and {len(waiting) - 1} more" if len(waiting) > 1 else ""
    yield Need(
        Urgency.SOON,
        "Not saved",
        "You have unsaved notes",
        "Keep or discard",
        "interactions.unsaved",
        {},
        f"{length}, last typed {said_when(latest.saved_at, on)}{more}",
    )


def _from_follow_ups(session: Session, user: User, on: date) -> Iterable[Need]:
    """What this user promised, or waits for, that is due."""
    for one in pressing(session, user, on, MOST_FOLLOW_UPS):
        late = (on - one.due_on).days
        about = f"About {one.organisation.short_name}" if one.organisation else ""
        yield Need(
            Urgency.NOW if late else Urgency.SOON,
            f"Overdue {late} day{'' if late == 1 else 's'}" if late else "Due today",
            one.what,
            "",
            "promises.follow_up",
            {"follow_up_id": one.id},
            "; ".join(part for part in (about, "waiting on them" * one.waiting_on_them) if part),
            one,
        )


def _from_mailings(session: Session, user: User, at: datetime) -> Iterable[Need]:
    for mailing in session.scalars(_waiting()):
        need = _of_mailing(mailing, user, at)
        if need:
            yield need


def _of_mailing(mailing: Mailing, user: User, at: datetime) -> Need | None:
    if mailing.state is MailingState.AWAITING_APPROVAL:
        return _to_approve(mailing, user)
    if user.id == mailing.created_by_id or user.may(Permission.COORDINATE, Permission.APPROVE):
        return _to_watch(mailing, at)
    return None


def _to_approve(mailing: Mailing, user: User) -> Need | None:
    if is_author(mailing, user) or not user.may(Permission.APPROVE):
        return None
    return Need(
        Urgency.SOON,
        "To approve",
        f"Approve “{mailing.name}”: {_letters(mailing.letter_count)}",
        "Read and decide",
        "letters.mailing_check",
        {"mailing_id": mailing.id},
        "Written by somebody else; needs a second person",
    )


def _to_watch(mailing: Mailing, at: datetime) -> Need | None:
    title = f"“{mailing.name}”"
    where = ("letters.truth", {"mailing_id": mailing.id})
    if mailing.state is MailingState.PAUSED:
        reason = mailing.state_reason
        return Need(Urgency.NOW, "Paused", f"{title} is paused", "See why", *where, reason)
    if mailing.state is MailingState.EXPIRED:
        words = f"The approval of {title} lapsed before every letter left"
        return Need(Urgency.SOON, "Expired", words, "Ask for approval again", *where)
    if mailing.hold_until and mailing.hold_until > at:
        words = f"{title} is in its hold: {_letters(mailing.letter_count)} about to leave"
        return Need(Urgency.NOW, "On hold", words, "Watch or stop", *where)
    return None


def _from_letters(session: Session, user: User) -> Iterable[Need]:
    """Letters whose fate only a person can settle."""
    if not user.may(Permission.COORDINATE, Permission.APPROVE):
        return
    for mailing_id, name, count in session.execute(_fate_unknown()):
        yield Need(
            Urgency.NOW,
            "Unknown",
            f"{_letters(count)} of “{name}” may or may not have arrived",
            "Find out and say",
            "letters.truth",
            {"mailing_id": mailing_id, "state": LetterState.UNKNOWN.value},
        )


def _from_systems(user: User, rows: Sequence[Standing], on: date) -> Iterable[Need]:
    """My own systems; for coordinators, all of them."""
    coordinates = user.may(Permission.COORDINATE)
    mine = {} if coordinates else {"owner": str(user.id)}
    orphans = [row for row in rows if row.owner_id is None]
    if coordinates and orphans and len(orphans) < len(rows):
        yield Need(
            Urgency.SOME_TIME,
            "No owner",
            f"{_systems(len(orphans))} nobody to look after {_them(len(orphans))}",
            "Choose owners",
            "overview.systems",
            {"owner": "none"},
        )
    looked_after = [row for row in rows if coordinates or row.owner_id == user.id]
    leaderless = [row for row in looked_after if not row.leads]
    if leaderless:
        yield Need(
            Urgency.SOON,
            "No lead",
            f"{_systems(len(leaderless))} no known children’s lead",
            "Find and record them",
            "overview.systems",
            {"lead": "unknown", **mine},
        )
    stale = [row for row in looked_after if is_stale(row, on)]
    if stale:
        yield Need(
            Urgency.SOME_TIME,
            "Unchecked",
            f"{len(stale)} {'lead has' if len(stale) == 1 else 'leads have'} not been checked "
            f"for {UNCHECKED_AFTER.days} days",
            "Start checking",
            "overview.systems",
            {"checked": "stale", **mine},
        )


def _without_reply(session: Session, on: date) -> list[Need]:
    """Mailings of some time ago to which some have not replied."""
    asked = {"since": on - NO_REPLY_BEFORE, "until": on - NO_REPLY_AFTER}
    rows = session.execute(_unanswered(), asked)
    return [
        Need(
            Urgency.SOME_TIME,
            f"No reply, {(on - (first or on)).days} days",
            f"{_letters(count)} of “{name}” {'has' if count == 1 else 'have'} had no reply",
            "See which",
            "letters.truth",
            {"mailing_id": mailing_id, "answered": "no"},
        )
        for mailing_id, name, count, first in rows
    ]


# Put together once: that takes longer than running them.


@cache
def _waiting() -> AnySelect:
    states = (
        *(MailingState.AWAITING_APPROVAL, MailingState.HOLDING),
        *(MailingState.PAUSED, MailingState.EXPIRED),
    )
    return select(Mailing).where(Mailing.state.in_(states)).order_by(Mailing.id)


@cache
def _fate_unknown() -> AnySelect:
    return (
        select(Mailing.id, Mailing.name, func.count())
        .join(Letter, Letter.mailing_id == Mailing.id)
        .where(Letter.state == LetterState.UNKNOWN)
        .group_by(Mailing.id, Mailing.name)
        .order_by(Mailing.id)
    )


@cache
def _unanswered() -> AnySelect:
    return (
        select(Mailing.id, Mailing.name, func.count(), func.min(Letter.sent_on))
        .join(Letter, Letter.mailing_id == Mailing.id)
        .where(
            Letter.state == LetterState.SENT,
            Letter.sent_on <= a_day("until"),
            Letter.sent_on > a_day("since"),
            Letter.id.not_in(select(LetterAnswer.letter_id)),
            counts(),
        )
        .group_by(Mailing.id, Mailing.name)
        .order_by(func.min(Letter.sent_on).desc())
        .limit(3)
    )


def summary(rows: Sequence[Standing], needs: Sequence[Need]) -> str:
    """The line under the date: what stands out today."""
    if not rows:
        return "Nothing is loaded yet."
    silent = sum(1 for row in rows if row.engagement.step is Step.LETTER_SENT)
    pressing = sum(1 for need in needs if need.urgency <= Urgency.SOON)
    parts = []
    if silent:
        parts.append(f"{_systems(silent)} not replied.")
    if pressing:
        parts.append(f"{pressing} {'thing needs' if pressing == 1 else 'things need'} you soon.")
    return " ".join(parts) or "Nothing is pressing."


def _letters(count: int) -> str:
    return f"{count} letter{'' if count == 1 else 's'}"


def _systems(count: int) -> str:
    return f"{count} system{' has' if count == 1 else 's have'}"


def _them(count: int) -> str:
    return "it" if count == 1 else "them"
