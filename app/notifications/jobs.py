"""Mailing at once what somebody wants to know at once."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import shutdown
from app.core.db import reading
from app.notifications import queries, services
from app.notifications.hours import Hours
from app.notifications.services import Links
from app.settings import pieces
from app.settings.pieces import Piece

PIECES = "at once:"


def mail_at_once(session: Session, now: datetime, *, links: Links, with_demo: bool) -> int:
    """One mail to each, of all there is to say; how many mails. In quiet hours they wait.

    The made-up users of the demo have mail only `with_demo`, where all mail is caught.
    """
    with reading():
        found = queries.to_mail_at_once(session)
        failed = pieces.noted(session, PIECES)
        session.commit()
    mails = 0
    for user, rows in groupby(found, lambda row: row.User):
        if shutdown.is_requested():
            break
        has_mail = user.is_active and (with_demo or not user.is_demo)
        work = partial(_mail, session, user, list(rows), links if has_mail else None, now)
        mails += pieces.alone(session, _piece(user.id), work, at=now) or 0
    if gone := set(failed) - {_piece(row.User.id).key for row in found}:
        pieces.no_longer_wanted(session, gone)
        session.commit()
    return mails


def _piece(user_id: int) -> Piece:
    return Piece(
        f"{PIECES}{user_id}",
        "Emails to colleagues",
        lambda session: f"Emails to {session.get_one(User, user_id).name} about what has happened",
    )


def _mail(
    session: Session, user: User, rows: Sequence[Row[Any]], links: Links | None, now: datetime
) -> bool:
    """Without links they get none, and nobody looks again."""
    told = [row.Notification for row in rows]
    if links is None:
        services.mark_mailed(session, [one.id for one in told], at=now)
        return False
    if not Hours.of(rows[0].MailHours).may_be_mailed(now):
        return False
    return services.mail(session, user, told, links=links, at=now)
