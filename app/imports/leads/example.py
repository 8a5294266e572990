"""The sheet to start from: today's boards, and one row that shows how it is filled in."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.text.alphabet import alphabetical
from app.directory.models import Organisation, OrganisationKind
from app.imports.leads.rows import EXAMPLE_BOARD
from app.imports.planning.kind import Example

COLUMNS = (
    ("Board", 52),
    ("ODS code", 10),
    ("Post", 30),
    ("Title", 8),
    ("Given name", 16),
    ("Family name", 18),
    ("Letters after the name", 14),
    ("Job title", 30),
    ("Email address", 32),
    ("Telephone", 16),
    ("Status", 14),
    ("In post since", 16),
    ("Source", 40),
    ("Checked on", 16),
)


def _rows(session: Session, on: date) -> Iterator[tuple[str, ...]]:
    yield (
        EXAMPLE_BOARD,
        "",
        "Executive lead, children and young people",
        "Dr",
        "Alex",
        "Example",
        "FRCPCH",
        "Chief Nursing Officer",
        "alex.example@example.org",
        "01632 960000",
        "in post",
        "1 April 2026",
        "https://example.org/our-board",
        f"{on.day} {on:%B %Y}",
    )
    boards = session.scalars(
        select(Organisation)
        .where(Organisation.kind == OrganisationKind.ICB, Organisation.where_exists_on(on))
        .order_by(alphabetical(Organisation.name))
    )
    for board in boards:
        yield (board.name, board.ods_code or "", *[""] * (len(COLUMNS) - 2))


EXAMPLE = Example(
    "Leads",
    COLUMNS,
    _rows,
    (
        "One row for each person and post. Somebody who leads two boards has two rows with the"
        " same email address.",
        "The row in italics is an example and is never imported; delete it or leave it.",
        "An empty cell changes nothing in the register. A board with nobody in its row is left"
        " as it is.",
        "Nobody in post: write vacant, not published or unknown under Status, and leave the"
        " name empty.",
        "Post: leave it empty for the executive lead for children and young people.",
        "Dates: 12 November 2026 or 12/11/2026, day first.",
        "Status: in post, acting, vacant, not published or unknown.",
        "Nothing is written until you have seen what would change.",
    ),
)
