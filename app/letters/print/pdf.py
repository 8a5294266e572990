"""A letter as PDF: on A4, tagged for screen readers, its words passed as data."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from app.core.typesetting import Typesetter, typesetter
from app.letters.content.document import COPIES, Block, Document, Run
from app.letters.content.images import Stationery

TEMPLATE = Path(__file__).resolve().parents[3] / "templates/letters/letter.typ"
LONGEST_LINK = 2_000


A4 = (595.28, 841.89)  # in points


class Press:
    """Prints letters on one stationery."""

    def __init__(self, setter: Typesetter, stationery: Stationery) -> None:
        self._setter, self._stationery = setter, stationery

    def pdf_of(
        self, paper: Document, *, at: datetime, mark: str = "", in_window: Sequence[str] = ()
    ) -> bytes:
        """With a mark such as “Draft” above every page. Whom the letter is to stands where an
        envelope shows it; a postal address takes that place, and the rest stands below."""
        return self._setter.pdf(self._data(paper, mark, in_window), at=at)

    def _data(self, paper: Document, mark: str, in_window: Sequence[str]) -> dict[str, Any]:
        own = self._stationery
        return {
            "title": paper.subject or "Letter",
            "author": next(iter(paper.letterhead), ""),
            "mark": mark,
            "window": {
                **vars(own.window),
                "margin": own.window.margin,
                "letterhead": own.window.letterhead_width,
                "letterhead_is_right": own.window.letterhead_is_right,
            },
            "logo": own.logo.file_name("logo") if own.logo else "",
            "logo_alt": f"Logo of {next(iter(paper.letterhead), 'the sender')}",
            "signed": own.signature.file_name("signature") if own.signature else "",
            "signed_alt": f"Signature of {next(iter(paper.signature), 'the sender')}",
            "letterhead": list(paper.letterhead),
            "to": list(in_window or paper.to),
            "below": [line for line in paper.to if line not in in_window] if in_window else [],
            "date": paper.date,
            "greeting": _blocks(paper.greeting),
            "subject": paper.subject,
            "body": _blocks(_in_order(paper.body)),
            "signature": list(paper.signature),
            "copies": list(paper.copies),
            "copies_heading": COPIES,
            "small": _blocks(paper.small),
        }


@contextmanager
def press(stationery: Stationery) -> Iterator[Press]:
    with typesetter(TEMPLATE, stationery.files()) as setter:
        yield Press(setter, stationery)


def _blocks(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    return [
        {
            "kind": block.kind,
            "number": block.number,
            "runs": [_run(run) for run in block.runs],
            "inside": _blocks(block.inside),
        }
        for block in blocks
    ]


def _run(run: Run) -> dict[str, Any]:
    return {
        "text": run.text,
        "bold": run.is_bold,
        "italic": run.is_italic,
        "link": run.link if len(run.link) < LONGEST_LINK else "",
    }


def _in_order(blocks: Sequence[Block]) -> list[Block]:
    """Headings without a level left out, which a PDF for screen readers may not have."""
    before, found = 1, []
    for block in blocks:
        if block.kind == "heading":
            before = min(block.number, before + 1)
            found.append(Block("heading", block.runs, number=before))
        else:
            found.append(block)
    return found
