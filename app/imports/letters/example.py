"""The sheet of letters to start from: one row that shows how it is filled in."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy.orm import Session

from app.imports.planning.kind import Example

COLUMNS = (
    ("Date it went", 18),
    ("Board", 52),
    ("ODS code", 10),
    ("To whom", 32),
    ("Email address", 32),
    ("Kind", 30),
    ("How it went", 14),
    ("What it was about", 40),
    ("Reference or file name", 32),
)


def _rows(_: Session, on: date) -> Iterator[tuple[str, ...]]:
    yield (
        f"{on.day} {on:%B %Y}",
        "EXAMPLE ROW – not imported",
        "",
        "Dr Alex Example",
        "alex.example@example.org",
        "letter",
        "post",
        "Offer of support",
        "2026-11 Example offer.pdf",
    )


EXAMPLE = Example(
    "Letters",
    COLUMNS,
    _rows,
    (
        "One row for each letter that went to one addressee without Liaise.",
        "The row in italics is an example and is never imported; delete it or leave it.",
        "To whom: the person’s name, or the office as it stood on the letter, such as The Chair.",
        "Email address: only needed where two people at one body have the same name.",
        "Board: any body Liaise knows; several are divided by semicolons. It is found as it was on"
        " the day of the letter, so that boards of before April 2026 are understood.",
        "Kind: letter, open letter, consultation response, written evidence or freedom of"
        " information request. Leave it empty for a letter.",
        "How it went: email, post, by hand or portal.",
        "Dates: 12 November 2026 or 12/11/2026, day first.",
        "A letter that is recorded already is never recorded twice.",
        "Nothing is written until you have seen what would change.",
    ),
)
