"""Before somebody is written down a second time, Liaise asks; and loses nothing that was typed."""

import re

from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.directory.models import NotTheSame, Person, PersonEmail
from app.directory.queries import duplicates
from app.directory.queries.duplicates import Called
from tests.factories import (
    NOON,
    TODAY,
    make_appointment,
    make_organisation,
    make_person,
    make_post,
    make_succession,
    make_user,
)

SIAN = {"given_name": "Sian", "family_name": "O'Bradaigh", "subscriber_type": "check"}


def people_in(session: Session) -> int:
    return session.scalar(select(func.count(Person.id))) or 0


def make_sian(session: Session) -> Person:
    person = make_person(
        session, "Ó Brádaigh", given_name="Siân", email="sian.obradaigh@example.org"
    )
    make_appointment(session, person=person)
    session.commit()
    return person


def test_adding_somebody_of_nearly_the_same_name_asks_first_and_keeps_what_was_typed(
    client: FlaskClient, session: Session
) -> None:
    known = make_sian(session)

    page = client.post("/people/new", data={**SIAN, "note": "Met in June"})

    assert people_in(session) == 1
    assert "Is this somebody you have already?" in page.text
    assert f'href="/people/{known.id}" target="_blank"' in page.text
    assert "the same name" in page.text
    assert "Executive lead, children and young people, NHS Sampleshire" in page.text
    assert "sian.obradaigh@example.org" in page.text
    assert "Met in June" in page.text


def test_they_are_added_all_the_same_when_somebody_says_so(
    client: FlaskClient, session: Session
) -> None:
    known = make_sian(session)

    client.post("/people/new", data={**SIAN, "anyway": str(known.id)})

    assert people_in(session) == 2


def test_add_anyway_is_about_those_who_were_shown_and_nobody_else(
    client: FlaskClient, session: Session
) -> None:
    known = make_sian(session)
    make_person(session, "Sample", email="alex@example.org")
    session.commit()

    page = client.post(
        "/people/new", data={**SIAN, "email": "alex@example.org", "anyway": str(known.id)}
    )

    assert people_in(session) == 2
    assert "the same email address" in page.text


def test_the_one_mailbox_is_found_with_dots_tags_and_capitals(
    client: FlaskClient, session: Session
) -> None:
    make_sian(session)

    page = client.post(
        "/people/new",
        data={
            **{"given_name": "Robin", "family_name": "Else", "subscriber_type": "check"},
            "email": "SianOBradaigh+nhs@example.org",
        },
    )

    assert people_in(session) == 1
    assert "the same email address" in page.text


def test_using_the_one_there_is_adds_nobody_and_still_shows_what_was_typed(
    client: FlaskClient, session: Session
) -> None:
    known = make_sian(session)

    page = client.post(
        "/people/new",
        data={
            **SIAN,
            **{"phone": "01632 960000", "email": "sian@example.org", "use": str(known.id)},
        },
    )

    assert people_in(session) == 1
    assert "is in the register already" in page.text
    assert "01632 960000" in page.text
    assert "sian@example.org" in page.text
    assert "sian.obradaigh@example.org" in page.text


def test_a_daughter_of_the_same_family_is_no_cause_to_ask(
    client: FlaskClient, session: Session
) -> None:
    make_person(session, "Sample", given_name="Daniel")
    session.commit()

    client.post(
        "/people/new",
        data={"given_name": "Daniela", "family_name": "Sample", "subscriber_type": "check"},
    )

    assert people_in(session) == 2


def test_appointing_somebody_new_asks_about_those_at_the_same_body_and_can_use_them(
    client: FlaskClient, session: Session
) -> None:
    known = make_sian(session)
    held = session.scalars(select(Person)).one()
    board = make_appointment(session, person=held, code="send").post.organisation
    post = make_post(session, board, "chair")
    elsewhere = make_person(session, "O Bradaigh", given_name="Sian")
    make_appointment(session, person=elsewhere)  # at another body
    session.commit()
    new = {
        **{"person_id": "new", "given_name": "S.", "family_name": "Ó Brádaigh"},
        **{"source": "Board page", "checked_on": TODAY.isoformat()},
    }

    page = client.post(f"/posts/{post.id}/appoint", data=new)
    assert people_in(session) == 2
    assert f"nearly the same name at {board.short_name}" in page.text
    assert f'target="_blank" rel="noopener">{elsewhere.name}' not in page.text

    chosen = client.post(f"/posts/{post.id}/appoint", data={**new, "use": str(known.id)})
    radio = re.search(r"<input[^>]* checked [^>]*name=.person_id.[^>]*>", chosen.text)
    assert radio
    assert f'value="{known.id}"' in radio.group()
    assert 'value="S."' in chosen.text
    assert people_in(session) == 2

    client.post(f"/posts/{post.id}/appoint", data={**new, "anyway": str(known.id)})
    assert people_in(session) == 3


def test_an_address_of_somebody_else_is_added_only_when_the_mailbox_is_shared(
    client: FlaskClient, session: Session
) -> None:
    make_sian(session)
    other = make_person(session, "Else", given_name="Robin", email=None)
    session.commit()
    known = session.scalars(select(Person).where(Person.id != other.id)).one()
    url, new = f"/people/{other.id}/emails/new", {"address": "sian.obradaigh@example.org"}

    page = client.post(url, data=new)
    assert "This address belongs to somebody else" in page.text
    assert session.scalar(select(func.count(PersonEmail.id))) == 1

    client.post(url, data={**new, "anyway": str(known.id)})
    assert session.scalar(select(func.count(PersonEmail.id))) == 2


def test_the_boards_that_a_board_came_from_count_as_the_same_body(session: Session) -> None:
    old, new = make_organisation(session, "Old"), make_organisation(session, "New")
    make_succession(session, old, new)
    one = make_person(session, given_name="Alex")
    make_appointment(session, person=one, organisation=old)

    found = duplicates.likely(session, Called("A.", "Sample"), bodies=[new.id])

    assert [likely.person.id for likely in found] == [one.id]


def test_two_are_said_to_have_met_where_they_were_and_not_at_another_body_of_its_line(
    session: Session,
) -> None:
    old, sister, new = (make_organisation(session, name) for name in ("Old", "Sister", "New"))
    for before in (old, sister):
        make_succession(session, before, new)
    long_ago = make_person(session, "Elsewhere", given_name="Kit")
    make_appointment(session, person=long_ago, organisation=old)
    both = [make_person(session, "Łuczak", given_name=name) for name in ("Siân", "S.")]
    apart = [make_person(session, "Sample", given_name=name) for name in ("Alex", "A.")]
    for person in both:
        make_appointment(session, person=person, organisation=new)
    for person, body in zip(apart, (sister, new), strict=True):
        make_appointment(session, person=person, organisation=body)

    found = {pair.one: pair.why for pair in duplicates.pairs(session)}

    assert found[both[0].id] == "nearly the same name at New"
    assert found[apart[0].id] == "nearly the same name at Sister and New"


def test_pairs_are_found_by_mailbox_and_by_name_at_one_body_or_where_no_body_is_known(
    session: Session,
) -> None:
    board, other = make_organisation(session, "One"), make_organisation(session, "Two")
    by_body = [make_person(session, "Łuczak", given_name=name) for name in ("Siân", "S.")]
    far_away = make_person(session, "Luczak", given_name="Sian")
    for person in by_body:
        make_appointment(session, person=person, organisation=board)
    make_appointment(session, person=far_away, organisation=other)
    by_mail = [
        make_person(session, "Roe", given_name="Jo", email="jo.roe@example.org"),
        make_person(session, "Doe", given_name="J", email="joroe@example.org"),
    ]
    nowhere = [make_person(session, "Sample", given_name=n) for n in ("Alex", "ALEX", "A.")]

    found = {(pair.one, pair.other): pair.why for pair in duplicates.pairs(session)}

    assert found == {
        (by_body[0].id, by_body[1].id): "nearly the same name at One",
        (by_mail[0].id, by_mail[1].id): "the same email address",
        (nowhere[0].id, nowhere[1].id): "the same name",
    }


def test_two_people_somebody_told_apart_are_not_asked_about_again(session: Session) -> None:
    one = make_person(session, email="a@example.org")
    other = make_person(session, email="a@example.org")
    session.add(
        NotTheSame(
            person_id=one.id, other_id=other.id, said_at=NOON, said_by_id=make_user(session).id
        )
    )
    session.flush()

    assert duplicates.pairs(session) == []
    assert duplicates.likely(session, one, emails=["a@example.org"], but=one.id) == []
    assert duplicates.likely_twins(session, one, ["a@example.org"]) == []
