"""One fact of a record is changed by itself, on a small page or where it stands."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.directory.models import Person
from tests.editing.opening import opened, read
from tests.factories import make_person, make_user

IN_PLACE = {"X-Part": "one-fact", "Accept": "application/json, text/html;q=0.9"}


@pytest.fixture
def person(session: Session) -> Person:
    person = make_person(session, given_name="Alex", family_name="Sample")
    person.phone, person.note = "01392 1", "First line."
    session.commit()
    return person


@pytest.fixture
def path(person: Person) -> str:
    return f"/people/{person.id}/edit?only=phone"


def test_without_scripts_a_fact_is_changed_on_a_page_of_its_own(
    client: FlaskClient, path: str, person: Person, session: Session
) -> None:
    form = opened(client, path)
    assert "<h1>Change phone</h1>" in form.text
    assert "Alex Sample</a>" in form.text
    assert set(form.fields) == {"csrf_token", "shown", "phone"} - {"csrf_token"}
    answer = form.save(phone="01392 2")

    session.expire_all()
    assert answer.location == f"/people/{person.id}"
    assert (person.phone, person.given_name, person.note) == ("01392 2", "Alex", "First line.")


def test_where_it_stands_the_same_form_comes_without_the_page_around_it(
    client: FlaskClient, path: str
) -> None:
    part = client.get(path, headers={**IN_PLACE, "HX-Request": "true"})
    assert part.text.lstrip().startswith("<form")
    assert read(client, path, part.text).fields == opened(client, path).fields


def test_what_somebody_else_changed_of_the_same_fact_is_a_choice_beside_it(
    client: FlaskClient, path: str, person: Person, session: Session
) -> None:
    form = opened(client, path)
    person.phone, person.title = "01392 3", "Dr"
    session.commit()
    told = form.is_told(phone="01392 4")
    assert "It was <b>01392 1</b>." in told.text
    assert told.says("phone") == "01392 4"
    told.save(keep_phone="mine")

    session.expire_all()
    assert (person.phone, person.title) == ("01392 4", "Dr")


def test_a_refusal_stands_in_the_small_page_with_what_was_typed(
    client: FlaskClient, person: Person
) -> None:
    form = opened(client, f"/people/{person.id}/edit?only=postal_address")
    told = form.is_told(postal_address="Nowhere at all")
    assert told.says("postal_address") == "Nowhere at all"
    assert "it has to be a postcode" in told.text


def test_a_rule_about_several_fields_is_said_beside_the_one_that_is_shown(
    client: FlaskClient, session: Session
) -> None:
    person = make_person(session, given_name="Alex", family_name="")
    session.commit()
    told = opened(client, f"/people/{person.id}/edit?only=given_name").is_told(given_name="")
    assert "Enter at least one name." in told.text


def test_what_is_so_already_does_not_stand_in_the_way(
    client: FlaskClient, person: Person, session: Session
) -> None:
    """An address from before addresses were checked."""
    person.postal_address = "Nowhere at all"
    session.commit()
    opened(client, f"/people/{person.id}/edit?only=phone").save(phone="01392 2")
    session.expire_all()
    assert (person.phone, person.postal_address) == ("01392 2", "Nowhere at all")


@pytest.mark.parametrize("asked", ["", "csrf_token", "shown", "objected_on", "x' --", "%00"])
def test_there_is_no_page_for_what_is_no_fact(
    client: FlaskClient, person: Person, asked: str
) -> None:
    path = f"/people/{person.id}/edit?only={asked}"
    assert client.get(path).status_code == 404
    assert client.post(path, data={"phone": "1", asked or "x": "1"}).status_code == 404


def test_only_the_fact_asked_for_is_changed_whatever_else_is_sent(
    client: FlaskClient, path: str, person: Person, session: Session
) -> None:
    sent = {"phone": "01392 2", "given_name": "Mallory", "note": "", "only": "note"}
    assert client.post(path, data=sent).status_code == 302
    session.expire_all()
    assert (person.phone, person.given_name, person.note) == ("01392 2", "Alex", "First line.")


def test_a_double_save_is_one_change(
    client: FlaskClient, path: str, person: Person, session: Session
) -> None:
    form = opened(client, path)
    form.save(phone="01392 2")
    history = client.get(f"/history/person/{person.id}").text.count("01392 2")
    assert history
    assert form.save().status_code == 302
    assert client.get(f"/history/person/{person.id}").text.count("01392 2") == history


def test_who_may_not_change_it_sees_no_pencil(
    sign_in: Callable[[User], FlaskClient], session: Session, path: str, person: Person
) -> None:
    looker = make_user(session, "Lou Looker", permissions=(Permission.VIEW,))
    session.commit()
    client = sign_in(looker)
    page = client.get(f"/people/{person.id}").text
    assert "Change phone" not in page
    assert "Whose mailbox" in page
    assert client.get(path).status_code == 403
    assert client.post(path, data={"phone": "1"}).status_code == 403
