"""When one of our people wants mail: their working mornings, and their quiet hours. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time

from app.core.clock import LONDON
from app.core.working_days import is_working_day
from app.notifications.models import MailHours

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Hours:
    """Times are those of a clock in London, written as it shows them: 08:30."""

    digest_at: str = "08:30"
    quiet_weekdays: tuple[str, ...] = ()
    quiet_from: str = ""
    quiet_until: str = ""

    @classmethod
    def of(cls, chosen: MailHours | None) -> "Hours":
        if chosen is None:
            return cls()
        return cls(
            chosen.digest_at, tuple(chosen.quiet_weekdays), chosen.quiet_from, chosen.quiet_until
        )

    def has_a_mail_on(self, day: date, closed: Collection[date]) -> bool:
        """Whether it is one of the mornings on which they want their mail."""
        return is_working_day(day, closed) and WEEKDAYS[day.weekday()] not in self.quiet_weekdays

    def morning(self, day: date) -> datetime:
        """The moment of that day's mail, however far London is from Greenwich then."""
        return datetime.combine(day, time.fromisoformat(self.digest_at), LONDON)

    def may_be_mailed(self, at: datetime) -> bool:
        """Whether mail that need not wait for the morning may come now."""
        here = at.astimezone(LONDON)
        if WEEKDAYS[here.weekday()] in self.quiet_weekdays:
            return False
        now, begins, ends = f"{here:%H:%M}", self.quiet_from, self.quiet_until
        if begins == ends:
            return True
        if begins < ends:
            return not begins <= now < ends
        return ends <= now < begins  # the quiet hours last over midnight
