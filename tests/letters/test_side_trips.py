"""Whatever is opened to mend something on the check page leads back there, with what was typed."""

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import unquote

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import MemberOrganisation, User
from app.letters.drafting import checking
from app.letters.models import Mailing, Signatory, TemplateVersion
from tests.factories import NOON, make_person, make_user
from tests.letters.conftest import BASE_URL, board, lead, letters_of, unknown_lead
from tests.pages import press

Begin = Callable[..., Mailing]


def link_on(page: str, words: str) -> str:
    """Where the link leads that says this."""
    before, found, _ = page.partition(f">{words}")
    assert found, words
    return unescape(before.rpartition('href="')[2].partition('"')[0])


def test_a_name_mended_from_the_check_leads_back_to_it(
    session: Session, client: FlaskClient, begin: Begin
) -> None:
    person = lead(session, board(session), make_person(session, "", title="Dr"))
    mailing = begin()
    checking.check(session, mailing, by=make_user(session), at=NOON, base_url=BASE_URL)
    session.commit()
    check = f"/letters/mailings/{mailing.id}/check"
    trip = link_on(client.get(check).text, "Fix")
    assert trip.startswith(f"/people/{person.id}/edit?back=")
    form = client.get(trip).text
    assert link_on(form, "Cancel") == check

    typed = {
        "title": "Dr",
        "given_name": "Zoë",
        "family_name": "Sample",
        "subscriber_type": "corporate",
    }
    answer = client.post(trip, data=typed)

    assert answer.location == check, answer.text
    assert "Changed since these letters were checked" in client.get(check).text


def test_a_gap_in_the_signature_is_filled_and_leads_back_to_the_check(
    session: Session, client: FlaskClient, begin: Begin
) -> None:
    lead(session, board(session))
    mailing = begin()
    signatory = session.get_one(Signatory, mailing.signatory_id)
    signatory.job_title = "[JOB TITLE]"
    checking.check(session, mailing, by=make_user(session), at=NOON, base_url=BASE_URL)
    session.commit()
    check = f"/letters/mailings/{mailing.id}/check"
    trip = link_on(client.get(check).text, "Signature<")
    assert trip.startswith(f"/letters/signatories/{signatory.id}?back=")
    assert link_on(client.get(trip).text, "Cancel") == check

    answer = client.post(trip, data={"name": signatory.name, "job_title": "Chair"})

    assert answer.location == check, answer.text


def test_a_lead_recorded_two_pages_away_leads_back_to_the_check(
    session: Session, client: FlaskClient, begin: Begin
) -> None:
    unknown_lead(session, "Ashire")
    mailing = begin()
    checking.check(session, mailing, by=make_user(session), at=NOON, base_url=BASE_URL)
    session.commit()
    check = f"/letters/mailings/{mailing.id}/check"
    body = client.get(link_on(client.get(check).text, "Add a contact")).text
    trips = re.findall(r'href="(/posts/\d+/appoint\?[^"]*)"', body)
    assert trips
    assert all(f"back={check}" in unquote(one) for one in trips), trips


def test_a_way_back_never_leads_out_of_the_app(session: Session, client: FlaskClient) -> None:
    person = make_person(session, "Ashire")
    session.commit()
    for elsewhere in ("https://example.org/", "//example.org", "/no-such-page"):
        page = client.get(f"/people/{person.id}", query_string={"back": elsewhere}).text
        assert "Back to where you were" not in page
        assert 'href="https://example.org' not in page
        assert 'href="//example.org' not in page


def test_new_words_are_taken_over_on_the_check_page(
    session: Session, client: FlaskClient, begin: Begin
) -> None:
    lead(session, board(session))
    mailing = begin()
    checking.check(session, mailing, by=make_user(session), at=NOON, base_url=BASE_URL)
    session.commit()
    check = f"/letters/mailings/{mailing.id}/check"
    old = session.get_one(TemplateVersion, mailing.template_version_id)
    assert "The template has a newer version." not in client.get(check).text
    edited = client.post(
        f"/letters/templates/{old.template_id}/edit",
        query_string={"back": check},
        data={"name": "Offer", "subject": "New words", "body": "((salutation)),\n\nNew."},
    )
    assert edited.location == check, edited.text
    assert "These letters have version 1, the newest is 2." in client.get(check).text

    press(client, check, "/check-again")

    session.expire_all()
    assert letters_of(session, mailing)[0].subject == "New words"


def test_what_was_typed_for_a_mailing_is_kept_when_its_template_is_edited(
    session: Session, client: FlaskClient, begin: Begin
) -> None:
    mailing = begin()
    session.commit()
    write = f"/letters/mailings/{mailing.id}/write"
    answer = press(
        client,
        write,
        "",
        name="A better name",
        template=mailing.template_version.template_id,
        signatory=mailing.signatory_id,
        cc_rule="nobody",
        act="template",
    )
    session.expire_all()
    assert mailing.name == "A better name"
    assert "Back to where you were" in answer.text


def test_a_colleague_of_a_new_organisation_is_invited_in_one_form(
    session: Session, client: FlaskClient
) -> None:
    known = session.scalars(select(MemberOrganisation)).first()
    assert known is not None
    typed = {
        "name": "Noor Sample",
        "email": "noor@example.org",
        "member": known.id,
        "permissions": ["view"],
    }
    taken = client.post("/users/invite", data={**typed, "new_member": known.name.upper()})
    assert "Choose it from the list." in taken.text
    assert 'value="Noor Sample"' in taken.text

    client.post("/users/invite", data={**typed, "new_member": "Another Sample Charity"})

    noor = session.scalars(select(User).where(User.email == "noor@example.org")).one()
    member = session.get_one(MemberOrganisation, noor.member_organisation_id)
    assert member.name == "Another Sample Charity"
