"""Writing down that somebody had their morning, with the mail if there was one to send."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.fault_points import fault_point
from app.core.web.filters import plural
from app.digests.models import Digest
from app.digests.morning import Morning
from app.digests.rules import Group
from app.notifications.models import Event
from app.notifications.services import mark_mailed, notify
from app.outbox.models import Occasion
from app.outbox.services import enqueue


def give(
    session: Session, morning: Morning, *, subject: str, text: str, html: str, at: datetime
) -> bool:
    """Give one person their morning, once; false where another process was first.

    Without a subject there is no mail: nothing to say, or they want none.
    """
    digest = Digest(
        user_id=morning.user.id,
        day=morning.day,
        made_at=at,
        is_late=morning.late is not None,
        line_count=morning.count,
    )
    try:
        with session.begin_nested():
            session.add(digest)
    except IntegrityError:
        return False
    mark_mailed(session, [one.id for one in morning.told], at=at)
    _ring(session, morning, at)
    if subject:
        message = enqueue(
            session,
            recipient=morning.user.email,
            subject=subject,
            body=text,
            html=html,
            send_after=at,
            occasion=Occasion.MORNING,
        )
        digest.message_id = message.id
        session.flush()
    fault_point("morning given")
    return True


def _ring(session: Session, morning: Morning, at: datetime) -> None:
    """What is due today rings the bell; the mail has said it already, or is not to."""
    due = sum(
        line.stands_for
        for line in morning.lines
        if line.group is Group.TODAY or (line.group is Group.BY_LAW and line.calls)
    )
    if due:
        told = notify(
            session,
            user=morning.user,
            event=Event.DUE,
            key=f"due:{morning.day.isoformat()}",
            text=f"{plural(due, 'thing')} on your list {'is' if due == 1 else 'are'} due today.",
            path="/",
            at=at,
        )
        if told:
            told.mailed_at = at
