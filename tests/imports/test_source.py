"""Where the details of a file come from, said once for the rows that do not say it."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.directory.models import Appointment, Organisation, Person
from app.imports.leads.file_source import read_file_source
from app.imports.models import LeadImport
from app.imports.planning.values import BadValue
from app.letters.drafting import checking
from app.letters.drafting.summary import problems_of
from app.letters.models import Letter
from tests.factories import make_user
from tests.imports.conftest import bring_in, plan
from tests.imports.sheets import leads_csv
from tests.imports.test_cli import run
from tests.imports.test_routes import _as_shown, go_on, import_shown, lead, upload
from tests.letters.conftest import BASE_URL, begin_in, set_up

QUESTION = "Where do these details come from?"
PAGE = "https://example.org/our-board"
WORDS = "the boards’ public websites"
WITH_SOURCE = ("Board", "First name", "Surname", "Email", "Source", "Checked")


def row(board: Organisation, name: str, source: str = "", checked: str = "") -> list[str]:
    return [board.name, "Alex", name, f"{name.lower()}@example.org", source, checked]


def people(session: Session) -> dict[str, str]:
    return {one.family_name: one.details_source for one in session.scalars(select(Person))}


def test_what_is_said_once_is_the_source_of_the_rows_that_lack_one(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    content = leads_csv(row(boards[0], "One"), row(boards[1], "Two", PAGE), headings=WITH_SOURCE)
    columns = upload(client, content)
    assert QUESTION in client.get(columns).text
    check = go_on(client, columns, source=WORDS)
    assert (
        f"1 row does not say where the details come from. Recorded for these people: “{WORDS}”"
        in (client.get(check).text)
    )
    assert WORDS in client.get(columns).text, "going back loses nothing"
    made = import_shown(client, check)
    assert people(england) == {"One": WORDS, "Two": PAGE}
    assert {one.source for one in england.scalars(select(Appointment))} == {WORDS, PAGE}
    assert england.scalars(select(LeadImport)).one().source == WORDS
    assert WORDS in client.get(made).text
    client.post(f"{made}/undo")
    assert people(england) == {}


def test_it_is_asked_only_where_a_row_does_not_say_it(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    full = upload(client, leads_csv(row(boards[0], "One", PAGE), headings=WITH_SOURCE))
    page = client.get(full).text
    assert QUESTION not in page
    source_column = next(key for key, value in _as_shown(page).items() if value == "source")
    asked = client.post(full, data=_as_shown(page) | {source_column: ""})
    assert asked.status_code == 200
    assert "there are rows that do not say where their details come from" in asked.text
    assert QUESTION in asked.text, "whoever takes the column away is asked after all"
    letters = upload(client, b"Board,Date,To\nSomewhere,1 Nov 2026,Alex Sample\n", kind="letters")
    assert QUESTION not in client.get(letters).text


def test_a_file_name_is_refused_with_a_reason_and_what_was_typed_stays(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    columns = upload(client, leads_csv(lead(boards[0])))
    shown = _as_shown(client.get(columns).text)
    refused = client.post(columns, data=shown | {"source": "leads from Sam.xlsx"})
    assert refused.status_code == 200
    assert "“leads from Sam.xlsx” names a file of ours" in refused.text
    assert 'value="leads from Sam.xlsx"' in refused.text


def test_left_empty_it_says_what_follows_and_the_letter_asks(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    columns = upload(client, leads_csv(lead(boards[0])))
    assert "letters will ask you person by person" in client.get(columns).text
    check = go_on(client, columns)
    assert "Letters will ask you person by person" in client.get(check).text
    import_shown(client, check)
    assert people(england) == {"Sample": ""}


@pytest.mark.parametrize("source", [PAGE, WORDS])
def test_no_letter_stops_for_want_of_a_source_that_was_said_once(
    client: FlaskClient, england: Session, boards: Sequence[Organisation], source: str
) -> None:
    content = leads_csv(lead(boards[0], "One"), lead(boards[1], "Two"))
    import_shown(client, go_on(client, upload(client, content), source=source))
    by = make_user(england, "Ada Author")
    set_up(england)
    mailing = begin_in(england, by=by)
    checking.check(england, mailing, by=by, at=clock.now(), base_url=BASE_URL)
    england.commit()
    written = england.scalars(select(Letter).where(Letter.person_id.is_not(None))).all()
    assert len(written) == 2
    assert not [words for one in written for words in problems_of(one) if "got this" in str(words)]
    assert all((PAGE if source == PAGE else "a list kept by our group") in w.text for w in written)


def test_a_corrected_file_keeps_what_was_said(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    columns = upload(client, leads_csv(lead(boards[0], "")))
    token = go_on(client, columns, source=WORDS).split("/")[-2]
    check = upload(client, leads_csv(lead(boards[0])), instead=token)
    assert check.endswith("/check")
    import_shown(client, check)
    assert people(england) == {"Sample": WORDS}


def test_it_fills_a_gap_and_replaces_nothing_the_register_knows(
    england: Session, boards: Sequence[Organisation]
) -> None:
    said = [row(boards[0], "One", PAGE, "2 Nov 2026"), row(boards[1], "Two", "", "2 Nov 2026")]
    bring_in(england, leads_csv(*said, headings=WITH_SOURCE))
    older = [row(boards[0], "One", "", "1 Nov 2026"), row(boards[1], "Two", "", "1 Nov 2026")]
    content = leads_csv(*older, headings=WITH_SOURCE)
    found = plan(england, content, source=WORDS)
    assert [one.problems for one in found.rows] == [[], []]
    bring_in(england, content, source=WORDS)
    known = {
        one.person_id: one.source for one in england.scalars(select(Appointment).order_by("id"))
    }
    assert list(known.values()) == [PAGE, WORDS]
    assert not plan(england, content, source=WORDS).does_something, "said again, it changes nothing"


def test_the_command_takes_it_by_the_same_rule(
    app: Flask, england: Session, boards: Sequence[Organisation], tmp_path: Path
) -> None:
    file = tmp_path / "leads.csv"
    file.write_bytes(leads_csv(lead(boards[0])))
    refused = run(app, str(file), "--source", "leads.csv")
    assert refused.exit_code == 1
    assert "names a file of ours" in refused.output
    assert run(app, str(file), "--source", WORDS).exit_code == 0
    assert people(england) == {"Sample": WORDS}


def test_what_can_be_said_of_a_whole_file() -> None:
    fit = (PAGE, "www.example.org", WORDS, "phoned the boards in May 2026", "")
    unfit = {
        "leads.xlsx, row 29": "names a file",
        r"S:\Team\leads": "is not a web address",
        r"on \\server\leads": "names a file",
        "https://sample.sharepoint.com/leads": "not a page that everybody can open",
        "http://192.0.2.7/leads": "not a page that everybody can open",
        "file:///home/leads": "is not a web address",
        "[INSERT SOURCE HERE]": "still to be filled in",
        "12": "does not say where",
        "x" * 1001: "at most 1,000",
    }
    assert [read_file_source(words) for words in fit] == list(fit)
    for words, why in unfit.items():
        with pytest.raises(BadValue, match=why):
            read_file_source(words)
