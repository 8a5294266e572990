"""Files of leads as people really have them, made up."""

import csv
import io
from collections.abc import Sequence
from datetime import date

from openpyxl import Workbook

from app.directory.models import Organisation

HEADINGS = ("Board", "Title", "First name", "Surname", "Job title", "Email", "Tel", "Checked")


def csv_bytes(*rows: Sequence[object], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def leads_csv(*rows: Sequence[object], headings: Sequence[str] = HEADINGS) -> bytes:
    return csv_bytes(headings, *rows)


def bytes_of(workbook: Workbook) -> bytes:
    kept = io.BytesIO()
    workbook.save(kept)
    return kept.getvalue()


def messy_workbook(boards: Sequence[Organisation], dissolved: Organisation) -> bytes:
    """Everything at once: each row below says what is wrong with it, or that nothing is."""
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "Leads 2026"
    sheet["B1"] = "Children’s executive leads – working copy"
    sheet.merge_cells("B1:H1")
    sheet["B2"] = "Budget £12,500; ask Sam before changing"
    headings = ("", "ICB", "Title", "First name", "Surname", "E-mail", "Phone", "Date checked")
    for column, heading in enumerate(headings, start=1):
        sheet.cell(4, column, heading or None)
    nbsp, narrow, nothing = "\u00a0", "\u202f", "\u200b"
    rows: dict[int, tuple[object, ...]] = {
        # fine: odd spaces, an unseen mark, accents, a date that is a date
        5: (
            f"{boards[0].name.replace(' ', nbsp, 1)} ",
            "Dr",
            f"Siân{narrow}",
            f"Ó{nbsp}Brádaigh-Łuczak{nothing}",
            " sian@example.org  ",
            "01632 960001",
            date(2026, 11, 2),
        ),
        # rows 7 and 8 share a merged cell for the board; row 6 is blank
        7: (boards[1].short_name, "Ms", "Bo", "Example", "bo@example.org", "", "2 Nov 2026"),
        8: (None, "Mr", "Cal", "Sample", "cal@example.org", "", "02/11/2026"),
        # one address, two names
        9: (boards[2].name, "", "Dee", "Sample", "shared@example.org", "", "2026-11-02"),
        10: (boards[3].name, "", "Eve", "Another", "shared@example.org", "", "2026-11-02"),
        # a telephone number that has lost its zero, because it is a number
        11: (boards[4].name, "", "Flo", "Sample", "flo@example.org", 1632960007, "2026-11-02"),
        # a board that is no more
        12: (dissolved.name, "", "Gil", "Sample", "gil@example.org", "", "2026-11-02"),
        # a date with the month first
        13: (boards[5].name, "", "Hal", "Sample", "hal@example.org", "", "11/13/2026"),
        # a filtered row: nobody sees it, so nobody means it
        14: (boards[6].name, "", "Hidden", "Person", "hidden@example.org", "", "2026-11-02"),
        # a vacant post, and one that is not published
        15: (boards[7].name, "", "", "Vacant", "", "", "2026-11-02"),
        16: (boards[8].name, "", "", "not published", "", "", "2026-11-02"),
        # the same person at two boards
        17: (boards[9].name, "", "Ivy", "Sample", "ivy@example.org", "", "2026-11-02"),
        18: (boards[10].name, "", "Ivy", "Sample", "Ivy@Example.org", "", "2026-11-02"),
        # a zero kept by the number format, and a formula that stays words
        19: (boards[11].name, "", "=1+1", "<b>Sample</b>", "jo@example.org", 1632960008, ""),
        # no such board; a bad address
        20: ("NHS Atlantis ICB", "", "Kim", "Sample", "kim@example.org", "", ""),
        21: (boards[12].name, "", "Lee", "Sample", "lee at example", "", ""),
    }
    for number, row in rows.items():
        for column, value in enumerate(row, start=2):
            cell = sheet.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"
    sheet.merge_cells("B7:B8")
    sheet["G19"].number_format = "00000000000"
    sheet["H5"].number_format = "d mmmm yyyy"
    sheet.row_dimensions[14].hidden = True
    old = workbook.create_sheet("Old list")
    for row in (HEADINGS, (boards[13].name, "", "Old", "Leaver", "", "old@example.org", "", "")):
        old.append(row)
    old.sheet_state = "hidden"
    return bytes_of(workbook)
