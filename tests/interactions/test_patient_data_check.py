"""What looks like patient data, and what does not."""

import pytest

from app.interactions.patient_data_check import digest, findings, is_nhs_number


@pytest.mark.parametrize("digits", ["9434765919", "4505577104", "5990128088"])
def test_ten_digits_with_the_right_last_one_are_an_nhs_number(digits: str) -> None:
    assert is_nhs_number(digits)


@pytest.mark.parametrize("digits", ["9434765918", "1234567890", "0000000000", "943476591", ""])
def test_other_digits_are_not(digits: str) -> None:
    assert not is_nhs_number(digits)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("Her number is 943 476 5919.", "an NHS number"),
        ("943-476-5919", "an NHS number"),
        ("9434765919", "an NHS number"),
        ("DOB: 12/03/2015", "a date of birth"),
        ("d.o.b. 12.3.15", "a date of birth"),
        ("born on 3rd March 2015", "a date of birth"),
        ("Date of birth 2015-03-12", "a date of birth"),
        ("the child Tommy Sample waits", "the name of a child or patient"),
        ("a boy called Tommy", "the name of a child or patient"),
        ("the patient, named Ada Sample", "the name of a child or patient"),
    ],
)
def test_it_says_what_it_saw(words: str, what: str) -> None:
    assert [one.what for one in findings(words)] == [what]


@pytest.mark.parametrize(
    "words",
    [
        "Call the office on 0113 496 0000 or 07700 900123.",
        "The child Health Programme and the Child Death Overview Panel.",
        "The children’s board met on 12/03/2025.",
        "The plan was born on a good day.",
        "Order 1234567890 for the patient leaflet.",
        "a child who waits, the patient voice, The Child Poverty Strategy",
    ],
)
def test_ordinary_words_are_left_alone(words: str) -> None:
    assert findings(words) == []


def test_more_of_it_is_another_matter() -> None:
    some, more = findings("943 476 5919"), findings("943 476 5919, DOB 1.2.2015")
    assert digest(some) != digest(more)
    assert digest([]) == ""
