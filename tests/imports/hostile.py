"""Workbooks that two programs read in two ways, so that what one found small the other finds vast.

Each is under 20 kB. Opened without limits they take from a few to five hundred gigabytes.
"""

import io
import zipfile

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET = "xl/worksheets/sheet1.xml"
OTHER = "xl/worksheets/sheet2.xml"

NEAR = '<row r="1"><c r="A1"><v>1</v></c></row>'
FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
ONE_SHEET = '<sheet name="S" sheetId="1" r:id="rId1"/>'


def sheet(rows: str, also: str = "") -> str:
    return (
        f'<?xml version="1.0"?><worksheet {_MAIN} {also}><sheetData>{rows}</sheetData></worksheet>'
    )


def packed(
    *parts: tuple[str, str], sheets: str = ONE_SHEET, targets: str = "worksheets/sheet1.xml"
) -> bytes:
    first, _, second = targets.partition(" ")
    kind = f"{_OFFICE}/worksheet"
    relations = [
        f'<Relationship Id="rId1" Type="{kind}" Target="{first}"/>',
        f'<Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>',
        f'<Relationship Id="rId3" Type="{kind}" Target="{second}"/>' if second else "",
    ]
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (
            ("[Content_Types].xml", f'<Types xmlns="{_PACKAGE}/content-types"/>'),
            (
                "_rels/.rels",
                f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
                f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            ),
            (
                "xl/workbook.xml",
                f'<workbook {_MAIN} xmlns:r="{_OFFICE}" xmlns:x="urn:x"><sheets>{sheets}</sheets>'
                "</workbook>",
            ),
            (
                "xl/_rels/workbook.xml.rels",
                f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(relations)}'
                "</Relationships>",
            ),
            *parts,
        ):
            archive.writestr(name, content)
    return kept.getvalue()


def one_long_string(length: int, times: int) -> bytes:
    rows = "".join(
        f'<row r="{number}"><c r="A{number}" t="s"><v>0</v></c></row>'
        for number in range(1, times + 1)
    )
    strings = f'<sst {_MAIN} count="1" uniqueCount="1"><si><t>{"a" * length}</t></si></sst>'
    return packed((SHEET, sheet(rows)), ("xl/sharedStrings.xml", strings))


def far_cell_in_a_near_row() -> bytes:
    return packed((SHEET, sheet(f'{NEAR}<row r="2"><c r="XFD1048576"><v>1</v></c></row>')))


def read_in_two_ways() -> dict[str, bytes]:
    near, far = sheet(NEAR), sheet(NEAR + FAR)
    foreign = sheet(
        f'{NEAR}<row r="1048576"><c r="XFD1048576"><x:v>1</x:v></c></row>', 'xmlns:x="urn:x"'
    )
    two_sheets = "worksheets/sheet1.xml worksheets/sheet2.xml"
    return {
        "a far cell in a near row": far_cell_in_a_near_row(),
        "two parts of one name": packed((SHEET, far), (f"/{SHEET}", near)),
        "a name that goes nowhere and back": packed(
            (SHEET, near), ("xl/worksheets/./sheet1.xml", far), targets="worksheets/./sheet1.xml"
        ),
        "a hidden and a visible sheet of one name": packed(
            (SHEET, far),
            (OTHER, near),
            sheets='<sheet name="S" sheetId="1" state="hidden" r:id="rId1"/>'
            '<sheet name="S" sheetId="2" r:id="rId3"/>',
            targets=two_sheets,
        ),
        "a second id": packed(
            (SHEET, far),
            (OTHER, near),
            sheets='<sheet name="S" sheetId="1" x:id="rId3" r:id="rId1"/>',
            targets=two_sheets,
        ),
        "a value of another's": packed((SHEET, foreign)),
        "one long string many times": one_long_string(1_000_000, 3_000),
    }
