"""Mailings that have gone, for the tests of what follows when nobody answers."""

from datetime import UTC, date, datetime, time

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.letters.chasers import proposing
from app.letters.drafting import checking, templates
from app.letters.models import (
    Letter,
    LetterAnswer,
    LetterState,
    LetterTemplate,
    Mailing,
    MailingState,
)
from tests.factories import NOON, make_user
from tests.letters.conftest import BASE_URL, letters_of

WENT = date(2026, 11, 2)  # a Monday
MORNING = datetime.combine(WENT, time(9), UTC)

SUBJECT = "Our letter about ((system))"
BODY = """\
((salutation)),

On ((earlier letter date)) we wrote to you((if lead is known)) as ((role)) at ((board))((end)): \
((earlier letter subject)).

((if first chaser date))
We wrote again on ((first chaser date)).
((end))

((close)),
"""


def chaser_words(session: Session, name: str = "Chaser", body: str = BODY) -> LetterTemplate:
    return templates.write_template(
        session, name=name, purpose="", subject=SUBJECT, body=body, by=None, at=NOON
    )


def let_it_go(session: Session, mailing: Mailing, *, on: date = WENT) -> list[Letter]:
    """As if it had been released and every letter that was ready had been sent."""
    at = datetime.combine(on, time(9), UTC)
    letters = letters_of(session, mailing)
    for letter in letters:
        if letter.state is LetterState.READY:
            letter.state, letter.sent_at, letter.sent_on = LetterState.SENT, at, on
    mailing.state = MailingState.FINISHED
    mailing.asked_at = mailing.released_at = mailing.ended_at = at
    session.flush()
    return letters


def answered(
    session: Session, letter: Letter, *, by: str = "the lead’s office", at: datetime = NOON
) -> LetterAnswer:
    answer = LetterAnswer(
        letter_id=letter.id,
        answered_on=at.date(),
        answered_by=by,
        said="Thank you, yes.",
        recorded_at=at,
        recorded_by_id=make_user(session).id,
    )
    session.add(answer)
    session.flush()
    return answer


def propose(
    session: Session,
    mailing: Mailing,
    template: LetterTemplate | None = None,
    *,
    by: User | None = None,
    at: datetime = NOON,
) -> Mailing:
    template = template or chaser_words(session)
    by = by or make_user(session, "Carol Coordinator")
    return proposing.propose(session, mailing, template, by=by, at=at, base_url=BASE_URL)


def check_again(session: Session, chaser: Mailing) -> list[Letter]:
    by = make_user(session, "Carol Coordinator")
    checking.check(session, chaser, by=by, at=NOON, base_url=BASE_URL)
    session.expire_all()
    return letters_of(session, chaser)
