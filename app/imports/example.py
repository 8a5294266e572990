"""The sheet to start from, as CSV and as a workbook."""

import csv
import io
from datetime import date

import xlsxwriter
from sqlalchemy.orm import Session

from app.core.web.csv_export import safe_cell
from app.imports.planning.kind import Example


def example_csv(session: Session, example: Example, *, on: date) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    headings = tuple(heading for heading, _ in example.columns)
    for row in (headings, *example.rows(session, on)):
        writer.writerow([safe_cell(cell) for cell in row])
    # The mark tells Excel that the accents are Unicode.
    return text.getvalue().encode("utf-8-sig")


def example_workbook(session: Session, example: Example, *, on: date) -> bytes:
    """Every column is text, so that telephone numbers keep their zeros."""
    kept = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(kept, options) as workbook:
        sheet = workbook.add_worksheet(example.sheet)
        text = workbook.add_format({"num_format": "@", "valign": "top"})
        shown = workbook.add_format({"num_format": "@", "italic": True, "font_color": "#5a6472"})
        head = workbook.add_format({"bold": True, "bg_color": "#e6ecf5", "bottom": 1})
        for column, (heading, width) in enumerate(example.columns):
            sheet.set_column(column, column, width, text)
            sheet.write_string(0, column, heading, head)
        for number, row in enumerate(example.rows(session, on), start=1):
            for column, cell in enumerate(row):
                if cell:
                    sheet.write_string(number, column, cell, shown if number == 1 else text)
        sheet.freeze_panes(1, 1)
        _explain(workbook, example)
    return kept.getvalue()


def _explain(workbook: xlsxwriter.Workbook, example: Example) -> None:
    sheet = workbook.add_worksheet("How to fill it in")
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 100, wrapped)
    for number, line in enumerate(example.explained):
        sheet.write_string(number, 0, line, wrapped)
