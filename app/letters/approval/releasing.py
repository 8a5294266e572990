"""Approve and release: one act, by a second person, in one transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.audit.services import record
from app.core.errors import DomainError
from app.directory.addresses import mailbox
from app.directory.models import Person
from app.letters import steps
from app.letters.approval import sealing
from app.letters.approval.submitting import NotReady, must_wait, ready_letters
from app.letters.authorship import is_author
from app.letters.drafting.letterhead import privacy_address
from app.letters.models import (
    Channel,
    Letter,
    LetterRecipient,
    LetterState,
    Mailing,
    MailingState,
    PostalState,
)
from app.letters.recipients.directory_snapshot import objecting_mailboxes
from app.letters.transitions import MAILING, PAPER
from app.settings.models import Settings
from app.settings.services import settings_of


class NotYours(DomainError):
    """Somebody else has to do this."""


def why_not_release(session: Session, mailing: Mailing, by: User) -> str:
    """Why this person may not approve and release it; empty if they may."""
    if not is_author(mailing, by):
        return "" if by.may(Permission.APPROVE) else "You do not have the permission to approve."
    if outsiders(session, mailing) > 1:
        return "You worked on this mailing, so somebody else has to approve it."
    if not settings_of(session).single_letter_by_author:
        return "Letters have to be approved by somebody who did not write them."
    return ""


def outsiders(session: Session, mailing: Mailing) -> int:
    """How many would get something: different mailboxes, copies included, and letter boxes."""
    ready = (Letter.mailing_id == mailing.id, Letter.state == LetterState.READY)
    mailboxes = session.scalar(
        select(func.count(func.distinct(LetterRecipient.address_key)))
        .join(Letter, LetterRecipient.letter_id == Letter.id)
        .where(*ready)
    )
    by_post_alone = session.scalar(
        select(func.count(Letter.id)).where(*ready, Letter.channel == Channel.POST.value)
    )
    return (mailboxes or 0) + (by_post_alone or 0)


def approve_and_release(
    session: Session, mailing_id: int, *, by: User, at: datetime, base_url: str
) -> Mailing:
    """Queue every letter in one transaction, to leave when the hold is over.

    The row is locked first: of two people who press at once, one releases and the other is told.
    """
    mailing = session.scalars(
        select(Mailing)
        .where(Mailing.id == mailing_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    must_wait(mailing)
    if reason := why_not_release(session, mailing, by):
        raise NotYours(reason)
    settings = settings_of(session)
    letters = ready_letters(session, mailing, with_bytes=True)
    _refuse_if_altered(mailing, letters)
    _refuse_if_objected(session, letters)
    if not privacy_address(settings, base_url):
        raise NotReady("There is no privacy notice any more, and the letters point to it.")
    _queue(session, mailing, settings, letters, by=by, at=at)
    return mailing


def _refuse_if_altered(mailing: Mailing, letters: Sequence[Letter]) -> None:
    """Exactly the letters that were asked about, byte for byte, and as many of them."""
    mailed = [letter for letter in letters if letter.is_mailed]
    same = all(letter.sha256 == sealing.sha256(letter.mime or b"") for letter in mailed)
    now = [seal for letter in letters for seal in sealing.seals_of(letter, letter.sha256)]
    same = same and sealing.manifest(now) == mailing.manifest_sha256
    if not same or len(letters) != mailing.letter_count:
        raise NotReady(
            "The letters are no longer those that were put forward. Send the mailing back, and "
            "have it checked again."
        )


def _refuse_if_objected(session: Session, letters: Sequence[Letter]) -> None:
    ids = [letter.id for letter in letters]
    boxes = objecting_mailboxes(session.connection())
    rows = session.execute(
        select(LetterRecipient.name, LetterRecipient.address_key, Person.objected_on)
        .outerjoin(Person, LetterRecipient.person_id == Person.id)
        .where(LetterRecipient.letter_id.in_(ids))
    )
    names = [name for name, key, objected in rows if objected or mailbox(key) in boxes]
    names += session.scalars(
        select(Letter.to_name)
        .join(Person, Letter.person_id == Person.id)
        .where(
            Letter.id.in_(ids),
            Letter.channel == Channel.POST.value,  # of the others, the addresses tell
            Person.objected_on.is_not(None),
        )
    ).all()
    if names:
        raise NotReady(
            f"Since the check, these readers asked not to be contacted: {', '.join(names)}. "
            "Send the mailing back, and have it checked again."
        )


def _queue(
    session: Session,
    mailing: Mailing,
    settings: Settings,
    letters: Sequence[Letter],
    *,
    by: User,
    at: datetime,
) -> None:
    to_mail = [letter.id for letter in letters if letter.is_mailed]
    to_post = [letter.id for letter in letters if not letter.is_mailed]
    ready = (LetterState.READY,)
    told: dict[str, Any] = {"note": "released", "at": at, "by_id": by.id}
    queued, by_post, approved = LetterState.QUEUED, LetterState.BY_POST, PostalState.APPROVED
    moved = steps.move(session, to_mail, leaving=ready, to=queued, **told)
    moved += steps.move(session, to_post, leaving=ready, to=by_post, post_state=approved, **told)
    # What was printed under an earlier approval stays printed.
    paper = Letter.id.in_([letter.id for letter in letters if letter.is_posted])
    PAPER.move(session, paper, leaving=(PostalState.READY,), to=approved)
    released = len(moved)
    if released != mailing.letter_count:
        raise NotReady("Some of the letters changed just now. Look at them again.")
    MAILING.move_record(session, mailing, MailingState.HOLDING)
    mailing.state_reason = ""
    mailing.released_at, mailing.released_by_id = at, by.id
    mailing.hold_until = at + timedelta(minutes=settings.hold_minutes)
    mailing.approval_lapses_at = mailing.hold_until + timedelta(hours=settings.approval_hours)
    mailing.installation = settings.installation
    mailing.failures_in_a_row, mailing.pause_attempts, mailing.resume_at = 0, 0, None
    record(
        session,
        action="released",
        subjects=[("mailing", mailing.id)],
        summary=f"{released} letters, manifest {(mailing.manifest_sha256 or '')[:12]}",
    )
