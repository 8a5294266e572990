"""Reading all that one person's morning is made of."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.clock import LONDON
from app.digests import queries
from app.digests.missed import lateness
from app.digests.morning import Morning, wanted
from app.notifications.hours import Hours
from app.notifications.queries import choices_of, to_mail_in_the_morning
from app.settings.downtime import latest_silence


@dataclass(frozen=True)
class Waiting:
    """Whose hour has come."""

    user_id: int
    hours: Hours
    closed: Collection[date]


def morning_of(session: Session, waiting: Waiting, *, at: datetime) -> Morning:
    """What they would be told now."""
    user = session.get_one(User, waiting.user_id)
    day = at.astimezone(LONDON).date()
    listed = queries.lines_for(session, user, day, at=at)
    return Morning(
        user,
        day,
        wanted(listed, choices_of(session, user)),
        tuple(to_mail_in_the_morning(session, user)),
        lateness(
            latest_silence(session, at),
            day,
            last=queries.last_morning(session, user.id),
            hours=waiting.hours,
            closed=waiting.closed,
        ),
    )
