"""Which postal addresses an envelope can carry, as GOV.UK Notify learnt it."""

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.directory.models import Person
from app.directory.postal import (
    BadPostalAddress,
    checked_postal_address,
    envelope,
    postal_address,
    postcode_in,
)
from app.directory.services.organisations import OrganisationDetails, edit_organisation
from tests.factories import make_organisation, make_person

GOOD = "County Hall\nTopsham Road\nExeter\nEX2 4QD"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1 Road\nex24qd", ("1 Road", "EX2 4QD")),
        ("1 Road,\n Exeter , \n\n e x 2 4 q d .", ("1 Road", "Exeter", "EX2 4QD")),
        ("1 Road\nExeter EX2 4QD", ("1 Road", "Exeter", "EX2 4QD")),
        ("1 Road\nExeter, ex2  4qd", ("1 Road", "Exeter", "EX2 4QD")),
        ("1 Road\nExeter\nEX2 4QD\nEngland\nUnited Kingdom", ("1 Road", "Exeter", "EX2 4QD")),
        ("Tŷ Cymru\nHeol Ŵyn\nCF10 3NQ", ("Tŷ Cymru", "Heol Ŵyn", "CF10 3NQ")),
        ("Flat 1\u200b\nThe\u00a0Road\u202fEast\nW1A 1AA", ("Flat 1", "The Road East", "W1A 1AA")),
    ],
)
def test_an_address_is_kept_as_an_envelope_shows_it(typed: str, kept: tuple[str, ...]) -> None:
    assert postal_address(typed).lines == kept
    assert postal_address(typed).problem == ""
    assert checked_postal_address("\n".join(kept)) == "\n".join(kept)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("EX2 4QD", "at least a street or a town"),
        ("1 Road\nExeter", "the last line is “Exeter”"),
        ("EX2 4QD\n1 Road", "the last line is “1 Road”"),
        ("1 Road\nExeter\nEX2 4Q", "has to be a postcode"),
        ("1 Road\nExeter\nQX2 4QD", "has to be a postcode"),
        ("a\nb\nc\nd\ne\nf\nEX2 4QD", "7 lines, and 6 fit below the name"),
        ("-\n1 Road\nEX2 4QD", "“-” holds no letter or number"),
        ("1 Road\n***\nEX2 4QD", "“***” holds no letter or number"),
        ("(first floor)\n1 Road\nEX2 4QD", "begins with “(”"),
        ("@home\n1 Road\nEX2 4QD", "begins with “@”"),
        ("No fixed abode\nExeter\nEX2 4QD", "no fixed abode"),
        ("NO FIXED  ADDRESS\nExeter\nEX2 4QD", "no fixed abode"),
        ("N.F.A.\nExeter\nEX2 4QD", "no fixed abode"),
        (f"{'a' * 61}\nEX2 4QD", "61 characters, and 60 fit"),
        ("1 Rue\n75001 Paris\nFrance", "has to be a postcode"),
    ],
)
def test_what_the_post_could_not_deliver_is_refused_with_what_to_do(typed: str, said: str) -> None:
    with pytest.raises(BadPostalAddress, match="cannot be used") as refusal:
        checked_postal_address(typed)
    assert said in str(refusal.value)


def test_nfa_within_a_name_is_an_ordinary_name() -> None:
    assert postal_address("Danfa House\n1 Road\nEX2 4QD").problem == ""


@pytest.mark.parametrize(
    "code",
    [
        "EX2 4QD",
        "W1A 1AA",
        "SW1A 2AA",
        "M1 1AE",
        "B33 8TH",
        "CR2 6XH",
        "EC1A 1BB",
        "GIR 0AA",
        "JE2 3AB",
        "GY1 1AA",
        "IM1 1AA",
        "BF1 2AT",
    ],
)
def test_postcodes_of_every_shape_are_known(code: str) -> None:
    assert postcode_in(code.replace(" ", "").lower()) == code


def test_with_its_name_an_address_has_seven_lines_at_most() -> None:
    address = postal_address("a1\nb2\nc3\nd4\ne5\nEX2 4QD")
    assert envelope(("Dr Alex Sample",), address).problem == ""
    assert envelope(("Dr Alex Sample",), address).lines[0] == "Dr Alex Sample"
    crowded = envelope(("Dr Alex Sample", "NHS Devon Integrated Care Board"), address)
    assert "8 lines, and an envelope shows 7" in crowded.problem
    assert "begins with “<”" in envelope(("<b>",), address).problem


@given(st.text(max_size=200))
def test_no_text_breaks_the_check_and_a_good_address_stays_good(text: str) -> None:
    found = postal_address(text)
    if not found.problem:
        assert postal_address(found.text) == found
        assert 2 <= len(found.lines) <= 6
        assert postcode_in(found.lines[-1])


def test_a_person_with_an_address_that_cannot_be_used_is_not_saved(
    client: FlaskClient, session: Session
) -> None:
    person = make_person(session, "Sample")
    session.commit()
    form = {
        "family_name": "Sample",
        "given_name": "Alex",
        "postal_address": "1 Road\nExeter",
        "subscriber_type": "corporate",
        "lawful_basis": person.lawful_basis or "",
    }
    page = client.post(f"/people/{person.id}/edit", data=form).text
    assert "has to be a postcode of the United Kingdom" in page
    assert "1 Road" in page
    client.post(f"/people/{person.id}/edit", data={**form, "postal_address": "1 Road\nex24qd"})
    session.expire_all()
    assert session.get_one(Person, person.id).postal_address == "1 Road\nEX2 4QD"


def test_an_address_recorded_before_does_not_stand_in_the_way_of_other_changes(
    session: Session,
) -> None:
    body = make_organisation(session, "NHS Devon ICB")
    body.postal_address = "1 Road"

    def edit(postal_address: str = "") -> None:
        described = OrganisationDetails(name="NHS Devon ICB", postal_address=postal_address)
        edit_organisation(session, organisation=body, described=described)

    edit(postal_address="1 Road\r\n")
    assert body.postal_address == "1 Road"
    with pytest.raises(BadPostalAddress):
        edit(postal_address="2 Road")
    edit(postal_address=GOOD.lower())
    assert body.postal_address == GOOD.lower().replace("ex2 4qd", "EX2 4QD")
    edit()
    assert body.postal_address is None
