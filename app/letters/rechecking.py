"""A last look before a letter leaves: has anybody objected, answered or bounced since (R5)?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from app.directory.models import Person, PersonEmail
from app.letters.models import Letter, LetterAnswer, LetterBoard, LetterRecipient
from app.letters.register import mailbox, objecting_mailboxes

_MINE = LetterRecipient.letter_id == bindparam("the_letter")
_OBJECTED = exists().where(
    _MINE, Person.id == LetterRecipient.person_id, Person.objected_on.is_not(None)
)
_FAILED = exists().where(
    _MINE,
    LetterRecipient.is_cc.is_(False),
    PersonEmail.address_key == LetterRecipient.address_key,
    PersonEmail.failed_on.is_not(None),
)
_ANSWERED = exists().where(LetterAnswer.recorded_at >= bindparam("since"))
# A quick look, since mostly there is nothing; the words for it are found only when there is.
UNANSWERED = select(_OBJECTED, _FAILED)
ANSWERED = select(_OBJECTED, _FAILED, _ANSWERED)
KEYS = select(LetterRecipient.address_key).where(_MINE)


def reason_to_leave_out(session: Session, letter_id: int, since: datetime | None) -> str | None:
    """Why this letter must not go after all; None when nothing stands in its way.

    Answers count from `since`, when the letter was fixed: earlier ones were there for its writer
    and its approver to see.
    """
    connection = session.connection()
    facts: dict[str, Any] = {"the_letter": letter_id}
    if since is not None:
        facts["since"] = since
    found = connection.execute(ANSWERED if since is not None else UNANSWERED, facts).one()
    if not any(found) and not _reaches_objector(session, facts):
        return None
    return _reason(session, letter_id, since)


def _reaches_objector(session: Session, facts: dict[str, Any]) -> bool:
    """Whether somebody else who reads one of the mailboxes has objected."""
    boxes = objecting_mailboxes(session)
    if not boxes:
        return False
    keys = session.connection().scalars(KEYS, facts)
    return any(mailbox(key) in boxes for key in keys)


def _reason(session: Session, letter_id: int, since: datetime | None) -> str | None:
    recipients = session.execute(
        select(
            LetterRecipient.person_id,
            LetterRecipient.address_key,
            LetterRecipient.is_cc,
            LetterRecipient.address,
        ).where(LetterRecipient.letter_id == letter_id)
    ).all()
    people = [row.person_id for row in recipients if row.person_id is not None]
    return (
        _objection(session, people, [row.address_key for row in recipients])
        or _failed_address(session, [row.address_key for row in recipients if not row.is_cc])
        or _answer(session, letter_id, since)
    )


def _objection(session: Session, people: Sequence[int], keys: Sequence[str]) -> str | None:
    """Of a recipient, or of anybody else who reads one of these mailboxes; absolute."""
    objector = session.scalar(
        select(Person).where(Person.objected_on.is_not(None), Person.id.in_(people)).limit(1)
    )
    if objector is not None:
        return f"{objector.name} has objected to being written to."
    boxes = objecting_mailboxes(session)
    if any(mailbox(key) in boxes for key in keys):
        return "Somebody who reads one of its mailboxes has objected to being written to."
    return None


def _failed_address(session: Session, keys: Sequence[str]) -> str | None:
    failed = session.scalar(
        select(PersonEmail.failure)
        .where(PersonEmail.address_key.in_(keys), PersonEmail.failed_on.is_not(None))
        .limit(1)
    )
    return None if failed is None else f"Mail to this address has failed since: {failed}"


def _answer(session: Session, letter_id: int, since: datetime | None) -> str | None:
    """An answer from the addressee, or about one of the boards, to whichever letter of ours."""
    if since is None:
        return None
    answered_by = session.scalar(
        select(LetterAnswer.answered_by)
        .join(Letter, Letter.id == LetterAnswer.letter_id)
        .where(LetterAnswer.recorded_at >= since, _in_one_conversation(letter_id))
        .limit(1)
    )
    return None if answered_by is None else f"{answered_by} has answered since it was approved."


def _in_one_conversation(letter_id: int) -> ColumnElement[bool]:
    addressee = select(Letter.person_id).where(
        Letter.id == letter_id, Letter.person_id.is_not(None)
    )
    boards = select(LetterBoard.organisation_id).where(LetterBoard.letter_id == letter_id)
    about_them = select(LetterBoard.letter_id).where(LetterBoard.organisation_id.in_(boards))
    return or_(Letter.person_id.in_(addressee), Letter.id.in_(about_them))
