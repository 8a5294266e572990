"""A last look before a letter leaves: has anybody objected, answered or bounced since?"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Label,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.core.clock import LONDON
from app.directory.addresses import mailbox
from app.directory.models import Person, PersonEmail, Succession
from app.letters.models import Letter, LetterAnswer, LetterBoard, LetterRecipient, Mailing
from app.letters.recipients.directory_snapshot import objecting_mailboxes

LetterId = ColumnElement[int] | InstrumentedAttribute[int]
Since = ColumnElement[datetime] | InstrumentedAttribute[datetime | None]


def last_look(letter_id: LetterId, since: Since) -> tuple[Label[bool], Label[str | None]]:
    """As columns of a statement, since mostly there is nothing: whether its people, its addresses
    or an answer stop this letter, and every address at which somebody reads who has objected.

    The words for it are looked for only when there is something.
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
    objecting = (
        # A separator given as a value would be written into the statement anew at each run.
        select(func.aggregate_strings(PersonEmail.address_key, literal_column("' '")))  # type: ignore[arg-type]
        .join(PersonEmail.person)
        .where(Person.objected_on.is_not(None))
    )
    return (
        or_(objected, failed, answered).label("is_in_the_way"),
        objecting.scalar_subquery().label("objecting"),
    )


def _answering(letter_id: LetterId, since: Since) -> tuple[ColumnElement[bool], ...]:
    """An answer from the addressee, or about one of the boards, to whichever letter of ours."""
    ours, other = aliased(Letter), aliased(Letter)
    addressee = select(ours.person_id).where(ours.id == letter_id).correlate_except(ours)
    return (
        LetterAnswer.recorded_at >= since,
        LetterAnswer.letter_id == other.id,
        or_(other.person_id == addressee.scalar_subquery(), _about_one_board(letter_id, other.id)),
    )


def _about_one_board(letter_id: LetterId, other_id: LetterId) -> ColumnElement[bool]:
    """Whether both letters name one body, or one that took over from the other."""
    ours, other = aliased(LetterBoard), aliased(LetterBoard)
    mine, theirs = ours.organisation_id, other.organisation_id
    before, after = Succession.predecessor_id, Succession.successor_id
    passed_on = exists().where(
        or_(and_(before == mine, after == theirs), and_(before == theirs, after == mine))
    )
    return (
        exists()
        .where(
            ours.letter_id == letter_id,
            other.letter_id == other_id,
            or_(mine == theirs, passed_on.correlate_except(Succession)),
        )
        .correlate_except(ours, other)
    )


# Of a letter by post alone no address is kept, only whose letter it is.
_READER_OBJECTED = exists().where(
    Letter.id == bindparam("the_letter"),
    Person.id == Letter.person_id,
    Person.objected_on.is_not(None),
)
LAST_LOOK = select(
    *last_look(bindparam("the_letter"), bindparam("since")),
    _READER_OBJECTED.label("reader_objected"),
)
ANSWERS = (
    select(
        *(LetterAnswer.answered_by, LetterAnswer.answered_on, LetterAnswer.recorded_at),
        _about_one_board(bindparam("the_letter"), LetterAnswer.letter_id).label("is_about_a_board"),
    )
    .where(*_answering(bindparam("the_letter"), bindparam("since")))
    .order_by(LetterAnswer.id)
)
# From when answers stop a letter is its mailing's to say.
SINCE = (
    select(Mailing.asked_at, Mailing.chases_since)
    .join(Letter, Letter.mailing_id == Mailing.id)
    .where(Letter.id == bindparam("the_letter"))
)
KEYS = select(LetterRecipient.address_key).where(
    LetterRecipient.letter_id == bindparam("the_letter")
)


def reason_to_leave_out(
    session: Session, letter_id: int, since: datetime | None, *, on_paper: bool = False
) -> str | None:
    """Why this letter must not go after all; None when nothing stands in its way.

    Answers count from `since` (`Mailing.answers_count_from`). An address that mail cannot reach
    stops no paper.
    """
    connection = session.connection()
    which: dict[str, Any] = {"the_letter": letter_id}
    found = connection.execute(LAST_LOOK, which | {"since": since}).one()
    if (
        found.is_in_the_way
        or found.reader_objected
        or (found.objecting and shares_a_mailbox(connection.scalars(KEYS, which), found.objecting))
    ):
        return reason_found(session, letter_id, since, on_paper=on_paper)
    return None


def shares_a_mailbox(keys: Iterable[str], objecting: str | None) -> bool:
    """Whether somebody who objected reads one of these mailboxes, on whichever record; `objecting`
    as `last_look` gives it."""
    boxes = {mailbox(key) for key in (objecting or "").split()}
    return any(mailbox(key) in boxes for key in keys)


def reason_found(
    session: Session, letter_id: int, since: datetime | None, *, on_paper: bool = False
) -> str | None:
    """The closer look, in words for whoever reads why the letter stayed behind; None if it was
    nothing after all."""
    recipients = session.execute(
        select(
            LetterRecipient.person_id,
            LetterRecipient.address_key,
            LetterRecipient.is_cc,
            LetterRecipient.address,
        ).where(LetterRecipient.letter_id == letter_id)
    ).all()
    reader = session.scalar(select(Letter.person_id).where(Letter.id == letter_id))
    people = {reader, *(row.person_id for row in recipients)} - {None}
    mailed_to = [] if on_paper else [row.address_key for row in recipients if not row.is_cc]
    return (
        _objection(session, people, [row.address_key for row in recipients])
        or _failed_address(session, mailed_to)
        or _answer(session, letter_id, since)
    )


def _objection(
    session: Session, people: Collection[int | None], keys: Collection[str]
) -> str | None:
    """Of a recipient, or of anybody else who reads one of these mailboxes; absolute."""
    objector = session.scalar(
        select(Person).where(Person.objected_on.is_not(None), Person.id.in_(people)).limit(1)
    )
    if objector is not None:
        return f"{objector.name} has objected to being written to."
    boxes = objecting_mailboxes(session.connection())
    if any(mailbox(key) in boxes for key in keys):
        return "Somebody who reads one of its mailboxes has objected to being written to."
    return None


def objected_to(session: Session, letter_ids: Collection[int]) -> set[int]:
    """Those of these letters that an objection stops, as in the closer look."""
    objected = exists().where(
        Person.objected_on.is_not(None),
        or_(Person.id == Letter.person_id, Person.id == LetterRecipient.person_id),
    )
    rows = session.execute(
        select(Letter.id, LetterRecipient.address_key, objected.label("is_objected_to"))
        .outerjoin(LetterRecipient, LetterRecipient.letter_id == Letter.id)
        .where(Letter.id.in_(letter_ids))
    )
    boxes = objecting_mailboxes(session.connection())
    return {
        row.id
        for row in rows
        if row.is_objected_to or (row.address_key and mailbox(row.address_key) in boxes)
    }


def _failed_address(session: Session, keys: Collection[str]) -> str | None:
    failed = session.scalar(
        select(PersonEmail.failure)
        .where(PersonEmail.address_key.in_(keys), PersonEmail.failed_on.is_not(None))
        .limit(1)
    )
    return None if failed is None else f"Mail to this address has failed since: {failed}"


def _answer(session: Session, letter_id: int, since: datetime | None) -> str | None:
    """Since it was put forward. A chaser is stopped also by what its check may have missed by a
    moment: whatever its boards have answered since the first letter went."""
    connection = session.connection()
    mailing = connection.execute(SINCE, {"the_letter": letter_id}).one()
    first_day = mailing.chases_since and mailing.chases_since.astimezone(LONDON).date()
    for one in connection.execute(ANSWERS, {"the_letter": letter_id, "since": since}):
        if mailing.asked_at and one.recorded_at >= mailing.asked_at:
            return f"{one.answered_by} has answered since it was approved."
        if first_day and one.is_about_a_board and one.answered_on >= first_day:
            return f"{one.answered_by} has answered the letter that this one follows."
    return None
