"""Letters that went outside Liaise, recorded so that they count as letters sent."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from app.accounts.models import User
from app.core.errors import DomainError
from app.directory.models import Organisation, Person
from app.letters.attaching import fit
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
    """Record one letter to one addressee about one or more bodies.

    The same letter recorded twice (a double click) is kept once.
    """
    if sent_on > today:
        raise NotRecordable("Give today’s date or an earlier one: this is for letters that went.")
    if not organisations:
        raise NotRecordable("Choose at least one organisation the letter was to.")
    if not (person or addressee.strip()):
        raise NotRecordable("Choose the person it went to, or write to whom it was addressed.")
    if channel not in CHANNELS:
        raise NotRecordable("Choose how it was sent.")
    known = _recorded_before(session, sent_on, subject.strip(), person, addressee.strip())
    if known:
        return known
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
        name, media_type = fit(scan.file_name, scan.content)
        session.add(
            LetterFile(
                letter_id=letter.id,
                file_name=name,
                media_type=media_type,
                size=len(scan.content),
                sha256=hashlib.sha256(scan.content).hexdigest(),
                content=scan.content,
            )
        )
    session.flush()
    return letter


def _recorded_before(
    session: Session, sent_on: date, subject: str, person: Person | None, addressee: str
) -> Letter | None:
    return session.scalar(
        select(Letter).where(
            Letter.origin == LetterOrigin.OUTSIDE,
            Letter.sent_on == sent_on,
            Letter.subject == subject,
            Letter.person_id == person.id if person else Letter.to_name == addressee,
        )
    )


def files_of(session: Session, letter_id: int) -> Sequence[LetterFile]:
    """The files of a letter, without their contents."""
    return session.scalars(select(LetterFile).where(LetterFile.letter_id == letter_id)).all()


def file_with_content(session: Session, letter_id: int, file_id: int) -> LetterFile | None:
    return session.scalar(
        select(LetterFile)
        .where(LetterFile.id == file_id, LetterFile.letter_id == letter_id)
        .options(undefer(LetterFile.content))
    )
