"""A sheet as it was read: the rows a person sees, under their own numbers."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.core.errors import DomainError

MOST_BYTES = 15 * 1024 * 1024
MOST_ROWS = 10_000
MOST_CELLS = 2_500_000  # of the rectangle from A1 to the last filled cell
LONGEST_CELL = 32_767  # what Excel holds in one
# Few long cells, or many short ones: what both make together.
MOST_CHARACTERS = 16_000_000

# Spaces that look like a space and are not one; marks that look like nothing at all, among them
# those that turn the direction of writing.
_SPACES = dict.fromkeys((0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " ")
_NOTHING = dict.fromkeys(
    (
        0x00AD,
        0x034F,
        0x061C,
        0x180E,
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        0xFEFF,
        0xFFFC,
        *range(0x00, 0x09),
        0x0B,
        0x0C,
        *range(0x0E, 0x20),
        *range(0x7F, 0xA0),
    )
)
_CLEANED: dict[int, str | None] = {**_SPACES, **_NOTHING, 0x2028: "\n", 0x2029: "\n"}


class UnreadableFile(DomainError):
    """The file as a whole cannot be used; the sentence says what to do about it."""


@dataclass(frozen=True)
class SheetRow:
    """One row with something in it. `dates` holds the cells that are true dates in the file."""

    number: int  # as the spreadsheet shows it in its margin
    cells: tuple[str, ...]
    dates: Mapping[int, date] = field(default_factory=dict)

    def cell(self, index: int) -> str:
        return self.cells[index] if 0 <= index < len(self.cells) else ""


@dataclass(frozen=True)
class Sheet:
    """`notes` say what was left out of it or filled in, in sentences."""

    name: str
    rows: tuple[SheetRow, ...]
    notes: tuple[str, ...] = ()


def clean(text: str) -> str:
    """The text as a person reads it: composed, ordinary spaces, nothing unseen, no loose ends."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split()) if " " in text else text
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = (" ".join(line.split()) for line in composed.translate(_CLEANED).split("\n"))
    return "\n".join(line for line in lines if line)


def bounded(rows: Iterable[SheetRow]) -> tuple[SheetRow, ...]:
    """All of the rows, unless they are more than can be worked with."""
    kept: list[SheetRow] = []
    cells = characters = 0
    for row in rows:
        kept.append(row)
        # The headings and a few title rows stand above the leads.
        if len(kept) > MOST_ROWS + 50:
            raise UnreadableFile(
                f"The file has more than {MOST_ROWS:,} rows, the most that can be imported at once."
                " Split it into several files and import them one after the other."
            )
        lengths = list(map(len, row.cells))
        if max(lengths, default=0) > LONGEST_CELL:
            raise UnreadableFile(
                f"Row {row.number:,} has a cell of more than {LONGEST_CELL:,} characters. Shorten"
                " it and upload the file again."
            )
        cells += len(lengths)
        characters += sum(lengths)
        if cells > MOST_CELLS or characters > MOST_CHARACTERS:
            raise UnreadableFile(
                f"By row {row.number:,} the file holds more than {MOST_CELLS:,} cells or"
                f" {MOST_CHARACTERS:,} characters, the most that can be read at once. Copy the rows"
                " and columns you need into a new file, or split it into several."
            )
    return tuple(kept)


def to_plain(sheets: Iterable[Sheet]) -> list[Any]:
    """Sheets as JSON can carry them from one process to another."""
    return [
        [sheet.name, sheet.notes, [[row.number, row.cells, _days(row)] for row in sheet.rows]]
        for sheet in sheets
    ]


def _days(row: SheetRow) -> dict[int, str]:
    return {column: day.isoformat() for column, day in row.dates.items()}


def from_plain(plain: Iterable[Any]) -> tuple[Sheet, ...]:
    return tuple(
        Sheet(name, tuple(_row(*row) for row in rows), tuple(notes)) for name, notes, rows in plain
    )


def _row(number: int, cells: list[str], days: Mapping[str, str]) -> SheetRow:
    dates = {int(column): date.fromisoformat(day) for column, day in days.items()}
    return SheetRow(number, tuple(cells), dates)
