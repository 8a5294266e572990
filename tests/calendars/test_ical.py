"""What calendar programs read, as the standard's own library reads it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from app.calendars.ical import CalendarAttendee, CalendarEntry, feed, one_file

CHANGED = datetime(2026, 11, 22, 12, tzinfo=UTC)


def entry(**more: Any) -> CalendarEntry:
    given: dict[str, Any] = {
        "uid": "interaction-1@liaise.example.org",
        "summary": "A meeting",
        "starts": datetime(2027, 1, 12, 14, tzinfo=UTC),
        "ends": datetime(2027, 1, 12, 15, tzinfo=UTC),
        "changed_at": CHANGED,
        "url": "https://liaise.example.org/interactions/1",
    }
    return CalendarEntry(**{**given, **more})


def read(content: bytes) -> tuple[Any, Any]:
    calendar: Any = Calendar.from_ical(content)
    [event] = calendar.walk("VEVENT")
    assert not event.errors
    return calendar, event


# Clocks go forward at 01:00 on 28 March 2027 and back at 02:00 (01:00 Greenwich) on 31 October.
@pytest.mark.parametrize(
    ("utc", "in_london", "ahead"),
    [
        ("2027-03-27T14:00", "20270327T140000", 0),
        ("2027-03-28T00:30", "20270328T003000", 0),
        ("2027-03-28T01:00", "20270328T020000", 1),
        ("2027-03-28T01:30", "20270328T023000", 1),
        ("2027-03-29T13:00", "20270329T140000", 1),
        ("2027-10-30T13:00", "20271030T140000", 1),
        ("2027-10-31T00:30", "20271031T013000", 1),
        ("2027-10-31T02:30", "20271031T023000", 0),
        ("2027-11-01T14:00", "20271101T140000", 0),
    ],
)
def test_times_are_right_on_both_sides_of_the_clock_change(
    utc: str, in_london: str, ahead: int
) -> None:
    starts = datetime.fromisoformat(f"{utc}+00:00")
    calendar, event = read(feed([entry(starts=starts, ends=starts + timedelta(hours=1))], name="x"))
    assert event["DTSTART"].to_ical().decode() == in_london
    assert event["DTSTART"].params["TZID"] == "Europe/London"
    assert event.start.astimezone(UTC) == starts
    # A program that goes by the rules in the file and knows no time zones of its own agrees.
    [rules] = calendar.walk("VTIMEZONE")
    by_rules = event.start.replace(tzinfo=None).replace(tzinfo=rules.to_tz(lookup_tzid=False))
    assert by_rules.utcoffset() == timedelta(hours=ahead)


def test_a_file_for_one_meeting_publishes_it_with_who_is_to_be_there() -> None:
    attendees = (
        CalendarAttendee("Dr Alex Sample", "alex@example.org"),
        CalendarAttendee("B, Éa", "b@example.org"),
    )
    organiser = CalendarAttendee("Ann Author", "ann@example.org")
    calendar, event = read(
        one_file(entry(attendees=attendees, organiser=organiser, sequence=4), at=CHANGED)
    )
    assert calendar["METHOD"] == "PUBLISH"
    assert calendar["VERSION"] == "2.0"
    assert event["ORGANIZER"] == "mailto:ann@example.org"
    assert [(str(one), one.params["CN"]) for one in event["ATTENDEE"]] == [
        ("mailto:alex@example.org", "Dr Alex Sample"),
        ("mailto:b@example.org", "B, Éa"),
    ]
    assert event["SEQUENCE"] == 4
    assert event["UID"] == "interaction-1@liaise.example.org"
    assert event["URL"] == "https://liaise.example.org/interactions/1"
    assert event["LAST-MODIFIED"].dt == event["DTSTAMP"].dt == CHANGED


def test_a_whole_day_has_no_time_and_keeps_nobody_busy() -> None:
    _, event = read(feed([entry(starts=date(2027, 3, 28), ends=None)], name="x"))
    assert event["DTSTART"].params["VALUE"] == "DATE"
    assert event.start == date(2027, 3, 28)
    assert event.end == date(2027, 3, 29)
    assert event["TRANSP"] == "TRANSPARENT"


def test_a_cancelled_meeting_says_so_and_a_private_one_too() -> None:
    _, event = read(feed([entry(is_cancelled=True, is_private=True)], name="x"))
    assert event["STATUS"] == "CANCELLED"
    assert event["CLASS"] == "PRIVATE"


def test_long_lines_are_folded_and_signs_escaped() -> None:
    words = "Commas, semicolons; back\\slashes and “ŵŷ” " * 8 + "\nEND:VCALENDAR\r\nBEGIN:VALARM"
    content = feed([entry(summary=words, description=words, place=words)], name="A; B, C")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")
    calendar, event = read(content)
    for name in ("SUMMARY", "DESCRIPTION", "LOCATION"):
        assert str(event[name]) == words.replace("\r\n", "\n")
    assert not calendar.walk("VALARM")


def test_the_same_entries_are_the_same_bytes() -> None:
    assert feed([entry()], name="x") == feed([entry()], name="x")
