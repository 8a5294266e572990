"""Writing iCalendar (RFC 5545): what Google, Outlook and Apple Calendar subscribe to and open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event, Timezone, vCalAddress

from app.core.clock import LONDON

MAKER = "-//Liaise//Liaise//EN"
ASK_AGAIN = timedelta(hours=1)

# England's rule since 1996, short and the same for every program: clocks change at one in the
# morning, Greenwich time, on the last Sundays of March and October.
LONDON_RULES = b"""\
BEGIN:VTIMEZONE\r
TZID:Europe/London\r
BEGIN:DAYLIGHT\r
TZNAME:BST\r
TZOFFSETFROM:+0000\r
TZOFFSETTO:+0100\r
DTSTART:19960331T010000\r
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r
END:DAYLIGHT\r
BEGIN:STANDARD\r
TZNAME:GMT\r
TZOFFSETFROM:+0100\r
TZOFFSETTO:+0000\r
DTSTART:19961027T020000\r
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r
END:STANDARD\r
END:VTIMEZONE\r
"""


@dataclass(frozen=True)
class CalendarAttendee:
    name: str
    email: str


@dataclass(frozen=True)
class CalendarEntry:
    """Something in a calendar: at a time, or, when `starts` is a day, all day."""

    uid: str
    summary: str
    starts: datetime | date
    changed_at: datetime
    url: str
    ends: datetime | None = None
    sequence: int = 0
    place: str = ""
    description: str = ""
    is_cancelled: bool = False
    is_private: bool = False
    organiser: CalendarAttendee | None = None
    attendees: tuple[CalendarAttendee, ...] = ()


def feed(entries: Sequence[CalendarEntry], *, name: str) -> bytes:
    """A calendar to subscribe to."""
    calendar = _calendar()
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", "Europe/London")
    calendar.add("refresh-interval", ASK_AGAIN, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for entry in entries:
        calendar.add_component(_event(entry, stamped_at=entry.changed_at))
    return _written(calendar)


def one_file(entry: CalendarEntry, *, at: datetime) -> bytes:
    """A file with one entry, to take over into one's own calendar; it invites nobody."""
    calendar = _calendar()
    calendar.add("method", "PUBLISH")
    calendar.add_component(_event(entry, stamped_at=at))
    return _written(calendar)


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", MAKER)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add_component(Timezone.from_ical(LONDON_RULES))
    return calendar


def _event(entry: CalendarEntry, *, stamped_at: datetime) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", stamped_at)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.sequence)
    event.add("summary", entry.summary)
    _add_times(event, entry)
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("class", "PRIVATE" if entry.is_private else "PUBLIC")
    event.add("url", entry.url)
    for name, words in (("location", entry.place), ("description", entry.description)):
        if words:
            event.add(name, words)
    if entry.organiser:
        event.add("organizer", _address(entry.organiser))
    for attendee in entry.attendees:
        event.add("attendee", _address(attendee))
    return event


def _add_times(event: Event, entry: CalendarEntry) -> None:
    if not isinstance(entry.starts, datetime):
        event.add("dtstart", entry.starts)
        event.add("dtend", entry.starts + timedelta(days=1))
        event.add("transp", "TRANSPARENT")  # a whole day in the calendar keeps nobody busy
        return
    starts = entry.starts.astimezone(LONDON)
    event.add("dtstart", starts)
    if entry.ends:
        event.add("dtend", entry.ends.astimezone(LONDON))
    event.add("transp", "TRANSPARENT" if entry.is_cancelled else "OPAQUE")


def _address(attendee: CalendarAttendee) -> vCalAddress:
    plain = "".join(c for c in attendee.email if c.isprintable())  # a line break would end it
    address = vCalAddress(f"mailto:{plain}")
    address.params["CN"] = attendee.name
    return address


def _written(calendar: Calendar) -> bytes:
    written: bytes = calendar.to_ical()
    return written
