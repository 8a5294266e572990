"""Giving each person their morning: what the clock calls."""

from datetime import date, datetime, timedelta
from functools import partial

import css_inline
from flask import Flask
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import shutdown
from app.core.clock import LONDON
from app.core.db import reading
from app.core.web.urls import path_to
from app.core.working_days import is_working_day
from app.digests import collect, queries, services
from app.digests.collect import Waiting
from app.digests.mail import Mail, as_text, mail_of
from app.settings import pieces
from app.settings.pieces import Piece
from app.settings.queries import closed_days
from app.settings.services import settings_of

# Reminders due at the same minute are given first, so that they are in this mail; but a reminder
# that cannot be given keeps nobody waiting for longer.
PATIENCE = timedelta(minutes=10)


def give_mornings(app: Flask, session: Session, now: datetime) -> int:
    """Everybody whose hour has come and who had no morning today; how many had one now.

    Each is a transaction of its own, and one that fails stops no other. Any number of processes
    may do this at once.
    """
    day = now.astimezone(LONDON).date()
    if not is_working_day(day):
        return 0
    with reading():
        with_demo = not app.config["MAIL_SERVER"]
        waiting = _waiting(session, day, now, with_demo=with_demo)
        session.commit()
    given = 0
    for one in waiting:
        if shutdown.is_requested():
            break
        given += (
            pieces.alone(session, _piece(one), partial(_give, app, session, one, now), at=now) or 0
        )
    return given


def _piece(one: Waiting) -> Piece:
    return Piece(
        f"morning:{one.user_id}",
        "Morning emails",
        lambda session: f"The morning email to {session.get_one(User, one.user_id).name}",
    )


def _waiting(session: Session, day: date, now: datetime, *, with_demo: bool) -> list[Waiting]:
    due = queries.due_mornings(session, day, now, with_demo=with_demo)
    if not due:
        return []
    closed = closed_days(session)
    waiting = [
        Waiting(user_id, hours, closed)
        for user_id, hours in due
        if hours.has_a_mail_on(day, closed)
    ]
    if waiting and queries.has_reminders_due(session, now):
        waiting = [one for one in waiting if now - one.hours.morning(day) > PATIENCE]
    return waiting


def _give(app: Flask, session: Session, one: Waiting, now: datetime) -> bool:
    with reading():
        morning = collect.morning_of(session, one, at=now)
        group = settings_of(session).group_name
        wants = morning.says_something and queries.wants_digest(session, one.user_id)
        session.commit()
    subject = text = html = ""
    if wants:
        mail = mail_of(morning, base_url=app.config["BASE_URL"], address=partial(path_to, app))
        subject, text, html = mail.subject, as_text(mail), as_html(app, mail, group)
    return services.give(session, morning, subject=subject, text=text, html=html, at=now)


def as_html(app: Flask, mail: Mail, group: str) -> str:
    """With each rule of its style written where it applies: many programs drop style sheets."""
    page = app.jinja_env.get_template("digests/mail.html").render(mail=mail, group=group)
    return css_inline.inline(page)
