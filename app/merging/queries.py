"""What hangs on a person, as far as whoever asks may know of it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.directory.models import Appointment, Person
from app.followups.models import FollowUp
from app.interactions.models import Interaction, InteractionPerson, Outcome, OutcomeKind
from app.letters.models import Letter, LetterAnswer, LetterRecipient


@dataclass(frozen=True)
class Hanging:
    """So many of one kind, in one and in several."""

    count: int
    one: str
    several: str


def hanging(session: Session, person: Person, *, reader: User) -> list[Hanging]:
    """Counts of what points at them. What this reader may not read is not counted."""
    found = [
        Hanging(session.scalar(counting) or 0, one, several)
        for counting, one, several in _countings(person.id, reader)
    ]
    return [one for one in found if one.count]


def _countings(person_id: int, reader: User) -> list[tuple[Select[Any], str, str]]:
    def read(model: Any) -> Any:
        return model.where_read_by(reader)

    letters = select(Letter.id).where(Letter.person_id == person_id)
    met = select(InteractionPerson.interaction_id).where(InteractionPerson.person_id == person_id)
    points = select(func.count(Outcome.id)).where(Outcome.person_id == person_id, read(Outcome))
    return [
        (
            select(func.count(Appointment.id)).where(Appointment.person_id == person_id),
            *("post, now or before", "posts, now and before"),
        ),
        (select(func.count()).select_from(letters.subquery()), "letter", "letters"),
        (
            select(func.count(LetterAnswer.id)).where(LetterAnswer.letter_id.in_(letters)),
            *("answer to a letter", "answers to letters"),
        ),
        (
            select(func.count(LetterRecipient.id)).where(
                LetterRecipient.person_id == person_id, LetterRecipient.is_cc
            ),
            *("copy of a letter", "copies of letters"),
        ),
        (
            select(func.count(Interaction.id)).where(Interaction.id.in_(met), read(Interaction)),
            *("meeting, call or note", "meetings, calls and notes"),
        ),
        (points.where(Outcome.kind == OutcomeKind.COMMITMENT), "promise", "promises"),
        (
            points.where(Outcome.kind != OutcomeKind.COMMITMENT),
            *("decision or question", "decisions and questions"),
        ),
        (
            select(func.count(FollowUp.id)).where(FollowUp.person_id == person_id, read(FollowUp)),
            *("follow-up", "follow-ups"),
        ),
    ]
