"""Mailings on one person's list: what waits for somebody, in which state, and for how long."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.digests import mailings
from app.letters.models import LetterState, MailingState, PostalState
from tests.factories import NOON, make_user
from tests.sending.mailings import add_letter, make_mailing

PAPER = (PostalState.APPROVED, PostalState.PRINTED)
A_MOMENT = timedelta(seconds=1)


@pytest.fixture
def cora(session: Session) -> User:
    return make_user(session, "Cora", permissions=(Permission.VIEW, Permission.COORDINATE))


def pills(session: Session, user: User) -> list[str]:
    session.flush()
    return [line.pill for line in mailings.lines(session, user, NOON)]


@pytest.mark.parametrize(
    ("paper", "pill"), [(PostalState.APPROVED, "To print"), (PostalState.PRINTED, "To post")]
)
def test_paper_is_waited_for_only_while_its_mailing_goes(
    session: Session, cora: User, paper: PostalState, pill: str
) -> None:
    """Before that nobody may print it, and afterwards somebody has to approve it again."""
    mailing = make_mailing(session, at=NOON - timedelta(hours=1))
    letter = add_letter(session, mailing, "lead@example.org", state=LetterState.BY_POST)
    letter.post_state = paper
    said = set()

    for state in MailingState:
        mailing.state = state
        if pill in pills(session, cora):
            said.add(state)

    assert said == {MailingState.SENDING}


@pytest.mark.parametrize("paper", [state for state in PostalState if state not in PAPER])
def test_paper_that_went_or_may_not_go_waits_for_nobody(
    session: Session, cora: User, paper: PostalState
) -> None:
    mailing = make_mailing(session, at=NOON - timedelta(hours=1))
    add_letter(session, mailing, "lead@example.org", state=LetterState.BY_POST).post_state = paper

    assert pills(session, cora) == []


@pytest.mark.parametrize(
    ("ended", "state", "is_listed"),
    [
        (timedelta(days=14) - A_MOMENT, LetterState.REFUSED, True),
        (timedelta(days=14), LetterState.REFUSED, False),
        (timedelta(days=15), LetterState.REFUSED, False),
        (timedelta(days=15), LetterState.UNKNOWN, True),
        (None, LetterState.REFUSED, True),
    ],
)
def test_what_was_refused_is_spoken_of_for_a_fortnight_and_what_is_unknown_until_it_is_settled(
    session: Session, cora: User, ended: timedelta | None, state: LetterState, is_listed: bool
) -> None:
    mailing = make_mailing(session, at=NOON - timedelta(days=20), state=MailingState.FINISHED)
    mailing.ended_at = NOON - ended if ended else None
    add_letter(session, mailing, "lead@example.org", state=state)

    assert bool(pills(session, cora)) is is_listed


@pytest.mark.parametrize(("left", "is_listed"), [(A_MOMENT, True), (timedelta(0), False)])
def test_a_hold_is_listed_to_its_last_moment(
    session: Session, cora: User, left: timedelta, is_listed: bool
) -> None:
    mailing = make_mailing(session, at=NOON, state=MailingState.HOLDING, hold=left)
    add_letter(session, mailing, "lead@example.org")

    assert pills(session, cora) == (["On hold"] if is_listed else [])


def test_only_who_looks_after_mailings_is_told_of_their_letters(session: Session) -> None:
    """Its author is, whatever else they may do; somebody who only writes notes is not."""
    author, other = (
        make_user(session, name, permissions=(Permission.VIEW, Permission.LOG))
        for name in ("Ada Author", "Olive Other")
    )
    mailing = make_mailing(session, at=NOON - timedelta(hours=1), author=author)
    add_letter(session, mailing, "lead@example.org", state=LetterState.UNKNOWN)

    assert pills(session, author) == ["Unknown"]
    assert pills(session, other) == []
