"""A list of attendees pasted while something is written down, before it has a page of its own."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.directory.models import Organisation, Person
from app.interactions import queries
from app.interactions.models import Interaction
from tests.factories import make_appointment, make_organisation, make_person

LIST = "Jane Here; New Person, Head of SEND <new@example.org>; A guest"
NAMES = {"given-1": "New", "family-1": "Person"}
NOTES = "They will send the draft."


@pytest.fixture
def board(session: Session) -> Organisation:
    board = make_organisation(session, short_name="Sampleshire")
    person = make_person(session, "Here", given_name="Jane")
    make_appointment(session, organisation=board, person=person)
    session.commit()
    return board


def log(board: Organisation, **fields: Any) -> dict[str, Any]:
    return {
        "kind": "meeting",
        "state": "held",
        "happened_on": clock.today().isoformat(),
        "organisations": [board.id],
        "body": NOTES,
        "visible_to": "group",
        "form_token": "one-form",
        "pasted": LIST,
    } | fields


def test_a_pasted_list_is_looked_at_first_and_saved_with_the_meeting(
    client: FlaskClient, session: Session, board: Organisation
) -> None:
    shown = client.post("/log", data=log(board, look="attendees")).text
    jane = session.scalars(select(Person.id).where(Person.given_name == "Jane")).one()
    nothing_yet = session.scalar(select(Interaction.id))
    choices = {"who-0": f"person:{jane}", "who-1": "new", "who-2": "text", **NAMES}
    for _ in range(2):  # a double click
        client.post("/log", data=log(board, listed=LIST, **choices))

    entry = session.scalars(select(Interaction)).one()
    there = queries.people_of(session, [entry.id])[entry.id]
    assert re.search(rf'value="person:{jane}" checked', shown)
    assert NOTES in shown
    assert nothing_yet is None
    assert sorted(person.name for person in there) == ["Jane Here", "New Person"]
    assert entry.others == "A guest"
    assert "Head of SEND, Sampleshire" in client.get(f"/interactions/{entry.id}").text


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Say who each of them is, then write it down."),
        ({"listed": "Somebody Else"}, "Say who each of them is, then write it down."),
        ({"listed": LIST, "who-1": "new", "given-1": "", "family-1": ""}, "a name to add them"),
        ({"listed": LIST, "who-0": "person:999"}, "Choose again who each of them is."),
        ({"pasted": "; ;"}, "Paste the names, one to a line or with semicolons between them."),
    ],
)
def test_nobody_is_added_before_it_is_said_who_they_are(
    client: FlaskClient,
    session: Session,
    board: Organisation,
    sent: dict[str, str],
    sentence: str,
) -> None:
    page = client.post("/log", data=log(board, **sent)).text

    assert sentence in page
    assert NOTES in page
    assert session.scalar(select(Interaction.id)) is None
    assert session.scalar(select(Person.id).where(Person.family_name == "Person")) is None


def test_an_unknown_body_or_an_unreadable_list_is_said_when_it_is_looked_up(
    client: FlaskClient, board: Organisation
) -> None:
    body = client.post("/log", data=log(board, pasted="", organisation_q="Nowhere", look="1")).text
    listed = client.post("/log", data=log(board, pasted="; ;", look="attendees")).text

    assert "No organisation is called “Nowhere”" in body
    assert "Paste the names, one to a line" in listed
