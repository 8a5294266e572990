"""What comes from outside is a number or a day within bounds, or is refused in words."""

from datetime import date

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import Form

from app.core.from_outside import (
    FIRST_DAY,
    LARGEST,
    LAST_DAY,
    DayBeyond,
    NotADay,
    a_day,
    plain_json,
    record_number,
    record_numbers,
    whole_number,
)
from app.core.web.form_fields import Day, TimeOfDay, Whole

NO_NUMBERS = ("", " ", "²", "٣", "１２", "1.5", "1e3", "0x1", "1_000", "--1", "nan", "9" * 5_000)  # noqa: RUF001


def test_a_record_s_number_is_one_a_database_can_hold() -> None:
    assert [record_number(one) for one in ("0", " 7 ", "+7", "007", 7)] == [0, 7, 7, 7, 7]
    assert record_number(str(LARGEST)) == LARGEST
    for one in (*NO_NUMBERS, "-1", str(LARGEST + 1), "-9223372036854775809", None, True):
        with pytest.raises(ValueError, match="not a whole number"):
            record_number(one)


def test_both_bounds_of_a_number_hold() -> None:
    assert (whole_number("-3", -3, 3), whole_number("3", -3, 3)) == (-3, 3)
    for one in ("-4", "4"):
        with pytest.raises(ValueError, match="from -3 to 3"):
            whole_number(one, -3, 3)


def test_of_those_ticked_each_counts_once_and_what_is_no_number_is_passed_over() -> None:
    assert record_numbers(["3", "²", "1", "3", "9" * 5_000, "-1", "x"]) == [3, 1]


def test_json_is_taken_only_if_a_page_can_show_it_and_a_database_keep_it() -> None:
    assert plain_json('{"subject": ["Siân 👋"], "n": 1}') == {"subject": ["Siân 👋"], "n": 1}
    for given in ("", "[", "[" * 100_000, "NaN", "[1e999]", '"\\ud800"', '{"\\udfff": 1}'):
        with pytest.raises(ValueError):  # noqa: PT011 - which one, is Python's affair
            plain_json(given)


def test_a_day_is_read_as_people_and_computers_write_it() -> None:
    the_day = date(2026, 3, 31)
    for one in (
        *("2026-03-31", "31/03/2026", "31/3/2026", "31.3.2026", "31 3 2026", " 31  March 2026 "),
        *("31 mar 2026", "31st March 2026", "Tue 31 March 2026", "Tuesday, 31 March, 2026"),
    ):
        assert a_day(one) == the_day, one


def test_what_is_no_day_is_said_to_be_none() -> None:
    for one in (
        *("", "soon", "31/02/2026", "2026-13-01", "32 March 2026", "٣١ March 2026", "31 Foo 2026"),
        *("03/31/2026", "31/03/26", "2026-03-31T00:00", "0000-01-01", "-001-01-01", "9" * 5_000),
    ):
        with pytest.raises(NotADay, match="such as 31 March 2026"):
            a_day(one)


def test_a_day_at_either_end_of_the_calendar_is_a_slip_of_the_hand() -> None:
    assert (a_day("1900-01-01"), a_day("2100-12-31")) == (FIRST_DAY, LAST_DAY)
    for one in ("0001-01-01", "1899-12-31", "2101-01-01", "9999-12-31"):
        with pytest.raises(DayBeyond, match="from 1900 to 2100"):
            a_day(one)


class Everything(Form):
    day = Day("Day")
    at = TimeOfDay("At")
    count = Whole("Count", least=-1, most=260, wanted="Give a number from -1 to 260.")


def test_a_form_keeps_what_was_typed_and_says_what_to_give_instead(app: Flask) -> None:
    with app.test_request_context():
        for name, typed, said in (
            ("day", "9999-12-31", "Enter a date from 1900 to 2100."),
            ("day", "soon", "Enter a date, such as 31 March 2026 or 2026-03-31."),
            ("at", "soon", "Give a time, such as 14:30."),
            ("count", "²", "Give a number from -1 to 260."),
            ("count", "9" * 5_000, "Give a number from -1 to 260."),
            ("count", "-2", "Give a number from -1 to 260."),
        ):
            form = Everything(formdata=MultiDict({"at": "10:00", name: typed}))
            assert not form.validate(), typed
            assert form.errors == {name: [said]}
            assert form[name]._value() == typed  # type: ignore[attr-defined]
        form = Everything(formdata=MultiDict({"day": "", "at": "10:00", "count": "1"}))
        assert form.validate()
        assert (form.day.data, form.count.data) == (None, 1)
