"""Which mornings had no mail because Liaise was not running. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from app.core.web.filters import at_time, plural
from app.notifications.hours import Hours
from app.settings.downtime import Silence

LONGEST_LOOK_BACK = timedelta(days=366)


@dataclass(frozen=True)
class Late:
    """This mail stands for so many mornings, today's among them if its hour was missed too."""

    silence: Silence
    mornings: int

    @property
    def words(self) -> str:
        away = f"from {at_time(self.silence.since)} to {at_time(self.silence.until)}"
        if self.mornings == 1:
            return f"This email is late: Liaise was not running {away}."
        return (
            f"This email is late: Liaise was not running {away}. "
            f"It covers {plural(self.mornings, 'morning')}."
        )


def lateness(
    silence: Silence | None,
    day: date,
    *,
    last: date | None,
    hours: Hours,
    closed: Collection[date],
) -> Late | None:
    """`last` is the day of the last mail, or of the last morning on which there was none to send.

    Somebody new has missed no morning but today's.
    """
    if silence is None:
        return None
    first = max(last + timedelta(days=1), day - LONGEST_LOOK_BACK) if last else day
    days = (first + timedelta(days=on) for on in range((day - first).days + 1))
    missed = sum(
        hours.has_a_mail_on(one, closed) and silence.holds(hours.morning(one)) for one in days
    )
    return Late(silence, missed) if missed else None
