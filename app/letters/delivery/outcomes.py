"""Writing down how an attempt at a letter ended, and what that means for its mailing."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core.clock import LONDON
from app.directory.models import PersonEmail
from app.letters.delivery import lifecycle
from app.letters.delivery.queue import ClaimedLetter, note, settle
from app.letters.delivery.smtp_outcome import (
    FAILURES_THAT_PAUSE,
    RETRY_AFTER,
    SmtpOutcome,
    failures_now,
    wait_after,
)
from app.letters.models import Letter, LetterRecipient, LetterState, Mailing, MailingState
from app.letters.notifying import tell_owner

ALL_ACCEPTED = (
    update(LetterRecipient)
    .where(LetterRecipient.letter_id == bindparam("the_letter"))
    .values(accepted=True, reply="")
)
ALL_IS_WELL = (
    update(Mailing)
    .where(Mailing.id == bindparam("the_mailing"))
    .values(failures_in_a_row=0, failure_kind="", pause_attempts=0)
)
AUDITED = (LetterState.SENT, LetterState.REFUSED, LetterState.UNKNOWN)


def record(session: Session, claimed: ClaimedLetter, fate: SmtpOutcome, at: datetime) -> None:
    settled = settle(session, claimed, fate.state, _values(claimed, fate, at))
    if settled is None:
        _too_late(session, claimed, fate, at)
        return
    connection = session.connection()
    said = fate.reason or fate.reply
    note(connection, claimed.letter_id, fate.state, at, said)
    if fate.state is LetterState.SENT:
        connection.execute(ALL_ACCEPTED, {"the_letter": claimed.letter_id})
        if settled.had_failures:  # the way to the server is open again
            connection.execute(ALL_IS_WELL, {"the_mailing": claimed.mailing_id})
    if fate.is_out_of_the_ordinary:
        _record_refusals(session, claimed, fate, at)
        _count(session, claimed.mailing_id, fate, at)
    if fate.state in AUDITED:
        audit.record(session, action=fate.state.value, subjects=_subjects(claimed), summary=said)


def _values(claimed: ClaimedLetter, fate: SmtpOutcome, at: datetime) -> dict[str, Any]:
    nobody_was_asked = fate.state is LetterState.QUEUED
    attempts = claimed.attempts - nobody_was_asked
    values: dict[str, Any] = {"state_reason": fate.reason, "attempts": attempts}
    if fate.reply:
        values["server_reply"] = fate.reply
    if fate.state is LetterState.SENT:
        values |= {"sent_at": at, "sent_on": at.astimezone(LONDON).date()}
    if fate.state is LetterState.WAITING_TO_RETRY:
        values["next_attempt_at"] = at + wait_after(claimed.attempts)
    return values


def _too_late(session: Session, claimed: ClaimedLetter, fate: SmtpOutcome, at: datetime) -> None:
    """Our lease had ended, so the letter is *unknown* by now; a person will want this answer."""
    connection = session.connection()
    state = connection.scalar(select(Letter.state).where(Letter.id == claimed.letter_id))
    said = fate.reply or fate.reason
    note(
        connection,
        claimed.letter_id,
        state or LetterState.UNKNOWN,
        at,
        f"The sender came back late. The mail server had said: {said}",
    )


def _subjects(claimed: ClaimedLetter) -> list[tuple[str, int]]:
    subjects = [("letter", claimed.letter_id), ("mailing", claimed.mailing_id)]
    return [*subjects, ("person", claimed.person_id)] if claimed.person_id else subjects


def _record_refusals(
    session: Session, claimed: ClaimedLetter, fate: SmtpOutcome, at: datetime
) -> None:
    """What the server said of the addresses on the envelope that it would not take."""
    mine = LetterRecipient.letter_id == claimed.letter_id
    if fate.address_failed:
        _mark(session, mine & LetterRecipient.is_cc.is_(False), accepted=False, reply=fate.reply)
        _put_right(session, claimed, fate.reply, at)
    for address, reply in fate.refused_copies.items():
        _mark(
            session, mine & (LetterRecipient.address == address), accepted=False, reply=str(reply)
        )


def _mark(session: Session, which: Any, *, accepted: bool, reply: str) -> None:
    session.execute(
        update(LetterRecipient)
        .where(which)
        .values(accepted=accepted, reply=reply)
        .execution_options(synchronize_session=False)
    )


def _put_right(session: Session, claimed: ClaimedLetter, reply: str, at: datetime) -> None:
    """The address is dead: it joins the list to put right, and no mailing will use it."""
    key = select(LetterRecipient.address_key).where(
        LetterRecipient.letter_id == claimed.letter_id, LetterRecipient.is_cc.is_(False)
    )
    for email in session.scalars(select(PersonEmail).where(PersonEmail.address_key.in_(key))):
        email.failed_on = at.astimezone(LONDON).date()
        email.failure = reply
    session.flush()


def _count(session: Session, mailing_id: int, fate: SmtpOutcome, at: datetime) -> None:
    """Three failures of one kind in a row pause the mailing."""
    if not fate.failure:
        return
    mailing = session.get_one(
        Mailing, mailing_id, populate_existing=True, with_for_update={"of": Mailing}
    )
    so_far = failures_now(mailing.failures_in_a_row, mailing.failure_kind, fate.failure)
    session.execute(
        update(Mailing)
        .where(Mailing.id == mailing_id)
        .values(failures_in_a_row=so_far, failure_kind=fate.failure)
        .execution_options(synchronize_session=False)
    )
    if mailing.state is MailingState.SENDING and (
        fate.pauses_at_once or so_far >= FAILURES_THAT_PAUSE
    ):
        _pause(session, mailing, fate, at)


def _pause(session: Session, mailing: Mailing, fate: SmtpOutcome, at: datetime) -> None:
    why = "" if fate.pauses_at_once else f"{FAILURES_THAT_PAUSE} letters in a row failed. "
    tried = mailing.pause_attempts
    resume_at = at + wait_after(tried + 1) if fate.waiting_helps else None
    paused = lifecycle.turn(
        session,
        mailing,
        MailingState.PAUSED,
        f"{why}{fate.reason}",
        resume_at=resume_at,
        pause_attempts=tried + 1,
    )
    # Nobody needs a second mail while the same trouble goes on.
    if paused and tried in {0, len(RETRY_AFTER)}:
        tell_owner(session, mailing, "is paused", f"{why}{fate.reason}", at)
