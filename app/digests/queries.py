"""Everything one of our people has before them: what Home lists, and the mail in the morning."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.filters import plural
from app.digests import follow_ups, mailings, meetings
from app.digests.rules import Group, Line, Link, Section, Tone, sections
from app.interactions import drafts
from app.interactions.unsaved import said_when

COMING = timedelta(days=14)
MOST_FOLLOW_UPS = 40  # of each group; one line stands for the rest


def lines_for(
    session: Session, user: User, on: date, *, at: datetime, most: int = MOST_FOLLOW_UPS
) -> list[Section]:
    """Only what this person may read, in groups, the most pressing first."""
    return sections(all_lines(session, user, on, at=at, most=most))


def all_lines(
    session: Session, user: User, on: date, *, at: datetime, most: int = MOST_FOLLOW_UPS
) -> Iterable[Line]:
    """The same, not yet put in groups."""
    until = on + COMING
    yield from meetings.lines(session, user, on, until=until)
    yield from follow_ups.lines(session, user, on, until=until, most=most)
    yield from mailings.lines(session, user, at)
    yield from _unsaved(session, user, on)


def _unsaved(session: Session, user: User, on: date) -> Iterable[Line]:
    """What this person typed and has not saved: one line, for however many entries."""
    waiting = drafts.waiting(session, by=user)
    if not waiting:
        return
    latest = waiting[0]
    more = f", and {len(waiting) - 1} more" if len(waiting) > 1 else ""
    yield Line(
        Group.WAITS,
        "Not saved",
        Tone.WARN,
        Link("You have unsaved notes", "interactions.unsaved"),
        "Keep or discard",
        f"{plural(len(latest.body.split()), 'word')}, "
        f"last typed {said_when(latest.saved_at, on)}{more}",
        calls=False,
    )
