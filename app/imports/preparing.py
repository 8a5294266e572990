"""A file together with what the user said about it: ready to be planned."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.core.errors import DomainError
from app.imports.bodies import DEFAULT_POST
from app.imports.fields import BY_KEY, Table, find_headings, suggest
from app.imports.files.reading import read_file
from app.imports.files.sheets import Sheet
from app.imports.names import NameRule
from app.imports.plan import Plan
from app.imports.planning import Choices, plan_import
from app.imports.rows import read_rows


class UnusableColumns(DomainError):
    """The columns as they are chosen cannot make leads; `sentences` say why."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True)
class Prepared:
    """One sheet of a file, its headings found, and what each column is."""

    sheets: tuple[Sheet, ...]
    table: Table
    mapped: Mapping[str, int]
    choices: Choices

    @property
    def names(self) -> list[str]:
        return [sheet.name for sheet in self.sheets]


def prepare(content: bytes, chosen: Mapping[str, Any]) -> Prepared:
    """Read a file as its owner said, and suggest whatever they have not said yet."""
    sheets = read_file(content)
    sheet = next((one for one in sheets if one.name == chosen.get("sheet")), None)
    if sheet is not None:
        table = find_headings(sheet, chosen.get("heading_row"))
    else:
        table = max((find_headings(one) for one in sheets), key=_usefulness)
    indexes = {column.index for column in table.columns}
    mapped = chosen["columns"] if "columns" in chosen else _recalled(table, chosen)
    rule = chosen.get("name_rule")
    choices = Choices(
        name_rule=NameRule(rule) if rule else None,
        post=chosen.get("post", DEFAULT_POST),
        replacing=chosen.get("replacing", True),
        boards=chosen.get("boards", {}),
    )
    return Prepared(
        sheets,
        table,
        {key: i for key, i in mapped.items() if i in indexes and key in BY_KEY},
        choices,
    )


def _recalled(table: Table, chosen: Mapping[str, Any]) -> dict[str, int]:
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
    suggested = suggest(table.columns)
    return known | {k: i for k, i in suggested.items() if k not in known and i not in taken}


def _usefulness(table: Table) -> tuple[int, int]:
    """Of several sheets the one that reads most like leads; the first of equals."""
    return len(suggest(table.columns)), 0 if not table.rows else 1


def check_columns(mapped: Mapping[str, int], name_rule: NameRule | None) -> None:
    """Refuse columns that leave out what every lead needs."""
    sentences = []
    if "board" not in mapped and "board_code" not in mapped:
        sentences.append("Choose the column that names the board, or gives its code.")
    if "family_name" not in mapped and "full_name" not in mapped:
        sentences.append("Choose the column with the family name, or with the whole name.")
    if "full_name" in mapped and "family_name" not in mapped and name_rule is None:
        sentences.append(
            "Say how whole names are to be taken apart: names are never guessed from each other."
        )
    if sentences:
        raise UnusableColumns(sentences)


def make_plan(session: Session, prepared: Prepared, *, on: date) -> Plan:
    check_columns(prepared.mapped, prepared.choices.name_rule)
    leads = read_rows(prepared.table, prepared.mapped, prepared.choices.name_rule, on=on)
    return plan_import(session, leads, prepared.choices, on=on)
