"""A test to oneself, asking for approval, and going back to draft."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, undefer

from app.accounts.models import User
from app.core.clock import LONDON
from app.core.errors import DomainError, NoReason
from app.core.mail import mime_message
from app.core.mail.mime_message import Mailbox, MessageParts
from app.letters import steps
from app.letters.approval import sealing
from app.letters.authorship import had_a_hand, must_be_draft
from app.letters.content import attachments
from app.letters.content.fields import House
from app.letters.drafting import staleness
from app.letters.drafting.checking import obstacles
from app.letters.drafting.letterhead import house_of_mailing
from app.letters.findings import Finding
from app.letters.models import (
    Attachment,
    Letter,
    LetterRecipient,
    LetterState,
    Mailing,
    MailingState,
    TemplateVersion,
)
from app.letters.notifying import tell_approvers
from app.letters.recipients.final_check import reason_to_leave_out
from app.letters.transitions import MAILING
from app.outbox import services as outbox
from app.outbox.models import Occasion
from app.settings.services import settings_of


class NotReady(DomainError):
    """The mailing cannot take this step; says what has to happen first."""


@dataclass(frozen=True)
class Readiness:
    """How far a draft is from approval; the page and a forged request get the same sentences."""

    obstacles: tuple[Finding, ...]  # what stops the whole mailing
    blockers: tuple[str, ...]  # those in words, and what is missing besides
    changed: tuple[str, ...]
    is_tested: bool

    @property
    def may_ask(self) -> bool:
        return not self.blockers


def standing(
    session: Session,
    mailing: Mailing,
    *,
    base_url: str,
    on: date,
    attached: Sequence[Attachment] | None = None,
) -> Readiness:
    """Give the files as `attached` if you have read them."""
    files = attachments.attachments_of(session, mailing) if attached is None else attached
    counts = _counts(session, mailing)
    stopped = tuple(obstacles(session, mailing, attached=files, base_url=base_url, on=on))
    wrong = [one.words for one in stopped]
    if mailing.frozen_at is None:
        wrong.append("The letters have not been checked yet.")
    elif rows := counts.get(LetterState.DRAFT, 0):
        need = "row needs" if rows == 1 else "rows need"
        wrong.append(f"{rows} {need} you before this can be approved.")
    elif not counts.get(LetterState.READY):
        wrong.append("There is nobody to write to.")
    changed = staleness.changed_since(session, mailing, on=on, base_url=base_url)
    if changed:
        wrong.append("Something changed since the letters were checked. Check again.")
    is_tested = tested_hash(session, mailing, base_url, files) == mailing.test_sha256
    if not is_tested and not mailing.test_waived:
        wrong.append("Send a test to yourself first, or say why not.")
    return Readiness(stopped, tuple(wrong), tuple(changed), is_tested)


def _counts(session: Session, mailing: Mailing) -> dict[LetterState, int]:
    rows = session.execute(
        select(Letter.state, func.count())
        .where(Letter.mailing_id == mailing.id)
        .group_by(Letter.state)
    )
    return {state: count for state, count in rows}


def tested_hash(
    session: Session, mailing: Mailing, base_url: str, attached: Sequence[Attachment]
) -> str:
    house = house_of_mailing(session, mailing, base_url=base_url, written_on=date(2000, 1, 1))
    version = session.get_one(TemplateVersion, mailing.template_version_id)
    return sealing.words_hash(version, house, attached)


def send_test(
    session: Session, mailing: Mailing, letter: Letter, *, by: User, at: datetime, base_url: str
) -> None:
    """Send this letter to the one who asks, and to nobody else: same words, files and form."""
    settings = settings_of(session)
    house = _house(session, mailing, base_url)
    if not house.from_email:
        raise NotReady("Set the From address in the settings first.")
    domain = house.from_email.rpartition("@")[2]
    raw = mime_message.build(
        MessageParts(
            from_name=house.from_name,
            from_email=house.from_email,
            to=(Mailbox(by.name, by.email),),
            reply_to=by.email,
            subject=f"[Test] {letter.subject}",
            text=letter.text,
            html=letter.html,
            message_id=mime_message.message_id(
                domain, settings.installation, "test", letter.id, by.id, at.isoformat()
            ),
            attachments=sealing.files_of(session, mailing),
        )
    )
    outbox.enqueue(
        session,
        recipient=by.email,
        subject=f"[Test] {letter.subject}",
        body=letter.text,
        raw=raw,
        send_after=at,
        occasion=Occasion.ASKED_FOR,
    )
    attached = attachments.attachments_of(session, mailing)
    mailing.test_sha256 = tested_hash(session, mailing, base_url, attached)
    mailing.test_waived = ""


def waive_test(mailing: Mailing, reason: str, *, by: User) -> None:
    must_be_draft(mailing)
    reason = " ".join(reason.split())
    if not reason:
        raise NoReason("Say why no test is needed. Whoever approves will read it.")
    mailing.test_waived = f"{reason} ({by.name})"
    had_a_hand(mailing, by)


def _house(session: Session, mailing: Mailing, base_url: str) -> House:
    written_on = mailing.frozen_at.astimezone(LONDON).date() if mailing.frozen_at else date.min
    return house_of_mailing(session, mailing, base_url=base_url, written_on=written_on)


def ask_for_approval(
    session: Session, mailing: Mailing, *, by: User, at: datetime, base_url: str
) -> None:
    """Fix the bytes of every letter and put them before a second person."""
    must_be_draft(mailing)
    now = standing(session, mailing, base_url=base_url, on=at.astimezone(LONDON).date())
    if now.blockers:
        raise NotReady(" ".join(now.blockers))
    letters = ready_letters(session, mailing)
    _seal(session, mailing, letters, base_url)
    _put_forward(session, mailing, letters, by=by, at=at)
    tell_approvers(session, mailing, by=by, at=at)


def ask_again(session: Session, mailing: Mailing, *, by: User, at: datetime) -> None:
    """An approval lapsed before every letter had gone: those that are left need another."""
    if mailing.state is not MailingState.EXPIRED:
        raise NotReady("Only a mailing whose approval has lapsed can be put forward again.")
    expired = (Letter.mailing_id == mailing.id, Letter.state == LetterState.EXPIRED)
    left = session.scalars(select(Letter.id).where(*expired)).all()
    steps.move(
        session,
        _still_wanted(session, mailing, left, by=by, at=at),
        leaving=(LetterState.EXPIRED,),
        to=LetterState.READY,
        note="put forward again",
        at=at,
        by_id=by.id,
    )
    _put_forward(session, mailing, ready_letters(session, mailing), by=by, at=at)
    tell_approvers(session, mailing, by=by, at=at)


def _still_wanted(
    session: Session, mailing: Mailing, letter_ids: Sequence[int], *, by: User, at: datetime
) -> list[int]:
    """Leaves out those whose reader objected or answered, or whose address failed, meanwhile."""
    reasons = {
        one: reason_to_leave_out(session, one, mailing.answers_count_from) for one in letter_ids
    }
    for letter_id, reason in reasons.items():
        if reason:
            gone, out = (LetterState.EXPIRED,), LetterState.EXCLUDED
            steps.move(
                session, [letter_id], leaving=gone, to=out, reason=reason, at=at, by_id=by.id
            )
    return [letter_id for letter_id, reason in reasons.items() if not reason]


def _put_forward(
    session: Session, mailing: Mailing, letters: Sequence[Letter], *, by: User, at: datetime
) -> None:
    if not letters:
        raise NotReady("There is nobody to write to.")
    MAILING.move_record(session, mailing, MailingState.AWAITING_APPROVAL)
    mailing.manifest_sha256 = sealing.manifest(
        seal for letter in letters for seal in sealing.seals_of(letter, letter.sha256)
    )
    mailing.letter_count = len(letters)
    mailing.state_reason = ""
    mailing.asked_at, mailing.asked_by_id = at, by.id


def ready_letters(
    session: Session, mailing: Mailing, *, with_bytes: bool = False
) -> Sequence[Letter]:
    wanted = select(Letter).where(
        Letter.mailing_id == mailing.id, Letter.state == LetterState.READY
    )
    if with_bytes:
        wanted = wanted.options(undefer(Letter.mime))
    return session.scalars(
        wanted.order_by(Letter.id).execution_options(populate_existing=True)
    ).all()


def _seal(session: Session, mailing: Mailing, letters: Sequence[Letter], base_url: str) -> None:
    settings = settings_of(session)
    house = _house(session, mailing, base_url)
    files = sealing.files_of(session, mailing)
    recipients = _recipients(session, mailing)
    limit = attachments.coded_size([settings.max_attachment_kb * 1024])
    rows: list[dict[str, Any]] = []
    for letter in letters:
        if house.privacy_url not in letter.text:
            raise NotReady(f"The letter to {letter.to_name} lacks the privacy line. Check again.")
        if not letter.is_mailed:
            letter.sha256 = sealing.paper_hash(letter)
            rows.append(
                {"id": letter.id, "mime": None, "sha256": letter.sha256, "message_id": None}
            )
            continue
        message_id, mime = sealing.bytes_of(
            letter,
            recipients.get(letter.id, []),
            house=house,
            installation=settings.installation,
            files=files,
        )
        if len(mime) > limit:
            raise NotReady(
                f"The letter to {letter.to_name} would be {attachments.in_words(len(mime))} as "
                f"mail; the limit is {attachments.in_words(limit)}. Remove an attachment."
            )
        digest = sealing.sha256(mime)
        rows.append({"id": letter.id, "mime": mime, "sha256": digest, "message_id": message_id})
        letter.sha256 = digest
    # In bulk, past the recorder: the history tells of one asking, not of a thousand rows.
    for letter in letters:
        session.expunge(letter)
    session.execute(update(Letter), rows)


def _recipients(session: Session, mailing: Mailing) -> dict[int, list[LetterRecipient]]:
    found: dict[int, list[LetterRecipient]] = {}
    rows = session.scalars(
        select(LetterRecipient)
        .join(Letter, LetterRecipient.letter_id == Letter.id)
        .where(Letter.mailing_id == mailing.id)
        .order_by(LetterRecipient.id)
    )
    for row in rows:
        found.setdefault(row.letter_id, []).append(row)
    return found


def withdraw(session: Session, mailing: Mailing, *, by: User, at: datetime) -> None:
    """Back to draft, by any coordinator: whoever put it forward may be away."""
    must_wait(mailing)
    _give_back(session, mailing, f"Withdrawn by {by.name}.", by=by, at=at)


def send_back(session: Session, mailing: Mailing, reason: str, *, by: User, at: datetime) -> None:
    """Back to draft by a second person, with what has to change."""
    must_wait(mailing)
    reason = " ".join(reason.split())
    if not reason:
        raise NoReason("Say what has to change. The author reads it above the letters.")
    _give_back(session, mailing, f"Sent back by {by.name}: {reason}", by=by, at=at)


def _give_back(session: Session, mailing: Mailing, why: str, *, by: User, at: datetime) -> None:
    """To draft; but what has left stays as it left, so where some of it has, the rest only lapses
    again. Words that have to change are for a mailing of their own."""
    some_left = mailing.released_at is not None
    MAILING.move_record(session, mailing, MailingState.EXPIRED if some_left else MailingState.DRAFT)
    mailing.state_reason = why
    if not some_left:
        return
    ready, lapsed = (LetterState.READY,), LetterState.EXPIRED
    waiting = [letter.id for letter in ready_letters(session, mailing)]
    steps.move(session, waiting, leaving=ready, to=lapsed, reason=why, at=at, by_id=by.id)


def must_wait(mailing: Mailing) -> None:
    if mailing.state is not MailingState.AWAITING_APPROVAL:
        raise NotReady(f"This mailing is {mailing.state.value}; it is not waiting for approval.")
