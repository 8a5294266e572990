"""Everything one of our people has before them: what Home lists, and the mail in the morning."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.core.clock import LONDON
from app.core.web.filters import on_day, plural
from app.digests import follow_ups, mailings, meetings, milestones
from app.digests.models import Digest
from app.digests.rules import DigestLine, DigestSection, Group, Link, Tone, sections
from app.interactions.drafts import autosave
from app.interactions.drafts.draft_notice import said_when
from app.notifications.hours import Hours
from app.notifications.models import Event, MailedBy, MailHours, NotificationChoice
from app.reminders import moves
from app.reminders import queries as reminders

COMING = timedelta(days=14)
MOST_FOLLOW_UPS = 25  # of each group; one line stands for the rest


def lines_for(
    session: Session, user: User, on: date, *, at: datetime, most: int = MOST_FOLLOW_UPS
) -> list[DigestSection]:
    """Only what this person may read, in groups, the most pressing first."""
    return sections(all_lines(session, user, on, at=at, most=most))


def all_lines(
    session: Session, user: User, on: date, *, at: datetime, most: int = MOST_FOLLOW_UPS
) -> Iterable[DigestLine]:
    """The same, not yet put in groups."""
    until = on + COMING
    yield from meetings.lines(session, user, on, until=until)
    yield from follow_ups.lines(session, user, on, until=until, most=most)
    yield from milestones.lines(session, user, on, until=until)
    yield from _moved(session, user, on, at)
    yield from mailings.lines(session, user, at)
    yield from _unsaved(session, user, on)


def due_mornings(
    session: Session, day: date, at: datetime, *, with_demo: bool
) -> list[tuple[int, Hours]]:
    """Who had no morning on this day though their hour has come, and when they want mail.

    Only those who can sign in and read, at an address: everything in a mail leads to a page. The
    made-up ones of the demo only `with_demo`, where all mail is caught.
    """
    hour = func.coalesce(MailHours.digest_at, Hours().digest_at)
    rows = session.execute(
        select(User, MailHours)
        .outerjoin(MailHours, MailHours.user_id == User.id)
        .outerjoin(Digest, and_(Digest.user_id == User.id, Digest.day == day))
        .where(
            Digest.id.is_(None),
            User.disabled_at.is_(None),
            User.email != "",
            or_(User.password_hash.is_not(None), User.is_demo),
            hour <= f"{at.astimezone(LONDON):%H:%M}",
        )
        .order_by(User.id)
    )
    return [
        (user.id, Hours.of(hours))
        for user, hours in rows
        if user.may(Permission.VIEW) and (with_demo or not user.is_demo)
    ]


def has_reminders_due(session: Session, at: datetime) -> bool:
    """Whether somebody is about to be reminded of something."""
    return bool(reminders.due(session, at))


def wants_digest(session: Session, user_id: int) -> bool:
    choice = session.get(NotificationChoice, (user_id, Event.DIGEST))
    return choice is None or choice.mail is not MailedBy.OFF


def last_morning(session: Session, user_id: int) -> date | None:
    return session.scalar(select(func.max(Digest.day)).where(Digest.user_id == user_id))


def _moved(session: Session, user: User, on: date, at: datetime) -> Iterable[DigestLine]:
    """Dates that moved after people were reminded, of which nobody has said yet whether reminders
    begin again. One statement, and more where there is one."""
    if not user.may(Permission.COORDINATE):
        return
    for milestone, question in moves.waiting(session, on, at=at):
        yield DigestLine(
            Group.WAITS,
            "Date moved",
            Tone.WARN,
            Link(
                f"“{milestone.title}” is now due on {on_day(question.due_on)}: "
                "should its reminders begin again?",
                "reminders.tell_again",
                {"milestone_id": milestone.id},
            ),
            "Decide",
            f"Reminders were sent for {on_day(question.told_for)}.",
            event=Event.REMINDER,
            calls=False,
        )


def _unsaved(session: Session, user: User, on: date) -> Iterable[DigestLine]:
    """What this person typed and has not saved: one line, for however many entries."""
    waiting = autosave.waiting(session, by=user)
    if not waiting:
        return
    latest = waiting[0]
    more = f", and {len(waiting) - 1} more" if len(waiting) > 1 else ""
    yield DigestLine(
        Group.WAITS,
        "Not saved",
        Tone.WARN,
        Link("You have unsaved notes", "interactions.unsaved"),
        "Keep or discard",
        f"{plural(len(latest.body.split()), 'word')}, "
        f"last typed {said_when(latest.saved_at, on)}{more}",
        calls=False,
    )
