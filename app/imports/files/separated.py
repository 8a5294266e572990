"""CSV and its relatives: which encoding, which separator, which rows."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator

from app.core.web.formula_cells import original_cell
from app.imports.files.sheets import (
    LONGEST_CELL,
    Sheet,
    SheetRow,
    UnreadableFile,
    bounded,
    clean,
)

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
# A heading repeated to the last column of a sheet is no reason to keep them all.
MOST_COLUMNS = 2_000
_END = "\x1fthe end\x1f"


def read_separated(content: bytes) -> Sheet:
    text, encoding = decoded(content)
    if "\x00" in text:
        raise UnreadableFile(
            "This is not a spreadsheet: save the leads as a CSV or an Excel workbook (.xlsx)."
        )
    text, separator = _named_separator(text)
    separator = separator or _likeliest_separator(text)
    rows = bounded(
        SheetRow(number, cells) for number, cells in _records(text, separator) if any(cells)
    )
    return Sheet("", rows, (f"Read as {encoding}, separated by {SEPARATORS[separator]}.",))


def decoded(content: bytes) -> tuple[str, str]:
    """The text, and the encoding in words a person may recognise."""
    for mark, codec, name in (
        (codecs.BOM_UTF8, "utf-8-sig", "Unicode (UTF-8)"),
        (codecs.BOM_UTF16_LE, "utf-16", "Unicode (UTF-16)"),
        (codecs.BOM_UTF16_BE, "utf-16", "Unicode (UTF-16)"),
    ):
        if content.startswith(mark):
            return _strictly(content, codec), name
    if unmarked := _unmarked_utf16(content):
        return _strictly(content, unmarked), "Unicode (UTF-16)"
    try:
        return content.decode("utf-8"), "Unicode (UTF-8)"
    except UnicodeDecodeError as error:
        # Cut in the middle of a letter; read as cp1252 every other accent would turn to rubbish.
        if error.reason == "unexpected end of data" and not content[: error.start].isascii():
            raise _cut_off() from None
    try:
        return content.decode("cp1252"), "Western European (Windows-1252)"
    except UnicodeDecodeError:
        raise UnreadableFile(
            "The letters in this file are in no encoding Liaise knows. Open it in your spreadsheet"
            " program and save it again as “CSV UTF-8” or as an Excel workbook (.xlsx)."
        ) from None


def _strictly(content: bytes, codec: str) -> str:
    try:
        return content.decode(codec)
    except UnicodeDecodeError:
        raise _cut_off() from None


def _unmarked_utf16(content: bytes) -> str | None:
    """In UTF-16 every other byte of plain letters is nothing."""
    head = content[:2000]
    if len(head) < 4:
        return None
    if head[1::2].count(0) > len(head) * 0.4 and head[0::2].count(0) == 0:
        return "utf-16-le"
    if head[0::2].count(0) > len(head) * 0.4 and head[1::2].count(0) == 0:
        return "utf-16-be"
    return None


def _cut_off() -> UnreadableFile:
    return UnreadableFile(
        "The file ends in the middle of something: it was cut off while it was saved or sent."
        " Save it again and upload it once more."
    )


def _named_separator(text: str) -> tuple[str, str]:
    """Excel writes and eats a first line “sep=;”, and does not count it as a row."""
    first, _, rest = text.partition("\n")
    named = first.strip()
    if named.lower().startswith("sep=") and named[4:] in SEPARATORS:
        return rest, named[4:]
    return text, ""


def _likeliest_separator(text: str) -> str:
    """The one that cuts the most rows into the same number of cells, more than one."""
    sample = text[:64_000]

    def evenness(separator: str) -> tuple[int, int]:
        widths = Counter(
            len(cells) for _, cells in _parsed(sample, separator) if len(cells) > 1 and any(cells)
        )
        if not widths:
            return 0, 0
        width, rows = widths.most_common(1)[0]
        return rows, width

    return max(SEPARATORS, key=evenness)


def _parsed(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, cells
    except csv.Error:
        raise UnreadableFile(
            f"Row {number + 1} has a cell of more than {LONGEST_CELL:,} characters. A quotation"
            " mark is probably missing; correct the row and upload the file again."
        ) from None


def _records(text: str, separator: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Every record under the number a spreadsheet gives it: a cell of several lines is one row."""
    last: list[str] = []
    for number, cells in _parsed(f"{text.rstrip()}\n{_END}\n", separator):
        last = cells
        if cells != [_END]:
            yield number, tuple(clean(original_cell(cell)) for cell in cells[:MOST_COLUMNS])
    if last != [_END]:
        raise _cut_off()
