"""The steps of one letter through the queue (R9, R10), each a compare-and-set on its row.

Nothing here is ORM state: senders are many, and a row belongs to whoever's UPDATE changed it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Update,
    bindparam,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Session

from app.letters.fate import gap_between
from app.letters.models import Letter, LetterEvent, LetterState, Mailing, MailingState
from app.letters.rechecking import reason_to_leave_out
from app.settings.models import Settings

LEASE = timedelta(minutes=2)
IN_FLIGHT = (LetterState.CLAIMED, LetterState.TRANSMITTING)
TO_GO = (LetterState.QUEUED, LetterState.WAITING_TO_RETRY)
NOT_DONE = (*TO_GO, *IN_FLIGHT)


# The statements of every single letter are made once, as making them costs more than running them.
NOT_YET = select(exists().where(Mailing.next_send_at > bindparam("at")))
# Released here, going on, and approved still.
NEXT = (
    select(Letter.id, Letter.mailing_id, Letter.attempts, Letter.person_id, Mailing.asked_at)
    .join(Mailing, Mailing.id == Letter.mailing_id)
    .where(
        Letter.state == LetterState.QUEUED,
        Mailing.state == MailingState.SENDING,
        Mailing.installation == bindparam("installation"),
        Mailing.approval_lapses_at > bindparam("at"),
    )
    .order_by(Letter.id)
    .limit(1)
    .with_for_update(of=Letter, skip_locked=True)
)
CLAIM = (
    update(Letter)
    .where(Letter.id == bindparam("the_letter"), Letter.state == LetterState.QUEUED)
    .values(
        state=LetterState.CLAIMED,
        state_reason="",
        claimed_by=bindparam("the_token"),
        lease_until=bindparam("the_lease"),
        attempts=bindparam("nth"),
        next_attempt_at=None,
    )
)
START = (
    update(Letter)
    .where(
        Letter.id == bindparam("the_letter"),
        Letter.claimed_by == bindparam("the_token"),
        Letter.state == LetterState.CLAIMED,
        exists().where(Mailing.id == Letter.mailing_id, Mailing.state == MailingState.SENDING),
    )
    .values(state=LetterState.TRANSMITTING, lease_until=bindparam("the_lease"))
)
# What is set is whatever else is passed: how an attempt ended decides which columns.
SETTLE = update(Letter).where(
    Letter.id == bindparam("the_letter"),
    Letter.claimed_by == bindparam("the_token"),
    Letter.state.in_(IN_FLIGHT),
)
NOTE = insert(LetterEvent)


@dataclass(frozen=True)
class Claimed:
    """A letter held by one sender; `token` is what makes the row its own."""

    letter_id: int
    mailing_id: int
    token: str
    attempts: int
    person_id: int | None = None
    left_out: str = ""  # why it was excluded instead


def claim_next(session: Session, settings: Settings, at: datetime) -> Claimed | None:
    """Take one letter for this sender alone, or leave it out for a reason found at the last look.

    `settings` was read for update: one sender at a time takes its turn, so the pace is kept by all
    of them together.
    """
    connection = session.connection()
    if connection.scalar(NOT_YET, {"at": at}):
        return None
    next_one = connection.execute(NEXT, {"at": at, "installation": settings.installation}).first()
    if next_one is None:
        return None
    claimed = Claimed(
        next_one.id,
        next_one.mailing_id or 0,
        token_hex(8),
        next_one.attempts + 1,
        next_one.person_id,
    )
    if reason := reason_to_leave_out(session, claimed.letter_id, next_one.asked_at):
        return _leave_out(session, claimed, reason, at)
    took = connection.execute(
        CLAIM,
        {
            "the_letter": claimed.letter_id,
            "the_token": claimed.token,
            "the_lease": at + LEASE,
            "nth": claimed.attempts,
        },
    ).rowcount
    if not took:
        return None
    note(session, claimed.letter_id, LetterState.CLAIMED, at)
    if gap := gap_between(settings.letters_a_minute):
        changed(
            session,
            update(Mailing).where(Mailing.id == claimed.mailing_id).values(next_send_at=at + gap),
        )
    return claimed


def _leave_out(session: Session, claimed: Claimed, reason: str, at: datetime) -> Claimed:
    queued, left_out = (LetterState.QUEUED,), LetterState.EXCLUDED
    move(session, [claimed.letter_id], leaving=queued, to=left_out, reason=reason, at=at)
    return Claimed(**{**vars(claimed), "left_out": reason})


def next_turn(session: Session) -> datetime | None:
    """When a letter could next be claimed; None while none is waiting for its turn."""
    waiting = session.scalar(
        select(
            exists().where(
                Letter.state == LetterState.QUEUED,
                Letter.mailing_id == Mailing.id,
                Mailing.state == MailingState.SENDING,
            )
        )
    )
    return session.scalar(select(func.max(Mailing.next_send_at))) if waiting else None


def start_transmitting(session: Session, claimed: Claimed, at: datetime) -> bool:
    """From here on a copy may be outside. False when the letter must not go on: it was stopped, or
    its lease ended and another sender has it."""
    started = bool(
        session.connection()
        .execute(
            START,
            {
                "the_letter": claimed.letter_id,
                "the_token": claimed.token,
                "the_lease": at + LEASE,
            },
        )
        .rowcount
    )
    if started:
        note(session, claimed.letter_id, LetterState.TRANSMITTING, at)
    return started


def give_back(session: Session, claimed: Claimed, at: datetime, why: str) -> None:
    """Return a letter of which nothing has left to the queue; its mailing decides what then."""
    given_back = changed(
        session,
        update(Letter)
        .where(_held_by(claimed), Letter.state == LetterState.CLAIMED)
        .values(state=LetterState.QUEUED, claimed_by=None, lease_until=None),
    )
    if given_back:
        note(session, claimed.letter_id, LetterState.QUEUED, at, why)


def settle(session: Session, claimed: Claimed, values: dict[str, Any]) -> bool:
    """Record how the attempt ended, if the letter is still this sender's to record."""
    facts = {"the_letter": claimed.letter_id, "the_token": claimed.token}
    free = {"claimed_by": None, "lease_until": None}
    return session.connection().execute(SETTLE, {**facts, **free, **values}).rowcount == 1


def renew(claimed: Claimed, at: datetime) -> Update:
    """The statement by which a waiting sender keeps its letter."""
    return (
        update(Letter)
        .where(_held_by(claimed), Letter.state.in_(IN_FLIGHT))
        .values(lease_until=at + LEASE)
    )


def move(
    session: Session,
    letter_ids: Sequence[int],
    *,
    leaving: Sequence[LetterState],
    to: LetterState,
    reason: str,
    at: datetime,
    by_id: int | None = None,
) -> list[int]:
    """Move those of the letters that are in one of the states `leaving`; returns which moved."""
    moved = []
    for letter_id in letter_ids:
        values: dict[str, Any] = {"state": to, "state_reason": reason}
        if to is not LetterState.WAITING_TO_RETRY:
            values |= {"claimed_by": None, "lease_until": None, "next_attempt_at": None}
        if changed(
            session,
            update(Letter)
            .where(Letter.id == letter_id, Letter.state.in_(leaving))
            .values(**values),
        ):
            note(session, letter_id, to, at, reason, by_id=by_id)
            moved.append(letter_id)
    return moved


def note(
    session: Session,
    letter_id: int,
    state: LetterState,
    at: datetime,
    words: str = "",
    *,
    by_id: int | None = None,
) -> None:
    """One line of the letter's own story."""
    session.connection().execute(
        NOTE, {"letter_id": letter_id, "at": at, "state": state, "note": words, "by_id": by_id}
    )


def changed(session: Session, statement: Update) -> bool:
    """Run an UPDATE of at most one row, and say whether there was one."""
    result = session.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount == 1


def _held_by(claimed: Claimed) -> ColumnElement[bool]:
    return (Letter.id == claimed.letter_id) & (Letter.claimed_by == claimed.token)
