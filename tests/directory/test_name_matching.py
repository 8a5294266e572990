"""When two records may be one person, and when they are only of one family."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.directory.addresses import address_key, mailbox
from app.directory.name_matching import Name, are_alike, are_the_same, name_of


@dataclass(frozen=True)
class Called:
    given_name: str = ""
    family_name: str = ""
    known_as: str = ""


def called(text: str) -> Name:
    """ "Given names|Family name|known as"."""
    return name_of(Called(*text.split("|")))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Siân|Ó Brádaigh-Łuczak", "SIAN|O'Bradaigh Luczak"),
        ("Siân|Ó Brádaigh-Łuczak", "Sian|OBradaigh-Łuczak"),
        ("Ŵendi|Ŷnys", "Wendi|Ynys"),
        ("Bjørn|Sørensen", "Bjorn|Sorensen"),
        ("Dr Alex|Sample", "Alex|Sample OBE"),
        ("Alex|Sample", "Sample|Alex"),
        ("A.|Sample", "Alex|Sample"),
        ("A J|Sample", "Alex Jo|Sample"),
        ("AJ|Sample", "Alex Jo|Sample"),
        ("Alex|Sample", "Alex Jo|Sample"),
        ("Alex J.|Sample", "Alex Jo|Sample"),
        ("Elizabeth|Sample|Beth", "Beth|Sample"),
        ("Mary-Ann|Sample", "Maryann|Sample"),
        ("Alex|Sample", "Alex|Sampel"),
        ("Alex|Thistlethwaite", "Alex|Thistlewaite"),
        ("Jonathan|Sample", "Jonathon|Sample"),
        ("Michael|Sample", "Micheal|Sample"),
        ("Siân|Jones", "Siân|Jones-Evans"),
        ("|Alex Sample", "Alex|Sample"),
        ("|Dr Alex Sample", "Alex|Sample"),
    ],
)
def test_the_same_name_written_otherwise_is_a_question(one: str, other: str) -> None:
    assert are_alike(called(one), called(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Paul|Sample", "Paula|Sample"),
        ("Daniel|Sample", "Daniela|Sample"),
        ("Alexander|Sample", "Alexandra|Sample"),
        ("Marie|Sample", "Maria|Sample"),
        ("Frances|Sample", "Francis|Sample"),
        ("Jan|Sample", "Jon|Sample"),
        ("Alex|Sample", "Robin|Sample"),
        ("|Sample", "Alex|Sample"),
        ("B.|Sample", "Alex|Sample"),
        ("Alex|Lee", "Alex|Lea"),
        ("Alex|Jones", "Alex|Evans"),
        ("A.|Sample", "Alex|Sampel"),
        ("Alex Jo|Sample", "Alex Kim|Sample"),
        ("|", "|"),
    ],
)
def test_one_of_the_same_family_is_somebody_else(one: str, other: str) -> None:
    assert not are_alike(called(one), called(other))


def test_only_the_very_same_name_counts_where_nobody_knows_who_works_where() -> None:
    assert are_the_same(called("Siân|Łuczak"), called("SIAN|Luczak"))
    assert not are_the_same(called("S.|Luczak"), called("Siân|Luczak"))
    assert not are_the_same(called("|Luczak"), called("|Luczak"))


NAMES = st.text(alphabet="abcłŁÓéŵ'’-. SJonesDr", max_size=14)
PEOPLE = st.builds(Called, NAMES, NAMES, NAMES)


@given(PEOPLE, PEOPLE)
def test_it_does_not_matter_which_of_the_two_is_asked_about(one: Called, other: Called) -> None:
    assert are_alike(name_of(one), name_of(other)) == are_alike(name_of(other), name_of(one))


@given(PEOPLE)
def test_everybody_with_a_name_is_like_themselves_in_any_case(one: Called) -> None:
    loud = Called(one.given_name.upper(), one.family_name.upper(), one.known_as.upper())
    mine = name_of(one)
    if mine.family or mine.firsts:
        assert are_alike(mine, name_of(loud))


@given(PEOPLE, PEOPLE)
def test_the_very_same_is_always_alike(one: Called, other: Called) -> None:
    if are_the_same(name_of(one), name_of(other)):
        assert are_alike(name_of(one), name_of(other))


@given(st.text(), st.text())
def test_no_name_is_too_odd_to_be_compared(one: str, other: str) -> None:
    are_alike(name_of(Called(one, other)), name_of(Called(other, one)))


def test_one_mailbox_has_many_spellings() -> None:
    spellings = (
        "Alex.Sample@Example.org",
        "alexsample+nhs@example.org",
        "ALEX.SAMPLE@example.org ",
    )
    assert len({mailbox(address_key(one)) for one in spellings}) == 1
