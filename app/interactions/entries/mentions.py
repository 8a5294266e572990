"""Telling the colleagues whom an entry mentions."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.web.filters import on_day
from app.interactions.models import Interaction
from app.notifications.mentions import tell_mentioned


def tell_of(session: Session, entry: Interaction, *, by: User, at: datetime) -> list[str]:
    """Call it whenever an entry's words or its readers are saved. What comes back are sentences
    for whoever saved it: who was mentioned and may not read it."""
    article = "an" if entry.kind.value[0] in "aeiou" else "a"
    mentioned = tell_mentioned(
        session,
        text=f"{entry.agenda}\n{entry.body}",
        entry=entry,
        key=f"interaction:{entry.id}",
        # Not its line: who may read the entry today may not be those who may tomorrow.
        where=f"{article} {entry.kind.value} of {on_day(entry.happened_on)}",
        path=f"/interactions/{entry.id}#notes",
        by=by,
        at=at,
    )
    return mentioned.warnings
