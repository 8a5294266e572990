"""CSV that a spreadsheet opens as text and never as a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from app.core.clock import LONDON
from app.core.web.formula_cells import as_words
from app.core.web.lists import Column

# Without it Excel on Windows takes UTF-8 for its own letters, and “Zoë” for “ZoÃ«”.
BYTE_ORDER_MARK = "\ufeff"


def to_csv(columns: Sequence[Column], rows: Iterable[object]) -> Iterator[str]:
    """One line at a time, the heading first, after the mark by which Excel knows the letters."""
    shown = [column for column in columns if column.in_csv]
    yield BYTE_ORDER_MARK + _line([safe_cell(column.label) for column in shown])
    for row in rows:
        yield _line([safe_cell(column.cell(row)) for column in shown])


def safe_cell(value: object) -> str:
    """The text of a cell, with an apostrophe before anything that could start a formula."""
    return as_words(_text(value))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone(LONDON).isoformat(" ", "minutes")
    return value.isoformat() if isinstance(value, date) else str(value)


def _line(cells: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()
