"""CSV that a spreadsheet opens as text and never as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from app.core.clock import LONDON
from app.core.web.lists import Column

# A cell beginning with one of these may be run by Excel, LibreOffice or Google Sheets: some of
# them skip leading blanks and fold the wide forms. A cell that already has apostrophes before
# such a beginning gets one more, so that reading our own file back takes off exactly one.
STARTS_A_FORMULA = re.compile(r"'*[\s\ufeff\u200b]*[\t\r\n=+\-@＝＋－＠]")  # noqa: RUF001
CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127))


def safe_cell(value: object) -> str:
    """The text of a cell, with an apostrophe before anything that could start a formula."""
    text = _text(value).translate(CONTROL)
    return f"'{text}" if STARTS_A_FORMULA.match(text) else text


def original_cell(text: str) -> str:
    """What `safe_cell` was given, when one of our own files is read back."""
    return text[1:] if text.startswith("'") and STARTS_A_FORMULA.match(text) else text


def to_csv(columns: Sequence[Column], rows: Iterable[object]) -> Iterator[str]:
    """One line at a time, the heading first."""
    shown = [column for column in columns if column.in_csv]
    yield _line([safe_cell(column.label) for column in shown])
    for row in rows:
        yield _line([safe_cell(column.cell(row)) for column in shown])


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
