"""Answers to letters, written down by hand: when, who, and what they said."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.errors import DomainError
from app.letters.models import Letter, LetterAnswer, LetterState
from app.letters.notifying import tell_of_reply

LONGEST = 100_000


class NotAnswerable(DomainError):
    """Only what went can be answered."""


class WrongDay(DomainError):
    """An answer comes on or after the day of its letter, and not in the future."""


class Unclear(DomainError):
    """Who answered is what everybody will ask."""


def record_answer(
    session: Session,
    *,
    letter: Letter,
    answered_on: date,
    answered_by: str,
    said: str,
    by: User,
    at: datetime,
    today: date,
) -> LetterAnswer:
    """Mark a letter as answered. The same answer given twice is kept once."""
    _refuse_nonsense(letter, answered_on, answered_by, said, today)
    known = session.scalar(
        select(LetterAnswer).where(
            LetterAnswer.letter_id == letter.id,
            LetterAnswer.answered_on == answered_on,
            LetterAnswer.answered_by == answered_by.strip(),
            LetterAnswer.said == said.strip(),
        )
    )
    if known:
        return known
    answer = LetterAnswer(
        letter_id=letter.id,
        answered_on=answered_on,
        answered_by=answered_by.strip(),
        said=said.strip(),
        recorded_at=at,
        recorded_by_id=by.id,
    )
    session.add(answer)
    session.flush()
    tell_of_reply(session, letter, answer, by=by, at=at, on=today)
    return answer


def _refuse_nonsense(
    letter: Letter, answered_on: date, answered_by: str, said: str, today: date
) -> None:
    if not letter.has_gone and letter.state is not LetterState.UNKNOWN:
        state = letter.post_state if letter.state is LetterState.BY_POST else letter.state
        raise NotAnswerable(
            f"This letter is {(state or letter.state).value}: only a letter that went can be "
            "answered."
        )
    if answered_on > today:
        raise WrongDay("Give today’s date or an earlier one.")
    if letter.sent_on and answered_on < letter.sent_on:
        raise WrongDay(
            f"The letter went on {letter.sent_on:%-d %B %Y}; an answer cannot be earlier."
        )
    if not answered_by.strip():
        raise Unclear("Say who answered: the lead, an assistant, the chair’s office.")
    if len(said) > LONGEST:
        raise Unclear(f"Keep what they said to {LONGEST:,} characters, or put it in a note.")
