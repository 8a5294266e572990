"""The lists of this feature: imports made, the rows of one, and the rows of a dry run."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.core.web.filters import at_time
from app.core.web.lists import Column, Filter, FilterKind, ListView
from app.imports.models import LeadImport, LeadImportRow, RowOutcome
from app.imports.planning.fields import Table
from app.imports.planning.plan import ORDER, PlannedRow
from app.imports.summary import HEADINGS, change_in_words

OUTCOMES = [(outcome.value, HEADINGS[outcome]) for outcome in ORDER]

IMPORTS = ListView(
    name="Imports",
    columns=(
        Column("file", "File", lambda row: row.file_name, LeadImport.file_name),
        Column("kind", "What", lambda row: row.kind.value.capitalize()),
        Column("at", "Imported", lambda row: at_time(row.imported_at), LeadImport.imported_at),
        Column("by", "By", lambda row: row.imported_by.name if row.imported_by else "A command"),
        Column("new", "New", lambda row: row.new_count, LeadImport.new_count, numeric=True),
        Column(
            "changed",
            "Changed",
            lambda row: row.changed_count,
            LeadImport.changed_count,
            numeric=True,
        ),
        Column(
            "problems",
            "Left out",
            lambda row: row.problem_count,
            LeadImport.problem_count,
            numeric=True,
        ),
        Column("state", "State", lambda row: "Undone" if row.undone_at else "Applied"),
    ),
    default_sort="-at",
    tie_break=LeadImport.id.desc(),
)


def imports() -> Select[Any]:
    return select(LeadImport).options(joinedload(LeadImport.imported_by))


ROWS_OF_IMPORT = ListView(
    name="Rows of an import",
    columns=(
        Column("row", "Row", lambda row: row.number, LeadImportRow.number, numeric=True),
        Column("outcome", "Outcome", lambda row: HEADINGS[row.outcome]),
        Column("who", "Who", lambda row: row.who, LeadImportRow.who),
        Column("where", "Board", lambda row: row.where, LeadImportRow.where),
        Column("what", "What it did", lambda row: "; ".join(_told(row.story))),
    ),
    filters=(
        Filter(
            "outcome",
            "Outcome",
            FilterKind.CHOICE,
            lambda value: LeadImportRow.outcome == RowOutcome(value),
            OUTCOMES,
        ),
    ),
    default_sort="row",
    tie_break=LeadImportRow.id,
    per_page=50,
)


def rows_of(lead_import: LeadImport) -> Select[Any]:
    return select(LeadImportRow).where(LeadImportRow.lead_import_id == lead_import.id)


def _told(story: dict[str, Any]) -> list[str]:
    corrected = [
        f"{what} put right: {old or 'nothing'} → {new or 'nothing'}"
        for what, old, new in story.get("corrected", ())
    ]
    changes = [
        f"{what}: {old} → {new}" if old else f"{what}: {new}" for what, old, new in story["changes"]
    ]
    return [*corrected, *story["problems"], *changes, *story["notes"]]


ROWS_OF_PLAN = ListView(
    name="Dry run of an import",
    columns=(
        Column("row", "Row", lambda row: row.number, lambda row: row.number, numeric=True),
        Column("outcome", "Outcome", lambda row: HEADINGS[row.outcome]),
        Column("who", "Who", lambda row: row.who, lambda row: row.who.casefold() or None),
        Column("where", "Board", lambda row: row.where, lambda row: row.where.casefold() or None),
        Column(
            "what",
            "What would change",
            lambda row: "; ".join([*row.problems, *map(change_in_words, row.changes), *row.notes]),
        ),
    ),
    filters=(
        Filter(
            "outcome",
            "Outcome",
            FilterKind.CHOICE,
            lambda value: lambda row: row.outcome.value == value,
            OUTCOMES,
        ),
    ),
    per_page=50,
)


def problem_columns(table: Table) -> list[Column]:
    """The rows as they are in the file, and in front of each what is wrong with it."""

    def cell(index: int) -> Any:
        return lambda row: row.read.cells[index] if index < len(row.read.cells) else ""

    def reasons(row: PlannedRow) -> str:
        return " ".join(row.problems)

    return [
        Column("reason", "What to fix", reasons),
        Column("row", "Row of the file", lambda row: row.number),
        *(Column(f"c{c.index}", c.heading or c.letters, cell(c.index)) for c in table.columns),
    ]
