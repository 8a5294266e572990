"""The steps of one letter through the queue, each a compare-and-set on its row.

Nothing here is ORM state: senders are many, and a row belongs to whoever's UPDATE changed it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Update,
    bindparam,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from app.letters import steps
from app.letters.delivery.smtp_outcome import gap_between
from app.letters.models import (
    Letter,
    LetterEvent,
    LetterRecipient,
    LetterState,
    Mailing,
    MailingState,
)
from app.letters.recipients.final_check import last_look, reason_found, shares_a_mailbox
from app.letters.transitions import LETTER
from app.settings.services import Turn

LEASE = timedelta(minutes=2)
IN_FLIGHT = (LetterState.CLAIMED, LetterState.TRANSMITTING)
TO_GO = (LetterState.QUEUED, LetterState.WAITING_TO_RETRY)
NOT_DONE = (*TO_GO, *IN_FLIGHT)
# How an attempt may end. Nothing was sent, nor can its fate be unknown, before transmitting began.
ENDS = (
    *(LetterState.SENT, LetterState.REFUSED, LetterState.WAITING_TO_RETRY),
    *(LetterState.QUEUED, LetterState.UNKNOWN),
)


_PACED = aliased(Mailing)
_NOT_YET = exists().where(_PACED.next_send_at > bindparam("at"))
# Released here, going on, and approved still. It is answered from an index, in the
# order of that index: there may be thousands of letters to go, and their rows are long.
_FIRST = (
    select(
        *(Letter.id, Letter.mailing_id),
        func.coalesce(Mailing.chases_since, Mailing.asked_at).label("answers_count_from"),
    )
    .join(Mailing, Mailing.id == Letter.mailing_id)
    .where(
        Letter.state == LetterState.QUEUED,
        Mailing.state == MailingState.SENDING,
        Mailing.installation == bindparam("installation"),
        Mailing.approval_lapses_at > bindparam("at"),
        ~_NOT_YET,
    )
    .order_by(Letter.lease_until, Letter.id)  # nobody holds these, so they have no lease
    .limit(1)
    .with_for_update(of=Letter, skip_locked=True)
    .subquery("first")
)
# A row for each address on its envelope, the addressee's first.
NEXT = (
    select(
        _FIRST,
        LetterRecipient.address,
        LetterRecipient.address_key,
        *last_look(_FIRST.c.id, _FIRST.c.answers_count_from),
    )
    .select_from(_FIRST)
    .outerjoin(LetterRecipient, LetterRecipient.letter_id == _FIRST.c.id)
    .order_by(LetterRecipient.is_cc, LetterRecipient.id)
)
CLAIM = (
    LETTER.moving((LetterState.QUEUED,), LetterState.CLAIMED)
    .where(Letter.id == bindparam("the_letter"))
    .values(
        state_reason="",
        claimed_by=bindparam("the_token"),
        lease_until=bindparam("the_lease"),
        attempts=Letter.attempts + 1,
        next_attempt_at=None,
    )
    .returning(Letter.attempts, Letter.person_id, Letter.mime, Letter.sha256)
)
START = (
    LETTER.moving((LetterState.CLAIMED,), LetterState.TRANSMITTING)
    .where(
        Letter.id == bindparam("the_letter"),
        Letter.claimed_by == bindparam("the_token"),
        exists().where(Mailing.id == Letter.mailing_id, Mailing.state == MailingState.SENDING),
    )
    .values(lease_until=bindparam("the_lease"))
)


def _settling(to: LetterState) -> Update:
    """What else is set is whatever is passed: how an attempt ended decides which columns."""
    return (
        LETTER.moving([before for before in IN_FLIGHT if LETTER.allows(before, to)], to)
        .where(Letter.id == bindparam("the_letter"), Letter.claimed_by == bindparam("the_token"))
        .returning(
            exists()
            .where(
                Mailing.id == Letter.mailing_id,
                (Mailing.failures_in_a_row > 0) | (Mailing.pause_attempts > 0),
            )
            .correlate(Letter)
            .label("had_failures")
        )
    )


SETTLE = {to: _settling(to) for to in ENDS}
NOTE = insert(LetterEvent).inline()
PACE = (
    update(Mailing)
    .where(Mailing.id == bindparam("the_mailing"))
    .values(next_send_at=bindparam("then"))
)


@dataclass(frozen=True)
class ClaimedLetter:
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


def claim_next(session: Session, turn: Turn, at: datetime) -> ClaimedLetter | None:
    """Take one letter for this sender alone, or leave it out for a reason found at the last look.

    Having its `turn`, this sender is the only one to claim now, so the pace is kept by all of them
    together. All that is needed to send the letter is read here, once.
    """
    connection = session.connection()
    envelope = connection.execute(NEXT, {"at": at, "installation": turn.installation}).all()
    if not envelope:
        return None
    first = envelope[0]
    letter = ClaimedLetter(
        first.id,
        first.mailing_id or 0,
        token_hex(8),
        addresses=tuple(one.address for one in envelope if one.address is not None),
    )
    if _needs_a_closer_look(envelope):
        reason = reason_found(session, first.id, first.answers_count_from)
        if reason is not None:
            return _leave_out(session, letter, reason, at)
    return _take(connection, letter, turn, at)


def _needs_a_closer_look(envelope: Sequence[Row[Any]]) -> bool:
    if envelope[0].address is None or any(one.is_in_the_way for one in envelope):
        return True
    return shares_a_mailbox((one.address_key for one in envelope), envelope[0].objecting)


def _leave_out(session: Session, letter: ClaimedLetter, reason: str, at: datetime) -> ClaimedLetter:
    queued, left_out = (LetterState.QUEUED,), LetterState.EXCLUDED
    steps.move(session, [letter.letter_id], leaving=queued, to=left_out, reason=reason, at=at)
    return replace(letter, left_out=reason)


def _take(
    connection: Connection, letter: ClaimedLetter, turn: Turn, at: datetime
) -> ClaimedLetter | None:
    ours = {"the_letter": letter.letter_id, "the_token": letter.token, "the_lease": at + LEASE}
    taken = connection.execute(CLAIM, ours).first()
    if taken is None:
        return None
    note(connection, letter.letter_id, LetterState.CLAIMED, at)
    if gap := gap_between(turn.letters_a_minute):
        connection.execute(PACE, {"the_mailing": letter.mailing_id, "then": at + gap})
    return replace(
        letter,
        attempts=taken.attempts,
        person_id=taken.person_id,
        raw=taken.mime,
        sha256=taken.sha256,
    )


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


def start_transmitting(session: Session, claimed: ClaimedLetter, at: datetime) -> bool:
    """From here on a copy may be outside. False when the letter must not go on: it was stopped, or
    its lease ended and another sender has it."""
    connection = session.connection()
    started = connection.execute(START, _held(claimed) | {"the_lease": at + LEASE})
    if started.rowcount == 0:
        return False
    note(connection, claimed.letter_id, LetterState.TRANSMITTING, at)
    return True


def give_back(session: Session, claimed: ClaimedLetter, at: datetime, why: str) -> None:
    """Return a letter of which nothing has left to the queue; its mailing decides what then."""
    claimed_still, queued = (LetterState.CLAIMED,), LetterState.QUEUED
    free = {"claimed_by": None, "lease_until": None}
    if LETTER.move(session, _held_by(claimed), leaving=claimed_still, to=queued, **free):
        note(session.connection(), claimed.letter_id, LetterState.QUEUED, at, why)


def settle(
    session: Session, claimed: ClaimedLetter, to: LetterState, values: dict[str, Any]
) -> Row[Any] | None:
    """Record how the attempt ended; None when the letter is no longer this sender's to record.

    What is returned says whether its mailing had failures before this letter.
    """
    free = {"claimed_by": None, "lease_until": None}
    return session.connection().execute(SETTLE[to], _held(claimed) | free | values).first()


def renew(claimed: ClaimedLetter, at: datetime) -> Update:
    """The statement by which a waiting sender keeps its letter."""
    return (
        update(Letter)
        .where(_held_by(claimed), Letter.state.in_(IN_FLIGHT))
        .values(lease_until=at + LEASE)
    )


def note(
    connection: Connection,
    letter_id: int,
    state: LetterState,
    at: datetime,
    words: str = "",
    *,
    by_id: int | None = None,
) -> None:
    """One line of the letter's own story."""
    connection.execute(
        NOTE, {"letter_id": letter_id, "at": at, "state": state, "note": words, "by_id": by_id}
    )


def _held(claimed: ClaimedLetter) -> dict[str, Any]:
    return {"the_letter": claimed.letter_id, "the_token": claimed.token}


def _held_by(claimed: ClaimedLetter) -> ColumnElement[bool]:
    return (Letter.id == claimed.letter_id) & (Letter.claimed_by == claimed.token)
