"""One row of a file as it was understood, and the reading of its cells, whatever they are about."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, TypeVar

from app.imports.files.sheets import MOST_ROWS, SheetRow, UnreadableFile
from app.imports.planning.fields import FieldSet, Table
from app.imports.planning.values import (
    BadValue,
    could_be_two_days,
    is_month_first,
    not_too_long,
    read_date,
)

Value = TypeVar("Value")


@dataclass
class ReadRow:
    """Whatever the row leaves empty changes nothing."""

    number: int
    cells: tuple[str, ...]
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class CellReader:
    """Reads the cells of one table; what cannot be meant becomes a problem of its row."""

    def __init__(
        self,
        table: Table,
        mapped: Mapping[str, int],
        fields: FieldSet,
        dates: Sequence[str],
        on: date,
    ) -> None:
        self.table, self.mapped, self.fields, self.on = table, mapped, fields, on
        self.american = {key: self._first_american(key) for key in dates if key in mapped}

    def rows(self) -> list[SheetRow]:
        """The rows with something in a column that is used."""
        if len(self.table.rows) > MOST_ROWS:
            raise UnreadableFile(
                f"The file has {len(self.table.rows):,} rows; at most {MOST_ROWS:,} can be imported"
                " at once. Split it into several files and import them one after the other."
            )
        used = tuple(self.mapped.values())
        return [row for row in self.table.rows if any(row.cell(index) for index in used)]

    def said(self, row: SheetRow) -> dict[str, str]:
        return {key: row.cell(index) for key, index in self.mapped.items()}

    def value(
        self,
        read_row: ReadRow,
        said: Mapping[str, str],
        key: str,
        read: Callable[[str], Value],
        empty: Value,
    ) -> Value:
        text = said.get(key, "")
        if not text:
            return empty
        try:
            return read(not_too_long(key, self.fields.by_key[key].label, text))
        except BadValue as refusal:
            read_row.problems.append(str(refusal))
            return empty

    def line(self, read_row: ReadRow, said: Mapping[str, str], key: str) -> str:
        """The cell on one line."""
        return self.value(read_row, said, key, lambda text: " ".join(text.split()), "")

    def day(
        self, read_row: ReadRow, row: SheetRow, key: str, *, latest: date | None = None
    ) -> date | None:
        """The date in a cell, none where it is empty; what lies after `latest` is refused."""
        text = row.cell(self.mapped[key]) if key in self.mapped else ""
        if not text:
            return None
        label = self.fields.by_key[key].label
        try:
            day = row.dates.get(self.mapped[key]) or self._written_date(row, key, text)
        except BadValue as refusal:
            read_row.problems.append(f"{label}: {refusal}")
            return None
        if latest and day > latest:
            read_row.problems.append(f"{label}: {text} is still to come.")
        elif not 1948 <= day.year <= self.on.year + 5:
            read_row.problems.append(f"{label}: {text} cannot be right.")
        else:
            return day
        return None

    def _first_american(self, key: str) -> tuple[int, str] | None:
        """The first row of a date column that can only be month first: then all is in doubt."""
        index = self.mapped[key]
        return next(
            (
                (row.number, row.cell(index))
                for row in self.table.rows
                if index not in row.dates and is_month_first(row.cell(index))
            ),
            None,
        )

    def _written_date(self, row: SheetRow, key: str, text: str) -> date:
        american = self.american.get(key)
        if american and american[0] != row.number and could_be_two_days(text):
            raise BadValue(
                f"“{text}” could be two days, because row {american[0]} has the month first"
                f" ({american[1]}). Write it like 12 November 2026."
            )
        return read_date(text)


class Numbered(Protocol):
    @property
    def number(self) -> int: ...


def numbers(rows: Sequence[Numbered]) -> str:
    """“row 7”, “rows 5 and 9”, “rows 5, 7 and 9”."""
    found = [f"{row.number}" for row in sorted(rows, key=lambda row: row.number)]
    if len(found) == 1:
        return f"row {found[0]}"
    return f"rows {', '.join(found[:-1])} and {found[-1]}"
