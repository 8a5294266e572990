"""Chasers on their way: made once by whoever is first, and stopped by an answer at any moment."""

from datetime import UTC, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock, loopback, schema
from app.directory.models import Organisation
from app.letters.approval import releasing, submitting
from app.letters.chasers import jobs, proposing
from app.letters.drafting import checking
from app.letters.models import (
    CcRule,
    Letter,
    LetterAnswer,
    LetterBoard,
    LetterState,
    LetterTemplate,
    Mailing,
    MailingState,
)
from app.notifications.models import Notification
from tests.factories import make_person, make_sent_letter, make_succession, make_user
from tests.letters.conftest import BASE_URL, begin_in, board, lead, letters_of, set_up
from tests.letters.silent import chaser_words, let_it_go
from tests.sending import children
from tests.sending.mailings import FakeClock, config_to, open_session, send, states
from tests.smtp_server import SmtpServer

S = LetterState
NAMES = ("Ashire", "Bshire", "Cshire")


@pytest.fixture
def first(live: Session) -> Mailing:
    """A mailing to three leads that went a fortnight and more ago."""
    set_up(live)
    for name in NAMES:
        lead(live, board(live, name), make_person(live, name, title="Dr"))
    by, at = make_user(live, "Ada Author"), clock.now() - timedelta(days=20)
    mailing = begin_in(live, cc_rule=CcRule.NOBODY, by=by)
    checking.check(live, mailing, by=by, at=at, base_url=BASE_URL)
    let_it_go(live, mailing, on=at.astimezone(UTC).date())
    words = chaser_words(live)
    proposing.chase_when_silent(live, mailing, after_days=10, template=words, by=by)
    live.commit()
    return mailing


def released(session: Session, first: Mailing) -> Mailing:
    """Its chaser, checked and approved, and past its hold."""
    author, approver = make_user(session, "Carol"), make_user(session, "Pat Approver")
    words = session.get_one(LetterTemplate, first.chaser_template_id)
    at = clock.now() - timedelta(hours=1)
    chaser = proposing.propose(session, first, words, by=author, at=at, base_url=BASE_URL)
    submitting.waive_test(chaser, "Known words", by=author)
    session.flush()
    submitting.ask_for_approval(session, chaser, by=author, at=at, base_url=BASE_URL)
    session.flush()
    releasing.approve_and_release(session, chaser.id, by=approver, at=at, base_url=BASE_URL)
    session.commit()
    return session.get_one(Mailing, chaser.id)


def answer(session: Session, letter: Letter, **when: float) -> None:
    at = clock.now() - timedelta(**when)
    session.add(
        LetterAnswer(
            letter_id=letter.id,
            answered_on=at.date(),
            answered_by="Robin Reader",
            recorded_at=at,
            recorded_by_id=make_user(session).id,
        )
    )
    session.commit()


def reasons(session: Session, mailing: Mailing) -> list[str]:
    session.expire_all()
    return [one.state_reason for one in letters_of(session, mailing)]


def body_of(session: Session, letter: Letter) -> Organisation:
    wanted = select(Organisation).join(LetterBoard).where(LetterBoard.letter_id == letter.id)
    return session.scalars(wanted).one()


def test_a_reply_recorded_one_second_before_stops_the_chaser(
    live: Session, server: SmtpServer, first: Mailing
) -> None:
    chaser = released(live, first)
    earlier = letters_of(live, first)
    answer(live, earlier[1], seconds=1)

    assert send(live, config_to(server.port)) == 2

    assert states(live, chaser) == [S.SENT, S.EXCLUDED, S.SENT]
    assert reasons(live, chaser)[1] == "Robin Reader has answered since it was approved."
    assert len(server.messages) == 2
    assert chaser.state is MailingState.FINISHED


def test_a_reply_that_its_check_missed_by_a_moment_stops_it_too(
    live: Session, server: SmtpServer, first: Mailing
) -> None:
    """Written down before the chaser was put forward, and kept a moment after it was."""
    chaser = released(live, first)
    answer(live, letters_of(live, first)[0], hours=2)

    assert send(live, config_to(server.port)) == 2

    assert states(live, chaser) == [S.EXCLUDED, S.SENT, S.SENT]
    assert reasons(live, chaser)[0] == "Robin Reader has answered the letter that this one follows."


@pytest.mark.parametrize(("days", "goes"), [(-1, 3), (0, 2), (1, 2)])
def test_a_missed_reply_counts_from_the_day_on_which_the_first_letter_went(
    live: Session, server: SmtpServer, first: Mailing, days: int, goes: int
) -> None:
    chaser = released(live, first)
    earlier = letters_of(live, first)[0]
    assert earlier.sent_on
    answer(live, earlier, hours=2)
    kept = live.scalars(select(LetterAnswer)).one()
    kept.answered_on = earlier.sent_on + timedelta(days=days)
    live.commit()

    assert send(live, config_to(server.port)) == goes

    assert (states(live, chaser)[0] is S.EXCLUDED) is (goes == 2)


def test_a_reply_of_the_body_that_took_over_stops_it(
    live: Session, server: SmtpServer, first: Mailing
) -> None:
    heir = board(live, "Heirshire")
    make_succession(live, body_of(live, letters_of(live, first)[2]), heir)
    chaser = released(live, first)
    answer(live, make_sent_letter(live, heir, sent_on=clock.today()), seconds=1)

    send(live, config_to(server.port))

    assert states(live, chaser) == [S.SENT, S.SENT, S.EXCLUDED]


def test_an_old_answer_that_is_only_now_written_down_stops_nothing(
    live: Session, server: SmtpServer, first: Mailing
) -> None:
    """It was given before the first letter went, so it is no answer to it."""
    old = make_sent_letter(live, body_of(live, letters_of(live, first)[0]))
    live.add(
        LetterAnswer(
            letter_id=old.id,
            answered_on=clock.today() - timedelta(days=200),
            answered_by="Robin Reader",
            recorded_at=clock.now() - timedelta(days=5),
            recorded_by_id=make_user(live).id,
        )
    )
    live.commit()
    chaser = released(live, first)

    assert send(live, config_to(server.port)) == 3
    assert states(live, chaser) == [S.SENT] * 3


def test_put_forward_again_after_its_approval_lapsed_it_looks_again(
    live: Session, server: SmtpServer, first: Mailing
) -> None:
    chaser = released(live, first)
    later = FakeClock(timedelta(hours=30))
    send(live, config_to(server.port), now=later.now)
    assert states(live, chaser) == [S.EXPIRED] * 3
    answer(live, letters_of(live, first)[1], seconds=1)

    submitting.ask_again(live, chaser, by=make_user(live), at=later.now())
    live.commit()

    assert states(live, chaser) == [S.READY, S.EXCLUDED, S.READY]


def test_nobody_goes_back_to_a_version_without_chasers_while_one_waits(
    live: Session, first: Mailing
) -> None:
    """There it would be a letter to everybody, also to those who answered."""
    words = live.get_one(LetterTemplate, first.chaser_template_id)
    by = make_user(live, "Carol")
    proposing.propose(live, first, words, by=by, at=clock.now(), base_url=BASE_URL)
    live.commit()
    engine: Any = live.get_bind()

    with pytest.raises(RuntimeError, match="1 chasers have not gone"):
        schema.downgrade(engine)


def proposer(database_url: str) -> None:
    loopback.stay_on_loopback()
    with open_session(database_url) as session:
        jobs.propose_chasers(session, clock.now(), BASE_URL)


def test_four_processes_that_propose_at_once_make_one_draft(
    live: Session, live_database: str, first: Mailing
) -> None:
    at_once = [children.start(proposer, live_database) for _ in range(4)]
    for child in at_once:
        child.join(60)

    assert [child.exitcode for child in at_once] == [0] * 4
    (chaser,) = live.scalars(select(Mailing).where(Mailing.chases_id == first.id)).all()
    assert states(live, chaser) == [S.READY] * 3
    assert len(live.scalars(select(Notification)).all()) == 1
