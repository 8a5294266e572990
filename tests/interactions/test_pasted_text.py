"""A pasted list of attendees: how it is read, whom it is matched with, what becomes of it."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import DomainError
from app.directory.models import Person
from app.interactions import queries
from app.interactions.attendees.matching import match
from app.interactions.attendees.pasted_text import PastedAttendee, read
from app.interactions.entries import services
from app.interactions.models import Interaction, InteractionKind
from tests.factories import (
    NOON,
    TODAY,
    make_appointment,
    make_organisation,
    make_person,
    make_user,
)

INVITATION = """\
BEGIN:VEVENT
SUMMARY:Children's programme
ATTENDEE;CN="Jane Example";ROLE=REQ-PARTICIPANT:mailto:jane@example.org
ATTENDEE;CN=a.sample@example.org;RSVP=TRUE:mailto:a.sample@exa
 mple.org
END:VEVENT
"""


def said(*found: PastedAttendee) -> list[tuple[str, str, str]]:
    return [(one.name, one.capacity, one.email) for one in found]


@pytest.mark.parametrize(
    ("pasted", "found"),
    [
        (
            "Jane Example, Chief Nurse; A Sample <a@example.org>",
            [("Jane Example", "Chief Nurse", ""), ("A Sample", "", "a@example.org")],
        ),
        ("Required: Jane Example (Chief Nurse)", [("Jane Example", "Chief Nurse", "")]),
        ("- Jane Example – Chief Nurse", [("Jane Example", "Chief Nurse", "")]),
        ("a@example.org, b@example.org", [("", "", "a@example.org"), ("", "", "b@example.org")]),
        (
            "EXAMPLE, Jane (NHS SAMPLESHIRE ICB)",
            [("Jane EXAMPLE", "NHS SAMPLESHIRE ICB", "")],
        ),
        (INVITATION, [("Jane Example", "", "jane@example.org"), ("", "", "a.sample@example.org")]),
        ("Jane Example\r\njane example\r\n\r\n", [("Jane Example", "", "")]),
    ],
)
def test_a_list_is_read_as_it_was_written_and_no_name_is_made_of_an_address(
    pasted: str, found: list[tuple[str, str, str]]
) -> None:
    assert said(*read(pasted)) == found


@pytest.mark.parametrize("pasted", ["  \n ; ; \n", "x" * 30_000, "\n".join(map(str, range(300)))])
def test_what_is_no_list_is_refused_with_a_sentence(pasted: str) -> None:
    with pytest.raises(DomainError):
        read(pasted)


@pytest.fixture
def meeting(session: Session) -> Interaction:
    board = make_organisation(session, short_name="Sampleshire")
    for given in ("Jo", "Jane"):
        person = make_person(session, "Here", given_name=given, email=f"{given.lower()}@here.test")
        make_appointment(session, organisation=board, person=person)
    make_person(session, "Elsewhere", given_name="Kim")
    for _ in range(2):
        make_person(session, "Twice", given_name="Lee")
    return services.write_down(
        session,
        kind=InteractionKind.MEETING,
        happened_on=TODAY,
        body="",
        organisations=[board],
        by=make_user(session, "Morgan Me", email="me@example.org"),
        at=NOON,
        today=TODAY,
    )


def test_people_are_matched_by_address_then_by_name_at_these_bodies(
    session: Session, meeting: Interaction
) -> None:
    pasted = "X <JO@here.test>; Jane Here; Kim Elsewhere; Lee Twice; Nobody Known; me@example.org"

    bodies = [body.id for body in queries.organisations_of(session, meeting.id)]
    found = match(session, read(pasted), meeting.happened_on, bodies)

    kinds = [one.likely.partition(":")[0] for one in found]
    assert kinds == ["person", "person", "text", "text", "text", "user"]
    assert [len(one.people) for one in found] == [1, 1, 1, 2, 0, 0]


def test_nearly_the_same_name_at_these_bodies_is_offered_and_not_ticked(
    session: Session, meeting: Interaction
) -> None:
    bodies = [body.id for body in queries.organisations_of(session, meeting.id)]

    found = match(session, read("J. Here; Janet Elsewhere"), meeting.happened_on, bodies)

    assert [sorted(one.people.values()) for one in found] == [
        [
            f"{name} Here (Executive lead, children and young people, Sampleshire)"
            for name in ("Jane", "Jo")
        ],
        [],
    ]
    assert [one.likely for one in found] == ["text", "text"]


def test_each_is_confirmed_before_anybody_is_added(
    client: FlaskClient, session: Session, meeting: Interaction
) -> None:
    meeting.author_id = make_user(session).id
    session.commit()
    pasted = "Jane Here; New Person, Head of SEND <new@example.org>; A guest; Lee Twice"
    address = f"/interactions/{meeting.id}/attendees"

    page = client.post(address, data={"pasted": pasted}).text
    nobody_yet = session.scalar(select(Person.id).where(Person.family_name == "Person"))
    jane = page.split('value="person:')[1].split('"')[0]
    choices = {"who-0": f"person:{jane}", "who-1": "new", "who-2": "text", "who-3": "skip"}
    nameless = client.post(address, data={"pasted": pasted, "decided": "1", **choices}).text
    named = {"given-1": "New", "family-1": "Person"}
    client.post(address, data={"pasted": pasted, "decided": "1", **choices, **named})

    session.expire_all()
    there = queries.people_of(session, [meeting.id])[meeting.id]
    shown = client.get(f"/interactions/{meeting.id}").text
    assert nobody_yet is None
    assert "or leave them as text" in nameless
    assert [person.name for person in there] == ["Jane Here", "New Person"]
    assert "Head of SEND, Sampleshire" in shown
    assert "A guest" in shown
    assert "Lee Twice" not in shown
