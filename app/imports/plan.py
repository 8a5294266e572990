"""What an import would do: said row by row, and held ready to be done exactly so."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.directory.models import (
    Appointment,
    Organisation,
    Person,
    Post,
    PostState,
    PostType,
)
from app.imports.models import Outcome
from app.imports.rows import LeadRow

ORDER = (Outcome.PROBLEM, Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)


@dataclass(frozen=True)
class Change:
    """One fact that would be other than it is; `old` is empty where there was none."""

    what: str
    old: str
    new: str


@dataclass
class PlannedRow:
    """One row of the file and what it would do to the register."""

    lead: LeadRow
    body: Organisation | None = None
    post_type: PostType | None = None
    outcome: Outcome = Outcome.UNCHANGED
    changes: list[Change] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.lead.number

    @property
    def problems(self) -> list[str]:
        return self.lead.problems

    @property
    def notes(self) -> list[str]:
        return self.lead.notes

    @property
    def told_changes(self) -> list[tuple[str, str, str]]:
        return [(change.what, change.old, change.new) for change in self.changes]

    @property
    def is_good(self) -> bool:
        return not self.lead.problems

    @property
    def who(self) -> str:
        return self.lead.who

    @property
    def where(self) -> str:
        return self.body.name if self.body else self.lead.board or self.lead.board_code

    @property
    def seat(self) -> tuple[int, int]:
        assert self.body is not None
        assert self.post_type is not None
        return self.body.id, self.post_type.id

    def will(self, outcome: Outcome, *changes: Change) -> None:
        """The strongest outcome of all that a row does is the row's."""
        self.changes.extend(changes)
        if ORDER.index(outcome) < ORDER.index(self.outcome):
            self.outcome = outcome


@dataclass
class PersonPlan:
    """One person of the file: known to the register, or new."""

    rows: list[PlannedRow]
    person: Person | None
    values: dict[str, str] = field(default_factory=dict)  # fields to set
    new_emails: list[str] = field(default_factory=list)
    preferred: str | None = None  # the key of the address letters should go to, where it changes


@dataclass
class HolderPlan:
    """A person in a seat: an appointment to make, or what changes in the one there is."""

    row: PlannedRow
    person: PersonPlan
    appointment: Appointment | None
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Ending:
    appointment: Appointment
    last_day: date


@dataclass
class Sighting:
    """A post seen without a name."""

    row: PlannedRow
    state: PostState
    observed_on: date
    source: str


@dataclass
class SeatPlan:
    """One post at one body, with what the file does to it."""

    body: Organisation
    post_type: PostType
    holders: list[HolderPlan] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)
    sighting: Sighting | None = None


@dataclass(frozen=True)
class Question:
    """A board's name that means no board of today, to be answered once for the whole file."""

    key: str
    text: str
    sentence: str
    rows: int
    choices: tuple[Organisation, ...]
    all_choices: tuple[Organisation, ...]
    answered: int | None = None


@dataclass
class Plan:
    rows: list[PlannedRow]
    people: list[PersonPlan] = field(default_factory=list)
    seats: list[SeatPlan] = field(default_factory=list)
    absent: list[Appointment] = field(default_factory=list)  # in the register, not in the file
    questions: list[Question] = field(default_factory=list)
    posts: dict[tuple[int, int], Post] = field(default_factory=dict)  # the seats there are

    def count(self, outcome: Outcome) -> int:
        return self.counts[outcome]

    @property
    def counts(self) -> Counter[Outcome]:
        return Counter(row.outcome for row in self.rows)

    @property
    def problem_rows(self) -> list[PlannedRow]:
        return [row for row in self.rows if row.outcome is Outcome.PROBLEM]

    @property
    def does_something(self) -> bool:
        return self.count(Outcome.NEW) + self.count(Outcome.CHANGED) > 0

    @property
    def fingerprint(self) -> str:
        """Two plans with one fingerprint say the same to whoever reads them."""
        said = [
            [row.number, row.outcome.value, row.who, row.where, row.problems, row.notes]
            + [[change.what, change.old, change.new] for change in row.changes]
            for row in self.rows
        ]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()

    def in_order_of_urgency(self) -> list[PlannedRow]:
        return sorted(self.rows, key=lambda row: (ORDER.index(row.outcome), row.number))


def problem(rows: Iterable[PlannedRow], sentence: str) -> None:
    for row in rows:
        row.lead.problems.append(sentence)
