"""What the reader of XLSX does not tell: what its author hid, and formats that change what is seen.

Nothing here protects that reader, which reads the same bytes in its own way: the process that both
run in has limits. What is refused here is refused for the sake of a clear sentence.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

from app.imports.files.sheets import MOST_CELLS, UnreadableFile
from app.imports.files.shown import BUILT_IN, matters

MOST_UNPACKED = 150 * 1024 * 1024
MOST_HIDDEN_COLUMNS = 16_384

Attributes = dict[str, str]

TOO_BIG = (
    "This workbook unpacks to more than Liaise will open. Copy the leads alone into a new workbook,"
    " save it and upload that."
)
DAMAGED = (
    "This workbook is damaged or was cut off while it was saved or sent. Open it in your"
    " spreadsheet program, save it again and upload it once more."
)
DOCUMENT_TYPE = (
    "This workbook declares a document type, which no spreadsheet program does, so it was not"
    " opened. Copy the leads into a new workbook and upload that."
)


@dataclass
class SheetPart:
    """One sheet: where it is, what is hidden in it, and the formats that change what is seen."""

    name: str
    path: str
    is_hidden: bool
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    formats: dict[tuple[int, int], str] = field(default_factory=dict)
    rows: int = 0
    columns: int = 0


def survey(content: bytes) -> list[SheetPart]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _survey(_Parts(archive))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError):
        raise UnreadableFile(DAMAGED) from None
    except (expat.ExpatError, zlib.error, LookupError, ValueError, OSError):
        raise UnreadableFile(DAMAGED) from None


class _Parts:
    """The parts of an archive by their names."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        entries = archive.infolist()
        if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
            raise UnreadableFile(TOO_BIG)
        self.entries = {entry.filename.lstrip("/"): entry for entry in entries}

    def walk(self, path: str, on_start: Callable[[str, Attributes], None]) -> None:
        _walk(self.archive.read(self.entries[path]), on_start)

    def refuse_document_types(self) -> None:
        """No part may declare one, whichever of them is read later."""
        for name, entry in self.entries.items():
            if name.endswith((".xml", ".rels")):
                with self.archive.open(entry) as part:
                    beginning = part.read(4096)
                if b"<!DOCTYPE" in beginning or b"<!ENTITY" in beginning:
                    raise UnreadableFile(DOCUMENT_TYPE)


def _walk(xml: bytes, on_start: Callable[[str, Attributes], None]) -> None:
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise UnreadableFile(DOCUMENT_TYPE)

    def first(name: str, attributes: Attributes) -> None:
        """The outermost element tells whether this program writes its names with a prefix."""
        prefixed = ":" in name
        parser.StartElementHandler = without_prefix if prefixed else on_start
        parser.StartElementHandler(name, attributes)

    def without_prefix(name: str, attributes: Attributes) -> None:
        on_start(name.rpartition(":")[2], attributes)

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = first
    parser.Parse(xml, True)


def _survey(parts: _Parts) -> list[SheetPart]:
    if "xl/workbook.xml" not in parts.entries:
        raise UnreadableFile(
            "This is a zip archive, not an Excel workbook. Save the leads as .xlsx or CSV."
        )
    parts.refuse_document_types()
    targets = _relations(parts)
    sheets: list[SheetPart] = []

    def on_sheet(name: str, attributes: Attributes) -> None:
        if name != "sheet":
            return
        relation = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
        hidden = attributes.get("state", "visible") != "visible"
        sheets.append(SheetPart(attributes["name"], targets.get(relation, ""), hidden))

    parts.walk("xl/workbook.xml", on_sheet)
    codes = _formats(parts)
    for sheet in sheets:
        if not sheet.is_hidden and sheet.path in parts.entries:
            _look_at(parts, sheet, codes)
    return sheets


def _relations(parts: _Parts) -> dict[str, str]:
    targets: dict[str, str] = {}

    def on_start(name: str, attributes: Attributes) -> None:
        if name == "Relationship" and "worksheet" in attributes.get("Type", ""):
            path = posixpath.normpath(posixpath.join("/xl", attributes["Target"]))
            targets[attributes["Id"]] = path.lstrip("/")

    parts.walk("xl/_rels/workbook.xml.rels", on_start)
    return targets


def _formats(parts: _Parts) -> dict[str, str]:
    """For each cell style that shows more than a bare number, its format."""
    own: dict[int, str] = {}
    codes: dict[str, str] = {}
    inside = {"cellXfs": False}
    count = 0

    def on_start(name: str, attributes: Attributes) -> None:
        nonlocal count
        if name == "numFmt":
            own[int(attributes["numFmtId"])] = attributes["formatCode"]
        elif name in {"cellXfs", "cellStyles", "cellStyleXfs", "dxfs"}:
            inside["cellXfs"] = name == "cellXfs"
        elif name == "xf" and inside["cellXfs"]:
            number = int(attributes.get("numFmtId", "0"))
            code = own.get(number, BUILT_IN.get(number, ""))
            if code and matters(code):
                codes[str(count)] = code
            count += 1

    if "xl/styles.xml" in parts.entries:
        parts.walk("xl/styles.xml", on_start)
    return codes


def _look_at(  # noqa: C901 - see below
    parts: _Parts, sheet: SheetPart, codes: dict[str, str]
) -> None:
    """Walk one sheet, row by row and cell by cell.

    A sheet has a million cells, so this is one plain function over local names.
    """
    row = column = -1
    indexes: dict[str, int] = {}
    formats = sheet.formats

    def on_start(name: str, attributes: Attributes) -> None:
        nonlocal row, column
        if name == "c":
            if reference := attributes.get("r"):
                letters = reference.rstrip("0123456789")
                if letters not in indexes:
                    indexes[letters] = _column_index(letters)
                column = indexes[letters]
            else:
                column += 1
            if (style := attributes.get("s")) in codes:
                formats[row, column] = codes[style or ""]
        elif name in ("v", "is"):
            if row >= sheet.rows or column >= sheet.columns:
                _stretch(sheet, row, column)
        elif name == "row":
            row = int(attributes["r"]) - 1 if "r" in attributes else row + 1
            column = -1
            if attributes.get("hidden") in {"1", "true"}:
                sheet.hidden_rows.add(row)
        elif name == "col":
            _note_columns(sheet, attributes)

    parts.walk(sheet.path, on_start)


def _note_columns(sheet: SheetPart, attributes: Attributes) -> None:
    if attributes.get("hidden") in {"1", "true"}:
        last = min(int(attributes["max"]), MOST_HIDDEN_COLUMNS)
        sheet.hidden_columns.update(range(int(attributes["min"]) - 1, last))


def _stretch(sheet: SheetPart, row: int, column: int) -> None:
    sheet.rows = max(sheet.rows, row + 1)
    sheet.columns = max(sheet.columns, column + 1)
    if sheet.rows * sheet.columns > MOST_CELLS:
        raise UnreadableFile(
            f"The sheet “{sheet.name}” reaches to row {sheet.rows:,} and column {sheet.columns:,},"
            " more than can be read. Copy the leads alone into a new workbook and upload that."
        )


def _column_index(letters: str) -> int:
    if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
        raise ValueError(letters)
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def column_letters(index: int) -> str:
    """0 is A, 26 is AA."""
    letters, number = "", index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
