"""Letters that went outside Liaise, recorded so that they count as letters sent."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from app.accounts.models import User
from app.core.errors import DomainError
from app.directory.models import Organisation, Person
from app.followups import services as followups
from app.followups.services import LONGEST_WHAT, FollowUpDetails
from app.letters.content.attachments import fit
from app.letters.models import (
    Letter,
    LetterBoard,
    LetterFile,
    LetterKind,
    LetterOrigin,
    LetterState,
)

AT_ONCE = 500  # values in one IN list; both databases have a limit
LONGEST_WORDS = 100_000
CHANNELS = {
    "email": "Email",
    "post": "Post",
    "hand": "By hand",
    "portal": "Through a form or portal",
}


class NotRecordable(DomainError):
    """Something that would make the record worthless."""


@dataclass(frozen=True)
class KnownLetter:
    """A letter that went, and the bodies it was to."""

    letter: Letter
    body_ids: frozenset[int]


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
    kind: LetterKind = LetterKind.LETTER,
    channel: str,
    person: Person | None,
    addressee: str,
    organisations: Sequence[Organisation],
    words: str = "",
    scan: Scan | None = None,
    by: User,
    today: date,
) -> Letter:
    """Record one letter to one addressee about one or more bodies, with its words if you have them.

    The same letter recorded twice (a double click) is kept once, and is of the kind said last.
    """
    if sent_on > today:
        raise NotRecordable("Give today’s date or an earlier one: this is for letters that went.")
    if not organisations:
        raise NotRecordable("Choose at least one organisation the letter was to.")
    if not (person or addressee.strip()):
        raise NotRecordable("Choose the person it went to, or write to whom it was addressed.")
    if channel not in CHANNELS:
        raise NotRecordable("Choose how it was sent.")
    if len(words) > LONGEST_WORDS:
        raise NotRecordable(f"Keep its words to {LONGEST_WORDS:,} characters, or add it as a file.")
    letter = outside_letter(
        sent_on=sent_on,
        subject=subject.strip(),
        kind=kind,
        channel=channel,
        person=person,
        addressee=addressee.strip(),
        reference="",
        by=by,
    )
    letter.text = words.strip()
    body_ids = frozenset(organisation.id for organisation in organisations)
    if known := _recorded_before(session, letter, body_ids):
        known.kind = kind
        return known
    session.add(letter)
    session.flush()
    session.add_all(LetterBoard(**row) for row in boards_of([(letter, organisations)]))
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


def expect_an_answer(
    session: Session,
    letter: Letter,
    organisation: Organisation,
    *,
    answer_by: date,
    by: User,
    at: datetime,
    on: date,
) -> None:
    """A follow-up of whoever records it, on the day by which an answer is expected."""
    if letter.sent_on and answer_by < letter.sent_on:
        raise NotRecordable("An answer cannot be expected before the letter was sent.")
    wanted = FollowUpDetails(
        f"Answer expected to “{letter.subject}”"[:LONGEST_WHAT],
        by,
        answer_by,
        waiting_on_them=True,
        organisation=organisation,
    )
    token = f"answer-to:{letter.id}"  # recorded twice, it is expected once
    followups.add(session, wanted, by=by, at=at, on=on, form_token=token)


def outside_letter(
    *,
    sent_on: date,
    subject: str,
    kind: LetterKind,
    channel: str,
    person: Person | None,
    addressee: str,
    reference: str,
    by: User | None,
) -> Letter:
    """A letter that went; `by` whom it is recorded, not sent."""
    return Letter(
        origin=LetterOrigin.OUTSIDE,
        person_id=person.id if person else None,
        to_name=person.name if person else addressee,
        subject=subject,
        kind=kind,
        state=LetterState.SENT,
        channel=channel,
        sent_on=sent_on,
        reference=reference or None,
        recorded_by_id=by.id if by else None,
    )


def boards_of(
    letters: Sequence[tuple[Letter, Sequence[Organisation]]],
) -> list[dict[str, int]]:
    """For each letter the bodies it was to, each once, as rows."""
    return [
        {"letter_id": letter.id, "organisation_id": body_id}
        for letter, organisations in letters
        for body_id in dict.fromkeys(body.id for body in organisations)
    ]


def _recorded_before(session: Session, wanted: Letter, body_ids: frozenset[int]) -> Letter | None:
    """The chair's office is another addressee at each body, so there the bodies count too."""
    assert wanted.sent_on is not None
    for known in letters_sent_on(session, [wanted.sent_on]).get(wanted.sent_on, ()):
        letter = known.letter
        if letter.origin is not LetterOrigin.OUTSIDE or letter.subject != wanted.subject:
            continue
        if letter.person_id != wanted.person_id:
            continue
        same_office = letter.to_name == wanted.to_name and known.body_ids == body_ids
        if wanted.person_id or same_office:
            return letter
    return None


def letters_sent_on(session: Session, days: Collection[date]) -> dict[date, list[KnownLetter]]:
    """The letters that went on these days, from Liaise or without it."""
    boards: dict[int, set[int]] = {}
    letters: dict[int, Letter] = {}
    wanted = sorted(days)
    for start in range(0, len(wanted), AT_ONCE):
        portion = wanted[start : start + AT_ONCE]
        for letter in session.scalars(
            select(Letter).where(Letter.sent_on.in_(portion)).order_by(Letter.id)
        ):
            letters[letter.id] = letter
        for letter_id, body_id in session.execute(
            select(LetterBoard.letter_id, LetterBoard.organisation_id)
            .join(LetterBoard.letter)
            .where(Letter.sent_on.in_(portion))
        ):
            boards.setdefault(letter_id, set()).add(body_id)
    found: dict[date, list[KnownLetter]] = {}
    for letter_id, letter in letters.items():
        if letter.sent_on:
            known = KnownLetter(letter, frozenset(boards.get(letter_id, ())))
            found.setdefault(letter.sent_on, []).append(known)
    return found


def files_of(session: Session, letter_id: int) -> Sequence[LetterFile]:
    """The files of a letter, without their contents."""
    return session.scalars(select(LetterFile).where(LetterFile.letter_id == letter_id)).all()


def file_with_content(session: Session, letter_id: int, file_id: int) -> LetterFile | None:
    return session.scalar(
        select(LetterFile)
        .where(LetterFile.id == file_id, LetterFile.letter_id == letter_id)
        .options(undefer(LetterFile.content))
    )
