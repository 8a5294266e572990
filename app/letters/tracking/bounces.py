"""Letters that the mail server took and that came back: their bounce, recorded by hand.

It arrives in the office's mailbox, which Liaise does not read. The address joins those that failed,
so no letter is ready for it before somebody finds the right one.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit import services as audit
from app.core.errors import DomainError
from app.core.web.filters import on_day
from app.directory.models import PersonEmail
from app.directory.services import people
from app.letters import steps
from app.letters.models import Letter, LetterAnswer, LetterRecipient, LetterState
from app.letters.notifying import tell_of_bounce

USUAL_REASONS = (
    "no such mailbox",
    "mailbox full",
    "left the organisation",
    "refused as spam",
    "not delivered in time",
)


class CannotBounce(DomainError):
    """Only what was sent by email can bounce, from that day on."""


def may_bounce(letter: Letter) -> bool:
    by_mail = letter.state is LetterState.SENT and letter.is_mailed
    return by_mail and not letter.is_caught and letter.bounced_on is None


def record(
    session: Session,
    letter: Letter,
    recipients: Sequence[LetterRecipient],
    *,
    bounced_on: date,
    why: str,
    by: User,
    at: datetime,
    today: date,
) -> None:
    """It came back from these addresses. The letter has bounced where its addressee's is one."""
    why = " ".join(why.split()).rstrip(". ")
    _refuse_nonsense(letter, bounced_on, why, today)
    # Of a letter that was recorded by hand no address is known.
    to_addressee = not recipients or not all(one.is_cc for one in recipients)
    if to_addressee:
        _refuse_answered(session, letter)
        letter.bounced_on, letter.bounced_why = bounced_on, why
    for one in recipients:
        one.accepted, one.reply = False, f"bounced on {on_day(bounced_on)}: {why}"
    keys = [one.address_key for one in recipients]
    for email in session.scalars(select(PersonEmail).where(PersonEmail.address_key.in_(keys))):
        people.mark_failed(session, email=email, failed_on=bounced_on, why=why)
    whose = "" if to_addressee else f"A copy, to {', '.join(one.address for one in recipients)}: "
    note = f"{whose}bounced on {on_day(bounced_on)}: {why}."
    _tell_story(session, letter, note[:1].upper() + note[1:], by=by, at=at)
    audit.record(
        session,
        action="bounced",
        subjects=[("letter", letter.id), *letter.audit_subjects()],
        summary=why,
    )
    if to_addressee:
        tell_of_bounce(session, letter, by=by, at=at, on=today)


def take_back(session: Session, letter: Letter, *, by: User, at: datetime) -> None:
    """It was another letter: this one is as good as it was, and so is its address."""
    if letter.bounced_on is None:
        raise CannotBounce("This letter is not marked as bounced.")
    said = letter.bounced_on, letter.bounced_why
    own = LetterRecipient.letter_id == letter.id, LetterRecipient.is_cc.is_(False)
    for one in session.scalars(select(LetterRecipient).where(*own)):
        one.accepted, one.reply = True, ""
        same = PersonEmail.address_key == one.address_key
        for email in session.scalars(select(PersonEmail).where(same)):
            if (email.failed_on, email.failure) == said:
                people.forget_failure(session, email=email)
    letter.bounced_on, letter.bounced_why = None, ""
    _tell_story(session, letter, "It did not bounce after all.", by=by, at=at)


def _refuse_nonsense(letter: Letter, bounced_on: date, why: str, today: date) -> None:
    if not may_bounce(letter):
        raise CannotBounce("Only a letter that was sent by email, and has not bounced yet, can.")
    if bounced_on > today:
        raise CannotBounce("Give today’s date or an earlier one.")
    if letter.sent_on and bounced_on < letter.sent_on:
        raise CannotBounce(
            f"It was sent on {on_day(letter.sent_on)}: it cannot have bounced before that."
        )
    if not why:
        raise CannotBounce("Say why it bounced, as the message that came back says.")


def _refuse_answered(session: Session, letter: Letter) -> None:
    answer = session.scalar(
        select(LetterAnswer).where(LetterAnswer.letter_id == letter.id).limit(1)
    )
    if answer is not None:
        raise CannotBounce(
            f"{answer.answered_by} answered it on {on_day(answer.answered_on)}, so it arrived. "
            "Mark the address on the person’s page instead."
        )


def _tell_story(session: Session, letter: Letter, note: str, *, by: User, at: datetime) -> None:
    line = {"letter_id": letter.id, "at": at, "state": letter.state, "note": note, "by_id": by.id}
    steps.tell(session, [line])
    session.flush()
