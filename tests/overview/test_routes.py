"""Home, the systems and their stories, served whole."""

import re
from datetime import date, timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.directory import reference
from app.overview.status import standings
from tests.conftest import CountStatements
from tests.factories import (
    TODAY,
    make_answer,
    make_appointment,
    make_organisation,
    make_person,
    make_sent_letter,
    make_system,
    make_user,
)


def test_before_anything_is_loaded_home_says_what_to_do(client: FlaskClient) -> None:
    assert "Nothing is loaded yet" in client.get("/").text


def test_the_map_shows_36_systems_today_and_42_on_31_march_2026(
    client: FlaskClient, session: Session
) -> None:
    reference.load(session, on=TODAY)
    session.commit()

    assert "36 systems on 42 tiles" in client.get("/").text
    assert "42 systems on 42 tiles" in client.get("/?on=2026-03-31").text
    assert "36 systems on 42 tiles" in client.get("/?on=2026-04-01").text
    assert "42 systems on 42 tiles" in client.get("/?on=2023-04-01").text


@pytest.mark.date_sensitive
def test_the_table_twin_and_its_csv_tell_the_same(client: FlaskClient, session: Session) -> None:
    _, board = make_system(session, "North")
    make_system(session, "South")
    make_appointment(session, organisation=board, person=make_person(session, "Brown"))
    session.commit()

    page = client.get("/systems?lead=known").text
    csv = client.get("/systems?lead=known&format=csv").text

    assert "Alex Brown" in page
    assert ">South<" not in page
    assert len(csv.splitlines()) == 2
    assert "North" in csv


@pytest.mark.date_sensitive
def test_a_day_that_is_none_is_said_once_and_shows_today(
    client: FlaskClient, session: Session
) -> None:
    system, board, *_ = make_system(session, "North")
    post = make_appointment(session, organisation=board).post
    session.commit()
    pages = ("/", "/systems", "/organisations")
    records = (f"/systems/{system.id}", f"/organisations/{board.id}", f"/posts/{post.id}")
    for path in (*pages, *records):
        for asked in ("yesterday", "9999-12-31", "²"):
            page = client.get(path, query_string={"on": asked}).text
            assert page.count(f"“{asked}” is not a date, so this shows today") == 1, path
            assert "from 1900 to 2100, such as 2026-03-31" in page


def test_a_timeline_offers_only_what_can_be_in_it(client: FlaskClient, session: Session) -> None:
    board = make_organisation(session, "NHS North ICB")
    person = make_appointment(session, organisation=board).person
    session.commit()
    of_board, of_person = f"/organisations/{board.id}/timeline", f"/people/{person.id}/timeline"
    assert "show=documents" in client.get(of_board).text
    assert "show=documents" not in client.get(of_person).text
    of_both = client.get(of_board, query_string={"person": person.family_name}).text
    assert "show=documents" not in of_both
    kept = {"person": person.family_name, "show": "documents"}  # somebody's bookmark
    for path in (of_person, of_board):
        assert client.get(path, query_string=kept).status_code == 200


@pytest.mark.date_sensitive
def test_a_system_tells_its_story(client: FlaskClient, session: Session) -> None:
    system, board = make_system(session)
    person = make_person(session, "Ó Brádaigh-Łuczak", given_name="Siân")
    make_appointment(session, organisation=board, person=person)
    letter = make_sent_letter(session, board, person=person, sent_on=TODAY - timedelta(days=9))
    make_answer(session, letter, by=make_user(session))
    session.commit()

    page = client.get(f"/systems/{system.id}").text

    assert "Siân Ó Brádaigh-Łuczak" in page
    assert "An offer of support" in page
    assert "Thank you, yes." in page
    assert 'aria-current="step"><span class="step">Replied' in page


def test_a_board_called_anything_survives(client: FlaskClient, session: Session) -> None:
    system, _ = make_system(session, "A & B <C>")
    session.commit()

    assert "A &amp; B &lt;C&gt;" in client.get(f"/systems/{system.id}").text
    assert "A &amp; B &lt;C&gt;" in client.get("/systems").text


def test_an_ended_system_names_who_took_over(client: FlaskClient, session: Session) -> None:
    reference.load(session, on=TODAY)
    session.commit()
    frimley = next(
        row.system for row in standings(session, date(2026, 3, 31)) if row.board.ods_code == "QNQ"
    )

    page = client.get(f"/systems/{frimley.id}").text

    assert "no longer exists" in page
    for heir in ("Thames Valley", "Surrey and Sussex", "Hampshire and Isle of Wight"):
        assert heir in page


@pytest.mark.date_sensitive
def test_a_note_written_on_the_page_stands_on_the_timeline_with_its_day(
    client: FlaskClient, session: Session
) -> None:
    system, board = make_system(session)
    session.commit()
    said = {
        "kind": "call",
        "happened_on": "2026-11-02",
        "body": "They **will** write.",
        "subject": "",
    }

    written = client.post(f"/organisations/{board.id}/log", data=said, follow_redirects=True)

    assert written.status_code == 200
    assert "They <strong>will</strong> write." in client.get(f"/systems/{system.id}").text


def test_what_was_typed_stays_when_a_note_is_refused(client: FlaskClient, session: Session) -> None:
    _, board = make_system(session)
    session.commit()
    said = {"kind": "note", "happened_on": "2099-01-01", "body": "Keep these words."}

    page = client.post(f"/organisations/{board.id}/log", data=said)

    assert "today’s date or an earlier one" in page.text
    assert "Keep these words." in page.text


@pytest.mark.date_sensitive
def test_a_letter_is_marked_as_answered_on_its_page(client: FlaskClient, session: Session) -> None:
    letter = make_sent_letter(session, make_organisation(session), sent_on=TODAY)
    session.commit()
    said = {"answered_on": TODAY.isoformat(), "answered_by": "the chair’s office", "said": "Yes."}

    page = client.post(f"/letters/{letter.id}/answer", data=said, follow_redirects=True)

    assert "The reply is on the timeline" in page.text
    assert "the chair’s office" in page.text


@pytest.mark.date_sensitive
def test_a_letter_sent_outside_is_recorded_with_its_file(
    client: FlaskClient, session: Session
) -> None:
    _, board = make_system(session)
    session.commit()

    said = {
        "sent_on": "2026-10-01",
        "kind": "letter",
        "channel": "post",
        "person": "0",
        "addressee": "The Chair",
        "subject": "Introducing ourselves",
        "scan": (BytesIO(b"%PDF-1.7 made up"), "letter.pdf"),
    }

    page = client.post(f"/letters/outside/{board.id}", data=said, follow_redirects=True)

    assert "It counts as a letter sent" in page.text
    found = re.search(r"/letters/\d+/files/\d+", page.text)
    assert found
    assert client.get(found[0]).data == b"%PDF-1.7 made up"


def test_home_and_a_system_cost_a_fixed_number_of_statements(
    client: FlaskClient, session: Session, count_statements: CountStatements
) -> None:
    counts = []
    for size in (2, 20):
        for number in range(size):
            system, board = make_system(session, f"System {size}-{number}")
            make_appointment(session, organisation=board)
            make_sent_letter(session, board)
        session.commit()
        for path in ("/", "/systems", f"/systems/{system.id}"):
            client.get(path)
            with count_statements() as counted:
                assert client.get(path).status_code == 200
            counts.append(len(counted))

    assert counts[:3] == counts[3:]
