"""The spreadsheet a coordinator really has."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.db import Base
from app.directory.models import (
    Appointment,
    Organisation,
    Person,
    PersonEmail,
    Post,
    PostObservation,
)
from app.imports.models import RowOutcome
from app.imports.undoing import undo
from tests.factories import NOON
from tests.imports.conftest import bring_in, changes, outcomes, plan, row
from tests.imports.sheets import messy_workbook

KEPT_BY_IMPORTS = {"lead_import", "lead_import_row", "lead_import_change"}


def everything(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but for the history and the imports themselves."""
    session.flush()
    return {
        table.name: sorted(map(tuple, session.execute(select(table))), key=repr)
        for table in Base.metadata.sorted_tables
        if not table.name.startswith("audit_") and table.name not in KEPT_BY_IMPORTS
    }


def dissolved(session: Session) -> Organisation:
    return session.scalars(
        select(Organisation).where(
            Organisation.name == "NHS Mid and South Essex Integrated Care Board"
        )
    ).one()


def test_every_problem_of_a_messy_spreadsheet_is_named_by_its_row(
    england: Session, boards: Sequence[Organisation]
) -> None:
    planned = plan(england, messy_workbook(boards, dissolved(england)))

    problem, new, changed = RowOutcome.PROBLEM, RowOutcome.NEW, RowOutcome.CHANGED
    assert outcomes(planned) == {
        5: new,
        7: new,
        8: problem,
        9: problem,
        10: problem,
        11: problem,
        12: problem,
        13: problem,
        15: changed,
        16: changed,
        17: new,
        18: new,
        19: new,
        20: problem,
        21: problem,
    }
    said = {
        number: " ".join(row(planned, number).problems) for number in (8, 9, 11, 12, 13, 20, 21)
    }
    assert "could be two days, because row 13 has the month first" in said[8]
    assert "Rows 9 and 10 give shared@example.org to Dee Sample and Eve Another" in said[9]
    assert "dropped its zero" in said[11]
    assert "ceased to exist on 1 April 2026" in said[12]
    assert "month first" in said[13]
    assert "no board called “NHS Atlantis ICB”" in said[20]
    assert "“lee at example” is not an email address" in said[21]


def test_what_the_messy_rows_say_is_understood(
    england: Session, boards: Sequence[Organisation]
) -> None:
    planned = plan(england, messy_workbook(boards, dissolved(england)))

    assert row(planned, 5).who == "Dr Siân Ó Brádaigh-Łuczak"
    assert row(planned, 5).where == boards[0].name
    assert changes(planned, 5)["Checked on"] == ("", "2 November 2026")
    assert row(planned, 8).where == boards[1].name, "a merged cell holds for both its rows"
    assert changes(planned, 15)["Post"] == ("nothing recorded", "vacant")
    assert changes(planned, 16)["Post"] == ("nothing recorded", "not published")
    assert "The same person as in row 17." in row(planned, 18).notes
    assert changes(planned, 19)["Telephone"] == ("", "01632960008")
    assert changes(planned, 19)["Name"] == ("", "=1+1 · <b>Sample</b>")


def test_an_import_is_undone_as_a_whole_and_every_row_returns(
    england: Session, boards: Sequence[Organisation]
) -> None:
    before = everything(england)

    lead_import = bring_in(england, messy_workbook(boards, dissolved(england)), leave_problems=True)

    people = {person.family_name for person in england.scalars(select(Person))}
    assert people == {"Ó Brádaigh-Łuczak", "Example", "Sample", "<b>Sample</b>"}
    assert len(england.scalars(select(Appointment)).all()) == 5
    assert len(england.scalars(select(PostObservation)).all()) == 2
    undo(england, lead_import=lead_import, by=None, at=NOON)
    assert everything(england) == before


def test_a_dry_run_leaves_the_database_as_it_was(
    england: Session, boards: Sequence[Organisation]
) -> None:
    before = everything(england)

    plan(england, messy_workbook(boards, dissolved(england)))

    assert not england.new
    assert not england.dirty
    assert everything(england) == before


def test_importing_the_same_file_again_changes_nothing(
    england: Session, boards: Sequence[Organisation]
) -> None:
    content = messy_workbook(boards, dissolved(england))
    bring_in(england, content, leave_problems=True)

    again = plan(england, content)

    assert again.count(RowOutcome.NEW) == again.count(RowOutcome.CHANGED) == 0
    assert len(england.scalars(select(PersonEmail)).all()) == 4
    assert again.absent == []
    assert len(england.scalars(select(Post)).all()) > 36
