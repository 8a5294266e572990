"""XLSX: the visible sheets, rows and columns of a workbook, with the text each cell shows."""

import io
from collections.abc import Iterator
from datetime import date, datetime

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, XmlError, ZipError

from app.core.web.formula_cells import original_cell
from app.imports.files.parts import DAMAGED, SheetPart, survey
from app.imports.files.separated import MOST_COLUMNS
from app.imports.files.sheets import Sheet, SheetRow, UnreadableFile, bounded, clean
from app.imports.files.shown import Value, shown

MOST_MERGED = 200_000
Grid = list[list[Value]]


def read_workbook(content: bytes) -> tuple[Sheet, ...]:
    parts = survey(content)
    hidden = [part.name for part in parts if part.is_hidden]
    visible = [part for part in parts if not part.is_hidden and part.rows]
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            return tuple(_sheet(workbook, part, hidden) for part in visible)
    except (CalamineError, PasswordError, XmlError, ZipError, OSError):
        raise UnreadableFile(DAMAGED) from None


def _sheet(workbook: CalamineWorkbook, part: SheetPart, hidden: list[str]) -> Sheet:
    sheet = workbook.get_sheet_by_name(part.name)
    grid: Grid = sheet.to_python(skip_empty_area=False)
    filled = _fill_merged(grid, sheet.merged_cell_ranges or [])
    rows = bounded(_rows(grid, part))
    return Sheet(part.name, rows, tuple(_notes(part, len(grid), filled, hidden)))


def _fill_merged(grid: Grid, ranges: list[tuple[tuple[int, int], tuple[int, int]]]) -> int:
    """A cell merged over several rows holds for each of them, as a reader takes it to.

    A cell merged over columns is left alone: that is how titles are set, not how values are given.
    """
    filled = merged = 0
    for (top, left), (bottom, _) in ranges:
        last = min(bottom, len(grid) - 1)
        if last <= top or left >= len(grid[top]) or grid[top][left] == "":
            continue
        merged += 1
        filled += last - top
        if filled > MOST_MERGED:
            raise UnreadableFile(
                "This sheet has more merged cells than can be followed. Take the merging off and"
                " upload it again."
            )
        for row in range(top + 1, last + 1):
            grid[row][left] = grid[top][left]
    return merged


def _rows(grid: Grid, part: SheetPart) -> Iterator[SheetRow]:
    for index, values in enumerate(grid):
        if index in part.hidden_rows:
            continue
        cells = tuple(
            "" if column in part.hidden_columns else _text(value, part, index, column)
            for column, value in enumerate(values[:MOST_COLUMNS])
        )
        if any(cells):
            yield SheetRow(index + 1, cells, _dates(values))


def _text(value: Value, part: SheetPart, row: int, column: int) -> str:
    if isinstance(value, str):
        return clean(original_cell(value)) if value else ""
    return clean(shown(value, part.formats.get((row, column), "")))


def _dates(values: list[Value]) -> dict[int, date]:
    return {
        column: value.date() if isinstance(value, datetime) else value
        for column, value in enumerate(values[:MOST_COLUMNS])
        if isinstance(value, date)
    }


def _notes(part: SheetPart, rows: int, filled: int, hidden: list[str]) -> Iterator[str]:
    if hidden:
        names = ", ".join(f"“{name}”" for name in hidden)
        yield f"Hidden in the workbook and not read: {names}."
    out_of_sight = sum(row < rows for row in part.hidden_rows)
    if out_of_sight:
        yield (
            f"{out_of_sight:,} hidden or filtered {'row is' if out_of_sight == 1 else 'rows are'}"
            " not read."
        )
    columns = sum(column < part.columns for column in part.hidden_columns)
    if columns:
        yield f"{columns:,} hidden {'column is' if columns == 1 else 'columns are'} not read."
    if filled:
        cells = "1 merged cell counts" if filled == 1 else f"{filled:,} merged cells count"
        yield f"{cells} for every row covered."
