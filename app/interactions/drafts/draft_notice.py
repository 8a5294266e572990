"""How unsaved words are spoken of: how many, and when they were typed."""

from dataclasses import dataclass
from datetime import date, datetime

from app.core.web.filters import clock_time, london, plural, short_day
from app.interactions.drafts.autosave import entry_of
from app.interactions.models import Draft


@dataclass(frozen=True)
class Unsaved:
    """A draft as it is offered to whoever typed it."""

    draft: Draft
    today: date
    keep_url: str  # the page on which it was typed, with these words in the box
    name: str = ""

    @property
    def length(self) -> str:
        return plural(len(self.draft.body.split()), "word")

    @property
    def when(self) -> str:
        return said_when(self.draft.saved_at, self.today)

    @property
    def is_of_entry(self) -> bool:
        return entry_of(self.draft.key) is not None


def said_when(at: datetime, today: date) -> str:
    """at 14:02, or on 21 Nov 2026 at 14:02 if that was not today."""
    day = london(at).date()
    time = f"at {clock_time(at)}"
    return time if day == today else f"on {short_day(day)} {time}"
