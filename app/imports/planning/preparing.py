"""A file together with what the user said about it: ready to be planned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.core.errors import DomainError
from app.imports.files.opening import open_file
from app.imports.files.sheets import Sheet
from app.imports.planning.bodies import DEFAULT_POST
from app.imports.planning.choices import Choices
from app.imports.planning.corrections import Correction, corrected
from app.imports.planning.fields import FieldSet, FileColumn, Mapped, Table, find_headings, suggest
from app.imports.planning.kind import ImportKind
from app.imports.planning.plan import Plan
from app.imports.planning.whole_names import NameRule


class UnusableColumns(DomainError):
    """The columns as they are chosen leave out what is needed; `sentences` say why."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True)
class PreparedFile:
    """One sheet of a file, its headings found, and what each column is."""

    kind: ImportKind
    sheets: tuple[Sheet, ...]
    table: Table
    mapped: Mapped
    choices: Choices
    original: Table  # as the file has it, before anything was fixed on the page
    corrections: Mapping[int, Sequence[Correction]]  # by row

    @property
    def names(self) -> list[str]:
        return [sheet.name for sheet in self.sheets]

    def told(self, number: int) -> list[tuple[str, str, str]]:
        """What was put right in a row: heading, what the file says, what stands there now."""
        return [(one.heading, one.old, one.new) for one in self.corrections.get(number, ())]

    def rows_without(self, key: str, mapped: Mapped) -> int:
        """How many rows that say something leave this empty, if the columns are these."""
        index, used = mapped.get(key, -1), tuple(mapped.values())
        return sum(
            not row.cell(index) and any(row.cell(one) for one in used) for row in self.table.rows
        )

    @property
    def used_columns(self) -> list[FileColumn]:
        used = set(self.mapped.values())
        return [column for column in self.table.columns if column.index in used]


def prepare(kind: ImportKind, content: bytes, chosen: Mapping[str, Any]) -> PreparedFile:
    """Read a file as its owner said, and suggest whatever they have not said yet."""
    sheets = open_file(content)
    sheet = next((one for one in sheets if one.name == chosen.get("sheet")), None)
    if sheet is not None:
        table = find_headings(sheet, kind.fields, chosen.get("heading_row"))
    else:
        tables = [find_headings(one, kind.fields) for one in sheets]
        table = max(tables, key=lambda one: _usefulness(one, kind.fields))
    original, said = table, chosen.get("corrections", {}).get(table.sheet.name, {})
    table, told = corrected(original, said)
    indexes = {column.index for column in table.columns}
    mapped = chosen["columns"] if "columns" in chosen else _recalled(table, chosen, kind.fields)
    choices = choices_of(chosen)
    return PreparedFile(
        kind,
        sheets,
        table,
        {key: i for key, i in mapped.items() if i in indexes and key in kind.fields.by_key},
        choices,
        original,
        told,
    )


def choices_of(chosen: Mapping[str, Any]) -> Choices:
    rule = chosen.get("name_rule")
    return Choices(
        name_rule=NameRule(rule) if rule else None,
        post=chosen.get("post", DEFAULT_POST),
        replacing=chosen.get("replacing", True),
        channel=chosen.get("channel", "post"),
        source=chosen.get("source") or "",
        boards=chosen.get("boards", {}),
    )


def _recalled(table: Table, chosen: Mapping[str, Any], fields: FieldSet) -> dict[str, int]:
    """What the columns were in the file this one corrects; the likeliest where there was none."""
    known = {
        key: column.index
        for key, heading in chosen.get("headings", {}).items()
        for column in table.columns
        if column.heading == heading
    }
    if known and len(known) == len(chosen["headings"]):
        return known
    taken = set(known.values())
    suggested = suggest(table.columns, fields)
    return known | {k: i for k, i in suggested.items() if k not in known and i not in taken}


def _usefulness(table: Table, fields: FieldSet) -> tuple[int, int]:
    """Of several sheets the one that reads most like what is looked for; the first of equals."""
    return len(suggest(table.columns, fields)), 0 if not table.rows else 1


def check_columns(kind: ImportKind, mapped: Mapped, choices: Choices) -> None:
    """Refuse columns that leave out what every row needs."""
    if sentences := kind.missing(mapped, choices):
        raise UnusableColumns(sentences)


def make_plan(session: Session, prepared: PreparedFile, *, on: date) -> Plan:
    """What the file would do to the register as it stands. Nothing here writes."""
    kind = prepared.kind
    check_columns(kind, prepared.mapped, prepared.choices)
    return kind.make_plan(session, prepared.table, prepared.mapped, prepared.choices, on)
