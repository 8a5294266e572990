"""A plan in plain text, for the command line."""

from collections.abc import Iterator

from app.core.web.filters import on_day, plural
from app.imports.models import LeadImport, RowOutcome
from app.imports.planning.plan import ORDER, Plan, PlannedChange, PlannedRow
from app.imports.planning.preparing import PreparedFile

HEADINGS = {
    RowOutcome.PROBLEM: "Problems",
    RowOutcome.NEW: "New",
    RowOutcome.CHANGED: "Changed",
    RowOutcome.UNCHANGED: "Unchanged",
}


def columns_in_words(prepared: PreparedFile) -> Iterator[str]:
    where = f"sheet “{prepared.table.sheet.name}”, " if prepared.table.sheet.name else ""
    yield f"Headings: {where}row {prepared.table.heading_row}"
    fields = {index: key for key, index in prepared.mapped.items()}
    for column in prepared.table.columns:
        meaning = (
            prepared.kind.fields.by_key[fields[column.index]].label
            if column.index in fields
            else "not used"
        )
        yield f"  {column.letters:>3}  {column.heading or '(no heading)'} → {meaning}"
    for note in prepared.table.notes:
        yield f"  {note}"


def plan_in_words(plan: Plan, earlier: LeadImport | None) -> Iterator[str]:
    if earlier:
        yield f"This file was imported on {on_day(earlier.imported_at.date())}."
    counts = plan.counts
    yield ", ".join(f"{counts[outcome]} {WORDS[outcome]}" for outcome in ORDER)
    for outcome in ORDER[:-1]:
        rows = [row for row in plan.rows if row.outcome is outcome]
        if rows:
            yield ""
            yield HEADINGS[outcome]
            for row in rows:
                yield from row_in_words(row)
    if plan.absent:
        yield ""
        yield "In the register but not in the file; they stay as they are"
        for one in plan.absent:
            yield f"  {one}"


WORDS = {
    RowOutcome.PROBLEM: "with problems",
    RowOutcome.NEW: "new",
    RowOutcome.CHANGED: "changed",
    RowOutcome.UNCHANGED: "unchanged",
}


def row_in_words(row: PlannedRow) -> Iterator[str]:
    yield f"  Row {row.number}: {', '.join(part for part in (row.who, row.where) if part)}"
    for sentence in row.problems:
        yield f"    ! {sentence}"
    for change in row.changes:
        yield f"    {change_in_words(change)}"
    for note in row.notes:
        yield f"    – {note}"


def change_in_words(change: PlannedChange) -> str:
    if not change.old:
        return f"{change.what}: {change.new}"
    return f"{change.what}: {change.old} → {change.new}"


def outcome_in_words(lead_import: LeadImport) -> str:
    return (
        f"Imported: {plural(lead_import.new_count, 'row')} new,"
        f" {lead_import.changed_count} changed, {lead_import.unchanged_count} unchanged."
    )
