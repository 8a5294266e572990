"""A released mailing from its hold to its end: what the clock does to it.

Every change is a compare-and-set on the state it leaves, so several senders may do this at once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, defer

from app.audit import services as audit
from app.letters.delivery import by_post
from app.letters.delivery.queue import IN_FLIGHT, NOT_DONE, TO_GO
from app.letters.delivery.smtp_outcome import FAILURES_THAT_PAUSE, lapsed
from app.letters.models import Letter, LetterState, Mailing, MailingState
from app.letters.notifying import tell_owner
from app.letters.steps import move
from app.letters.transitions import MAILING
from app.settings.models import Settings
from app.settings.rules import OutwardMail

HELD = "outward mail is off"  # the failure kind of a mailing that waits for live mail
RELEASED = (MailingState.HOLDING, MailingState.SENDING, MailingState.PAUSED)
OTHER_COPY = (
    "This mailing was released in another copy of Liaise, and may have been sent there. Nothing "
    "is sent from this copy unless it is approved again here."
)
LAPSED = "The approval lapsed before every letter had left."


def is_anything_to_do(session: Session) -> bool:
    """Whether any mailing is released, or any letter not yet at its end."""
    mailing = select(exists().where(Mailing.state.in_(RELEASED)))
    letter = select(exists().where(Letter.state.in_(NOT_DONE)))
    return bool(session.scalar(mailing) or session.scalar(letter))


def has_mailings(session: Session) -> bool:
    return bool(session.scalar(select(exists().where(Mailing.id.is_not(None)))))


def has_released(session: Session, installation: str) -> bool:
    """Whether any mailing is on its way out of this very Liaise."""
    ours = exists().where(Mailing.state.in_(RELEASED), Mailing.installation == installation)
    return bool(session.scalar(select(ours)))


def keep_up(session: Session, settings: Settings, mail: OutwardMail, at: datetime) -> None:
    """Whatever is due by the clock, for every released mailing. Running it again changes nothing.

    Each of these is small, so that together they fit one short transaction.
    """
    end_leases(session, at)
    for mailing in _in_states(session, RELEASED):
        _keep_up(session, mailing, settings, mail, at)
    _sweep_up(session, at)
    _queue_due_retries(session, at)
    finish(session, at)


def _keep_up(
    session: Session, mailing: Mailing, settings: Settings, mail: OutwardMail, at: datetime
) -> None:
    if _has_expired(session, mailing, settings, at):
        return
    if mailing.state is MailingState.HOLDING:
        goes_on = mailing.hold_until is None or mailing.hold_until <= at
    elif mailing.state is MailingState.SENDING:
        goes_on = not mail.may_send
    elif mailing.failure_kind == HELD:
        goes_on = mail.may_send or mailing.state_reason != mail.sentence
    else:
        goes_on = mailing.resume_at is not None and mailing.resume_at <= at
    if goes_on:
        _go_on(session, mailing, mail)


def _has_expired(session: Session, mailing: Mailing, settings: Settings, at: datetime) -> bool:
    if mailing.installation != settings.installation:
        turn(session, mailing, MailingState.EXPIRED, OTHER_COPY, ended_at=at)
        return True
    if not lapsed(mailing.approval_lapses_at, at) or not _anything_lapses(session, mailing):
        return False
    if turn(session, mailing, MailingState.EXPIRED, LAPSED, ended_at=at):
        tell_owner(session, mailing, "has expired", LAPSED, at)
    return True


def _anything_lapses(session: Session, mailing: Mailing) -> bool:
    """A letter that is printed may be posted later; only what has gone no further does."""
    left = or_(Letter.state.in_(NOT_DONE), Letter.post_state.in_(by_post.TO_PRINT))
    return bool(session.scalar(select(exists().where(Letter.mailing_id == mailing.id, left))))


def _go_on(session: Session, mailing: Mailing, mail: OutwardMail) -> None:
    """Send, or say why the letters stay where they are."""
    if not mail.may_send:
        turn(
            session,
            mailing,
            MailingState.PAUSED,
            mail.sentence,
            failure_kind=HELD,
            failures_in_a_row=0,
            resume_at=None,
        )
        return
    # After a pause one more failure of the same kind pauses again: one letter feels the way.
    feeling = FAILURES_THAT_PAUSE - 1 if mailing.resume_at is not None else 0
    turn(
        session,
        mailing,
        MailingState.SENDING,
        "",
        failures_in_a_row=feeling,
        failure_kind=mailing.failure_kind if feeling else "",
        resume_at=None,
    )


def turn(session: Session, mailing: Mailing, to: MailingState, reason: str, **values: Any) -> bool:
    """Change a mailing's state, and record it, unless somebody else just did."""
    before, this = mailing.state, Mailing.id == mailing.id
    turned = MAILING.move(session, this, leaving=(before,), to=to, state_reason=reason, **values)
    if turned:
        audit.record(
            session,
            action="changed",
            subjects=[("mailing", mailing.id)],
            summary=reason,
            values={"state": (before.value, to.value)},
        )
        session.refresh(mailing)
    return bool(turned)


def end_leases(session: Session, at: datetime) -> None:
    """Deal with the letters of a sender that died: before the first byte, or perhaps after it."""
    ended = session.execute(
        select(Letter.id, Letter.state, Letter.mailing_id).where(
            Letter.state.in_(IN_FLIGHT), Letter.lease_until < at
        )
    ).all()
    for letter_id, state, mailing_id in ended:
        if state is LetterState.CLAIMED:
            why = "Its sender stopped before anything had left."
            move(session, [letter_id], leaving=(state,), to=LetterState.QUEUED, reason=why, at=at)
        else:
            why = "Its sender stopped while handing it over. It may have arrived."
            unknown = LetterState.UNKNOWN
            if move(session, [letter_id], leaving=(state,), to=unknown, reason=why, at=at):
                _alert(session, mailing_id, letter_id, why, at)


def _alert(
    session: Session, mailing_id: int | None, letter_id: int, why: str, at: datetime
) -> None:
    mailing = session.get(Mailing, mailing_id)
    if mailing is None:
        return
    audit.record(
        session,
        action=LetterState.UNKNOWN.value,
        subjects=[("letter", letter_id), ("mailing", mailing.id)],
        summary=why,
    )
    tell_owner(session, mailing, "has a letter whose fate is not known", why, at)


def _sweep_up(session: Session, at: datetime) -> None:
    """Letters left in the queue of a mailing that will send no more."""
    for ended, becomes in (
        (MailingState.STOPPED, LetterState.STOPPED),
        (MailingState.EXPIRED, LetterState.EXPIRED),
    ):
        left = session.execute(
            select(Letter.id, Mailing.state_reason)
            .join(Mailing, Mailing.id == Letter.mailing_id)
            .where(Mailing.state == ended, Letter.state.in_(TO_GO))
        ).all()
        for letter_id, reason in left:
            move(session, [letter_id], leaving=TO_GO, to=becomes, reason=reason, at=at)
    _sweep_up_paper(session, at)


def _sweep_up_paper(session: Session, at: datetime) -> None:
    left = session.execute(
        select(Letter, Mailing)
        .join(Mailing, Mailing.id == Letter.mailing_id)
        .where(
            Mailing.state.in_((MailingState.STOPPED, MailingState.EXPIRED)),
            Letter.post_state.in_(by_post.TO_PRINT),
        )
        .options(defer(Letter.text), defer(Letter.html))
        .execution_options(populate_existing=True)
    ).all()
    for letter, mailing in left:
        if mailing.state is MailingState.STOPPED:
            by_post.stop(session, [letter], mailing.state_reason, at=at)
        else:
            by_post.lapse(session, [letter], mailing.state_reason, at=at)


def _queue_due_retries(session: Session, at: datetime) -> None:
    due = session.scalars(
        select(Letter.id)
        .join(Mailing, Mailing.id == Letter.mailing_id)
        .where(
            Letter.state == LetterState.WAITING_TO_RETRY,
            Letter.next_attempt_at <= at,
            Mailing.state == MailingState.SENDING,
        )
    ).all()
    waiting = (LetterState.WAITING_TO_RETRY,)
    move(session, due, leaving=waiting, to=LetterState.QUEUED, reason="", at=at)


def finish(session: Session, at: datetime) -> None:
    """A mailing ends when not one of its letters is still to go or on its way, by mail or post."""
    left = exists().where(
        Letter.mailing_id == Mailing.id,
        or_(Letter.state.in_(NOT_DONE), Letter.post_state.in_(by_post.TO_POST)),
    )
    done = session.scalars(select(Mailing).where(Mailing.state == MailingState.SENDING, ~left))
    for mailing in done.all():
        if turn(session, mailing, MailingState.FINISHED, "", ended_at=at, resume_at=None):
            tell_owner(session, mailing, "has finished", "", at)


def _in_states(session: Session, states: Sequence[MailingState]) -> Sequence[Mailing]:
    return session.scalars(
        select(Mailing)
        .where(Mailing.state.in_(states))
        .order_by(Mailing.id)
        .execution_options(populate_existing=True)
    ).all()
