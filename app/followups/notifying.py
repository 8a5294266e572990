"""Telling a colleague that they were given something to do. Never a word of what it is."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.web.filters import on_day, plural
from app.followups.models import FollowUp
from app.notifications.models import Event
from app.notifications.services import notify


def tell_given(
    session: Session, follow_up: FollowUp, owner: User, *, by: User, at: datetime
) -> None:
    """One that somebody else now owns. Whoever may not read it cannot be its owner."""
    if owner.id == by.id:
        return
    notify(
        session,
        user=owner,
        event=Event.FOLLOW_UP,
        key=f"follow-up:{follow_up.id}",
        text=f"{by.name} gave you a follow-up, due on {on_day(follow_up.due_on)}.",
        path=f"/follow-ups/{follow_up.id}",
        at=at,
    )


def tell_given_several(
    session: Session, follow_ups: Sequence[FollowUp], owner: User, *, by: User, at: datetime
) -> None:
    """One sentence, however many were handed over."""
    if len(follow_ups) == 1:
        tell_given(session, follow_ups[0], owner, by=by, at=at)
    elif follow_ups and owner.id != by.id:
        notify(
            session,
            user=owner,
            event=Event.FOLLOW_UP,
            key=f"follow-ups:{by.id}:{at.isoformat()}",
            text=f"{by.name} gave you {plural(len(follow_ups), 'follow-up')}.",
            path="/follow-ups",
            at=at,
        )
