"""On which days a rule reminds: golden tables, worked out by hand and on paper calendars."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from app.reminders import rules
from app.reminders.models import Days, Every, OccurrenceState
from app.reminders.rules import Aim, Pattern, Stored, compare

APRIL_2027 = date(2027, 4, 1)  # the Thursday after Easter Monday
LONG_AGO = (date(2020, 1, 1), "00:00")


def calendar(*offsets: int, every: tuple[int, Every] | None = None) -> Pattern:
    count, unit = every or (None, None)
    return Pattern(offsets, Days.CALENDAR, "08:30", count, unit)


def working(*offsets: int) -> Pattern:
    return Pattern(offsets, Days.WORKING)


@pytest.mark.parametrize(
    ("due_on", "offset", "expected"),
    [
        (APRIL_2027, -28, date(2027, 3, 4)),
        (APRIL_2027, -7, date(2027, 3, 25)),
        (APRIL_2027, -5, date(2027, 3, 25)),  # a Saturday, and before it Good Friday
        (APRIL_2027, -3, date(2027, 3, 25)),  # Easter Monday
        (APRIL_2027, 0, APRIL_2027),
        (date(2028, 4, 1), 0, date(2028, 3, 31)),  # a Saturday
        (date(2028, 4, 1), -28, date(2028, 3, 3)),  # 4 March is a Saturday
        (date(2027, 6, 30), -3, date(2027, 6, 25)),  # a Sunday
        (date(2028, 4, 1), 7, date(2028, 4, 10)),  # a Saturday: after the day it goes forward
        (date(2028, 3, 28), -28, date(2028, 2, 29)),
        (date(2028, 2, 29), -365, date(2027, 3, 1)),
    ],
)
def test_days_before_go_back_to_a_working_day_and_days_after_go_forward(
    due_on: date, offset: int, expected: date
) -> None:
    assert calendar(offset).day_of(str(offset), due_on).day == expected


@pytest.mark.parametrize(
    ("due_on", "offset", "expected"),
    [
        (APRIL_2027, -20, date(2027, 3, 2)),
        (APRIL_2027, -3, date(2027, 3, 25)),
        (date(2028, 4, 1), 0, date(2028, 3, 31)),
        (date(2028, 4, 1), 1, date(2028, 4, 3)),
        (APRIL_2027, -28, date(2027, 2, 18)),
        (APRIL_2027, -14, date(2027, 3, 10)),
    ],
)
def test_working_days_are_counted_over_weekends_and_bank_holidays(
    due_on: date, offset: int, expected: date
) -> None:
    assert working(offset).day_of(str(offset), due_on).day == expected


def test_our_own_closed_days_are_no_working_days_either() -> None:
    shut = {date(2027, 3, 25), date(2027, 3, 24)}

    assert calendar(-7).day_of("-7", APRIL_2027, shut).day == date(2027, 3, 23)
    assert working(-3).day_of("-3", APRIL_2027, shut).day == date(2027, 3, 23)


def test_beyond_the_announced_bank_holidays_a_day_carries_a_caution() -> None:
    assert not working(-3).day_of("-3", APRIL_2027).caution
    assert "weekends alone" in working(-3).day_of("-3", date(2031, 4, 1)).caution


def test_every_seven_days_is_the_same_weekday_all_year_whatever_the_clocks_do() -> None:
    weekly = calendar(0, every=(7, Every.DAYS))
    days = [weekly.day_of(f"r{turn}", date(2026, 1, 7)).day for turn in range(1, 53)]

    assert {day.weekday() for day in days} == {2}
    assert days[-1] == date(2027, 1, 6)
    assert date(2026, 4, 1) in days
    assert date(2026, 10, 28) in days


@pytest.mark.parametrize(
    "due_on", [date(2026, 3, 26), date(2026, 10, 23), date(2027, 3, 24), date(2027, 10, 29)]
)
def test_over_a_change_of_the_clocks_the_moment_is_the_same_time_on_the_clock(due_on: date) -> None:
    weekly = calendar(0, every=(1, Every.WEEKS))
    after = weekly.day_of("r1", due_on).day
    aim = an_aim(weekly, due_on=due_on, today=due_on)

    assert after == due_on + timedelta(days=7)
    assert {one.due_time for one in compare(aim, []).new} == {"08:30"}


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), (date(2026, 3, 29), "00:59")),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), (date(2026, 3, 29), "02:00")),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), (date(2026, 10, 25), "01:30")),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), (date(2026, 10, 25), "01:30")),
        (datetime(2027, 3, 28, 7, 30, tzinfo=UTC), (date(2027, 3, 28), "08:30")),
        (datetime(2027, 10, 31, 8, 30, tzinfo=UTC), (date(2027, 10, 31), "08:30")),
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), (date(2026, 7, 1), "00:30")),
    ],
)
def test_a_moment_is_what_calendar_and_clock_show_in_london(
    at: datetime, expected: tuple[date, str]
) -> None:
    assert rules.moment(at) == expected


def test_a_month_rule_from_the_31st_falls_on_the_last_day_of_shorter_months() -> None:
    monthly = calendar(0, every=(1, Every.MONTHS))
    days = [monthly.day_of(f"r{turn}", date(2027, 8, 31)).day for turn in range(1, 8)]

    assert days == [
        date(2027, 9, 30),
        date(2027, 11, 1),  # 31 October is a Sunday
        date(2027, 11, 30),
        date(2027, 12, 31),
        date(2028, 1, 31),
        date(2028, 2, 29),
        date(2028, 3, 31),
    ]


def test_repeats_are_counted_from_the_day_itself_not_from_where_it_was_moved_to() -> None:
    weekly = calendar(0, every=(7, Every.DAYS))

    assert weekly.day_of("0", date(2028, 4, 1)).day == date(2028, 3, 31)
    assert weekly.day_of("r1", date(2028, 4, 1)).day == date(2028, 4, 10)  # Saturday the 8th
    assert weekly.day_of("r2", date(2028, 4, 1)).day == date(2028, 4, 18)  # after Easter Monday


def test_who_wants_to_nag_daily_does_so_twice_and_then_weekly() -> None:
    daily = calendar(0, every=(1, Every.DAYS))
    days = [daily.day_of(f"r{turn}", date(2027, 6, 7)).day for turn in range(1, 6)]

    assert [day.day for day in days] == [8, 9, 16, 23, 30]
    assert [rules.is_quiet(f"r{turn}") for turn in range(1, 5)] == [False, False, True, True]
    assert not rules.is_quiet("-28")


@pytest.mark.parametrize("text", ["01:00", "01:30", "01:59", "8:30", "24:00", "08:60", "", "0830"])
def test_a_time_that_comes_twice_or_not_at_all_is_refused_and_so_is_what_is_no_time(
    text: str,
) -> None:
    assert rules.wrong_with_time(text)


@pytest.mark.parametrize("text", ["00:59", "02:00", "08:30", "23:59"])
def test_any_other_time_will_do(text: str) -> None:
    assert not rules.wrong_with_time(text)


@pytest.mark.parametrize(
    ("today", "too_late"),
    [
        (date(2027, 3, 25), False),
        (date(2027, 4, 1), False),  # Good Friday to Easter Monday are no working days
        (date(2027, 4, 2), True),
    ],
)
def test_a_reminder_is_too_late_after_so_many_working_days(today: date, too_late: bool) -> None:
    assert rules.is_too_late(date(2027, 3, 25), today, 3, ()) is too_late


def an_aim(
    pattern: Pattern,
    *,
    due_on: date = APRIL_2027,
    today: date = date(2027, 1, 4),
    about: tuple[int | None, ...] = (7,),
    outstanding: tuple[int | None, ...] | None = None,
    in_force_from: tuple[date, str] = LONG_AGO,
    over: str = "",
    telling: int = 0,
) -> Aim:
    return Aim(
        pattern=pattern,
        due_on=due_on,
        about=about,
        outstanding=about if outstanding is None else outstanding,
        in_force_from=in_force_from,
        today=today,
        over=over,
        telling=telling,
    )


def kept(aim: Aim, stored: list[Stored], state: OccurrenceState | None = None) -> list[Stored]:
    """What is stored once the changes are written."""
    changes = compare(aim, stored)
    after = []
    for one in stored:
        if one.id in changes.moved:
            to = changes.moved[one.id]
            now = Stored(
                one.id, one.about, one.step, to.due_on, to.due_time, OccurrenceState.PLANNED
            )
        elif one.id in changes.superseded:
            now = put(one, OccurrenceState.SUPERSEDED)
        else:
            now = one
        after.append(now)
    first = len(stored) + 1
    after += [
        Stored(first + i, new.about, new.step, new.due_on, new.due_time, OccurrenceState.PLANNED)
        for i, new in enumerate(changes.new)
    ]
    return [one for one in after if state in (None, one.state)]


def put(one: Stored, state: OccurrenceState) -> Stored:
    return Stored(one.id, one.about, one.step, one.due_on, one.due_time, state)


def fired_by(today: date, stored: list[Stored]) -> list[Stored]:
    """All that was due by then has fired."""
    return [
        put(one, OccurrenceState.FIRED)
        if one.state is OccurrenceState.PLANNED and one.due_on <= today
        else one
        for one in stored
    ]


def steps(stored: list[Stored]) -> dict[str, date]:
    return {one.step: one.due_on for one in stored}


PLANNED = OccurrenceState.PLANNED


def test_planning_twice_changes_nothing() -> None:
    aim = an_aim(calendar(-28, -14, -3, 0, every=(7, Every.DAYS)), about=(7, 8, 9))
    once = kept(aim, [])

    assert len(once) == 15
    assert not compare(aim, once)


def test_three_offsets_that_easter_puts_on_one_day_stay_three_occurrences_of_that_day() -> None:
    planned = steps(kept(an_aim(calendar(-7, -5, -3)), []))

    assert planned == dict.fromkeys(("-7", "-5", "-3"), date(2027, 3, 25))


def test_a_new_rule_never_reminds_of_days_that_are_over() -> None:
    pattern = calendar(-28, -14, 0)
    today = date(2026, 11, 22)
    for due_on in (date(2022, 7, 1), date(2023, 4, 1), date(2024, 4, 1), date(2026, 11, 21)):
        aim = an_aim(pattern, due_on=due_on, today=today, in_force_from=(today, "12:00"))
        assert not compare(aim, []).new


def test_a_rule_made_at_ten_does_not_fire_for_half_past_eight_of_the_same_day() -> None:
    today = date(2027, 3, 4)
    at_ten = an_aim(calendar(-28), today=today, in_force_from=(today, "10:00"))
    at_eight = an_aim(calendar(-28), today=today, in_force_from=(today, "08:00"))

    assert not compare(at_ten, []).new
    assert [one.due_on for one in compare(at_eight, []).new] == [today]


@pytest.mark.parametrize(("made", "fires"), [("08:29", True), ("08:30", False), ("08:31", False)])
def test_a_rule_made_in_the_very_minute_of_its_reminder_does_not_fire_for_it(
    made: str, fires: bool
) -> None:
    """Nor does one that was planned before the rule was changed in that minute stay."""
    today = date(2027, 3, 4)
    aim = an_aim(calendar(-28), today=today, in_force_from=(today, made))
    planned = [Stored(1, 7, "-28", today, "08:30", PLANNED)]

    assert bool(compare(aim, []).new) is fires
    assert (1 not in compare(aim, planned).superseded) is fires


def test_a_milestone_entered_today_and_due_today_is_reminded_of_once() -> None:
    today = date(2027, 3, 4)
    aim = an_aim(calendar(-7, 0), due_on=today, today=today)

    assert [one.step for one in compare(aim, []).new] == ["0"]


def test_moved_by_ten_days_nothing_that_fired_comes_again_and_the_rest_moves() -> None:
    pattern = calendar(-28, -14, -3, 0)
    stored = fired_by(date(2027, 3, 18), kept(an_aim(pattern), []))

    later = an_aim(pattern, due_on=date(2027, 4, 11), today=date(2027, 3, 19))
    after = kept(later, stored)

    assert steps([one for one in after if one.state is OccurrenceState.FIRED]) == {
        "-28": date(2027, 3, 4),
        "-14": date(2027, 3, 18),
    }
    assert steps([one for one in after if one.state is PLANNED]) == {
        "-3": date(2027, 4, 8),
        "0": date(2027, 4, 9),  # the 11th is a Sunday
    }


def test_moved_three_times_each_reminder_of_the_year_comes_exactly_once() -> None:
    pattern = calendar(-28, -14, 0)
    stored = kept(an_aim(pattern), [])
    for due_on in (date(2027, 4, 20), date(2027, 3, 29), date(2027, 5, 4)):
        stored = kept(an_aim(pattern, due_on=due_on), stored)
    stored = fired_by(date(2028, 3, 1), stored)
    next_year = an_aim(pattern, due_on=date(2027, 5, 4), today=date(2028, 3, 1))

    assert len(stored) == 3
    assert not compare(next_year, stored)


def test_people_are_told_again_only_when_somebody_asks_for_it() -> None:
    pattern = calendar(-28, -14, 0)
    stored = fired_by(date(2027, 3, 18), kept(an_aim(pattern), []))
    moved = {"due_on": date(2027, 5, 4), "today": date(2027, 3, 19)}

    again = kept(an_aim(pattern, telling=2, **moved), stored)  # type: ignore[arg-type]

    assert steps([one for one in again if one.state is PLANNED]) == {
        "a2:-28": date(2027, 4, 6),
        "a2:-14": date(2027, 4, 20),
        "a2:0": date(2027, 5, 4),
    }
    assert not compare(an_aim(pattern, **moved), again)  # type: ignore[arg-type]


def test_of_repeats_only_the_next_is_planned_and_the_one_after_it_when_it_has_fired() -> None:
    weekly = calendar(0, every=(7, Every.DAYS))
    stored = kept(an_aim(weekly), [])
    assert steps(stored) == {"0": APRIL_2027, "r1": date(2027, 4, 8)}

    stored = fired_by(date(2027, 4, 8), stored)
    after = kept(an_aim(weekly, today=date(2027, 4, 8)), stored, PLANNED)

    assert steps(after) == {"r2": date(2027, 4, 15)}


def test_repeats_end_when_the_body_has_met_it_and_go_on_when_that_is_taken_back() -> None:
    weekly = calendar(0, every=(7, Every.DAYS))
    stored = fired_by(date(2027, 4, 8), kept(an_aim(weekly), []))
    met = an_aim(weekly, today=date(2027, 4, 20), outstanding=())
    taken_back = an_aim(weekly, today=date(2027, 4, 20))

    assert not compare(met, stored)
    assert [one.step for one in compare(taken_back, stored).new] == ["r3"]


@pytest.mark.parametrize(("days", "comes"), [(7, False), (8, True)])
def test_a_repeat_on_the_first_day_of_the_next_year_of_a_duty_is_that_years(
    days: int, comes: bool
) -> None:
    next_year = APRIL_2027 + timedelta(days=days)
    aim = replace(an_aim(calendar(0, every=(7, Every.DAYS))), repeats_until=next_year)
    planned = [Stored(1, 7, "r1", date(2027, 4, 8), "08:30", PLANNED)]

    assert ("r1" in steps(kept(aim, []))) is comes
    assert (1 not in compare(aim, planned).superseded) is comes


def test_repeats_missed_while_nothing_ran_are_not_made_up_for() -> None:
    weekly = calendar(0, every=(7, Every.DAYS))
    new = compare(an_aim(weekly, today=date(2027, 6, 1)), []).new

    assert [(one.step, one.due_on) for one in new] == [("r9", date(2027, 6, 3))]


def test_a_cancelled_milestone_or_a_stopped_rule_supersedes_all_that_was_to_come() -> None:
    pattern = calendar(-28, 0, every=(7, Every.DAYS))
    stored = kept(an_aim(pattern), [])
    after = kept(an_aim(pattern, over="The milestone was cancelled."), stored)

    assert {one.state for one in after} == {OccurrenceState.SUPERSEDED}
    assert {one.state for one in kept(an_aim(pattern), after)} == {PLANNED}


def test_a_body_that_is_no_longer_bound_is_not_reminded_of() -> None:
    stored = kept(an_aim(calendar(0), about=(7, 8)), [])
    changes = compare(an_aim(calendar(0), about=(8, 9)), stored)

    assert [one.about for one in changes.new] == [9]
    assert list(changes.superseded.values()) == [rules.NOT_BOUND]


def test_an_edited_rule_keeps_the_steps_it_still_has_and_drops_the_others() -> None:
    stored = kept(an_aim(calendar(-28, -14, 0)), [])
    edited = an_aim(calendar(-21, -14, 0), in_force_from=(date(2027, 1, 4), "10:00"))
    after = kept(edited, stored)

    assert set(steps([one for one in after if one.state is PLANNED])) == {"-21", "-14", "0"}
    assert [one.step for one in after if one.state is OccurrenceState.SUPERSEDED] == ["-28"]


def test_what_was_left_out_comes_back_when_its_day_lies_ahead_again() -> None:
    skipped = Stored(1, 7, "-28", date(2027, 3, 4), "08:30", OccurrenceState.SKIPPED)
    same = an_aim(calendar(-28), today=date(2027, 3, 5))
    later = an_aim(calendar(-28), due_on=date(2027, 5, 4), today=date(2027, 3, 5))

    assert not compare(same, [skipped])
    assert compare(later, [skipped]).moved[1].due_on == date(2027, 4, 6)
