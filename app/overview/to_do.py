"""The list on Home: what the morning mail lists, and what is worth doing when there is time."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.core.web.filters import plural
from app.digests.queries import all_lines
from app.digests.rules import DigestLine, DigestSection, Group, Link, Tone, sections
from app.letters.caught import counts
from app.letters.models import Letter, LetterAnswer, Mailing
from app.overview.engagement import EngagementStep
from app.overview.status import UNCHECKED_AFTER, SystemStatus, is_stale

MOST_FOLLOW_UPS = 8  # of each group; the list behind the menu has them all
NO_REPLY_AFTER = timedelta(days=14)
NO_REPLY_BEFORE = timedelta(days=120)
NOT_PRESSING = (Group.COMING, Group.SOME_TIME)


def list_of(
    session: Session, user: User, rows: Sequence[SystemStatus], *, on: date, at: datetime
) -> list[DigestSection]:
    """A fixed number of statements; the rest is read off the standings the page has already."""
    found = [*all_lines(session, user, on, at=at, most=MOST_FOLLOW_UPS)]
    if user.may(Permission.COORDINATE, Permission.LOG):
        found += _from_systems(user, rows, on)
    if user.may(Permission.COORDINATE):
        found += _without_reply(session, on)
    return sections(found)


def _from_systems(user: User, rows: Sequence[SystemStatus], on: date) -> Iterable[DigestLine]:
    """My own systems; for coordinators, all of them."""
    coordinates = user.may(Permission.COORDINATE)
    mine = {} if coordinates else {"owner": str(user.id)}
    looked_after = [row for row in rows if coordinates or row.owner_id == user.id]
    leaderless = [row for row in looked_after if not row.leads]
    if leaderless:
        words = f"{_systems(len(leaderless))} no known children’s lead"
        link = Link(words, "overview.systems", {"lead": "unknown", **mine})
        yield DigestLine(Group.SOME_TIME, "No lead", Tone.WARN, link, "Find and record them")
    stale = [row for row in looked_after if is_stale(row, on)]
    if stale:
        words = (
            f"{len(stale)} {'lead has' if len(stale) == 1 else 'leads have'} not been checked "
            f"for {UNCHECKED_AFTER.days} days"
        )
        link = Link(words, "overview.systems", {"checked": "stale", **mine})
        yield DigestLine(Group.SOME_TIME, "Unchecked", Tone.PLAIN, link, "Start checking")
    orphans = [row for row in rows if row.owner_id is None]
    if coordinates and orphans and len(orphans) < len(rows):
        words = f"{_systems(len(orphans))} nobody to look after {_them(len(orphans))}"
        link = Link(words, "overview.systems", {"owner": "none"})
        yield DigestLine(Group.SOME_TIME, "No owner", Tone.PLAIN, link, "Choose owners")


_UNANSWERED = (
    select(Mailing.id, Mailing.name, func.count(), func.min(Letter.sent_on))
    .join(Letter, Letter.mailing_id == Mailing.id)
    .where(
        Letter.where_gone(),
        Letter.id.not_in(select(LetterAnswer.letter_id)),
        Mailing.id.not_in(select(Mailing.chases_id).where(Mailing.chases_id.is_not(None))),
        counts(),
    )
    .group_by(Mailing.id, Mailing.name)
    .order_by(func.min(Letter.sent_on).desc())
    .limit(3)
)


def _without_reply(session: Session, on: date) -> Iterable[DigestLine]:
    """Mailings of some time ago to which some have not replied, and which nothing follows yet."""
    unanswered = session.execute(
        _UNANSWERED.where(
            Letter.sent_on <= on - NO_REPLY_AFTER, Letter.sent_on > on - NO_REPLY_BEFORE
        )
    )
    for mailing_id, name, count, first in unanswered:
        words = (
            f"{plural(count, 'letter')} of “{name}” {'has' if count == 1 else 'have'} had no reply"
        )
        link = Link(words, "letters.truth", {"mailing_id": mailing_id, "answered": "no"})
        pill = f"No reply, {(on - (first or on)).days} days"
        yield DigestLine(Group.SOME_TIME, pill, Tone.PLAIN, link, "See which")


def summary(rows: Sequence[SystemStatus], listed: Sequence[DigestSection]) -> str:
    """The line under the date: what stands out today."""
    if not rows:
        return "Nothing is loaded yet."
    silent = sum(1 for row in rows if row.engagement.step is EngagementStep.LETTER_SENT)
    pressing = sum(section.count for section in listed if section.group not in NOT_PRESSING)
    parts = []
    if silent:
        parts.append(f"{_systems(silent)} not replied.")
    if pressing:
        parts.append(f"{pressing} {'thing needs' if pressing == 1 else 'things need'} you.")
    return " ".join(parts) or "Nothing urgent today."


def _systems(count: int) -> str:
    return f"{count} system{' has' if count == 1 else 's have'}"


def _them(count: int) -> str:
    return "it" if count == 1 else "them"
