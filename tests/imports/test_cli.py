"""The command, which follows the same rules as the pages."""

from collections.abc import Sequence
from pathlib import Path

from click.testing import Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent
from app.directory.models import Organisation, Person
from app.imports.cli import import_leads
from tests.imports.sheets import leads_csv, messy_workbook
from tests.imports.test_messy import dissolved, everything

HEADINGS = ("ICB", "First name", "Surname", "Email")


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(import_leads, list(arguments))


def test_a_dry_run_says_what_would_change_and_writes_nothing(
    app: Flask, england: Session, boards: Sequence[Organisation], tmp_path: Path
) -> None:
    file = tmp_path / "leads.csv"
    file.write_bytes(leads_csv([boards[0].name, "Alex", "Sample", ""], headings=HEADINGS))
    before = everything(england)

    result = run(app, str(file), "--dry-run")

    assert result.exit_code == 0
    assert "B  First name → Given name" in result.output
    assert "0 with problems, 1 new, 0 changed, 0 unchanged" in result.output
    assert f"Row 2: Alex Sample, {boards[0].name}" in result.output
    assert "nothing was written" in result.output
    assert everything(england) == before


def test_nothing_is_imported_while_rows_have_problems_unless_they_are_left_out(
    app: Flask, england: Session, boards: Sequence[Organisation], tmp_path: Path
) -> None:
    file = tmp_path / "messy.xlsx"
    file.write_bytes(messy_workbook(boards, dissolved(england)))

    refused = run(app, str(file))

    assert refused.exit_code == 1
    assert "8 rows have problems, so nothing was imported" in refused.output
    assert england.scalars(select(Person)).all() == []
    done = run(app, str(file), "--skip-problem-rows")
    assert done.exit_code == 0, done.output
    assert len(england.scalars(select(Person)).all()) == 4
    event = england.scalars(select(AuditEvent).where(AuditEvent.action == "imported leads")).one()
    assert (event.actor_name, event.summary) == (
        "The command line",
        "messy.xlsx: 5 new, 2 changed, 0 unchanged, 8 with problems left out",
    )
    again = run(app, str(file), "--skip-problem-rows")
    assert "This file was imported on" in again.output


def test_a_file_that_cannot_be_read_is_one_sentence(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "leads.xlsx"
    file.write_bytes(b"PK\x03\x04")

    result = run(app, str(file))

    assert result.exit_code == 1
    assert result.output.startswith("Error: This workbook is damaged or was cut off")
