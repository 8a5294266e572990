"""Mailing at once what somebody wants to know at once."""

from datetime import datetime
from itertools import groupby

from sqlalchemy.orm import Session

from app.core import stopping
from app.core.db import reading
from app.notifications import queries, services
from app.notifications.hours import Hours


def mail_at_once(session: Session, now: datetime, *, base_url: str, settings_path: str) -> int:
    """One mail to each, of all there is to say; how many mails. In quiet hours they wait."""
    with reading():
        found = queries.to_mail_at_once(session)
        session.commit()
    mails = 0
    for user, rows in groupby(found, lambda row: row.User):
        waiting = list(rows)
        hours = Hours.of(waiting[0].MailHours)
        if stopping.is_requested() or (user.is_active and not hours.may_be_mailed(now)):
            continue
        told = [row.Notification for row in waiting]
        links = services.Links(base_url, settings_path)
        mails += services.mail(session, user, told, links=links, at=now)
        session.commit()
    return mails
