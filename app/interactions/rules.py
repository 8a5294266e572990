"""What must be true of an entry before it is written. No database here."""

from datetime import UTC, date, datetime, time

from app.core.clock import LONDON
from app.core.errors import DomainError
from app.interactions.models import InteractionKind, InteractionState

LONGEST_BODY = 500_000  # bytes of UTF-8
LONGEST_OTHERS = 20_000

# Only these are arranged beforehand; the others are written down when they have happened.
ARRANGED = (InteractionKind.MEETING, InteractionKind.EVENT)


class NotYet(DomainError):
    """What has happened lies behind us."""


class AlreadyOver(DomainError):
    """What is planned lies ahead."""


class NeverPlanned(DomainError):
    """A call, an email or a note is written down afterwards."""


class NothingWritten(DomainError):
    """An entry without words helps nobody."""


class TooLong(DomainError):
    """More than a page can carry."""


class NobodyInvolved(DomainError):
    """An entry stands on the timeline of at least one body."""


class EndsBeforeItStarts(DomainError):
    """Times in the wrong order, or an end without a start."""


class NoSuchTime(DomainError):
    """The hour that is left out when the clocks go forward."""


class NoWebAddress(DomainError):
    """The link of a call is one that a browser can follow."""


def refuse_wrong_day(
    kind: InteractionKind, state: InteractionState, happened_on: date, today: date
) -> None:
    if state is InteractionState.PLANNED:
        if kind not in ARRANGED:
            raise NeverPlanned(
                "Only a meeting or an event can be planned. Choose one of these, or say that it "
                "took place."
            )
        if happened_on < today:
            raise AlreadyOver(
                "This day is past. Say that it took place, or give the day it is planned for."
            )
    if state is InteractionState.HELD and happened_on > today:
        planned = " Or choose “It is planned”." if kind in ARRANGED else ""
        raise NotYet(
            "Give today’s date or an earlier one: this is for what has happened." + planned
        )


def refuse_no_words(kind: InteractionKind, body: str) -> None:
    """A meeting may be written down first and its notes later."""
    if kind not in ARRANGED and not body.strip():
        raise NothingWritten("Write what happened, in a line or more.")


def refuse_too_long(words: str, called: str = "This text", most: int = LONGEST_BODY) -> None:
    if (size := len(words.encode())) > most:
        raise TooLong(
            f"{called} takes {size // 1000 + 1:,} kB; the most is {most // 1000:,} kB. "
            "Shorten it, or split it into two notes."
        )


def refuse_no_web_address(link: str) -> None:
    if link and not link.startswith(("https://", "http://")):
        raise NoWebAddress("The link of the call has to begin with https://. Copy it whole.")


def moments(
    day: date, starts: time | None, ends: time | None
) -> tuple[datetime | None, datetime | None]:
    """When it starts and ends, by the clocks in London on that day."""
    if ends and not starts:
        raise EndsBeforeItStarts("Give the time it starts too, or leave both times empty.")
    if starts and ends and ends < starts:
        raise EndsBeforeItStarts(
            f"It ends at {ends:%H:%M}, before it starts at {starts:%H:%M}. Correct one of them; if "
            "it went on past midnight, leave the end empty."
        )
    return _in_london(day, starts), _in_london(day, ends)


def _in_london(day: date, at: time | None) -> datetime | None:
    if at is None:
        return None
    moment = datetime.combine(day, at, LONDON)
    if moment.astimezone(UTC).astimezone(LONDON).time() != at:
        raise NoSuchTime(
            f"There is no {at:%H:%M} on that day: the clocks go forward at 01:00. Give a time "
            "before 01:00, or from 02:00."
        )
    return moment
