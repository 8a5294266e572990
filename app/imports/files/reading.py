"""From the bytes of a file to its sheets, or one sentence why not.

Runs in a process of its own (`opening`), so it imports nothing that takes long.
"""

from typing import Any

from app.imports.files.separated import read_separated
from app.imports.files.sheets import MOST_BYTES, Sheet, UnreadableFile, to_plain
from app.imports.files.workbook import read_workbook

INSTEAD = "Save the leads as an Excel workbook (.xlsx) or as CSV and upload that."
_OTHER_KINDS = (
    (b"\xd0\xcf\x11\xe0", "This is an old Excel file (.xls) or one locked with a password."),
    (b"%PDF", "This is a PDF, not a spreadsheet."),
    (b"{\\rtf", "This is a text document, not a spreadsheet."),
    (b"\x89PNG", "This is a picture, not a spreadsheet."),
    (b"\xff\xd8\xff", "This is a picture, not a spreadsheet."),
    (b"\x1f\x8b", "This is a compressed archive, not a spreadsheet."),
)


def plain_sheets(content: bytes) -> list[Any]:
    return to_plain(read_file(content))


def read_file(content: bytes) -> tuple[Sheet, ...]:
    """What the file is, its content says; what it is called is nobody's promise."""
    if not content.strip():
        raise UnreadableFile("The file is empty. Save it again and upload it once more.")
    if len(content) > MOST_BYTES:
        raise UnreadableFile(
            f"The file is larger than {MOST_BYTES // 1024 // 1024} MB, the most that can be"
            " imported. Copy the leads alone into a new file."
        )
    for beginning, sentence in _OTHER_KINDS:
        if content.startswith(beginning):
            raise UnreadableFile(f"{sentence} {INSTEAD}")
    if content.startswith(b"PK\x03\x04"):
        sheets = _workbook(content)
    elif content.lstrip()[:200].lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<table")):
        raise UnreadableFile(f"This is a web page or XML, not a spreadsheet. {INSTEAD}")
    else:
        sheets = (read_separated(content),)
    sheets = tuple(sheet for sheet in sheets if sheet.rows)
    if not sheets:
        raise UnreadableFile("There is nothing to see in this file: no sheet of it has a row.")
    return sheets


def _workbook(content: bytes) -> tuple[Sheet, ...]:
    if b"mimetypeapplication/vnd.oasis.opendocument" in content[:200]:
        raise UnreadableFile(f"This is an OpenDocument file. {INSTEAD}")
    return read_workbook(content)
