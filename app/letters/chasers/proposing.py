"""Chasers as proposals: when one is wanted, and the draft that is made of whoever is silent.

Nothing here goes further than a draft. It is checked, approved and released like any other.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, aliased

from app.accounts.models import User
from app.audit.services import record
from app.core import working_days
from app.core.clock import LONDON
from app.core.errors import DomainError, NoReason
from app.core.working_days import WorkingDay
from app.letters.authorship import had_a_hand, must_be_draft
from app.letters.content import attachments
from app.letters.drafting import checking, letter_rows, templates
from app.letters.models import (
    Letter,
    LetterTemplate,
    Mailing,
    MailingState,
)
from app.letters.recipients.audience import Audience
from app.notifications.models import Event
from app.notifications.services import notify
from app.settings.queries import closed_days

USUAL_DAYS = 10
MOST_DAYS = 90
MOST_CHASERS = 2
LONGEST_NAME = 120
ENDED = (MailingState.FINISHED, MailingState.STOPPED, MailingState.EXPIRED)


class NoChaser(DomainError):
    """There can be no chaser of this mailing, or not yet."""


class NobodyToChase(NoChaser):
    """Everybody answered, or is left out for another reason."""


def step_of(session: Session, mailing: Mailing) -> int:
    """0 for a first letter, 1 for its chaser, 2 for the chaser of that."""
    step, before = 0, mailing.chases_id
    while before is not None:
        step, before = step + 1, session.get_one(Mailing, before).chases_id
    return step


def chaser_of(session: Session, mailing: Mailing) -> Mailing | None:
    return session.scalar(select(Mailing).where(Mailing.chases_id == mailing.id))


def chase_when_silent(
    session: Session, mailing: Mailing, *, after_days: int, template: LetterTemplate, by: User
) -> None:
    """So many working days after its last letter went, a draft for the silent is prepared."""
    _refuse_a_third(session, mailing)
    if chaser_of(session, mailing) is not None:
        raise NoChaser("A chaser of this mailing is there already.")
    if not 1 <= after_days <= MOST_DAYS:
        raise NoChaser(f"Give a number of working days from 1 to {MOST_DAYS}.")
    _refuse_the_same_words(session, mailing, template)
    mailing.chase_after_days, mailing.chaser_template_id = after_days, template.id
    mailing.chase_set_by_id, mailing.chase_settled_on = by.id, None
    had_a_hand(mailing, by)


def do_not_chase(mailing: Mailing, *, by: User) -> None:
    """No chaser is prepared by itself any more; somebody can still propose one."""
    mailing.chase_after_days = mailing.chaser_template_id = None
    mailing.chase_set_by_id, mailing.chase_settled_on = by.id, None


def propose(
    session: Session,
    mailing: Mailing,
    template: LetterTemplate,
    *,
    by: User,
    at: datetime,
    base_url: str,
) -> Mailing:
    """A checked draft to whoever is silent. Asked for twice, or by two at once, it is one.

    The mailing is locked first, so that a second asking finds the draft of the first.
    """
    mailing = _locked(session, mailing.id)
    if known := chaser_of(session, mailing):
        return known
    _refuse_a_third(session, mailing)
    if mailing.state not in ENDED:
        raise NoChaser(
            f"This mailing is {mailing.state.value}. A chaser can be proposed once it has ended."
        )
    _refuse_the_same_words(session, mailing, template)
    since = mailing.chases_since or _first_went(session, mailing)
    if since is None:
        raise NobodyToChase("No letter of this mailing was sent, so there is nothing to chase.")
    chaser = _draft(session, mailing, template, since, by=by, at=at)
    prepared = checking.check(session, chaser, by=by, at=at, base_url=base_url)
    if all(one.excluded for one in prepared):
        raise NobodyToChase(
            "There is nobody to chase: everybody has answered, or has to be left out."
        )
    mailing.chase_settled_on = at.astimezone(LONDON).date()
    session.flush()
    return chaser


def propose_when_due(
    session: Session, mailing_id: int, *, at: datetime, base_url: str
) -> Mailing | None:
    """What the clock does on the day: the draft, and a word to whoever has to look at it."""
    mailing = _locked(session, mailing_id)
    if mailing.chase_settled_on is not None or mailing.chaser_template_id is None:
        return None  # another process was first
    template = session.get_one(LetterTemplate, mailing.chaser_template_id)
    author = session.get_one(User, _set_by(mailing))
    chaser = propose(session, mailing, template, by=author, at=at, base_url=base_url)
    _tell(session, mailing, f"A chaser is ready to be checked: “{chaser.name}”", at=at)
    return chaser


def settle_without(session: Session, mailing_id: int, why: str, *, at: datetime) -> None:
    """The days were over, and no draft could be made: it is not tried again by itself, and whoever
    counts on it is told why."""
    mailing = _locked(session, mailing_id)
    mailing.chase_settled_on = at.astimezone(LONDON).date()
    record(session, action="no chaser", subjects=[("mailing", mailing_id)], summary=why)
    _tell(session, mailing, f"No chaser of “{mailing.name}” was prepared. {why}", at=at)


def _set_by(mailing: Mailing) -> int:
    return mailing.chase_set_by_id or mailing.created_by_id


def _tell(session: Session, mailing: Mailing, text: str, *, at: datetime) -> None:
    """Whoever wanted a chaser, and whoever wrote the mailing."""
    for user_id in sorted({_set_by(mailing), mailing.created_by_id}):
        notify(
            session,
            user=session.get_one(User, user_id),
            event=Event.DUE,  # in the morning: it is made when the day begins
            key=f"chaser-of:{mailing.id}",
            text=text,
            path=f"/letters/mailings/{mailing.id}/chaser",
            at=at,
        )


def drop(session: Session, chaser: Mailing, reason: str, *, by: User) -> None:
    """The draft is not wanted. Its reason stays on the history of the mailing it would chase."""
    if chaser.chases_id is None:
        raise NoChaser("Only a chaser can be dropped.")
    must_be_draft(chaser)
    reason = " ".join(reason.split())
    if not reason:
        raise NoReason("Say why no chaser is wanted. It is kept with the mailing.")
    letter_rows.forget(session, chaser)
    for attachment in attachments.attachments_of(session, chaser):
        session.delete(attachment)
    session.flush()
    session.delete(chaser)
    record(
        session,
        action="dropped the chaser",
        subjects=[("mailing", chaser.chases_id)],
        summary=f"{reason} ({by.name})",
    )


def due(session: Session, on: date) -> list[int]:
    """Mailings whose silent readers are to be chased by that day. One statement if there are none
    that wait, two otherwise."""
    waiting = waiting_for_replies(session)
    closed = closed_days(session) if waiting else frozenset()
    return [
        row.id
        for row in waiting
        if working_days.add(row.last_went, row.chase_after_days, closed).day <= on
    ]


def waiting_for_replies(session: Session) -> Sequence[Row[int, int | None, date | None]]:
    """Mailings that have ended, with the day on which the last of their letters went."""
    chaser = aliased(Mailing)
    return session.execute(
        select(*(Mailing.id, Mailing.chase_after_days, func.max(Letter.sent_on).label("last_went")))
        .join(Letter, Letter.mailing_id == Mailing.id)
        .where(
            Mailing.chase_after_days.is_not(None),
            Mailing.chase_settled_on.is_(None),
            Mailing.state.in_(ENDED),
            Letter.where_gone(),
            ~select(chaser.id).where(chaser.chases_id == Mailing.id).exists(),
        )
        .group_by(Mailing.id)
        .order_by(Mailing.id)
    ).all()


def ready_on(session: Session, mailing: Mailing) -> WorkingDay | None:
    """The day on which its chaser is due; None until it has ended with a letter sent."""
    if mailing.chase_after_days is None or mailing.state not in ENDED:
        return None
    last = session.scalar(
        select(func.max(Letter.sent_on)).where(Letter.mailing_id == mailing.id, Letter.where_gone())
    )
    if last is None:
        return None
    return working_days.add(last, mailing.chase_after_days, closed_days(session))


def _locked(session: Session, mailing_id: int) -> Mailing:
    return session.scalars(
        select(Mailing)
        .where(Mailing.id == mailing_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _refuse_a_third(session: Session, mailing: Mailing) -> None:
    if step_of(session, mailing) >= MOST_CHASERS:
        raise NoChaser(
            "This is the second chaser already. Telephone, or write a letter of its own."
        )


def _refuse_the_same_words(session: Session, mailing: Mailing, template: LetterTemplate) -> None:
    had, before = {mailing.template_version_id}, mailing.chases_id
    if before is not None:
        had.add(session.get_one(Mailing, before).template_version_id)
    if templates.latest_version(session, template).id in had:
        raise NoChaser(
            f"“{template.name}” is what they had already. Choose another template for the chaser."
        )


def _first_went(session: Session, mailing: Mailing) -> datetime | None:
    """By mail to the second, by post to the day."""
    by_mail, by_post = session.execute(
        select(func.min(Letter.sent_at), func.min(Letter.posted_on)).where(
            Letter.mailing_id == mailing.id, Letter.where_gone()
        )
    ).one()
    posted = datetime.combine(by_post, time(), LONDON) if by_post else None
    return min((one for one in (by_mail, posted) if one), default=None)


def _draft(
    session: Session,
    mailing: Mailing,
    template: LetterTemplate,
    since: datetime,
    *,
    by: User,
    at: datetime,
) -> Mailing:
    """Signed as before, with copies as before; whom it is for is worked out at every check."""
    chosen = replace(Audience.from_json(mailing.audience), left_out={}, include_anyway={})
    chaser = Mailing(
        name=_name(session, mailing),
        template_version=templates.latest_version(session, template),
        signatory_id=mailing.signatory_id,
        reply_to=mailing.reply_to,
        cc_rule=mailing.cc_rule,
        audience=chosen.as_json(),
        created_at=at,
        created_by_id=by.id,
        author_ids=[str(by.id)],
        is_demo=mailing.is_demo,
        chases_id=mailing.id,
        chases_since=since,
    )
    session.add(chaser)
    session.flush()
    return chaser


def _name(session: Session, mailing: Mailing) -> str:
    if mailing.chases_id is None:
        return f"Chaser of {mailing.name}"[:LONGEST_NAME]
    first = session.get_one(Mailing, mailing.chases_id)
    return f"Second chaser of {first.name}"[:LONGEST_NAME]
