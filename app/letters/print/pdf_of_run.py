"""All letters of a mailing as one file for the printer, each on sheets of its own.

Every letter is set by itself, so that “Page 1 of 2” is its own, and joined afterwards. Joining
loses the tags that screen readers need; people get the separate files, the printer gets this one.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pypdfium2 import PdfDocument

from app.core.typesetting import Typesetter
from app.core.web.filters import at_time, plural
from app.letters.content.document import Document
from app.letters.content.images import Stationery
from app.letters.print.pdf import A4, press

COVER = Path(__file__).resolve().parents[3] / "templates/letters/manifest.typ"
ROWS_A_PART = 40  # about a page of them


class PagesDiffer(Exception):
    """The file does not hold what its cover says; it must not be used."""


@dataclass(frozen=True)
class ToPrint:
    """One letter, and the address an envelope shows of it; none where no usable one is known."""

    to: str
    paper: Document
    window: Sequence[str] = ()
    mark: str = ""


@dataclass(frozen=True)
class Cover:
    """What the cover says besides the letters that follow it."""

    title: str
    lines: Sequence[str] = ()
    left_out: Sequence[str] = ()


@dataclass(frozen=True)
class Printed:
    """The file, and how many pages each letter has in it, in order."""

    content: bytes
    cover_pages: int
    pages: tuple[int, ...]


def print_run(
    letters: Iterable[ToPrint],
    stationery: Stationery,
    *,
    cover: Cover,
    both_sides: bool,
    at: datetime,
) -> Printed:
    """A cover that counts the pages, then the letters in its order, which is the envelopes’.

    The letters are taken one by one, so that whoever gives them never has to hold them all.
    """
    whole = PdfDocument.new()
    rows = []
    with press(stationery) as own:
        for one in letters:
            made = own.pdf_of(one.paper, at=at, mark=one.mark, in_window=one.window)
            rows.append(_Row.of(one, _append(whole, made, both_sides=both_sides)))
    counts = tuple(row.pages for row in rows)
    covers = _covers(rows, cover, both_sides=both_sides, at=at)
    cover_pages = _put_first(whole, covers, both_sides=both_sides)
    _refuse_if_different(whole, cover_pages, counts, both_sides=both_sides)
    file = io.BytesIO()
    whole.save(file)
    whole.close()
    return Printed(file.getvalue(), cover_pages, counts)


def sheets(pages: int, *, both_sides: bool) -> int:
    return (pages + 1) // 2 if both_sides else pages


def _append(whole: PdfDocument, letter: bytes, *, both_sides: bool) -> int:
    with _opened(letter) as part:
        whole.import_pages(part)
        if both_sides and len(part) % 2:
            whole.new_page(*A4)  # so that no two letters share a sheet
        return len(part)


def _put_first(whole: PdfDocument, covers: Iterable[bytes], *, both_sides: bool) -> int:
    pages = 0
    for cover in covers:
        with _opened(cover) as part:
            whole.import_pages(part, index=pages)
            pages += len(part)
    if both_sides and pages % 2:
        whole.new_page(*A4, index=pages)
    return pages


def _refuse_if_different(
    whole: PdfDocument, cover: int, letters: Sequence[int], *, both_sides: bool
) -> None:
    """Count the pages of the whole file again, as the printer will."""
    sides = 2 if both_sides else 1
    wanted = sum(sheets(pages, both_sides=both_sides) * sides for pages in (cover, *letters))
    if len(whole) != wanted:
        raise PagesDiffer(f"{len(whole)} pages, where the cover says {wanted}")


def _opened(content: bytes) -> closing[PdfDocument]:
    return closing(PdfDocument(content))


@dataclass(frozen=True)
class _Row:
    """A letter as the cover lists it."""

    to: str
    window: str
    pages: int

    @classmethod
    def of(cls, letter: ToPrint, pages: int) -> "_Row":
        to = (
            f"{letter.to} ({letter.mark[:1].lower()}{letter.mark[1:]})"
            if letter.mark
            else letter.to
        )
        return cls(to, ", ".join(letter.window) or "no postal address", pages)


def _covers(
    rows: Sequence[_Row], cover: Cover, *, both_sides: bool, at: datetime
) -> Iterator[bytes]:
    """In parts, since one table of a thousand rows would take as much memory as all the rest."""
    used = [sheets(row.pages, both_sides=both_sides) for row in rows]
    listed = [
        {
            "number": str(number),
            "to": row.to,
            "window": row.window,
            "pages": str(row.pages),
            "sheets": str(sheet_count),
        }
        for number, (row, sheet_count) in enumerate(zip(rows, used, strict=True), start=1)
    ]
    printed = "on both sides" if both_sides else "on one side"
    lines = [
        f"{plural(len(rows), 'letter')}, {plural(sum(row.pages for row in rows), 'page')}, "
        f"{plural(sum(used), 'sheet')} of A4 {printed}, "
        "besides this cover. Each letter begins on a sheet of its own, in the order below.",
        f"Made {at_time(at)}.",
        *cover.lines,
    ]
    setter = Typesetter(COVER)
    parts = max(1, -(-len(listed) // ROWS_A_PART))
    for part in range(parts):
        yield setter.pdf(
            {
                "title": cover.title,
                "author": "Liaise",
                "part": f"Cover {part + 1} of {parts}",
                "lines": [] if part else lines,
                "rows": listed[part * ROWS_A_PART : (part + 1) * ROWS_A_PART],
                "left_out": list(cover.left_out) if part == parts - 1 else [],
            },
            at=at,
        )
