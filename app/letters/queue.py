"""The steps of one letter through the queue, each a compare-and-set on its row.

Nothing here is ORM state: senders are many, and a row belongs to whoever's UPDATE changed it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from app.letters.fate import gap_between
from app.letters.models import (
    Letter,
    LetterEvent,
    LetterRecipient,
    LetterState,
    Mailing,
    MailingState,
)
from app.letters.rechecking import last_look, objecting_reader, reason_found
from app.settings.services import Turn

LEASE = timedelta(minutes=2)
IN_FLIGHT = (LetterState.CLAIMED, LetterState.TRANSMITTING)
TO_GO = (LetterState.QUEUED, LetterState.WAITING_TO_RETRY)
NOT_DONE = (*TO_GO, *IN_FLIGHT)


# The statements of every single letter are made once, as making them costs more than running them.
_PACED = aliased(Mailing)
_NOT_YET = exists().where(_PACED.next_send_at > bindparam("at"))
# Released here, going on, and approved still. It is answered from an index alone: there may be
# thousands of letters to go, and their rows are long.
NEXT = (
    select(Letter.id, Letter.mailing_id, Mailing.asked_at)
    .join(Mailing, Mailing.id == Letter.mailing_id)
    .where(
        Letter.state == LetterState.QUEUED,
        Mailing.state == MailingState.SENDING,
        Mailing.installation == bindparam("installation"),
        Mailing.approval_lapses_at > bindparam("at"),
        ~_NOT_YET,
    )
    .order_by(Letter.id)
    .limit(1)
    .with_for_update(of=Letter, skip_locked=True)
)
ENVELOPE = (
    select(
        LetterRecipient.address,
        LetterRecipient.address_key,
        *last_look(bindparam("the_letter"), bindparam("since")),
    )
    .where(LetterRecipient.letter_id == bindparam("the_letter"))
    .order_by(LetterRecipient.is_cc, LetterRecipient.id)
)
CLAIM = (
    update(Letter)
    .where(Letter.id == bindparam("the_letter"), Letter.state == LetterState.QUEUED)
    .values(
        state=LetterState.CLAIMED,
        state_reason="",
        claimed_by=bindparam("the_token"),
        lease_until=bindparam("the_lease"),
        attempts=Letter.attempts + 1,
        next_attempt_at=None,
    )
    .returning(Letter.attempts, Letter.person_id, Letter.mime, Letter.sha256)
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
    or_(*(Letter.state == state for state in IN_FLIGHT)),
)
NOTE = insert(LetterEvent)


@dataclass(frozen=True)
class Claimed:
    """A letter held by one sender; `token` is what makes the row its own."""

    letter_id: int
    mailing_id: int
    token: str
    attempts: int = 0
    person_id: int | None = None
    left_out: str = ""  # why it was excluded instead
    addresses: tuple[str, ...] = ()  # on its envelope, the addressee's first
    raw: bytes | None = field(default=None, repr=False)
    sha256: str | None = None  # of the bytes that were approved


def claim_next(session: Session, turn: Turn, at: datetime) -> Claimed | None:
    """Take one letter for this sender alone, or leave it out for a reason found at the last look.

    Having its `turn`, this sender is the only one to claim now, so the pace is kept by all of them
    together. All that is needed to send the letter is read here, once.
    """
    connection = session.connection()
    which = connection.execute(NEXT, {"at": at, "installation": turn.installation}).first()
    if which is None:
        return None
    letter = Claimed(which.id, which.mailing_id or 0, token_hex(8))
    envelope = connection.execute(ENVELOPE, {"the_letter": which.id, "since": which.asked_at}).all()
    if _needs_a_closer_look(session, envelope):
        reason = reason_found(session, which.id, which.asked_at)
        if reason is not None:
            return _leave_out(session, letter, reason, at)
    return _take(session, letter, tuple(one.address for one in envelope), turn, at)


def _needs_a_closer_look(session: Session, envelope: Sequence[Any]) -> bool:
    if not envelope or envelope[0].is_in_the_way:
        return True
    keys = [one.address_key for one in envelope]
    return envelope[0].somebody_objects and objecting_reader(session, keys)


def _take(
    session: Session, letter: Claimed, addresses: tuple[str, ...], turn: Turn, at: datetime
) -> Claimed | None:
    which = {"the_letter": letter.letter_id, "the_token": letter.token, "the_lease": at + LEASE}
    taken = session.connection().execute(CLAIM, which).first()
    if taken is None:
        return None
    note(session, letter.letter_id, LetterState.CLAIMED, at)
    if gap := gap_between(turn.letters_a_minute):
        changed(
            session,
            update(Mailing).where(Mailing.id == letter.mailing_id).values(next_send_at=at + gap),
        )
    return replace(
        letter,
        attempts=taken.attempts,
        person_id=taken.person_id,
        addresses=addresses,
        raw=taken.mime,
        sha256=taken.sha256,
    )


def _leave_out(session: Session, letter: Claimed, reason: str, at: datetime) -> Claimed:
    queued, left_out = (LetterState.QUEUED,), LetterState.EXCLUDED
    move(session, [letter.letter_id], leaving=queued, to=left_out, reason=reason, at=at)
    return replace(letter, left_out=reason)


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
