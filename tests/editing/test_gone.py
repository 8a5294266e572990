"""Somebody saves what somebody else has deleted, or made one with another record, meanwhile."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bin.models import Binned
from app.core import clock
from app.directory.models import Person, SubscriberType
from app.merging.services import MergeChoices, merge
from tests.editing.conftest import Two
from tests.editing.opening import opened
from tests.factories import make_person, make_user
from tests.pages import check_page

RESTORE = "Restore it and save my changes"


@pytest.fixture
def person(session: Session) -> Person:
    person = make_person(session, given_name="Alex", family_name="Sample")
    person.phone = "01392 1"
    session.commit()
    return person


def delete(client: FlaskClient, person_id: int) -> None:
    assert client.post(f"/delete/person/{person_id}").status_code == 302


def test_saving_what_was_deleted_shows_who_did_and_all_that_was_typed(
    two: Two, person: Person
) -> None:
    ann, ben = two
    page = opened(ben, f"/people/{person.id}/edit")
    delete(ann, person.id)
    answer = page.save(phone="01392 3", subscriber_type="individual", note="Two\nlines.")

    check_page(answer.text)
    assert answer.status_code == 410
    assert "Alex Sample was deleted while you were writing" in answer.text
    assert "Ann Example deleted it on" in answer.text
    assert "01392 3" in answer.text
    assert "Two\nlines." in answer.text
    assert "Whose mailbox" in answer.text, "in the words of the form"
    assert RESTORE in answer.text


def test_one_button_restores_it_and_saves_what_was_typed(
    two: Two, person: Person, session: Session
) -> None:
    ann, ben = two
    path = f"/people/{person.id}/edit"
    page = opened(ben, path)
    delete(ann, person.id)
    page.save(phone="01392 3", note="Two\nlines.")
    binned = session.scalars(select(Binned.id)).one()
    answer = page.save(restore=str(binned))

    assert answer.status_code == 302
    shown = ben.get(answer.location).text
    assert "“Alex Sample” has been restored." in shown
    assert "Saved." in shown
    session.expire_all()
    kept = session.get_one(Person, person.id)
    assert (kept.phone, kept.note) == ("01392 3", "Two\nlines.")
    assert kept.subscriber_type is SubscriberType.CHECK


def test_looking_at_what_was_typed_restores_nothing(
    two: Two, person: Person, session: Session
) -> None:
    ann, ben = two
    person_id = person.id
    page = opened(ben, f"/people/{person_id}/edit")
    delete(ann, person_id)
    page.save(phone="01392 3")

    session.expunge_all()
    assert session.get(Person, person_id) is None
    assert session.scalars(select(Binned)).one().restored_at is None


def test_what_does_not_fit_is_said_on_the_form_of_the_restored_record(
    two: Two, person: Person, session: Session
) -> None:
    ann, ben = two
    page = opened(ben, f"/people/{person.id}/edit")
    delete(ann, person.id)
    assert page.save(given_name="", family_name="", phone="3").status_code == 410
    told = page.is_told(restore=str(session.scalars(select(Binned.id)).one()))

    assert "Enter at least one name." in told.text
    assert told.says("phone") == "3"
    session.expire_all()
    assert session.get_one(Person, person.id).phone == "01392 1"


def test_somebody_restored_it_first_and_the_save_goes_on_as_ever(
    two: Two, person: Person, session: Session
) -> None:
    ann, ben = two
    page = opened(ben, f"/people/{person.id}/edit")
    delete(ann, person.id)
    page.save(phone="01392 3")
    binned = session.scalars(select(Binned.id)).one()
    assert ann.post(f"/bin/{binned}/restore").status_code == 302

    assert page.save(restore=str(binned)).status_code == 302
    session.expire_all()
    assert session.get_one(Person, person.id).phone == "01392 3"


def test_saving_what_was_merged_leads_to_what_it_became(
    two: Two, person: Person, session: Session
) -> None:
    _, ben = two
    other = make_person(session, given_name="Alexis", family_name="Sample")
    page = opened(ben, f"/people/{person.id}/edit")
    merged_into(session, person, other)
    answer = page.save(phone="01392 3")

    check_page(answer.text)
    assert answer.status_code == 410
    assert "is part of another record now" in answer.text
    assert f'href="/people/{other.id}"' in answer.text
    assert "01392 3" in answer.text
    assert RESTORE not in answer.text


def merged_into(session: Session, person: Person, other: Person) -> None:
    merge(
        session,
        stays=other,
        goes=person,
        wanted=MergeChoices({}),
        by=make_user(session),
        at=clock.now(),
    )
    session.commit()


def test_a_record_that_never_was_is_simply_not_found(two: Two) -> None:
    assert two[0].post("/people/999/edit", data={"phone": "1"}).status_code == 404
