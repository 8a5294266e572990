"""Which value is proposed, and how two spans in one post become one."""

from datetime import date

import pytest

from app.directory.models import Appointment, Person, SubscriberType
from app.merging.rules import Side, choices, has_a_name, hold_together, joined, one_holding, values

NOTHING = {
    name: ""
    for name in (
        *("title", "given_name", "family_name", "known_as", "post_nominals", "phone", "note"),
        *("salutation_override", "postal_address", "post_returned_why", "lawful_basis"),
        *("details_source", "objection_note"),
    )
}


def person(**said: object) -> Person:
    return Person(**{**NOTHING, "subscriber_type": SubscriberType.CHECK, "is_demo": False, **said})


@pytest.mark.parametrize(
    ("field", "mine", "theirs", "proposed"),
    [
        ("given_name", "S.", "Siân", Side.GOES),
        ("given_name", "Sian", "Siân", Side.GOES),
        ("given_name", "SIÂN", "Siân", Side.GOES),
        ("given_name", "Gorse", "Fennel", Side.STAYS),
        ("family_name", "Jones", "Jones-Evans", Side.GOES),
        ("family_name", "Jo", "Evanson", Side.STAYS),
        ("title", "", "Dr", Side.GOES),
        ("title", "Dr", "", Side.STAYS),
        ("phone", "01632 960001", "01632 960002 ext. 5", Side.STAYS),
        ("note", "Met twice.", "Prefers mail.", Side.BOTH),
        ("note", "", "Prefers mail.", Side.GOES),
    ],
)
def test_the_other_value_is_proposed_only_where_it_says_the_same_and_more(
    field: str, mine: str, theirs: str, proposed: Side
) -> None:
    (choice,) = choices(person(**{field: mine}), person(**{field: theirs}))
    assert choice.proposed is proposed


def test_an_individuals_mailbox_stays_protected() -> None:
    corporate = person(subscriber_type=SubscriberType.CORPORATE)
    individual = person(subscriber_type=SubscriberType.INDIVIDUAL)
    for stays, goes in ((corporate, individual), (individual, corporate)):
        assert values(stays, goes, {})["subscriber_type"] is SubscriberType.INDIVIDUAL


def test_an_address_that_post_came_back_from_is_not_proposed() -> None:
    one = person(postal_address="1 Road", post_returned_on=date(2026, 11, 1))
    other = person(postal_address="2 Lane")
    assert values(one, other, {})["postal_address"] == "2 Lane"
    assert values(other, one, {})["post_returned_on"] is None


def test_the_same_address_has_post_come_back_from_it_on_either_record() -> None:
    one = person(postal_address="1 Road")
    other = person(
        postal_address="1 Road", post_returned_on=date(2026, 11, 1), post_returned_why="Gone"
    )
    assert values(one, other, {})["post_returned_why"] == "Gone"


def test_no_text_is_said_twice() -> None:
    assert joined("Met twice.", "Met twice.") == "Met twice."
    assert joined("Met twice.", "Met twice. Likes tea.") == "Met twice. Likes tea."
    assert joined("One.", "Two.") == "One.\n\nTwo."


def test_somebody_keeps_a_name() -> None:
    said = values(person(family_name="Sample"), person(), {"family_name": Side.GOES})
    assert not has_a_name(said)


def held(**days: date | None) -> Appointment:
    return Appointment(**{"post_id": 1, "is_acting": False, "job_title": "", "source": "", **days})


def test_two_spans_apart_stay_two() -> None:
    before = held(started_on=date(2022, 7, 1), ended_on=date(2023, 3, 31))
    after = held(started_on=date(2024, 4, 1))
    assert not hold_together(before, after)
    assert not hold_together(after, before)


@pytest.mark.parametrize(
    ("checked_on", "last_day"),
    [(date(2026, 11, 1), None), (date(2026, 5, 1), date(2026, 6, 30)), (None, date(2026, 6, 30))],
)
def test_a_last_day_stands_unless_somebody_found_them_there_later(
    checked_on: date | None, last_day: date | None
) -> None:
    ended = held(started_on=date(2025, 4, 1), ended_on=date(2026, 6, 30))
    open_ended = held(started_on=date(2025, 5, 1), checked_on=checked_on)
    for pair in ((ended, open_ended), (open_ended, ended)):
        assert hold_together(*pair)
        assert one_holding(*pair)["ended_on"] == last_day
        assert one_holding(*pair)["started_on"] == date(2025, 4, 1)


def test_who_was_found_there_before_a_first_day_has_none() -> None:
    found = held(known_since=date(2025, 1, 1))
    begun = held(started_on=date(2026, 4, 1))
    assert one_holding(found, begun)["started_on"] is None
    assert one_holding(found, begun)["known_since"] == date(2025, 1, 1)
