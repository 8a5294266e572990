from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.directory import reference
from app.directory.models import (
    Appointment,
    Organisation,
    OrganisationKind,
    Person,
    PersonEmail,
    Post,
    PostObservation,
    PostType,
)
from app.directory.queries import owners as owner_queries
from app.directory.services import owners as owner_services
from tests.factories import (
    TODAY,
    make_appointment,
    make_organisation,
    make_person,
    make_post,
    make_post_type,
    make_system,
    make_user,
)

CountStatements = Callable[[], AbstractContextManager[list[str]]]
AWKWARD = "A & B <C>"
SIAN = {"given_name": "Siân", "family_name": "Ó Brádaigh-Łuczak"}


def test_every_list_and_record_can_be_read(client: FlaskClient, session: Session) -> None:
    held = make_appointment(session)
    session.commit()

    for path in (
        "/organisations",
        "/people",
        "/owners",
        "/post-types",
        f"/organisations/{held.post.organisation_id}",
        f"/people/{held.person_id}",
        f"/posts/{held.post_id}",
    ):
        assert client.get(path).status_code == 200, path


def test_what_is_not_there_is_not_found(client: FlaskClient) -> None:
    for path in ("/organisations/999", "/people/999", "/posts/999", "/appointments/999/edit"):
        assert client.get(path).status_code == 404, path


def test_every_form_opens(client: FlaskClient, session: Session) -> None:
    held = make_appointment(session)
    body, person, post = held.post.organisation_id, held.person_id, held.post_id
    session.commit()

    for path in (
        "/organisations/new",
        f"/organisations/{body}/edit",
        f"/organisations/{body}/names/new",
        f"/organisations/{body}/owner",
        f"/organisations/{body}/end",
        f"/organisations/{body}/succession",
        "/people/new",
        f"/people/{person}/edit",
        f"/people/{person}/emails/new",
        f"/people/{person}/objection",
        f"/posts/{post}/appoint",
        f"/posts/{post}/appoint?find=sample",
        f"/posts/{post}/state",
        f"/appointments/{held.id}/check",
        f"/appointments/{held.id}/edit",
        f"/appointments/{held.id}/end",
        "/post-types/new",
        f"/post-types/{held.post.post_type_id}/edit",
    ):
        assert client.get(path).status_code == 200, path


def test_names_with_signs_in_them_survive(client: FlaskClient, session: Session) -> None:
    client.post("/organisations/new", data={"kind": "provider", "name": AWKWARD})
    client.post("/people/new", data={**SIAN, "subscriber_type": "check"})

    body = session.scalars(select(Organisation)).one()
    person = session.scalars(select(Person)).one()
    assert body.name == AWKWARD
    assert "A &amp; B &lt;C&gt;" in client.get(f"/organisations/{body.id}").text
    assert "Dear Siân Ó Brádaigh-Łuczak" in client.get(f"/people/{person.id}").text
    assert (
        "A &amp; B &lt;C&gt;" in client.get("/organisations", query_string={"name": AWKWARD}).text
    )
    assert "Ó Brádaigh-Łuczak" in client.get("/people?name=brádaigh").text
    assert "Ó Brádaigh-Łuczak" in client.get("/people?name=Ó Brádaigh-Łuczak").text
    assert AWKWARD in client.get("/organisations?format=csv").text


def test_nothing_typed_is_lost_when_a_form_is_refused(
    client: FlaskClient, session: Session
) -> None:
    page = client.post(
        "/organisations/new",
        data={"kind": "provider", "name": "", "website": "nowhere", "note": "Typed <b>here</b>"},
    )

    assert page.status_code == 200
    assert "<title>Error: Add an organisation" in page.text
    assert 'href="#name"' in page.text
    assert "Enter the official name." in page.text
    assert "beginning with https://" in page.text
    assert "Typed &lt;b&gt;here&lt;/b&gt;" in page.text
    assert session.scalars(select(Organisation)).all() == []


def test_somebody_new_is_recorded_as_holding_a_post(client: FlaskClient, session: Session) -> None:
    post = make_post(session, make_organisation(session))
    session.commit()

    answer = client.post(
        f"/posts/{post.id}/appoint",
        data={
            "person_id": "new",
            "title": "Dr",
            **SIAN,
            "email": "sian@board.example.org",
            "started_on": "2026-04-01",
            "source": "https://board.example.org/people",
            "checked_on": TODAY.isoformat(),
        },
    )

    assert answer.status_code == 302
    page = client.get(answer.location)
    assert "Dr Siân Ó Brádaigh-Łuczak" in page.text
    held = session.scalars(select(Appointment)).one()
    assert (held.started_on, held.checked_on) == (date(2026, 4, 1), TODAY)


def test_a_refused_appointment_keeps_what_was_typed_and_makes_nobody(
    client: FlaskClient, session: Session
) -> None:
    post = make_post(session, make_organisation(session))
    session.commit()

    page = client.post(
        f"/posts/{post.id}/appoint",
        data={
            "person_id": "new",
            **SIAN,
            "email": "siân@board.example.org",
            "source": "Board page",
            "checked_on": TODAY.isoformat(),
        },
    )

    assert "accented" in page.text
    assert "Brádaigh" in page.text
    assert session.scalars(select(Person)).all() == []


def test_somebody_already_in_the_register_is_found_and_appointed(
    client: FlaskClient, session: Session
) -> None:
    person = make_person(session, "Findable")
    post = make_post(session, make_organisation(session))
    session.commit()

    page = client.get(f"/posts/{post.id}/appoint?find=findable")
    assert f'value="{person.id}"' in page.text
    client.post(
        f"/posts/{post.id}/appoint",
        data={
            "person_id": str(person.id),
            "find": "findable",
            "source": "Board page",
            "checked_on": TODAY.isoformat(),
        },
    )

    assert session.scalars(select(Appointment.person_id)).all() == [person.id]
    assert len(session.scalars(select(Person)).all()) == 1


@pytest.mark.date_sensitive
def test_a_post_can_be_recorded_as_vacant(client: FlaskClient, session: Session) -> None:
    post = make_post(session, make_organisation(session))
    session.commit()

    answer = client.post(
        f"/posts/{post.id}/state",
        data={"state": "vacant", "observed_on": "2026-11-01", "source": "Board papers"},
    )

    assert "Recorded as vacant" in client.get(answer.location).text
    assert session.scalars(select(PostObservation.observed_on)).all() == [date(2026, 11, 1)]


def test_recording_a_vacancy_from_a_systems_page_leads_back_to_it(
    client: FlaskClient, session: Session
) -> None:
    system, body = make_system(session)
    post = make_post(session, body)
    session.commit()
    address = f"/posts/{post.id}/state?from=system"
    assert f'href="{address}"' in client.get(f"/systems/{system.id}").text

    answer = client.post(
        address,
        data={"state": "vacant", "observed_on": "2026-11-01", "source": "Board papers"},
    )

    assert answer.location == f"/systems/{system.id}"
    page = client.get(answer.location).text
    assert "Recorded as vacant" in page
    assert "seen on" in page
    assert "vacant since" not in page


@pytest.mark.date_sensitive
def test_a_lead_without_a_first_day_is_known_from_the_day_we_found_them(
    client: FlaskClient, session: Session
) -> None:
    system, body = make_system(session)
    held = make_appointment(session, organisation=body, started_on=None)
    session.commit()

    now = client.get(f"/systems/{system.id}").text
    before = client.get(f"/systems/{system.id}?on=2026-04-01").text

    assert "first day not known; known to us since" in now
    assert held.person.name in now
    assert held.person.name not in before


@pytest.mark.date_sensitive
def test_a_person_who_objected_is_shown_so_everywhere(
    client: FlaskClient, session: Session
) -> None:
    held = make_appointment(session)
    body, person, post = held.post.organisation_id, held.person_id, held.post_id
    session.commit()

    client.post(
        f"/people/{person}/objection",
        data={"objected_on": "2026-11-20", "note": "By phone to our office"},
    )

    for path in (
        f"/people/{person}",
        "/people",
        f"/organisations/{body}",
        f"/posts/{post}",
        f"/posts/{post}/appoint?find=sample",
    ):
        assert "bjected" in client.get(path).text.replace("Objected</", "", 1), path
    client.post(f"/people/{person}/objection/withdraw", data={"reason": "Wrote to us"})
    session.expire_all()
    assert session.get_one(Person, person).objected_on is None


@pytest.mark.date_sensitive
def test_a_stale_check_is_a_warning_and_is_put_right_in_one_step(
    client: FlaskClient, session: Session
) -> None:
    held = make_appointment(session, checked_on=TODAY - timedelta(days=205))
    session.commit()

    assert "205 days ago" in client.get(f"/organisations/{held.post.organisation_id}").text
    client.post(f"/appointments/{held.id}/check", data={"checked_on": TODAY.isoformat()})

    assert "days ago" not in client.get(f"/organisations/{held.post.organisation_id}").text


def test_signs_that_mean_something_to_a_database_are_looked_for_as_they_are(
    client: FlaskClient, session: Session
) -> None:
    make_organisation(session, "100% of it_all\\here")
    make_organisation(session, "Another board")
    session.commit()

    for name in ("100%", "it_all", "\\here", "ALL"):
        page = client.get("/organisations", query_string={"name": name}).text
        assert "100% of it_all" in page
        assert "Another board" not in page
    assert "Nothing matches" in client.get("/organisations?name=a_o").text


@pytest.mark.date_sensitive
def test_the_organisations_of_a_day(client: FlaskClient, session: Session) -> None:
    make_organisation(session, "Old board", dissolved_on=date(2026, 4, 1))
    make_organisation(session, "New board", established_on=date(2026, 4, 1))
    session.commit()

    def names(**args: str) -> set[str]:
        page = client.get("/organisations", query_string=args).text
        return {name for name in ("Old board", "New board") if f">{name}<" in page}

    assert names(on="2026-03-31") == {"Old board"}
    assert names(on="2026-04-01") == {"New board"}
    assert names(ended="1") == {"Old board", "New board"}
    assert "not a date" in client.get("/organisations?on=yesterday").text


def test_owners_are_chosen_for_many_after_seeing_what_would_change(
    client: FlaskClient, session: Session
) -> None:
    boards = [make_organisation(session, f"Board {n}") for n in range(3)]
    olu = make_user(session, "Olu Owner")
    session.commit()
    chosen = {"ids": [str(board.id) for board in boards[:2]], "user_id": str(olu.id)}

    page = client.post("/owners", data=chosen)
    assert "Nothing has changed yet" in page.text
    assert owner_queries.owners_on(session, [board.id for board in boards], TODAY) == {}
    seen = page.text.split('name="confirmed" value="')[1].split('"')[0]
    owner_services.set_owner(session, organisation=boards[1], owner=make_user(session), on=TODAY)
    session.commit()
    page = client.post("/owners", data={**chosen, "confirmed": seen})
    assert "Somebody gave one of these bodies another owner meanwhile." in page.text
    seen = page.text.split('name="confirmed" value="')[1].split('"')[0]
    client.post("/owners", data={**chosen, "confirmed": seen})

    session.expire_all()
    owned = owner_queries.owners_on(session, [board.id for board in boards], TODAY)
    assert set(owned) == {board.id for board in boards[:2]}
    assert "Board 2" in client.get("/owners?owner=none").text
    assert "Board 0" not in client.get("/owners?owner=none").text


def test_ticks_are_kept_when_no_owner_was_chosen(client: FlaskClient, session: Session) -> None:
    board = make_organisation(session)
    session.commit()

    page = client.post("/owners", data={"ids": [str(board.id)], "user_id": ""})

    assert "Choose the new owner." in page.text
    assert f'value="{board.id}" aria-label="Select {board.short_name}" checked' in page.text


def test_a_new_kind_of_post_appears_at_every_such_body(
    client: FlaskClient, session: Session
) -> None:
    board = make_organisation(session)
    make_organisation(session, "A council", kind=OrganisationKind.LOCAL_AUTHORITY)
    session.commit()

    client.post(
        "/post-types/new",
        data={
            "code": "palliative",
            "name": "Lead, palliative care",
            "addressed_as": "Lead for Palliative Care",
            "organisation_kinds": ["icb"],
            "position": "65",
        },
    )

    assert session.scalars(select(Post.organisation_id)).all() == [board.id]
    assert "Lead, palliative care" in client.get(f"/organisations/{board.id}").text


def test_people_are_found_by_post_region_and_last_check(
    client: FlaskClient, session: Session
) -> None:
    reference.load(session, on=TODAY)
    devon = session.scalars(
        select(Organisation).where(
            Organisation.ods_code == "QJK", Organisation.kind == OrganisationKind.ICB
        )
    ).one()
    make_appointment(
        session,
        organisation=devon,
        person=make_person(session, "Devonlead"),
        checked_on=TODAY - timedelta(days=113),
    )
    make_appointment(session, person=make_person(session, "Fresh"), code="send")
    session.commit()

    def found(**args: str) -> set[str]:
        page = client.get("/people", query_string=args).text
        return {name for name in ("Devonlead", "Fresh") if name in page}

    assert found() == {"Devonlead", "Fresh"}
    assert found(post="children") == {"Devonlead"}
    assert found(region=str(devon.region_id)) == {"Devonlead"}
    assert found(checked="due") == {"Devonlead"}
    assert found(checked="stale") == set()
    assert "Devonlead" in client.get("/people?format=csv&post=children").text


def test_viewers_see_and_do_not_change(
    sign_in: Callable[[User], FlaskClient], session: Session
) -> None:
    held = make_appointment(session)
    viewer = sign_in(make_user(session, permissions=(Permission.VIEW,)))

    page = viewer.get(f"/posts/{held.post_id}")
    assert page.status_code == 200
    assert "Put right" not in page.text
    assert viewer.get(f"/posts/{held.post_id}/appoint").status_code == 403
    assert viewer.post("/owners", data={}).status_code == 403
    assert viewer.post(f"/people/{held.person_id}/objection", data={}).status_code == 403


def test_strangers_are_asked_to_sign_in(stranger: FlaskClient, session: Session) -> None:
    make_post_type(session)
    session.commit()

    assert "Sample" not in stranger.get("/people").text
    assert stranger.get("/organisations").status_code == 303


@pytest.mark.parametrize("path", ["/organisations", "/people", "/owners"])
def test_a_list_asks_the_same_few_statements_however_long_it_is(
    client: FlaskClient, session: Session, count_statements: CountStatements, path: str
) -> None:
    make_appointment(session)
    session.commit()
    client.get(path)
    with count_statements() as few:
        client.get(path)
    for number in range(20):
        board = make_organisation(session, f"Board {number}")
        make_appointment(session, organisation=board, person=make_person(session, f"P{number}"))
    session.commit()
    with count_statements() as many:
        client.get(path)

    assert len(many) == len(few)
    assert len(many) <= 12


def test_an_organisation_asks_the_same_statements_however_much_is_known(
    client: FlaskClient, session: Session, count_statements: CountStatements
) -> None:
    reference.load(session, on=TODAY)
    essex = session.scalars(
        select(Organisation).where(
            Organisation.short_name == "Essex", Organisation.kind == OrganisationKind.ICS
        )
    ).one()
    board = session.scalars(
        select(Organisation).where(Organisation.short_name == "Essex ICB")
    ).one()
    session.commit()
    client.get(f"/organisations/{essex.id}")
    with count_statements() as empty:
        client.get(f"/organisations/{essex.id}")
    for post_type in session.scalars(select(PostType).where(PostType.code != "dcs")):
        if "icb" in post_type.organisation_kinds:
            make_appointment(session, organisation=board, code=post_type.code)
    session.commit()
    with count_statements() as full:
        client.get(f"/organisations/{essex.id}")

    assert len(full) == len(empty)
    assert len(full) <= 26


def test_addresses_are_preferred_and_removed(client: FlaskClient, session: Session) -> None:
    person = make_person(session, email="first@example.org")
    session.commit()

    client.post(
        f"/people/{person.id}/emails/new", data={"address": "second@example.org", "preferred": "y"}
    )
    first, second = session.scalars(select(PersonEmail).order_by(PersonEmail.id)).all()
    assert (first.is_preferred, second.is_preferred) == (False, True)
    answer = client.post(f"/delete/person_email/{second.id}")

    session.expire_all()
    left = session.scalars(select(PersonEmail)).one()
    assert (left.address, left.is_preferred) == ("first@example.org", True)
    assert urlsplit(answer.location).path == f"/people/{person.id}"


@pytest.mark.date_sensitive
def test_a_board_is_succeeded_from_its_page(client: FlaskClient, session: Session) -> None:
    old = make_organisation(session, "Old board")
    new = make_organisation(session, "New board")
    held = make_appointment(session, organisation=old, started_on=None)
    make_post(session, new)
    session.commit()

    answer = client.post(
        f"/organisations/{old.id}/succession",
        data={
            "successor_id": str(new.id),
            "effective_on": "2026-11-01",
            "kind": "merger",
            "source": "Establishment order",
            "ends_predecessor": "y",
        },
    )

    session.expire_all()
    assert session.get_one(Organisation, old.id).dissolved_on == date(2026, 11, 1)
    page = client.get(answer.location).text
    assert "Who led at its predecessors" in page
    assert f"person_id={held.person_id}" in page
    client.post(f"/organisations/{old.id}/end/take-back")
    session.expire_all()
    assert session.get_one(Organisation, old.id).dissolved_on is None


@pytest.mark.date_sensitive
def test_a_body_that_has_ended_is_shown_as_it_was_to_the_last(
    client: FlaskClient, session: Session
) -> None:
    old = make_organisation(session, "Old board", dissolved_on=date(2026, 4, 1))
    make_appointment(
        session,
        organisation=old,
        person=make_person(session, "Lastlead"),
        ended_on=date(2026, 3, 31),
    )
    session.commit()

    page = client.get(f"/organisations/{old.id}").text

    assert "its last day was 31 March 2026" in page
    assert "Lastlead" in page
    assert "Needs an owner" not in page


def test_what_is_wrong_with_an_address_is_said_beside_it(client: FlaskClient) -> None:
    page = client.post(
        "/people/new", data={**SIAN, "email": "siân@board.example.org", "subscriber_type": "check"}
    )

    assert 'id="email-error"' in page.text
    assert 'href="#email"' in page.text
    nameless = client.post("/people/new", data={"subscriber_type": "check"})
    assert 'id="family_name-error"' in nameless.text
