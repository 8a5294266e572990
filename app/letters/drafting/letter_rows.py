"""The rows of a mailing's letters: written when it is checked, thrown away when it changes.

They are written in bulk. The history tells of one check, not of a thousand rows.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.mail.mime_message import sha256
from app.directory.addresses import address_key
from app.letters.drafting.preparing import PreparedLetter
from app.letters.models import (
    Letter,
    LetterBoard,
    LetterEvent,
    LetterRecipient,
    Mailing,
    MailingState,
    PostalState,
)


def unfreeze(session: Session, mailing: Mailing) -> None:
    """The words or the readers changed: what was checked no longer says anything."""
    forget(session, mailing)
    mailing.frozen_at = None
    mailing.letter_count = 0


def drafts_about(session: Session, found: Mapping[str, Collection[int]]) -> Sequence[Mailing]:
    """Drafts with letters to, or about, any of these records, by the names of their tables.

    Nobody was written to, so such letters keep no record from going: `unfreeze` these first. They
    are made anew when their mailing is checked again.
    """
    letters = select(Letter.mailing_id)
    about = [
        wanted.where(column.in_(ids))
        for wanted, columns in (
            (letters, {"person": Letter.person_id}),
            (letters.join(LetterRecipient), {"person": LetterRecipient.person_id}),
            (
                letters.join(LetterBoard),
                {
                    "organisation": LetterBoard.organisation_id,
                    "post": LetterBoard.post_id,
                    "appointment": LetterBoard.appointment_id,
                },
            ),
        )
        for table, column in columns.items()
        if (ids := found.get(table))
    ]
    if not about:
        return []
    return session.scalars(
        select(Mailing)
        .where(Mailing.state == MailingState.DRAFT, or_(*(Mailing.id.in_(one) for one in about)))
        .order_by(Mailing.id)
        .with_for_update()
    ).all()


def check_again(drafts: Sequence[Mailing]) -> str:
    """What to tell whoever deleted records that these drafts had letters about."""
    names = " and ".join(f"“{one.name}”" for one in drafts)
    them = "It has" if len(drafts) == 1 else "They have"
    return f"{names} had letters about this. {them} to be checked again."


def forget(session: Session, mailing: Mailing) -> None:
    ids = select(Letter.id).where(Letter.mailing_id == mailing.id)
    for table in (LetterBoard, LetterRecipient, LetterEvent):
        session.execute(
            delete(table).where(table.letter_id.in_(ids)),
            execution_options={"synchronize_session": False},
        )
    session.execute(
        delete(Letter).where(Letter.mailing_id == mailing.id),
        execution_options={"synchronize_session": False},
    )


def write(
    session: Session,
    mailing: Mailing,
    prepared: Sequence[PreparedLetter],
    *,
    by: User,
    at: datetime,
) -> None:
    if not prepared:
        mailing.letter_count = 0
        return
    ids = session.scalars(
        insert(Letter).returning(Letter.id, sort_by_parameter_order=True),
        [_letter_row(mailing, one) for one in prepared],
    ).all()
    pairs = list(zip(ids, prepared, strict=True))
    boards = [row for letter_id, one in pairs for row in _board_rows(letter_id, one)]
    recipients = [row for letter_id, one in pairs for row in _recipient_rows(letter_id, one)]
    events = [
        {"letter_id": i, "at": at, "state": one.state, "note": one.excluded, "by_id": by.id}
        for i, one in pairs
    ]
    for table, rows in (
        (LetterBoard, boards),
        (LetterRecipient, recipients),
        (LetterEvent, events),
    ):
        if rows:
            session.execute(insert(table), rows)
    mailing.letter_count = sum(not one.excluded for one in prepared)


def _hash_of(one: PreparedLetter) -> str:
    """Of all that the check shows of a letter; the hash of its very bytes takes its place later."""
    rendered = one.rendered
    words = (rendered.subject, rendered.text, rendered.html) if rendered else ()
    envelope = one.envelope.text if one.is_posted else ""
    boxes = (
        f"{row['address_key']} {row['name']} {row['is_cc']}" for row in _recipient_rows(0, one)
    )
    return sha256("\x1f".join((one.reader.channel.value, envelope, *words, *boxes)).encode())


def _letter_row(mailing: Mailing, one: PreparedLetter) -> dict[str, Any]:
    addressee, rendered = one.reader.addressee, one.rendered
    return {
        "mailing_id": mailing.id,
        "addressee_key": addressee.key,
        "person_id": addressee.person_id,
        "to_name": addressee.to_name,
        "to_email": addressee.email,
        "salutation": addressee.greeting.opening,
        "stands_in_as": addressee.stands_in_as,
        "subject": rendered.subject if rendered else "",
        "text": rendered.text if rendered else "",
        "html": rendered.html if rendered else "",
        "sha256": _hash_of(one),
        "reference": one.reference,
        "state": one.state,
        "state_reason": one.excluded or "\n".join(problem.words for problem in one.problems),
        "findings": one.findings(),
        "include_anyway": one.include_anyway,
        "channel": one.reader.channel.value,
        "post_state": PostalState.READY if one.is_posted else None,
        "envelope": one.envelope.text if one.is_posted else "",
    }


def _board_rows(letter_id: int, one: PreparedLetter) -> Iterable[dict[str, Any]]:
    seats = {seat.organisation_id: seat for seat in one.reader.addressee.seats}
    for organisation_id, seat in seats.items():
        yield {
            "letter_id": letter_id,
            "organisation_id": organisation_id,
            "post_id": seat.post_id,
            "appointment_id": seat.appointment_id,
        }


def _recipient_rows(letter_id: int, one: PreparedLetter) -> Iterable[dict[str, Any]]:
    addressee = one.reader.addressee
    own = [(addressee.email_person_id, addressee.to_name, addressee.email, False, "")]
    copies = [(c.person_id, c.name, c.address, True, c.capacity) for c in one.reader.copies]
    seen = set()
    for person_id, name, address, is_cc, capacity in own + copies:
        key = address_key(address)
        if key and key not in seen:
            seen.add(key)
            yield {
                "letter_id": letter_id,
                "person_id": person_id,
                "name": name,
                "address": address,
                "address_key": key,
                "is_cc": is_cc,
                "capacity": capacity,
            }
