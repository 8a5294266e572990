"""What becomes of printed letters: posted on a day, and sometimes back again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import User
from app.core.clock import LONDON
from app.core.errors import DomainError
from app.core.text.alphabet import alphabetical
from app.core.web.filters import on_day, plural
from app.directory import returned_mail
from app.directory.models import Organisation
from app.directory.postal import postal_address
from app.letters.models import Letter, LetterBoard, LetterEvent, LetterState, PostalState
from app.letters.notifying import tell_of_return
from app.letters.print import post_state

USUAL_REASONS = (
    "addressee gone away",
    "address incomplete",
    "no such address",
    "not known there",
    "refused",
    "not called for",
)


class CannotPost(DomainError):
    """Not these, or not on that day."""


class CannotReturn(DomainError):
    """Only what was posted can come back."""


@dataclass(frozen=True)
class PostingStep:
    """Letters marked at one stroke; its first line in their stories is what an undo goes by."""

    count: int
    first_event_id: int


def mark_posted(
    session: Session, letter_ids: Sequence[int], *, posted_on: date, by: User, at: datetime
) -> PostingStep:
    """They went to the post that day. Those already marked keep their day."""
    today = at.astimezone(LONDON).date()
    if posted_on > today:
        raise CannotPost("Give today’s date or an earlier one: letters are marked when they went.")
    printed = session.execute(
        select(Letter.id, Letter.printed_at).where(
            Letter.id.in_(letter_ids), Letter.post_state == PostalState.PRINTED
        )
    ).all()
    if not printed:
        raise CannotPost("None of these letters is printed and still to be posted.")
    first_day = max(row.printed_at for row in printed if row.printed_at).astimezone(LONDON).date()
    if posted_on < first_day:
        raise CannotPost(f"They were printed on {on_day(first_day)}: give that day or a later one.")
    moved = post_state.move(
        session,
        [row.id for row in printed],
        leaving=(PostalState.PRINTED,),
        to=PostalState.POSTED,
        values={"posted_on": posted_on},
        note=f"Posted on {on_day(posted_on)}.",
        at=at,
        by_id=by.id,
    )
    _date(session, moved, posted_on)
    return PostingStep(len(moved), _first_event(session, moved, at))


def undo_posted(session: Session, event: LetterEvent, *, by: User, at: datetime) -> int:
    """Take one stroke of marking back; letters that came back since stay as they are."""
    together = session.scalars(
        select(LetterEvent.letter_id).where(
            LetterEvent.at == event.at,
            LetterEvent.by_id == event.by_id,
            LetterEvent.post_state == PostalState.POSTED,
            LetterEvent.note == event.note,
        )
    ).all()
    return take_posting_back(session, together, by=by, at=at)


def take_posting_back(
    session: Session, letter_ids: Sequence[int], *, by: User, at: datetime
) -> int:
    """They were not posted after all, and still lie here printed."""
    moved = post_state.move(
        session,
        letter_ids,
        leaving=(PostalState.POSTED,),
        to=PostalState.PRINTED,
        values={"posted_on": None},
        note="Not posted after all.",
        at=at,
        by_id=by.id,
    )
    if not moved:
        raise CannotPost("This has been taken back already, or the letters came back since.")
    _date(session, moved, None)
    return len(moved)


def _date(session: Session, letter_ids: Sequence[int], day: date | None) -> None:
    """A letter that goes by post alone goes on that day; of others the mail has gone already."""
    session.execute(
        update(Letter)
        .where(Letter.id.in_(letter_ids), Letter.state == LetterState.BY_POST)
        .values(sent_on=day)
        .execution_options(synchronize_session=False)
    )


def _first_event(session: Session, letter_ids: Sequence[int], at: datetime) -> int:
    first = select(LetterEvent.id).where(
        LetterEvent.letter_id == letter_ids[0],
        LetterEvent.at == at,
        LetterEvent.post_state == PostalState.POSTED,
    )
    return session.scalars(first.order_by(LetterEvent.id.desc()).limit(1)).one()


def came_back(
    session: Session, letter: Letter, *, returned_on: date, why: str, by: User, at: datetime
) -> returned_mail.Addressed | None:
    """The post brought it back. Its address joins the list to put right, and is given back;
    none where the record holds another address by now."""
    today = at.astimezone(LONDON).date()
    if letter.post_state is not PostalState.POSTED or letter.posted_on is None:
        raise CannotReturn("Only a letter that was posted can come back.")
    if returned_on > today:
        raise CannotReturn("Give today’s date or an earlier one.")
    if returned_on < letter.posted_on:
        raise CannotReturn(
            f"It was posted on {on_day(letter.posted_on)}: it cannot come back before that."
        )
    said = " ".join(why.split()).rstrip(". ")
    if not said:
        raise CannotReturn("Say why it came back, as the envelope says.")
    post_state.move(
        session,
        [letter.id],
        leaving=(PostalState.POSTED,),
        to=PostalState.RETURNED,
        values={"returned_on": returned_on, "returned_why": said},
        note=f"Came back on {on_day(returned_on)}: {said}.",
        at=at,
        by_id=by.id,
    )
    record = record_addressed(session, letter)
    if record is not None:
        returned_mail.put_on_list(session, record, returned_on=returned_on, why=said)
    tell_of_return(session, letter, why=said, by=by, at=at, on=today)
    session.refresh(letter)
    return record


def did_not_come_back(session: Session, letter: Letter, *, by: User, at: datetime) -> None:
    """It was another letter: this one is posted, and its address as good as it was."""
    if letter.post_state is not PostalState.RETURNED:
        raise CannotReturn("This letter is not marked as come back.")
    record = record_addressed(session, letter)
    if record is not None and (record.post_returned_on, record.post_returned_why) == (
        letter.returned_on,
        letter.returned_why,
    ):
        returned_mail.works_after_all(session, record)
    post_state.move(
        session,
        [letter.id],
        leaving=(PostalState.RETURNED,),
        to=PostalState.POSTED,
        values={"returned_on": None, "returned_why": ""},
        note="It did not come back after all.",
        at=at,
        by_id=by.id,
    )
    session.refresh(letter)


def record_addressed(session: Session, letter: Letter) -> returned_mail.Addressed | None:
    """Whose address stands on the envelope: the reader’s own, or that of a body it names."""
    boards = session.scalars(
        select(Organisation)
        .join(LetterBoard, LetterBoard.organisation_id == Organisation.id)
        .where(LetterBoard.letter_id == letter.id)
        .order_by(alphabetical(Organisation.short_name))
    ).all()
    return next(
        (
            one
            for one in (letter.person, *boards)
            if one is not None and _stands_on(letter.envelope, one.postal_address)
        ),
        None,
    )


def _stands_on(envelope: str, address: str | None) -> bool:
    lines = list(postal_address(address or "").lines)
    return bool(lines) and envelope.splitlines()[-len(lines) :] == lines


def letter_with_reader(session: Session, letter_id: int) -> Letter | None:
    return session.scalar(
        select(Letter)
        .where(Letter.id == letter_id)
        .options(joinedload(Letter.person), joinedload(Letter.mailing))
        .execution_options(populate_existing=True)
    )


def words_of(step: PostingStep, posted_on: date) -> str:
    return f"{plural(step.count, 'letter')} marked as posted on {on_day(posted_on)}."
