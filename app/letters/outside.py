"""Letters that went outside Liaise, recorded so that they count as letters sent."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.errors import DomainError
from app.directory.models import Organisation, Person
from app.letters.models import Letter, LetterBoard, LetterFile, LetterOrigin, LetterState

CHANNELS = {
    "email": "Email",
    "post": "Post",
    "hand": "By hand",
    "portal": "Through a form or portal",
}


class NotRecordable(DomainError):
    """Something that would make the record worthless."""


@dataclass(frozen=True)
class Scan:
    """The letter itself, as a file."""

    file_name: str
    media_type: str
    content: bytes


def record_outside_letter(
    session: Session,
    *,
    sent_on: date,
    subject: str,
    channel: str,
    person: Person | None,
    addressee: str,
    organisations: Sequence[Organisation],
    scan: Scan | None = None,
    by: User,
    today: date,
) -> Letter:
    """Record one letter to one addressee about one or more bodies."""
    if sent_on > today:
        raise NotRecordable("Give today's date or an earlier one: this is for letters that went.")
    if not organisations:
        raise NotRecordable("Choose at least one organisation the letter was to.")
    if not (person or addressee.strip()):
        raise NotRecordable("Choose the person it went to, or write to whom it was addressed.")
    if channel not in CHANNELS:
        raise NotRecordable("Choose how it was sent.")
    letter = Letter(
        origin=LetterOrigin.OUTSIDE,
        person_id=person.id if person else None,
        to_name=person.name if person else addressee.strip(),
        subject=subject.strip(),
        state=LetterState.SENT,
        channel=channel,
        sent_on=sent_on,
        recorded_by_id=by.id,
    )
    session.add(letter)
    session.flush()
    session.add_all(
        LetterBoard(letter_id=letter.id, organisation_id=organisation.id)
        for organisation in organisations
    )
    if scan:
        session.add(
            LetterFile(
                letter_id=letter.id,
                file_name=scan.file_name,
                media_type=scan.media_type,
                size=len(scan.content),
                sha256=hashlib.sha256(scan.content).hexdigest(),
                content=scan.content,
            )
        )
    session.flush()
    return letter
