"""What an import of letters would do: letters to record, and what changes of those recorded."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.directory.models import Organisation, Person
from app.imports.letters.rows import LetterRow
from app.imports.planning.plan import Plan, PlannedRow
from app.letters.models import Letter


@dataclass
class PlannedLetter(PlannedRow):
    """One row about one letter to one addressee."""

    read: LetterRow
    bodies: list[Organisation] = field(default_factory=list)
    person: Person | None = None

    @property
    def letter(self) -> LetterRow:
        return self.read

    @property
    def who(self) -> str:
        if self.person is not None:
            return self.person.name
        return self.letter.addressee or ", ".join(self.letter.emails)

    @property
    def where(self) -> str:
        named = [body.name for body in self.bodies] or list(self.letter.boards)
        return "; ".join(named) or self.letter.board_code

    @property
    def sent_on(self) -> date:
        assert self.letter.sent_on is not None
        return self.letter.sent_on

    @property
    def body_ids(self) -> frozenset[int]:
        return frozenset(body.id for body in self.bodies)


@dataclass
class Sending:
    """One letter of the file; several rows of it where it was to several of a person's boards."""

    rows: list[PlannedLetter]
    bodies: list[Organisation]  # those it is not yet recorded for
    known: Letter | None = None
    values: dict[str, Any] = field(default_factory=dict)  # what changes of the one known


@dataclass
class LetterPlan(Plan):
    rows: Sequence[PlannedLetter]
    sendings: list[Sending] = field(default_factory=list)
