from datetime import date, timedelta

import pytest

from app.directory.models import Appointment, PostObservation, PostState
from app.directory.rules import AnyStateOnDay, Freshness, council_role, freshness, state_on
from tests.factories import TODAY

APRIL = date(2026, 4, 1)


def held(
    started_on: date | None = APRIL,
    ended_on: date | None = None,
    *,
    is_acting: bool = False,
    checked_on: date | None = TODAY,
) -> Appointment:
    return Appointment(
        started_on=started_on,
        ended_on=ended_on,
        is_acting=is_acting,
        checked_on=checked_on,
        source="Board page",
    )


def seen(state: PostState, day: date) -> PostObservation:
    return PostObservation(state=state, observed_on=day, source="Board papers")


def test_nobody_has_looked_so_it_is_unknown() -> None:
    assert state_on(TODAY, [], []).state is PostState.UNKNOWN


@pytest.mark.parametrize(
    ("appointments", "state"),
    [
        ([held()], PostState.NAMED),
        ([held(started_on=None)], PostState.NAMED),
        ([held(is_acting=True)], PostState.ACTING),
        ([held(), held()], PostState.SHARED),
        ([held(), held(is_acting=True)], PostState.SHARED),
        ([held(ended_on=TODAY)], PostState.NAMED),
        ([held(ended_on=TODAY - timedelta(days=1))], PostState.UNKNOWN),
        ([held(started_on=TODAY + timedelta(days=1))], PostState.UNKNOWN),
    ],
)
def test_a_post_is_what_its_appointments_make_it(
    appointments: list[Appointment], state: PostState
) -> None:
    assert state_on(TODAY, appointments, []).state is state


def test_a_name_beats_what_was_seen() -> None:
    assert state_on(TODAY, [held()], [seen(PostState.VACANT, TODAY)]).state is PostState.NAMED


def test_an_observation_counts_until_somebody_came_after_it() -> None:
    vacant = seen(PostState.VACANT, date(2026, 3, 1))

    assert state_on(date(2026, 3, 15), [], [vacant]).state is PostState.VACANT
    assert state_on(date(2026, 2, 28), [], [vacant]).state is PostState.UNKNOWN
    gone = held(ended_on=date(2026, 9, 30))
    assert state_on(TODAY, [gone], [vacant]).state is PostState.UNKNOWN


def test_a_vacancy_says_when_it_was_seen_and_when_the_last_holder_left() -> None:
    gone = held(ended_on=date(2026, 8, 31))

    known = state_on(TODAY, [gone], [seen(PostState.VACANT, date(2026, 10, 1))])

    assert known.left_on == date(2026, 8, 31)
    assert known.checked_on == date(2026, 10, 1)
    assert known.source == "Board papers"


def test_not_published_says_when_it_was_first_seen_so() -> None:
    days = [date(2026, 5, 1), date(2026, 7, 1), date(2026, 9, 1)]
    states = [PostState.VACANT, PostState.NOT_PUBLISHED, PostState.NOT_PUBLISHED]

    observed = [seen(s, d) for s, d in zip(states, days, strict=True)]
    known: AnyStateOnDay = state_on(TODAY, [], observed)

    assert (known.state, known.first_seen_on) == (PostState.NOT_PUBLISHED, date(2026, 7, 1))


def test_somebody_whose_first_day_is_not_known_holds_it_from_the_day_we_found_them() -> None:
    found = held(started_on=None)
    found.known_since = date(2026, 5, 4)

    assert state_on(date(2026, 5, 3), [found], []).state is PostState.UNKNOWN
    assert state_on(date(2026, 5, 4), [found], []).state is PostState.NAMED
    found.started_on = APRIL
    assert state_on(APRIL, [found], []).state is PostState.NAMED, "once the first day is known"


def test_somebody_who_had_left_before_we_looked_held_it_on_their_last_day() -> None:
    found = held(started_on=None, ended_on=date(2026, 3, 31))
    found.known_since = date(2026, 5, 4)

    assert state_on(date(2026, 3, 30), [found], []).state is PostState.UNKNOWN
    assert state_on(date(2026, 3, 31), [found], []).state is PostState.NAMED
    assert state_on(date(2026, 4, 1), [found], []).state is PostState.UNKNOWN


def test_a_shared_post_was_checked_when_the_longest_unchecked_holder_was() -> None:
    both = [held(checked_on=TODAY), held(checked_on=APRIL)]

    assert state_on(TODAY, both, []).checked_on == APRIL
    assert state_on(TODAY, [held(), held(checked_on=None)], []).checked_on is None


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (None, Freshness.NEVER),
        (0, Freshness.FRESH),
        (90, Freshness.FRESH),
        (91, Freshness.DUE),
        (180, Freshness.DUE),
        (181, Freshness.STALE),
    ],
)
def test_facts_grow_stale(days: int | None, expected: Freshness) -> None:
    checked_on = None if days is None else TODAY - timedelta(days=days)

    assert freshness(checked_on, TODAY) is expected


def test_how_much_of_a_council_makes_it_what() -> None:
    roles = [council_role(percent) for percent in (100, 57.3, 20, 4.9)]

    assert roles == ["whole", "principal", "substantial part", "fringe (<5%)"]
