"""Letters that went outside Liaise, so that they count as letters sent."""

from datetime import date

from sqlalchemy.orm import Session

from app.imports.letters.applying import apply
from app.imports.letters.example import EXAMPLE
from app.imports.letters.fields import LETTER_FIELDS
from app.imports.letters.plan import LetterPlan
from app.imports.letters.planning import plan_letters
from app.imports.letters.rows import read_letters
from app.imports.models import FileSubject
from app.imports.planning.choices import Choices
from app.imports.planning.fields import Mapped, Table
from app.imports.planning.kind import ImportKind


def _missing(mapped: Mapped, _: Choices) -> list[str]:
    sentences = []
    if "sent_on" not in mapped:
        sentences.append("Choose the column with the date each letter went.")
    if "board" not in mapped and "board_code" not in mapped:
        sentences.append("Choose the column that names the board or other body, or gives its code.")
    if "addressee" not in mapped and "email" not in mapped:
        sentences.append("Choose the column that says to whom each letter went.")
    return sentences


def _plan(session: Session, table: Table, mapped: Mapped, choices: Choices, on: date) -> LetterPlan:
    return plan_letters(
        session, read_letters(table, mapped, choices.channel, on=on), choices, on=on
    )


LETTERS = ImportKind(
    kind=FileSubject.LETTERS,
    fields=LETTER_FIELDS,
    missing=_missing,
    make_plan=_plan,
    apply=apply,
    example=EXAMPLE,
    in_short=(
        "Each row is one letter to one addressee: a person, or an office such as The Chair.",
        "A body is understood as it was on the day of the letter.",
        "A letter that is recorded already is not recorded again.",
        "Imported letters count as letters sent. Nothing is sent to anybody.",
    ),
    questions=frozenset({"channel"}),
)
