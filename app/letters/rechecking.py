"""A last look before a letter leaves: has anybody objected, answered or bounced since?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Label, bindparam, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.core.statements import Runs
from app.directory.models import Person, PersonEmail
from app.letters.models import Letter, LetterAnswer, LetterBoard, LetterRecipient
from app.letters.register import mailbox, objecting_mailboxes

LetterId = ColumnElement[int] | InstrumentedAttribute[int]
Since = ColumnElement[datetime] | InstrumentedAttribute[datetime | None]


def last_look(letter_id: LetterId, since: Since) -> tuple[Label[bool], Label[bool]]:
    """As columns of a statement, since mostly there is nothing: whether its people, its addresses
    or an answer stop this letter, and whether anybody at all has objected.

    The words for it, and who else reads a mailbox, are looked for only when there is something.
    """
    mine = LetterRecipient.letter_id == letter_id
    objected = exists().where(
        mine, Person.id == LetterRecipient.person_id, Person.objected_on.is_not(None)
    )
    failed = exists().where(
        mine,
        LetterRecipient.is_cc.is_(False),
        PersonEmail.address_key == LetterRecipient.address_key,
        PersonEmail.failed_on.is_not(None),
    )
    answered = exists().where(*_answering(letter_id, since))
    somebody = exists().where(Person.objected_on.is_not(None))
    return (
        or_(objected, failed, answered).label("is_in_the_way"),
        somebody.label("somebody_objects"),
    )


def _answering(letter_id: LetterId, since: Since) -> tuple[ColumnElement[bool], ...]:
    """An answer from the addressee, or about one of the boards, to whichever letter of ours."""
    ours, other = aliased(Letter), aliased(Letter)
    our_board, other_board = aliased(LetterBoard), aliased(LetterBoard)
    addressee = select(ours.person_id).where(ours.id == letter_id).correlate_except(ours)
    about_one_board = exists().where(
        our_board.letter_id == letter_id,
        our_board.organisation_id == other_board.organisation_id,
        other_board.letter_id == other.id,
    )
    return (
        LetterAnswer.recorded_at >= since,
        LetterAnswer.letter_id == other.id,
        or_(
            other.person_id == addressee.scalar_subquery(),
            about_one_board.correlate_except(our_board, other_board),
        ),
    )


LAST_LOOK = select(*last_look(bindparam("the_letter"), bindparam("since")))
ANSWERED_BY = (
    select(LetterAnswer.answered_by)
    .where(*_answering(bindparam("the_letter"), bindparam("since")))
    .order_by(LetterAnswer.id)
    .limit(1)
)
KEYS = select(LetterRecipient.address_key).where(
    LetterRecipient.letter_id == bindparam("the_letter")
)


def reason_to_leave_out(session: Session, letter_id: int, since: datetime | None) -> str | None:
    """Why this letter must not go after all; None when nothing stands in its way.

    Answers count from `since`, when the letter was fixed: earlier ones were there for its writer
    and its approver to see.
    """
    connection = session.connection()
    which: dict[str, Any] = {"the_letter": letter_id}
    found = connection.execute(LAST_LOOK, which | {"since": since}).one()
    if found.is_in_the_way or (
        found.somebody_objects
        and objecting_reader(connection, connection.scalars(KEYS, which).all())
    ):
        return reason_found(session, letter_id, since)
    return None


def objecting_reader(connection: Runs, keys: Sequence[str]) -> bool:
    """Whether somebody who objected reads one of these mailboxes, on whichever record."""
    boxes = objecting_mailboxes(connection)
    return any(mailbox(key) in boxes for key in keys)


def reason_found(session: Session, letter_id: int, since: datetime | None) -> str | None:
    """The closer look, in words for whoever reads why the letter stayed behind."""
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
    if objecting_reader(session.connection(), keys):
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
    which = {"the_letter": letter_id, "since": since}
    answered_by = session.connection().scalar(ANSWERED_BY, which)
    return None if answered_by is None else f"{answered_by} has answered since it was approved."
