"""What somebody looks at before mail leaves a copy, or goes on after a standstill; their answer."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit import services as audit
from app.core.clock import LONDON
from app.letters.delivery import controls
from app.letters.delivery.lifecycle import RELEASED
from app.letters.delivery.queue import NOT_DONE
from app.letters.models import Letter, LetterState, Mailing
from app.notifications import queries as notifications
from app.notifications import services as notifying
from app.outbox import queries as outbox
from app.outbox import services as outgoing
from app.settings import standstill
from app.settings.services import settings_of


class UnderWay(NamedTuple):
    """A released mailing, and how far this database knows it to have gone."""

    mailing_id: int
    name: str
    sent: int
    last_sent_at: datetime | None
    unknown: int
    to_go: int


class ForColleagues(NamedTuple):
    """What would go to colleagues; another Liaise may have sent it to them already."""

    emails: int
    notices: int  # not yet in any email


def for_colleagues(session: Session) -> ForColleagues:
    return ForColleagues(outbox.waiting_for_a_look(session), notifications.not_yet_mailed(session))


def under_way(session: Session) -> Sequence[UnderWay]:
    def count(*states: LetterState) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((Letter.state.in_(states), 1), else_=0)), 0)

    found = session.execute(
        select(
            Mailing.id,
            Mailing.name,
            count(LetterState.SENT),
            func.max(Letter.sent_at),
            count(LetterState.UNKNOWN),
            count(*NOT_DONE),
        )
        .join(Letter, Letter.mailing_id == Mailing.id)
        .where(Mailing.state.in_(RELEASED))
        .group_by(Mailing.id, Mailing.name)
        .order_by(Mailing.id)
    )
    return [UnderWay(*row) for row in found]


def fingerprint(question: str, mailings: Sequence[UnderWay], waiting: ForColleagues) -> str:
    """Of the question and of what was shown with it: an answer to another one does nothing.

    What waits for colleagues only grows until somebody has looked, so its numbers tell.
    """
    return hashlib.sha256(repr((question, list(mailings), waiting)).encode()).hexdigest()


def go_on(
    session: Session,
    *,
    seen: str,
    stop: Collection[int],
    by: User,
    at: datetime,
    withdraw: bool = False,
) -> tuple[int, int]:
    """Let mail go on, but for mailings to be stopped, and if they say so for what waits for
    colleagues; how many mailings go on, and were stopped."""
    question, mailings = settings_of(session).look_first, under_way(session)
    if question and seen != fingerprint(question, mailings, for_colleagues(session)):
        raise standstill.LookAgain(standstill.SOMETHING_ELSE)
    if withdraw:  # while it still waits, and can be told by that
        words = f"Not sent: withdrawn by {by.name}, who had looked."
        outgoing.withdraw_waiting(session, words=words)
        notifying.mail_no_more_of_these(session, at=at)
    outgoing.withdraw_stale(session, at=at)
    standstill.go_on(session, seen=question)
    stopped = [one.mailing_id for one in mailings if one.mailing_id in stop]
    for mailing_id in stopped:
        mailing = session.get_one(Mailing, mailing_id, populate_existing=True)
        why = f"Stopped by {by.name} at {at.astimezone(LONDON):%H:%M}, having looked. {question}"
        controls.stop(session, mailing, by=by, at=at, why=why)
    audit.record(
        session,
        action="looked",
        subjects=[("settings", 1), *(("mailing", one.mailing_id) for one in mailings)],
        summary=f"{by.name} looked at what people got, and let the letters go on"
        f"{', but not the emails to colleagues that waited' if withdraw else ''}. {question}",
    )
    return len(mailings) - len(stopped), len(stopped)
