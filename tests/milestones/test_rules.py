"""The days a milestone may mean, the years a duty makes, and what is late."""

from datetime import date

import pytest

from app.milestones.labels import day_words
from app.milestones.models import (
    Compliance,
    ComplianceState,
    DateKind,
    MilestoneDate,
    Precision,
)
from app.milestones.rules import (
    State,
    asked_kinds,
    day_in,
    due_date,
    season,
    span,
    state_of,
    years_to_make,
)
from tests.clock import ORDINARY_DAY
from tests.factories import NOON, TODAY

FIRST_OF_APRIL = date(2027, 4, 1)


@pytest.mark.parametrize(
    ("year", "month", "day", "falls"),
    [
        (2028, 2, 29, date(2028, 2, 29)),
        (2027, 2, 29, date(2027, 2, 28)),
        (2027, 4, 31, date(2027, 4, 30)),
        (2027, 1, 31, date(2027, 1, 31)),
    ],
)
def test_a_yearly_day_falls_on_the_last_of_a_shorter_month(
    year: int, month: int, day: int, falls: date
) -> None:
    assert day_in(year, month, day) == falls


def test_a_new_yearly_duty_begins_with_its_next_day_and_reaches_two_years_on() -> None:
    assert years_to_make(4, 1, on=ORDINARY_DAY, have=()) == [2027, 2028]
    assert years_to_make(12, 1, on=ORDINARY_DAY, have=()) == [2026, 2027, 2028]
    assert years_to_make(11, 22, on=ORDINARY_DAY, have=()) == [2026, 2027, 2028]


def test_a_duty_with_a_first_year_has_every_year_since_and_none_twice() -> None:
    assert years_to_make(4, 1, on=ORDINARY_DAY, have={2023, 2026}) == [2024, 2025, 2027, 2028]


def test_a_duty_that_ended_makes_no_milestone_after_its_last_day() -> None:
    assert years_to_make(4, 1, on=ORDINARY_DAY, have=(), ended_on=date(2027, 3, 31)) == []
    assert years_to_make(4, 1, on=ORDINARY_DAY, have=(), ended_on=FIRST_OF_APRIL) == [2027]


@pytest.mark.parametrize(
    ("day", "begins", "ends"),
    [
        (date(2026, 6, 1), date(2026, 6, 1), date(2026, 8, 31)),
        (date(2026, 12, 5), date(2026, 12, 1), date(2027, 2, 28)),
        (date(2028, 2, 29), date(2027, 12, 1), date(2028, 2, 29)),
        (date(2026, 5, 31), date(2026, 3, 1), date(2026, 5, 31)),
    ],
)
def test_a_season_is_three_months_and_winter_belongs_to_two_years(
    day: date, begins: date, ends: date
) -> None:
    assert season(day) == (begins, ends)


@pytest.mark.parametrize(
    ("day", "precision", "words"),
    [
        (date(2027, 4, 1), Precision.DAY, "1 April 2027"),
        (date(2023, 7, 1), Precision.MONTH, "July 2023"),
        (date(2026, 6, 1), Precision.SEASON, "Summer 2026"),
        (date(2027, 1, 9), Precision.SEASON, "Winter 2026-27"),
        (date(2025, 12, 15), Precision.ABOUT, "about 15 December 2025"),
    ],
)
def test_a_date_is_never_written_more_exactly_than_it_is_known(
    day: date, precision: Precision, words: str
) -> None:
    assert day_words(day, precision) == words


def test_what_is_due_in_a_month_is_late_only_after_its_last_day() -> None:
    in_march = span(date(2027, 3, 1), Precision.MONTH)
    assert state_of(_met(date(2027, 3, 31)), in_march) is State.MET
    assert state_of(_met(date(2027, 4, 1)), in_march) is State.MET_LATE


def test_what_is_due_on_a_day_is_on_time_on_that_day() -> None:
    due = span(FIRST_OF_APRIL, Precision.DAY)
    assert state_of(_met(FIRST_OF_APRIL), due) is State.MET
    assert state_of(_met(date(2027, 4, 2)), due) is State.MET_LATE
    assert state_of(None, due) is State.OUTSTANDING
    waived = Compliance(state=ComplianceState.NOT_APPLICABLE, note="Abolished that day")
    assert state_of(waived, due) is State.NOT_APPLICABLE


def test_a_milestone_is_due_on_the_announced_day_or_else_the_statutory_one() -> None:
    statutory = _date(DateKind.STATUTORY, FIRST_OF_APRIL)
    announced = _date(DateKind.ANNOUNCED, date(2027, 4, 12))
    assert due_date([statutory]) is statutory
    assert due_date([statutory, announced]) is announced
    announced.replaced_at = NOON
    assert due_date([statutory, announced]) is statutory
    assert due_date([_date(DateKind.ACTUAL, TODAY)]) is None


def test_of_the_bodies_bound_those_who_make_the_document_are_asked() -> None:
    assert asked_kinds(["icb", "provider"], ["icb"]) == ["icb"]
    assert asked_kinds(["icb", "provider"], []) == ["icb", "provider"]
    assert asked_kinds(["provider"], ["icb"]) == ["provider"]


def _met(day: date) -> Compliance:
    return Compliance(state=ComplianceState.MET, met_on=day, note="Seen on its page")


def _date(kind: DateKind, day: date) -> MilestoneDate:
    return MilestoneDate(kind=kind, falls_on=day, recorded_at=NOON)
