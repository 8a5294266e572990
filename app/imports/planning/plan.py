"""What an import would do: said row by row, and held ready to be done exactly so."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.directory.models import Organisation
from app.imports.models import RowOutcome
from app.imports.planning.read_rows import ReadRow

ORDER = (RowOutcome.PROBLEM, RowOutcome.NEW, RowOutcome.CHANGED, RowOutcome.UNCHANGED)


@dataclass(frozen=True)
class PlannedChange:
    """One fact that would be other than it is; `old` is empty where there was none."""

    what: str
    old: str
    new: str


@dataclass
class PlannedRow:
    """One row of the file and what it would do to the register."""

    read: ReadRow
    outcome: RowOutcome = RowOutcome.UNCHANGED
    changes: list[PlannedChange] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.read.number

    @property
    def problems(self) -> list[str]:
        return self.read.problems

    @property
    def notes(self) -> list[str]:
        return self.read.notes

    @property
    def told_changes(self) -> list[tuple[str, str, str]]:
        return [(change.what, change.old, change.new) for change in self.changes]

    @property
    def is_good(self) -> bool:
        return not self.read.problems

    @property
    def who(self) -> str:
        """Whom the row is about."""
        raise NotImplementedError

    @property
    def where(self) -> str:
        """Which body the row is about, or what the file calls it."""
        raise NotImplementedError

    def will(self, outcome: RowOutcome, *changes: PlannedChange) -> None:
        """The strongest outcome of all that a row does is the row's."""
        self.changes.extend(changes)
        if ORDER.index(outcome) < ORDER.index(self.outcome):
            self.outcome = outcome


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
    """The part of a plan that is shown; each kind of file adds what it will do."""

    rows: Sequence[PlannedRow]
    questions: list[Question] = field(default_factory=list)

    @property
    def absent(self) -> Sequence[str]:
        """What the register has and the file has not."""
        return ()

    @property
    def without_source(self) -> int:
        """How many rows name somebody and do not say where their details come from."""
        return 0

    def count(self, outcome: RowOutcome) -> int:
        return self.counts[outcome]

    @property
    def counts(self) -> Counter[RowOutcome]:
        return Counter(row.outcome for row in self.rows)

    @property
    def problem_rows(self) -> list[PlannedRow]:
        return [row for row in self.rows if row.outcome is RowOutcome.PROBLEM]

    @property
    def does_something(self) -> bool:
        return self.count(RowOutcome.NEW) + self.count(RowOutcome.CHANGED) > 0

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
        row.problems.append(sentence)
