"""Files as they come: every encoding, every way to hide something, every way to be broken."""

import io
import random
import time
import zipfile
from contextlib import suppress
from datetime import date

import pytest
import xlsxwriter
from openpyxl import Workbook

from app.core.web.csv_export import to_csv
from app.core.web.lists import Column
from app.imports.files.reading import read_file
from app.imports.files.sheets import UnreadableFile, clean
from app.imports.files.shown import shown
from app.imports.leads.fields import LEAD_FIELDS
from app.imports.planning.fields import find_headings, suggest
from tests.imports.sheets import bytes_of, csv_bytes

ROWS = (("Board", "Surname", "Note"), ("NHS Sampleshire ICB", "Ó Brádaigh", "£5’s “cost”"))


def cells(content: bytes) -> list[tuple[str, ...]]:
    return [row.cells for row in read_file(content)[0].rows]


def workbook_of(*rows: tuple[object, ...]) -> Workbook:
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    return workbook


def with_shared_strings(*rows: tuple[str, ...]) -> bytes:
    """As Excel writes it: the words of all cells in a part of their own."""
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Leads")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return kept.getvalue()


def with_part(content: bytes, name: str, change: bytes | None, old: bytes = b"") -> bytes:
    """A workbook with one part changed by hand."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(kept, "w") as after:
        for entry in before.infolist():
            body = before.read(entry)
            if entry.filename == name and change is not None:
                body = body.replace(old, change) if old else change
            after.writestr(entry, body, zipfile.ZIP_DEFLATED)
    return kept.getvalue()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_accents_pounds_and_curly_quotes_arrive_in_every_encoding(
    encoding: str, delimiter: str
) -> None:
    assert cells(csv_bytes(*ROWS, encoding=encoding, delimiter=delimiter)) == list(ROWS)


def test_a_separator_named_in_the_first_line_is_used_and_not_counted() -> None:
    rows = read_file(b"sep=;\r\nBoard;Surname\r\n\r\nDevon, the board;Sample\r\n")[0].rows

    assert [(row.number, row.cells) for row in rows] == [
        (1, ("Board", "Surname")),
        (3, ("Devon, the board", "Sample")),
    ]


def test_rows_have_the_numbers_a_spreadsheet_gives_them() -> None:
    text = 'Leads\n\nBoard,Surname\n"two\nlines",Sample\n,\n\nDevon,Example\n'

    assert [row.number for row in read_file(text.encode())[0].rows] == [1, 3, 4, 7]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        (b" \n \n", "The file is empty"),
        ("Board,Surname\nDevon,Siân Brádaigh".encode()[:-6], "cut off"),
        (b'Board,Surname\nDevon,"Sam', "cut off"),
        ("\ufeffBoard".encode("utf-16")[:-1], "cut off"),
        (b"Board\x81\x8d,Surname\x9d", "no encoding Liaise knows"),
        (b"\x00\x01\x02\x03" * 20, "not a spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 xls", "old Excel file (.xls) or one locked"),
        (b"%PDF-1.7", "a PDF"),
        (b"<html><table><tr><td>Board</td></tr></table></html>", "a web page"),
        (b"PK\x03\x04", "damaged or was cut off"),
        (b"\x89PNG\r\n", "a picture"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableFile, match=sentence.replace("(", r"\(").replace(")", r"\)")):
        read_file(content)


def test_words_kept_apart_from_their_cells_are_read() -> None:
    assert cells(with_shared_strings(*ROWS)) == list(ROWS)


def test_a_workbook_cut_off_anywhere_is_refused() -> None:
    content = bytes_of(workbook_of(*ROWS))
    for cut in range(4, len(content), 97):
        with pytest.raises(UnreadableFile):
            read_file(content[:cut])


def test_a_workbook_with_bytes_changed_is_refused_or_read_but_never_breaks_us() -> None:
    content = with_shared_strings(*ROWS)
    dice = random.Random(7)
    names = ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in names}
    for _ in range(150):
        name = dice.choice(names)
        body = bytearray(parts[name])
        for _ in range(dice.randint(1, 6)):
            body[dice.randrange(len(body))] = dice.choice(b'<>/"=0159 rcsvA')
        with suppress(UnreadableFile):
            read_file(with_part(content, name, bytes(body)))


def test_hidden_sheets_rows_and_columns_are_never_read() -> None:
    workbook = workbook_of(
        ("Board", "Old email", "Surname"),
        ("Devon", "secret@example.org", "Sample"),
        ("Dorset", "secret@example.org", "Hidden"),
    )
    workbook.active.row_dimensions[3].hidden = True
    workbook.active.column_dimensions["B"].hidden = True
    for state in ("hidden", "veryHidden"):
        sheet = workbook.create_sheet(state)
        sheet.append(("Board", "Surname"))
        sheet.sheet_state = state

    sheets = read_file(bytes_of(workbook))

    assert len(sheets) == 1
    assert [row.cells for row in sheets[0].rows] == [
        ("Board", "", "Surname"),
        ("Devon", "", "Sample"),
    ]
    assert sheets[0].notes == (
        "Hidden in the workbook and not read: “hidden”, “veryHidden”.",
        "1 hidden or filtered row is not read.",
        "1 hidden column is not read.",
    )


def test_zeros_and_dates_keep_the_text_the_sheet_shows() -> None:
    workbook = workbook_of(("a", "b", "c", "d", "e"))
    sheet = workbook.active
    sheet.append(("07700 900123", 1632960001, date(2027, 4, 1), date(2027, 4, 1), 7700))
    sheet["B2"].number_format = "00000000000"
    sheet["C2"].number_format = "dd/mm/yyyy"
    sheet["D2"].number_format = '[$-809]d "of" mmmm yyyy;@'

    row = read_file(bytes_of(workbook))[0].rows[1]

    assert row.cells == ("07700 900123", "01632960001", "01/04/2027", "1 of April 2027", "7700")
    assert row.dates == {2: date(2027, 4, 1), 3: date(2027, 4, 1)}
    assert shown(7700900123, "00000 000000") == "07700 900123"


def test_document_types_and_entities_are_refused() -> None:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet/>'
    )
    content = with_shared_strings(*ROWS)
    for part in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"):
        with pytest.raises(UnreadableFile, match="declares a document type"):
            read_file(with_part(content, part, bomb))


def test_a_workbook_that_explodes_is_refused_early() -> None:
    content = with_part(bytes_of(workbook_of(*ROWS)), "xl/styles.xml", b" " * 160_000_000)
    with pytest.raises(UnreadableFile, match="unpacks to more"):
        read_file(content)


def test_a_cell_in_the_last_corner_does_not_make_a_grid_of_everything() -> None:
    workbook = workbook_of(*ROWS)
    workbook.active["XFD1048576"] = "here"
    with pytest.raises(UnreadableFile, match="reaches to row 1,048,576"):
        read_file(bytes_of(workbook))


def test_more_than_ten_thousand_rows_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="more than 10,000 rows"):
        read_file(csv_bytes(*[("Devon", "Sample")] * 10_100))


def test_a_heading_repeated_to_the_last_column_is_no_trouble() -> None:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Leads")
    sheet.append(["Board", "Surname", *["Email"] * 16_381])
    for number in range(42):
        sheet.append([f"Board {number}", "Sample", "sample@example.org"])
    content = bytes_of(workbook)
    begun = time.process_time()

    table = find_headings(read_file(content)[0], LEAD_FIELDS)

    assert time.process_time() - begun < 2
    assert [column.heading for column in table.columns][:3] == ["Board", "Surname", "Email"]
    assert len(table.columns) <= 5
    assert any("further columns are not shown" in note for note in table.notes)


def test_a_thousand_columns_by_a_thousand_rows_are_read_in_good_time() -> None:
    headings = ["Surname", *(f"Extra {number}" for number in range(998)), "Board"]
    rows = [["Sample", *["x"] * 998, "Devon"]] * 1000
    begun = time.process_time()

    table = find_headings(read_file(csv_bytes(headings, *rows))[0], LEAD_FIELDS)

    assert time.process_time() - begun < 5
    assert suggest(table.columns, LEAD_FIELDS) == {"board": 999, "family_name": 0}
    assert len(table.columns) == 60


def test_leading_empty_columns_and_title_rows_do_not_shift_headings() -> None:
    workbook = Workbook()
    sheet = workbook.active
    sheet["C2"] = "Our leads"
    for column, heading in enumerate(("ICB", "Lead", "E-mail address"), start=3):
        sheet.cell(5, column, heading)
    sheet["C6"] = "Devon"

    table = find_headings(read_file(bytes_of(workbook))[0], LEAD_FIELDS)

    assert table.heading_row == 5
    assert suggest(table.columns, LEAD_FIELDS) == {"board": 2, "full_name": 3, "email": 4}


def test_spaces_of_every_kind_are_plain_spaces_and_unseen_marks_are_gone() -> None:
    for odd in "\u00a0\u202f\u2009\u3000\t":
        assert clean(f" a{odd}{odd}b ") == "a b"
    for unseen in "\u200b\u2060\ufeff\u00ad\u202e\u200f\x07":
        assert clean(f"a{unseen}b") == "ab"
    assert clean("e\u0301") == "é"


@pytest.mark.parametrize(
    "headings",
    [
        ("ICB", "Title", "First name", "Surname", "Job Title", "E-mail address", "Tel."),
        (
            "Integrated Care Board (ICB)",
            "Forename",
            "Last Name",
            "Role",
            "Email Address ",
            "Mobile",
        ),
        ("Organisation", "Contact name", "Position", "Contact email", "Telephone number"),
        ("System", "Children & YP lead", "Lead's e-mail", "Web link", "Last checked"),
        ("Board name", "ODS", "Name of executive lead", "e-mail", "Verified on", "Source"),
    ],
)
def test_most_headings_of_real_sheets_are_recognised(headings: tuple[str, ...]) -> None:
    table = find_headings(read_file(csv_bytes(headings, ["x"] * len(headings)))[0], LEAD_FIELDS)

    assert len(suggest(table.columns, LEAD_FIELDS)) >= 0.8 * len(headings)


def test_what_we_write_we_read_back_unchanged() -> None:
    rows = [
        ("Zoë Ó Brádaigh", "'=Sample", "+44 1632 960001"),
        ("Łucja D’Example", "''-twice", "@office"),
        ("Siân; née Ex, “ample”", "'ordinary", "two\nlines"),
    ]
    columns = [
        Column(heading, heading, lambda row, place=place: row[place])  # type: ignore[misc]
        for place, heading in enumerate(("Name", "=Formula", "Phone"))
    ]
    content = "".join(to_csv(columns, rows)).encode()

    assert content.startswith(b"\xef\xbb\xbf"), "by which Excel on Windows knows the accents"
    assert cells(content) == [("Name", "=Formula", "Phone"), *rows]
