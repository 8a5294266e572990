from dataclasses import dataclass

import pytest

from app.directory.salutation import FAITHFULLY, SINCERELY, salutation_of, salutation_to_post


@dataclass(frozen=True)
class Name:
    title: str = ""
    given_name: str = ""
    family_name: str = ""
    known_as: str = ""
    salutation_override: str = ""
    post_nominals: str = ""


GOLDEN = [
    (Name("Dame", "Mary", "Sample"), "Dear Dame Mary"),
    (Name("Sir", "Robert", "Sample", known_as="Bob"), "Dear Sir Bob"),
    (Name("Dr", "Alex", "Sample"), "Dear Dr Sample"),
    (Name("dr.", "Alex", "Sample"), "Dear Dr Sample"),
    (Name("Doctor", "Alex", "Sample"), "Dear Dr Sample"),
    (Name("Professor", "Alex", "Sample"), "Dear Professor Sample"),
    (Name("Prof.", "Alex", "Sample"), "Dear Professor Sample"),
    (Name("Cllr", "Alex", "Sample"), "Dear Councillor Sample"),
    (Name("Councillor", "Alex", "Sample"), "Dear Councillor Sample"),
    (Name("Baroness", "Alex", "Sample"), "Dear Lady Sample"),
    (Name("Lady", "Alex", "Sample"), "Dear Lady Sample"),
    (Name("Lord", "Alex", "Sample of Example"), "Dear Lord Sample of Example"),
    (Name("The Lord", "Alex", "Sample"), "Dear Lord Sample"),
    (Name("Mr", "Alex", "Sample"), "Dear Mr Sample"),
    (Name("Ms", "Alex", "Sample"), "Dear Ms Sample"),
    (Name("Mx", "Alex", "Sample"), "Dear Mx Sample"),
    (Name("", "Jane", "Smith"), "Dear Jane Smith"),
    (Name("", "Jane", "Smith", known_as="Janie"), "Dear Janie Smith"),
    (Name("Captain", "Jane", "Smith"), "Dear Jane Smith"),
    (Name("Rt Revd", "Jane", "Smith"), "Dear Jane Smith"),
    (Name("", "  Siân ", "Ó  Brádaigh-Łuczak"), "Dear Siân Ó Brádaigh-Łuczak"),
    (Name("Dr", "Siân", "Ó Brádaigh-Łuczak"), "Dear Dr Ó Brádaigh-Łuczak"),
    (Name("Dr", "Wei", "van der Berg"), "Dear Dr van der Berg"),
    (Name("Dr", "Alex", "Sample", post_nominals="OBE FRCPCH"), "Dear Dr Sample"),
    (Name("", "Sukarno", ""), "Dear Sukarno"),
    (Name("Dr", "Sukarno", ""), "Dear Dr Sukarno"),
    (Name("Dr", "", "Sukarno"), "Dear Dr Sukarno"),
    (Name("Dame", "Mary", ""), "Dear Dame Mary"),
    (Name("Professor Dame", "Mary", "Sample", salutation_override="Dame Mary"), "Dear Dame Mary"),
    (Name("", "", "Sample", salutation_override="Dear Dr Sample,"), "Dear Dr Sample"),
    (Name("Mr", "Alex", "Sample", salutation_override="colleague"), "Dear colleague"),
    (Name("Dr", "Ha", "{{ 7 * 7 }} ((x))"), "Dear Dr {{ 7 * 7 }} ((x))"),
]


@pytest.mark.parametrize(("name", "opening"), GOLDEN)
def test_a_letter_opens_as_the_golden_table_says(name: Name, opening: str) -> None:
    found = salutation_of(name)

    assert (found.opening, found.close, found.problem) == (opening, SINCERELY, "")


@pytest.mark.parametrize(
    "name",
    [
        Name("Professor Dame", "Mary", "Sample"),
        Name("Dr Sir", "Robert", "Sample"),
        Name("Professor Lord", "Alex", "Sample"),
        Name("Cllr Dr", "Alex", "Sample"),
        Name("Rt Hon Dame", "Mary", "Sample"),
        Name("Dame", "", "Sample"),
        Name("", "", "Sample"),
        Name("Captain", "", "Sample"),
        Name("Dr", "", ""),
        Name(),
    ],
)
def test_what_cannot_be_known_is_asked_and_never_guessed(name: Name) -> None:
    found = salutation_of(name)

    assert (found.opening, found.close) == ("", "")
    assert found.problem.endswith(".")


def test_only_nobody_in_particular_is_written_to_faithfully() -> None:
    assert salutation_to_post("").opening == "Dear Sir or Madam"
    assert salutation_to_post("Dear Sir or Madam,").close == FAITHFULLY
    assert salutation_to_post("Dear Executive Lead").close == SINCERELY
    assert salutation_to_post("Dear colleague").close == SINCERELY
