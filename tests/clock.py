"""One clock for the run: every test, and every process a test starts, lives by it.

The app asks what time it is in one place, `app.core.clock`, and the tests set that clock: to noon
on 22 November 2026, whatever the machine's says, or to TESTS_ON (`./test --on 2028-02-29`). From
there it goes on, so that waits and leases come to their ends. Both settings are for the processes
that tests start: what imports `tests` anywhere runs by this clock.
"""

import os
from datetime import UTC, date, datetime, time, tzinfo

from app.core import clock

ORDINARY_DAY = date(2026, 11, 22)
ORDINARY_NOON = datetime.combine(ORDINARY_DAY, time(12), UTC)
SETTINGS = {
    "TESTS_ON": os.environ.setdefault("TESTS_ON", ORDINARY_DAY.isoformat()),
    "TESTS_BEGAN": os.environ.setdefault("TESTS_BEGAN", datetime.now(UTC).isoformat()),
}


def moment_of(text: str) -> datetime:
    """Noon of a day, or a moment of it, in UTC."""
    if "T" in text:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    return datetime.combine(date.fromisoformat(text), time(12), UTC)


class Hands:
    """Takes the place of `datetime` where the app asks for the time."""

    def __init__(self, begins: datetime, began: datetime) -> None:
        self.ahead = begins - began
        self.stopped_at: datetime | None = None

    def now(self, zone: tzinfo) -> datetime:
        return (self.stopped_at or datetime.now(UTC) + self.ahead).astimezone(zone)

    def stop(self, at: datetime) -> None:
        self.stopped_at = at

    def go_on(self) -> None:
        self.stopped_at = None


BEGINS = moment_of(SETTINGS["TESTS_ON"])
HANDS = Hands(BEGINS, datetime.fromisoformat(SETTINGS["TESTS_BEGAN"]))
vars(clock)["datetime"] = HANDS

TODAY = BEGINS.astimezone(clock.LONDON).date()
NOON = datetime.combine(TODAY, time(12), UTC)
