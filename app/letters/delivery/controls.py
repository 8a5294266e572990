"""What a person may do to a released mailing: stop, pause, go on, settle an unknown letter."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.audit import services as audit
from app.core.clock import LONDON
from app.core.errors import DomainError
from app.core.mail import mime_message
from app.letters.authorship import is_author
from app.letters.delivery import by_post
from app.letters.delivery.lifecycle import RELEASED, turn
from app.letters.delivery.queue import TO_GO, note
from app.letters.models import (
    Letter,
    LetterBoard,
    LetterEvent,
    LetterRecipient,
    LetterState,
    Mailing,
    MailingState,
)
from app.letters.recipients.final_check import reason_to_leave_out
from app.letters.steps import move
from app.settings.models import Settings
from app.settings.services import settings_of


class NotNow(DomainError):
    """The mailing or letter is not in a state in which this can be done."""


class NeedsSomebodyElse(DomainError):
    """A second person has to release."""


def stop(session: Session, mailing: Mailing, *, by: User | None, at: datetime, why: str) -> int:
    """No letter leaves after the one in flight, for good. Returns how many were kept back."""
    if mailing.state not in RELEASED:
        raise NotNow(f"This mailing is {mailing.state.value}, so there is nothing to stop.")
    if not turn(session, mailing, MailingState.STOPPED, why, ended_at=at, resume_at=None):
        raise NotNow("The mailing changed in this moment. Look again, and press Stop once more.")
    waiting = session.scalars(
        select(Letter.id).where(Letter.mailing_id == mailing.id, Letter.state.in_(TO_GO))
    ).all()
    stopped = move(
        session,
        waiting,
        leaving=TO_GO,
        to=LetterState.STOPPED,
        reason=why,
        at=at,
        by_id=by.id if by else None,
    )
    unprinted = by_post.unprinted(session, mailing)
    kept_back = by_post.stop(session, unprinted, why, at=at, by_id=by.id if by else None)
    return len({*stopped, *kept_back})


def pause(session: Session, mailing: Mailing, *, by: User, at: datetime) -> None:
    if mailing.state is not MailingState.SENDING:
        raise NotNow(f"This mailing is {mailing.state.value}; only one that sends can be paused.")
    reason = f"Paused by {by.name} at {at.astimezone(LONDON):%H:%M}."
    if not turn(
        session, mailing, MailingState.PAUSED, reason, resume_at=None, failure_kind="paused by hand"
    ):
        raise NotNow("The mailing changed in this moment. Look again.")


def resume(session: Session, mailing: Mailing) -> None:
    """Go on with the letters that have not left. What has left stays as it is."""
    if mailing.state is not MailingState.PAUSED:
        raise NotNow(f"This mailing is {mailing.state.value}; only a paused one can go on.")
    if question := settings_of(session).look_first:
        raise NotNow(question)
    if not turn(
        session,
        mailing,
        MailingState.SENDING,
        "",
        resume_at=None,
        failures_in_a_row=0,
        failure_kind="",
        pause_attempts=0,
    ):
        raise NotNow("The mailing changed in this moment. Look again.")


def it_arrived(session: Session, letter: Letter, *, by: User, at: datetime) -> None:
    """A person has found out that an *unknown* letter did arrive."""
    why = f"{by.name} found out that it arrived."
    began = (
        session.scalar(
            select(func.max(LetterEvent.at)).where(
                LetterEvent.letter_id == letter.id, LetterEvent.state == LetterState.TRANSMITTING
            )
        )
        or at
    )
    sent: dict[str, Any] = {"sent_at": began, "sent_on": began.astimezone(LONDON).date()}
    _settle_unknown(session, letter, LetterState.SENT, why, by=by, at=at, **sent)
    _record(session, letter, "sent", why)


def _settle_unknown(
    session: Session,
    letter: Letter,
    to: LetterState,
    why: str,
    *,
    by: User,
    at: datetime,
    **values: Any,
) -> None:
    unknown, ids = (LetterState.UNKNOWN,), [letter.id]
    if not move(session, ids, leaving=unknown, to=to, reason=why, at=at, by_id=by.id, **values):
        raise NotNow("Whether this letter arrived is not in question any more.")


def send_again(session: Session, letter: Letter, *, by: User, at: datetime) -> Letter:
    """Release a new copy of an *unknown* letter, with a Message-ID of its own.

    It is a release like any other: by somebody else than the author, unless the administrator
    lets authors release single letters; and the hold goes before it.
    """
    mailing = session.get_one(Mailing, letter.mailing_id, populate_existing=True)
    settings = settings_of(session)
    _may_release(session, letter, mailing, settings, by)
    if reason := reason_to_leave_out(session, letter.id, mailing.answers_count_from):
        raise NotNow(f"It cannot be sent again. {reason}")
    why = f"{by.name} had a new copy sent. Whether this one arrived was never known."
    _settle_unknown(session, letter, LetterState.STOPPED, why, by=by, at=at)
    again = _copy_of(session, letter, settings)
    words = f"Sent again by {by.name}."
    note(session.connection(), again.id, LetterState.QUEUED, at, words, by_id=by.id)
    _reopen(session, mailing, settings, at)
    _record(
        session, again, "released", f"Sent again, as letter {again.id}, after letter {letter.id}"
    )
    return again


def _may_release(
    session: Session, letter: Letter, mailing: Mailing, settings: Settings, by: User
) -> None:
    """The author at most where one mailbox alone gets it: with a copy it goes to two."""
    mailboxes = session.scalar(select(func.count()).where(LetterRecipient.letter_id == letter.id))
    if is_author(mailing, by) and settings.single_letter_by_author and mailboxes == 1:
        return
    if is_author(mailing, by) or not by.may(Permission.APPROVE):
        raise NeedsSomebodyElse(
            "Sending again is a release, so it takes a second person: somebody who may approve, "
            "and who did not write this mailing."
        )


def _copy_of(session: Session, letter: Letter, settings: Settings) -> Letter:
    series = session.scalar(
        select(func.max(Letter.series)).where(
            Letter.mailing_id == letter.mailing_id, Letter.addressee_key == letter.addressee_key
        )
    )
    series = (series or letter.series) + 1
    domain = (letter.message_id or "").rstrip(">").rpartition("@")[2]
    message_id = mime_message.message_id(
        domain, settings.installation, letter.mailing_id, letter.addressee_key, series
    )
    raw = session.scalar(select(Letter.mime).where(Letter.id == letter.id)) or b""
    renewed = mime_message.with_message_id(raw, message_id)
    again = Letter(
        **{name: getattr(letter, name) for name in SAME_IN_A_COPY},
        series=series,
        mime=renewed,
        sha256=mime_message.sha256(renewed),
        message_id=message_id,
        state=LetterState.QUEUED,
    )
    session.add(again)
    session.flush()
    _copy_company(session, letter, again)
    return again


SAME_IN_A_COPY = (
    *("origin", "mailing_id", "addressee_key", "person_id", "to_name", "to_email", "salutation"),
    *("stands_in_as", "subject", "text", "html", "reference", "include_anyway"),
)


def _copy_company(session: Session, letter: Letter, again: Letter) -> None:
    """The boards the letter names and the addresses on its envelope."""
    for board in session.scalars(select(LetterBoard).where(LetterBoard.letter_id == letter.id)):
        session.add(
            LetterBoard(
                letter_id=again.id,
                organisation_id=board.organisation_id,
                post_id=board.post_id,
                appointment_id=board.appointment_id,
            )
        )
    same = ("person_id", "name", "address", "address_key", "is_cc", "capacity")
    for one in session.scalars(
        select(LetterRecipient)
        .where(LetterRecipient.letter_id == letter.id)
        .order_by(LetterRecipient.id)
    ):
        session.add(
            LetterRecipient(letter_id=again.id, **{name: getattr(one, name) for name in same})
        )
    session.flush()


def _reopen(session: Session, mailing: Mailing, settings: Settings, at: datetime) -> None:
    """A mailing that had come to its end holds once more for the one letter released again."""
    if mailing.state in RELEASED:
        return
    hold_until = at + timedelta(minutes=settings.hold_minutes)
    reopened = turn(
        session,
        mailing,
        MailingState.HOLDING,
        "",
        hold_until=hold_until,
        approval_lapses_at=hold_until + timedelta(hours=settings.approval_hours),
        installation=settings.installation,
        failures_in_a_row=0,
        failure_kind="",
        pause_attempts=0,
        resume_at=None,
        ended_at=None,
    )
    if not reopened:
        raise NotNow("The mailing changed in this moment. Look again.")


def _record(session: Session, letter: Letter, action: str, summary: str) -> None:
    subjects = [("letter", letter.id), *letter.audit_subjects()]
    audit.record(session, action=action, subjects=subjects, summary=summary)
