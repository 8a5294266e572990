"""The steps of an import as a browser without JavaScript meets them."""

import csv
import io
import re
from collections.abc import Callable, Sequence
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.audit.models import AuditEvent
from app.core import clock
from app.directory.models import Appointment, Organisation, Person
from app.imports.jobs import forget_files
from app.imports.models import LeadFile, LeadImport
from app.letters.drafting import checking
from app.letters.models import Letter
from tests.factories import make_appointment, make_user
from tests.imports.sheets import HEADINGS, leads_csv, messy_workbook
from tests.imports.test_messy import dissolved
from tests.letters.conftest import BASE_URL, begin_in, set_up


def upload(client: FlaskClient, content: bytes, name: str = "leads.csv", **form: str) -> str:
    """Upload a file; the address of the next step."""
    response = client.post("/imports/new", data={"file": (io.BytesIO(content), name), **form})
    assert response.status_code == 302, response.text
    return response.headers["Location"]


def go_on(client: FlaskClient, address: str, **changed: str) -> str:
    """Send the columns as they are suggested; the address of the check."""
    page = client.get(address)
    assert page.status_code == 200
    response = client.post(address, data=_as_shown(page.text) | changed)
    assert response.status_code == 302, response.text
    return response.headers["Location"]


def _as_shown(html: str) -> dict[str, str]:
    shown = {}
    for select_html in re.findall(r"<select.*?</select>", html, re.S):
        name = re.search(r'name="([^"]+)"', select_html)
        chosen = re.search(r'<option selected value="([^"]*)"', select_html)
        assert name
        shown[name[1]] = chosen[1] if chosen else ""
    for tag in re.findall(r"<input[^>]*>", html):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and value and ('type="radio"' not in tag or "checked" in tag):
            shown[name[1]] = value[1]
    return shown


def import_shown(client: FlaskClient, address: str, **also: str) -> str:
    page = client.get(address)
    found = re.search(r'name="fingerprint"[^>]*value="([0-9a-f]{64})"', page.text)
    assert found, page.text
    response = client.post(address, data={"fingerprint": found[1], **also})
    assert response.status_code == 302, response.text
    return response.headers["Location"]


def lead(board: Organisation, family_name: str = "Sample", **other: str) -> list[str]:
    said = {
        "Board": board.name,
        "First name": "Alex",
        "Surname": family_name,
        "Email": f"{family_name.lower()}@example.org",
    } | other
    return [said.get(heading, "") for heading in HEADINGS]


def count(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_leads_are_imported_step_by_step_and_undone(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    columns = upload(client, leads_csv(lead(boards[0]), lead(boards[1], "Example")))
    check = go_on(client, columns)
    page = client.get(check)
    assert "2 new, 0 changed, 0 with problems" in page.text
    assert "Nothing has been written yet" in page.text
    assert count(england, Person) == 0

    made = import_shown(client, check)

    assert count(england, Person) == count(england, Appointment) == 2
    page = client.get(made)
    assert "2 new, 0 changed, 0 unchanged" in page.text
    assert client.get(check).headers["Location"] == made, "Back leads to what became of the file"
    response = client.post(f"{made}/undo")
    assert response.status_code == 302
    assert "every record it touched is what it was before" in client.get(made).text
    assert count(england, Person) == count(england, Appointment) == 0
    actions = set(england.scalars(select(AuditEvent.action)))
    assert {"imported leads", "undid an import of leads"} <= actions
    assert client.get("/imports").status_code == 200


def test_the_button_says_what_will_change_and_what_is_the_same_already(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    first, second = lead(boards[0], "One"), lead(boards[1], "Two")
    done = client.get(import_shown(client, go_on(client, upload(client, leads_csv(first))))).text
    assert "Write a letter" in done
    assert "See where no lead is known" in done

    page = client.get(go_on(client, upload(client, leads_csv(first, second)))).text
    assert re.search(r"<button[^>]*>Import 1 new row</button>", page)
    assert "1 row is already the same." in page

    page = client.get(go_on(client, upload(client, leads_csv(first)))).text
    assert "There is nothing to import." in page
    assert not re.search(r"<button[^>]*>Import ", page)


def test_a_name_and_a_post_are_the_same_with_a_straight_or_a_curly_apostrophe(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    headings = ("Board", "Post", "First name", "Surname")

    def row(apostrophe: str) -> tuple[str, ...]:
        post, name = "Lead, children's mental health", "O'Sample"
        return boards[0].name, *(w.replace("'", apostrophe) for w in (post, "Alex", name))

    straight = upload(client, leads_csv(row("'"), headings=headings))
    import_shown(client, go_on(client, straight))
    curly = upload(client, leads_csv(row("’"), headings=headings))
    page = client.get(go_on(client, curly)).text

    assert "0 new" in page
    assert count(england, Person) == count(england, Appointment) == 1


def test_pressing_import_twice_imports_once(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    check = go_on(client, upload(client, leads_csv(lead(boards[0]))))
    made = import_shown(client, check)

    again = client.post(check, data={"fingerprint": "whatever"})

    assert again.headers["Location"] == made
    assert count(england, LeadImport) == 1


def test_rows_with_problems_are_left_out_only_when_asked(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    content = messy_workbook(boards, dissolved(england))
    check = go_on(client, upload(client, content, "messy.xlsx"))
    page = client.get(check)
    assert "5 new, 2 changed, 8 with problems" in page.text
    found = re.search(r'name="fingerprint"[^>]*value="([0-9a-f]{64})"', page.text)
    assert found

    refused = client.post(check, data={"fingerprint": found[1]})

    assert "8 rows have problems, so nothing was imported" in refused.text
    assert count(england, Person) == 0
    import_shown(client, check, leave_problems="y")
    assert count(england, Person) == 4


def test_the_rows_to_put_right_come_as_a_file_that_can_be_uploaded_again(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    rows = [lead(boards[0], "=Sample", Email="not an address"), lead(boards[1], "Example")]
    check = go_on(client, upload(client, leads_csv(*rows)))

    response = client.get(check.replace("/check", "/problems.csv"))

    found = list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"))))
    assert [row["Row of the file"] for row in found] == ["2"]
    assert "is not an email address" in found[0]["What to fix"]
    assert found[0]["Surname"] == "'=Sample", "a formula stays words in a spreadsheet"
    corrected = response.text.replace("not an address", "sample@example.org").encode()
    token = check.split("/")[-2]
    straight_on = upload(client, corrected, "corrected.csv", instead=token)
    assert straight_on.endswith("/check"), "what was said of the columns is not asked twice"
    import_shown(client, straight_on)
    assert [person.family_name for person in england.scalars(select(Person))] == ["=Sample"]


def test_a_board_that_is_no_more_is_asked_about_once(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    old = dissolved(england)
    rows = [
        lead(old, "Sample"),
        lead(old, "Example"),
    ]
    check = go_on(client, upload(client, leads_csv(*rows)))
    page = client.get(check)
    assert "Perhaps NHS Essex Integrated Care Board" in page.text
    essex = next(board for board in boards if "Essex" in board.name)

    client.post(check.replace("/check", "/boards"), data={"board_0": str(essex.id)})

    assert "2 new, 0 changed, 0 with problems" in client.get(check).text
    import_shown(client, check)
    assert count(england, Appointment) == 2


def test_the_register_changing_meanwhile_stops_the_import(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    check = go_on(client, upload(client, leads_csv(lead(boards[0]))))
    client.get(check)

    refused = client.post(check, data={"fingerprint": "0" * 64})

    assert "The register has changed since this page was shown" in refused.text
    assert count(england, Person) == 0


def test_a_whole_name_is_taken_apart_only_by_a_rule_that_was_chosen(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    content = leads_csv(
        [boards[0].name, "Dr Alex Jo Sample, OBE"],
        [boards[1].name, "Bo van Example"],
        headings=("ICB", "Lead"),
    )
    columns = upload(client, content)

    refused = client.post(columns, data=_as_shown(client.get(columns).text))

    assert "Say how whole names are to be split" in refused.text
    assert "<title>Error: " in refused.text
    check = go_on(client, columns, name_rule="last word")
    page = client.get(check)
    assert "1 new, 0 changed, 1 with problems" in page.text
    assert "Which part of “Bo van Example” is the family name cannot be told" in page.text


def test_two_columns_cannot_both_be_the_board(
    client: FlaskClient, boards: Sequence[Organisation]
) -> None:
    columns = upload(client, leads_csv(lead(boards[0])))
    shown = _as_shown(client.get(columns).text)

    refused = client.post(columns, data=shown | {"column_4": "board"})

    assert "Column E and column A cannot both be this" in refused.text


def test_nobody_else_sees_a_file_between_the_steps(
    client: FlaskClient,
    sign_in: Callable[[User], FlaskClient],
    england: Session,
    boards: Sequence[Organisation],
) -> None:
    columns = upload(client, leads_csv(lead(boards[0])))
    colleague = sign_in(make_user(england, "Somebody Else"))
    reader = sign_in(make_user(england, "Reader", permissions=(Permission.VIEW,)))

    assert colleague.get(columns).status_code == 404
    assert reader.get(columns).status_code == 403
    assert reader.get("/imports").status_code == 403
    assert client.post(columns.replace("/columns", "/discard")).status_code == 302
    assert client.get(columns).status_code == 404
    assert count(england, LeadFile) == 0


def test_an_undo_that_would_lose_later_work_is_refused_and_says_why(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    made = import_shown(client, go_on(client, upload(client, leads_csv(lead(boards[0])))))
    person = england.scalars(select(Person)).one()
    person.phone = "01632 960123"
    england.commit()

    refused = client.post(f"{made}/undo")

    assert refused.status_code == 409
    assert "cannot be undone, because 1 record has changed since" in refused.text
    assert "phone: nothing → 01632 960123" in refused.text
    assert count(england, Person) == 1


def test_the_same_file_again_says_when_it_was_imported(
    client: FlaskClient, boards: Sequence[Organisation]
) -> None:
    content = leads_csv(lead(boards[0]))
    import_shown(client, go_on(client, upload(client, content)))

    page = client.get(go_on(client, upload(client, content)))

    assert "This file was imported on" in page.text
    assert "0 new, 0 changed, 0 with problems" in page.text
    assert "There is nothing to import" in page.text


def test_what_cannot_be_read_is_refused_with_a_sentence(client: FlaskClient) -> None:
    for content, sentence in (
        (b"", "The file is empty"),
        (b"%PDF-1.7 ...", "This is a PDF"),
        (b"PK\x03\x04 cut off", "damaged or was cut off"),
    ):
        response = client.post("/imports/new", data={"file": (io.BytesIO(content), "leads.xlsx")})
        assert sentence in response.text
        assert "<title>Error: " in response.text
    too_large = client.post(
        "/imports/new",
        data=b"x" * (15 * 1024 * 1024 + 70_000),
        content_type="multipart/form-data; boundary=x",
    )
    assert too_large.status_code == 413
    assert "The file is larger than 15 MB" in too_large.text
    assert "Choose the file" in client.post("/imports/new", data={}).text


def test_the_example_sheets_read_back_as_nothing_to_do(
    client: FlaskClient, boards: Sequence[Organisation]
) -> None:
    for name in ("example.xlsx", "example.csv"):
        response = client.get(f"/imports/{name}")
        assert response.status_code == 200

        page = client.get(go_on(client, upload(client, response.data, name)))

        assert "0 new, 0 changed, 0 with problems" in page.text
        assert "36 rows, 36 unchanged" in page.text
        assert "Alex" not in page.text


def test_a_file_nobody_imports_is_forgotten_after_a_day(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    columns = upload(client, leads_csv(lead(boards[0])))

    assert forget_files(england, clock.now() + timedelta(hours=23)) == 0
    assert client.get(columns).status_code == 200
    assert forget_files(england, clock.now() + timedelta(hours=25)) == 1
    assert "Upload it again" in client.get(columns).text


def test_undo_is_refused_once_a_letter_or_note_refers_to_what_was_made(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    made = import_shown(client, go_on(client, upload(client, leads_csv(lead(boards[0])))))
    person = england.scalars(select(Person)).one()
    make_appointment(england, person=person, organisation=boards[1])
    england.commit()

    refused = client.post(f"{made}/undo")

    assert "an appointment refers to it" in refused.text
    assert count(england, Appointment) == 2


def test_a_mere_check_of_letters_keeps_no_import_from_being_undone(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    made = import_shown(client, go_on(client, upload(client, leads_csv(lead(boards[0])))))
    by = make_user(england, "Ada Author")
    set_up(england)
    mailing = begin_in(england, by=by)
    checking.check(england, mailing, by=by, at=clock.now(), base_url=BASE_URL)
    england.commit()
    person = england.scalars(select(Person)).one()
    assert england.scalars(select(Letter).where(Letter.person_id == person.id)).one()

    page = client.post(f"{made}/undo", follow_redirects=True).text

    assert "is undone: every record is what it was" in page
    assert "“Offer of support, winter 2026” had letters about this." in page
    assert count(england, Person) == 0
    england.expire_all()
    assert mailing.frozen_at is None
