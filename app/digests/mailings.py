"""Mailings and letters that wait for one person: to approve, to watch, to find out."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import (
    String,
    and_,
    func,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.accounts.models import Permission, User
from app.core.db import AnySelect
from app.core.web.filters import at_time, plural
from app.digests.rules import DigestLine, Group, Link, Tone
from app.letters.authorship import is_author
from app.letters.models import Letter, LetterState, Mailing, MailingState, PostalState
from app.notifications.models import Event

# What was refused is spoken of this long; the page of the mailing says it for ever.
REFUSED_LATELY = timedelta(days=14)


def lines(session: Session, user: User, at: datetime) -> Iterable[DigestLine]:
    """Two statements."""
    for mailing in session.scalars(_WAITING):
        line = _of_mailing(mailing, user, at)
        if line:
            yield line
    if user.may(Permission.COORDINATE, Permission.APPROVE, Permission.LOG):
        since = at - REFUSED_LATELY
        lately = or_(~_IS_REFUSED, Mailing.ended_at.is_(None), Mailing.ended_at > since)
        for row in session.execute(_UNSETTLED.where(lately)):
            if _watches(row.Mailing, user):
                yield _of_letters(row.Mailing, row.state, row.how_many)


def _watches(mailing: Mailing, user: User) -> bool:
    return user.id == mailing.created_by_id or user.may(Permission.COORDINATE, Permission.APPROVE)


def _of_mailing(mailing: Mailing, user: User, at: datetime) -> DigestLine | None:
    if mailing.state is MailingState.AWAITING_APPROVAL:
        return _to_approve(mailing, user)
    if mailing.state is MailingState.DRAFT:
        return _chaser(mailing) if user.may(Permission.COORDINATE) else None
    return _to_watch(mailing, at) if _watches(mailing, user) else None


def _to_approve(mailing: Mailing, user: User) -> DigestLine | None:
    if is_author(mailing, user) or not user.may(Permission.APPROVE):
        return None
    words = f"Approve “{mailing.name}”: {plural(mailing.letter_count, 'letter')}"
    return DigestLine(
        Group.APPROVAL,
        "To approve",
        Tone.WARN,
        Link(words, "letters.mailing_check", {"mailing_id": mailing.id}),
        "Read and decide",
        "Written by somebody else; needs a second person",
        event=Event.APPROVAL,
    )


def _chaser(mailing: Mailing) -> DigestLine:
    """Prepared by the clock or a colleague, and nothing happens before somebody reads it."""
    words = f"“{mailing.name}”: {plural(mailing.letter_count, 'letter')} to those who are silent"
    return DigestLine(
        Group.WAITS,
        "Chaser ready",
        Tone.WARN,
        Link(words, "letters.mailing_check", {"mailing_id": mailing.id}),
        "Check it",
        event=Event.DUE,
    )


def _to_watch(mailing: Mailing, at: datetime) -> DigestLine | None:
    title = f"“{mailing.name}”"
    if mailing.state is MailingState.PAUSED:
        return _of(mailing, ("Paused", Tone.BAD), f"{title} is paused", "See why")
    if mailing.state is MailingState.EXPIRED:
        words = f"The approval of {title} lapsed before every letter left"
        return _of(mailing, ("Expired", Tone.WARN), words, "Ask for approval again")
    if mailing.hold_until and mailing.hold_until > at:
        count = plural(mailing.letter_count, "letter")
        words = f"{title} is in its hold: {count} about to leave"
        return _of(mailing, ("On hold", Tone.BAD), words, "Watch or stop")
    return None


def _of_letters(mailing: Mailing, state: str, count: int) -> DigestLine:
    """Letters whose fate only a person can settle."""
    if state in {PostalState.APPROVED.value, PostalState.PRINTED.value}:
        return _of_paper(mailing, PostalState(state), count)
    letters = f"{plural(count, 'letter')} of “{mailing.name}”"
    values = {"state": state}
    if state == LetterState.UNKNOWN.value:
        words = f"{letters} may or may not have arrived"
        return _of(mailing, ("Unknown", Tone.BAD), words, "Find out and say", **values)
    words = f"{letters} {'was' if count == 1 else 'were'} refused"
    return _of(mailing, ("Refused", Tone.BAD), words, "See why", **values)


def _of_paper(mailing: Mailing, state: PostalState, count: int) -> DigestLine:
    """Letters that wait for somebody with a printer, or on the way to the post."""
    letters = f"{plural(count, 'letter')} of “{mailing.name}”"
    waits = "waits" if count == 1 else "wait"
    pill, done = ("To print", "printed") if state is PostalState.APPROVED else ("To post", "posted")
    link = Link(
        f"{letters} {waits} to be {done}", "letters.mailing_print", {"mailing_id": mailing.id}
    )
    note = ""
    if state is PostalState.APPROVED and mailing.approval_lapses_at:
        note = f"The approval lapses on {at_time(mailing.approval_lapses_at)}"
    return DigestLine(
        Group.WAITS, pill, Tone.WARN, link, "Print and post", note, event=Event.MAILING
    )


def _of(
    mailing: Mailing, pill: tuple[str, Tone], words: str, act: str, **narrowed: str
) -> DigestLine:
    link = Link(words, "letters.truth", {"mailing_id": mailing.id, **narrowed})
    note = mailing.state_reason if not narrowed else ""
    return DigestLine(Group.WAITS, *pill, link, act, note, event=Event.MAILING)


def _counted(column: InstrumentedAttribute[Any], states: Sequence[Enum]) -> AnySelect:
    return (
        select(
            Letter.mailing_id,
            type_coerce(column, String).label("state"),
            func.count().label("how_many"),
        )
        .where(column.in_(states))
        .group_by(Letter.mailing_id, column)
    )


_STATES = (
    *(MailingState.AWAITING_APPROVAL, MailingState.HOLDING),
    *(MailingState.PAUSED, MailingState.EXPIRED),
)
_IS_CHASER = and_(Mailing.state == MailingState.DRAFT, Mailing.chases_id.is_not(None))
_WAITING = select(Mailing).where(or_(Mailing.state.in_(_STATES), _IS_CHASER)).order_by(Mailing.id)

_COUNTED = union_all(
    _counted(Letter.state, (LetterState.UNKNOWN, LetterState.REFUSED)),
    _counted(Letter.post_state, (PostalState.APPROVED, PostalState.PRINTED)),
).subquery()
_IS_REFUSED = _COUNTED.c.state == LetterState.REFUSED.value
# By mailing, how many letters are of unknown fate, were refused, or are on paper that waits for
# somebody: to print it once the hold is over, or to post it.
_UNSETTLED = (
    select(Mailing, _COUNTED.c.state, _COUNTED.c.how_many)
    .join(_COUNTED, _COUNTED.c.mailing_id == Mailing.id)
    .where(
        or_(
            _COUNTED.c.state == LetterState.UNKNOWN.value,
            _IS_REFUSED,
            Mailing.state == MailingState.SENDING,
        )
    )
    .order_by(Mailing.id, _COUNTED.c.state.desc())
)
