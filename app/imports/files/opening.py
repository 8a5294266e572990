"""The one door for a spreadsheet from outside: it is read in a process of its own."""

from app.core.disposable.process import Failed, Refused, opened
from app.imports.files.reading import plain_sheets
from app.imports.files.sheets import Sheet, UnreadableFile, from_plain

NOT_READ = (
    "This file could not be read in the time and memory that Liaise gives to one file. Copy the"
    " rows and columns you need into a new workbook, save it and upload that."
)


def open_file(content: bytes) -> tuple[Sheet, ...]:
    try:
        return from_plain(opened(plain_sheets, content))
    except Refused as refusal:
        raise UnreadableFile(str(refusal)) from None
    except Failed:
        raise UnreadableFile(NOT_READ) from None
