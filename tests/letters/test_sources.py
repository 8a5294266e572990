"""Where the details of several readers come from is said once, on the check page."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.audit.models import AuditEvent
from app.directory.models import Person
from app.letters.drafting import checking
from app.letters.models import Letter, Mailing, MailingState
from tests.factories import NOON, make_person, make_user
from tests.letters.conftest import BASE_URL, board, lead

ASKED = "Where did we get the details of these 3 people?"
PAGE = "https://example.org/our-board"
NAMES = ("One", "Two", "Three")


@pytest.fixture
def people(session: Session) -> list[Person]:
    """Three leads, of whom nothing says where their details come from."""
    return [
        lead(
            session,
            board(session, f"{name}shire"),
            make_person(session, name, title="Dr"),
            source="",
        )
        for name in NAMES
    ]


@pytest.fixture
def mailing(session: Session, people: list[Person], begin: Callable[..., Mailing]) -> Mailing:
    mailing = begin()
    checking.check(session, mailing, by=make_user(session), at=NOON, base_url=BASE_URL)
    session.commit()
    return mailing


def test_it_is_recorded_for_all_of_them_at_once_and_the_letters_are_checked_again(
    client: FlaskClient, session: Session, mailing: Mailing, people: list[Person]
) -> None:
    check = f"/letters/mailings/{mailing.id}/check"
    assert ASKED in client.get(check).text
    said = {"source": PAGE, "person": [str(person.id) for person in people]}
    page = client.post(f"/letters/mailings/{mailing.id}/sources", data=said, follow_redirects=True)
    assert "Recorded for 3 people." in page.text
    assert "not recorded, and the letter has to say it" not in page.text
    session.expire_all()
    assert {person.details_source for person in people} == {PAGE}
    letters = session.scalars(select(Letter).where(Letter.mailing_id == mailing.id)).all()
    assert all(PAGE in letter.text for letter in letters)
    told = session.scalars(select(AuditEvent.summary)).all()
    assert f"3 people: {PAGE}" in told


def test_what_a_letter_may_not_print_is_refused_and_stays_as_typed(
    client: FlaskClient, session: Session, mailing: Mailing, people: list[Person]
) -> None:
    address = f"/letters/mailings/{mailing.id}/sources"
    said = {"source": "leads.xlsx", "person": [str(person.id) for person in people]}
    page = client.post(address, data=said).text
    assert "“leads.xlsx” names a file of ours" in page
    assert 'value="leads.xlsx"' in page
    empty = client.post(address, data={**said, "source": " "}).text
    assert "Say where these details come from" in empty
    session.expire_all()
    assert {person.details_source for person in people} == {""}


def test_it_touches_nobody_who_was_not_asked_about_or_is_settled_meanwhile(
    client: FlaskClient, session: Session, mailing: Mailing, people: list[Person]
) -> None:
    other = make_person(session, "Other")
    people[0].details_source = "Ada asked her"
    session.commit()
    ids = [str(person.id) for person in (people[0], people[1], other)]
    client.post(f"/letters/mailings/{mailing.id}/sources", data={"source": PAGE, "person": ids})
    session.expire_all()
    assert [one.details_source for one in (*people, other)] == ["Ada asked her", PAGE, "", ""]


def test_only_a_draft_and_only_who_may_write(
    sign_in: Callable[[User], FlaskClient], client: FlaskClient, session: Session, mailing: Mailing
) -> None:
    reader = sign_in(make_user(session, permissions=(Permission.VIEW,)))
    assert ASKED not in reader.get(f"/letters/mailings/{mailing.id}/check").text
    mailing.state = MailingState.STOPPED
    session.commit()
    address = f"/letters/mailings/{mailing.id}/sources"
    ids = [str(one.id) for one in session.scalars(select(Person))]
    assert client.post(address, data={"source": PAGE, "person": ids}).status_code == 302
    session.expire_all()
    assert {one.details_source for one in session.scalars(select(Person))} == {""}
