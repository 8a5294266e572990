"""Cells fixed on the page: kept beside the file, which itself stays as it was brought."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.imports.files.sheets import SheetRow, clean
from app.imports.planning.fields import FileColumn, Table

LONGEST = 2_000

Said = Mapping[str, Mapping[str, str]]  # row number, column index, what stands there now


@dataclass(frozen=True)
class Correction:
    """One cell: what the file says, and what somebody wrote in its place."""

    heading: str
    old: str
    new: str


def corrected(table: Table, said: Said) -> tuple[Table, dict[int, list[Correction]]]:
    """The table with its corrections in place, and by row what they are."""
    headings = {column.index: column for column in table.columns}
    rows: list[SheetRow] = []
    told: dict[int, list[Correction]] = {}
    for row in table.rows:
        cells = {int(index): text for index, text in said.get(str(row.number), {}).items()}
        rows.append(_with(row, cells) if cells else row)
        if cells:
            told[row.number] = [
                Correction(_heading(headings.get(index)), row.cell(index), text)
                for index, text in sorted(cells.items())
            ]
    return replace(table, rows=tuple(rows)), told


def _with(row: SheetRow, cells: Mapping[int, str]) -> SheetRow:
    width = max(len(row.cells), *(index + 1 for index in cells))
    return SheetRow(
        row.number,
        tuple(cells.get(index, row.cell(index)) for index in range(width)),
        {index: day for index, day in row.dates.items() if index not in cells},
    )


def _heading(column: FileColumn | None) -> str:
    return (column.heading or f"Column {column.letters}") if column else ""


def differing(original: Table, typed: Mapping[tuple[int, int], str], said: Said) -> Said:
    """What is corrected once `typed` is too; what the file itself says is no correction."""
    kept = {number: dict(cells) for number, cells in said.items()}
    rows = {row.number: row for row in original.rows}
    known = {column.index for column in original.columns}
    for (number, index), text in typed.items():
        row = rows.get(number)
        if row is None or index not in known:
            continue
        cells = kept.setdefault(str(number), {})
        words = clean(text)[:LONGEST]
        if words == row.cell(index):
            cells.pop(str(index), None)
        else:
            cells[str(index)] = words
    return {number: cells for number, cells in kept.items() if cells}
