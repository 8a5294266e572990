"""A row with a problem is fixed on the page, without the file being brought again."""

import re
from collections.abc import Sequence

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import AuditValue
from app.directory.models import Organisation, Person
from tests.imports.sheets import leads_csv
from tests.imports.test_routes import go_on, import_shown, lead, upload


def correct(client: FlaskClient, check: str, row: int = 0, **typed: str) -> str:
    response = client.post(check.replace("/check", "/corrections"), data={"row": str(row), **typed})
    assert response.status_code == 302, response.text
    assert response.headers["Location"].split("?")[0].split("#")[0] == check
    return client.get(check).text


def shown(page: str, name: str) -> str | None:
    found = re.search(rf'<input[^>]*name="{name}" value="([^"]*)"', page)
    return found[1] if found else None


def test_a_cell_is_put_right_beside_its_problem_and_the_correction_is_kept(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    rows = [lead(boards[0], Email="sample at example"), lead(boards[1], "Example")]
    check = go_on(client, upload(client, leads_csv(*rows)))
    page = client.get(check).text
    assert "Fix row 2" in page
    assert shown(page, "cell_2_5") == "sample at example"

    page = correct(client, check, 2, cell_2_5="sample@example.org")

    assert "2 new, 0 changed, 0 with problems" in page
    assert "E" in page
    assert "put right here" in page
    made = import_shown(client, check)
    assert "sample at example" in client.get(made).text, "the import keeps what the file said"
    kept = england.execute(
        select(AuditValue.old, AuditValue.new).where(AuditValue.field == "Row 2, Email")
    ).all()
    assert kept == [("sample at example", "sample@example.org")]


def test_what_was_typed_stays_though_it_is_still_wrong(
    client: FlaskClient, boards: Sequence[Organisation]
) -> None:
    rows = [lead(boards[0], Email="one at example"), lead(boards[1], "Example", Email="two at")]
    check = go_on(client, upload(client, leads_csv(*rows)))

    page = correct(client, check, 2, cell_2_5="still wrong", cell_3_5="example@example.org")

    assert "1 new, 0 changed, 1 with problems" in page, "all rows that were shown are one form"
    assert "“still wrong” is not an email address" in page
    assert shown(page, "cell_2_5") == "still wrong"


def test_a_corrected_date_is_read_as_it_is_written(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    check = go_on(client, upload(client, leads_csv(lead(boards[0], Checked="31 June 2026"))))
    assert "is not a day in the calendar" in client.get(check).text

    page = correct(client, check, 2, cell_2_7="30 June 2026")

    assert "1 new, 0 changed, 0 with problems" in page


def test_typing_what_the_file_says_takes_a_correction_back_and_so_does_the_button(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    check = go_on(client, upload(client, leads_csv(lead(boards[0], "Sample"))))
    assert "Fix row" not in client.get(check).text
    page = correct(client, check, 2, cell_2_3="Example")
    assert "1 row put right here" in page

    page = correct(client, check, 2, cell_2_3="Sample")
    assert "put right here" not in page
    correct(client, check, 2, cell_2_3="Example")
    page = correct(client, check, forget="1")

    assert "put right here" not in page
    import_shown(client, check)
    assert [person.family_name for person in england.scalars(select(Person))] == ["Sample"]


def test_rows_and_columns_that_are_not_in_the_file_are_not_made(
    client: FlaskClient, boards: Sequence[Organisation]
) -> None:
    check = go_on(client, upload(client, leads_csv(lead(boards[0]))))

    page = correct(client, check, cell_99_1="x", cell_2_40000="x", cell_1_1="x", cell_x_1="x")

    assert "1 new, 0 changed, 0 with problems" in page
    assert "1 row put right" not in page
