"""The list of meetings, and the page of one."""

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.interactions.entries import services
from app.interactions.models import InteractionKind
from tests.factories import NOON, TODAY, make_appointment, make_organisation, make_user


def test_an_entry_is_listed_and_its_page_names_who_was_there_with_the_post_of_that_day(
    client: FlaskClient, session: Session
) -> None:
    board = make_organisation(session, short_name="Sampleshire")
    lead = make_appointment(session, organisation=board).person
    call = services.write_down(
        session,
        kind=InteractionKind.CALL,
        happened_on=TODAY,
        subject="First call",
        body="They will send the **draft**.",
        organisations=[board],
        people=[lead],
        by=make_user(session),
        at=NOON,
        today=TODAY,
    )
    session.commit()

    listed = client.get("/meetings?kind=call&body=sample&person=sample").text
    page = client.get(f"/interactions/{call.id}").text

    assert "First call" in listed
    assert "Executive lead, children and young people, Sampleshire" in page
    assert "<strong>draft</strong>" in page


def test_the_list_downloads_as_csv_with_its_notes(client: FlaskClient, session: Session) -> None:
    services.write_down(
        session,
        kind=InteractionKind.NOTE,
        happened_on=TODAY,
        body="Only in the notes.",
        organisations=[make_organisation(session, short_name="Sampleshire")],
        by=make_user(session),
        at=NOON,
        today=TODAY,
    )
    session.commit()

    rows = client.get("/meetings?format=csv").text

    assert "Only in the notes." in rows
    assert "Sampleshire" in rows


def test_of_somebody_with_many_posts_those_at_the_bodies_of_the_meeting_are_named(
    client: FlaskClient, session: Session
) -> None:
    board = make_organisation(session, short_name="Sampleshire")
    lead = make_appointment(session, organisation=board).person
    elsewhere = make_appointment(session, organisation=make_organisation(session)).person
    for number in range(3):
        other = make_organisation(session, short_name=f"Another {number}")
        make_appointment(session, organisation=other, person=lead)
        make_appointment(session, organisation=other, person=elsewhere)
    meeting = services.write_down(
        session,
        kind=InteractionKind.MEETING,
        happened_on=TODAY,
        body="",
        organisations=[board],
        people=[lead, elsewhere],
        by=make_user(session),
        at=NOON,
        today=TODAY,
    )
    session.commit()

    page = client.get(f"/interactions/{meeting.id}").text

    assert "Sampleshire; and 3 more posts" in page
    assert page.count("Another 0") == 1  # the first of whoever holds none here
    assert "Another 1" not in page
