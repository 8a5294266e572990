"""The sheet to start from: today's boards, and one row that shows how it is filled in."""

import csv
import io
from collections.abc import Iterator
from datetime import date

import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.csv_export import safe_cell
from app.directory.models import Organisation, OrganisationKind
from app.imports.rows import EXAMPLE_BOARD

HEADINGS = (
    "Board",
    "ODS code",
    "Post",
    "Title",
    "Given name",
    "Family name",
    "Letters after the name",
    "Job title",
    "Email address",
    "Telephone",
    "Status",
    "In post since",
    "Source",
    "Checked on",
)
WIDTHS = (52, 10, 30, 8, 16, 18, 14, 30, 32, 16, 14, 16, 40, 16)


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
        .order_by(Organisation.name)
    )
    for board in boards:
        yield (board.name, board.ods_code or "", *[""] * (len(HEADINGS) - 2))


def example_csv(session: Session, *, on: date) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    for row in (HEADINGS, *_rows(session, on)):
        writer.writerow([safe_cell(cell) for cell in row])
    # The mark tells Excel that the accents are Unicode.
    return text.getvalue().encode("utf-8-sig")


def example_workbook(session: Session, *, on: date) -> bytes:
    """Every column is text, so that telephone numbers keep their zeros."""
    kept = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(kept, options) as workbook:
        sheet = workbook.add_worksheet("Leads")
        text = workbook.add_format({"num_format": "@", "valign": "top"})
        shown = workbook.add_format({"num_format": "@", "italic": True, "font_color": "#5a6472"})
        head = workbook.add_format({"bold": True, "bg_color": "#e6ecf5", "bottom": 1})
        for column, (heading, width) in enumerate(zip(HEADINGS, WIDTHS, strict=True)):
            sheet.set_column(column, column, width, text)
            sheet.write_string(0, column, heading, head)
        for number, row in enumerate(_rows(session, on), start=1):
            for column, cell in enumerate(row):
                if cell:
                    sheet.write_string(number, column, cell, shown if number == 1 else text)
        sheet.freeze_panes(1, 1)
        _explain(workbook)
    return kept.getvalue()


def _explain(workbook: xlsxwriter.Workbook) -> None:
    sheet = workbook.add_worksheet("How to fill it in")
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 100, wrapped)
    for number, line in enumerate(
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
        )
    ):
        sheet.write_string(number, 0, line, wrapped)
