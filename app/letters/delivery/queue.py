"""The steps of one letter through the queue, each a compare-and-set on its row.

Nothing here is ORM state: senders are many, and a row belongs to whoever's UPDATE changed it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Update,
    bindparam,
    case,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from app.core.claims import NoLongerOurs
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
from app.settings.models import Settings
from app.settings.services import THE_ROW_ID, TURN, Turn

AT_ONCE = 10  # letters to a claim, while no pace is set
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
_ANSWERS_COUNT_FROM = func.coalesce(Mailing.chases_since, Mailing.asked_at)
# Released here, going on, and approved still. It is answered from an index, in the order of that
# index: there may be thousands of letters to go, and their rows are long.
NEXT = (
    select(Letter.id, Letter.mailing_id)
    .join(Mailing, Mailing.id == Letter.mailing_id)
    .where(
        Letter.state == LetterState.QUEUED,
        Mailing.state == MailingState.SENDING,
        Mailing.installation == bindparam("installation"),
        Mailing.approval_lapses_at > bindparam("at"),
        ~_NOT_YET,
    )
    .order_by(Letter.id)
    .limit(bindparam("most"))
    .with_for_update(of=Letter, skip_locked=True)
)
CLAIM = (
    LETTER.moving((LetterState.QUEUED,), LetterState.CLAIMED)
    .where(Letter.id.in_(bindparam("the_letters", expanding=True)))
    .values(
        state_reason="",
        claimed_by=bindparam("the_token"),
        lease_until=bindparam("the_lease"),
        next_attempt_at=None,
    )
    .returning(Letter.id)
)
# A row for each address on its envelope, the addressee's first; the bytes come with that one.
LOOK = (
    select(
        *(Letter.mailing_id, Letter.person_id, Letter.attempts, Letter.sha256),
        case((LetterRecipient.is_cc, None), else_=Letter.mime).label("mime"),
        *(LetterRecipient.address, LetterRecipient.address_key),
        _ANSWERS_COUNT_FROM.label("answers_count_from"),
        *last_look(Letter.id, _ANSWERS_COUNT_FROM),
        *TURN,
    )
    .join(Mailing, Mailing.id == Letter.mailing_id)
    .join(Settings, Settings.id == THE_ROW_ID)
    .outerjoin(LetterRecipient, LetterRecipient.letter_id == Letter.id)
    .where(
        Letter.id == bindparam("the_letter"),
        Letter.claimed_by == bindparam("the_token"),
        Letter.state == LetterState.CLAIMED,
        Mailing.state == MailingState.SENDING,
        Mailing.approval_lapses_at > bindparam("at"),
    )
    .order_by(LetterRecipient.is_cc, LetterRecipient.id)
)
START = (
    LETTER.moving((LetterState.CLAIMED,), LetterState.TRANSMITTING)
    .where(
        Letter.id == bindparam("the_letter"),
        Letter.claimed_by == bindparam("the_token"),
        exists().where(Mailing.id == Letter.mailing_id, Mailing.state == MailingState.SENDING),
    )
    .values(lease_until=bindparam("the_lease"), attempts=bindparam("the_attempts"))
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
class Batch:
    """Letters claimed by one sender together; the `token` on their rows makes them its own."""

    token: str
    turn: Turn  # by which they were claimed
    letter_ids: Sequence[int]


@dataclass(frozen=True)
class ClaimedLetter:
    """One of a batch, with all that it takes to send it."""

    letter_id: int
    token: str
    mailing_id: int
    attempts: int  # with this one
    person_id: int | None
    addresses: tuple[str, ...]  # on its envelope, the addressee's first
    raw: bytes | None = field(repr=False)
    sha256: str | None  # of the bytes that were approved
    answers_count_from: datetime | None
    needs_a_closer_look: bool  # something may stand in its way
    settings: Row[Any] = field(repr=False)  # as they are now


def claim(session: Session, turn: Turn, at: datetime) -> Batch | None:
    """Take the next letters for this sender alone: several, or one where a pace is set.

    Having its `turn`, this sender is the only one to claim now, so the pace is kept by all of them
    together.
    """
    connection = session.connection()
    gap = gap_between(turn.letters_a_minute)
    most = 1 if gap else AT_ONCE
    found = connection.execute(
        NEXT, {"at": at, "installation": turn.installation, "most": most}
    ).all()
    if not found:
        return None
    batch = Batch(token_hex(8), turn, [one.id for one in found])
    held = {"the_letters": batch.letter_ids, "the_token": batch.token, "the_lease": at + LEASE}
    ids = sorted(connection.scalars(CLAIM, held))
    connection.execute(NOTE, [_line(letter_id, LetterState.CLAIMED, at) for letter_id in ids])
    if gap:
        connection.execute(PACE, {"the_mailing": found[0].mailing_id, "then": at + gap})
    return replace(batch, letter_ids=ids)


def look(session: Session, batch: Batch, letter_id: int, at: datetime) -> ClaimedLetter:
    """The last look at a letter before it goes; all that is needed to send it is read here, once.

    It only reads. NoLongerOurs where it must not go now, or is another sender's.
    """
    which = {"the_letter": letter_id, "the_token": batch.token, "at": at}
    envelope = session.connection().execute(LOOK, which).all()
    if not envelope:
        raise NoLongerOurs
    first = envelope[0]
    return ClaimedLetter(
        letter_id,
        batch.token,
        first.mailing_id,
        attempts=first.attempts + 1,
        person_id=first.person_id,
        addresses=tuple(one.address for one in envelope if one.address is not None),
        raw=first.mime,
        sha256=first.sha256,
        answers_count_from=first.answers_count_from,
        needs_a_closer_look=_needs_a_closer_look(envelope),
        settings=first,
    )


def _needs_a_closer_look(envelope: Sequence[Row[Any]]) -> bool:
    if envelope[0].address is None or any(one.is_in_the_way for one in envelope):
        return True
    return shares_a_mailbox((one.address_key for one in envelope), envelope[0].objecting)


def is_left_out(session: Session, letter: ClaimedLetter, at: datetime) -> bool:
    """The closer look; where it finds a reason, the letter is excluded for it."""
    reason = reason_found(session, letter.letter_id, letter.answers_count_from)
    if reason is None:
        return False
    ours, out = (LetterState.CLAIMED,), LetterState.EXCLUDED
    steps.move(session, [letter.letter_id], leaving=ours, to=out, reason=reason, at=at)
    return True


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
    values = {"the_lease": at + LEASE, "the_attempts": claimed.attempts}
    started = connection.execute(START, _held(claimed) | values)
    if started.rowcount == 0:
        return False
    note(connection, claimed.letter_id, LetterState.TRANSMITTING, at)
    return True


def give_back(session: Session, batch: Batch, at: datetime, why: str) -> None:
    """Return the letters of which nothing has left to the queue; their mailing decides what then.

    Nobody was asked about them, so that was no attempt.
    """
    ours, queued = (LetterState.CLAIMED,), LetterState.QUEUED
    free = {"claimed_by": None, "lease_until": None}
    held = Letter.claimed_by == batch.token
    given_back = LETTER.move(session, held, leaving=ours, to=queued, **free)
    steps.tell(session, [_line(letter_id, queued, at, why) for letter_id in given_back])


def settle(
    session: Session, claimed: ClaimedLetter, to: LetterState, values: dict[str, Any]
) -> Row[Any] | None:
    """Record how the attempt ended; None when the letter is no longer this sender's to record.

    What is returned says whether its mailing had failures before this letter.
    """
    free = {"claimed_by": None, "lease_until": None}
    return session.connection().execute(SETTLE[to], _held(claimed) | free | values).first()


def renew(token: str, at: datetime) -> Update:
    """The statement by which a sender keeps its letters, the one in flight and those to come."""
    return (
        update(Letter)
        .where(Letter.claimed_by == token, Letter.state.in_(IN_FLIGHT))
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
    connection.execute(NOTE, _line(letter_id, state, at, words, by_id))


def _line(
    letter_id: int, state: LetterState, at: datetime, words: str = "", by_id: int | None = None
) -> dict[str, Any]:
    return {"letter_id": letter_id, "at": at, "state": state, "note": words, "by_id": by_id}


def _held(claimed: ClaimedLetter) -> dict[str, Any]:
    return {"the_letter": claimed.letter_id, "the_token": claimed.token}
