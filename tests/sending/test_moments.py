"""At the very moment and just before it: holds, approvals, retries, leases and answers."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.clock import LONDON
from app.directory.models import Organisation, PersonEmail
from app.letters.delivery import controls, lifecycle, queue
from app.letters.models import (
    Letter,
    LetterAnswer,
    LetterBoard,
    LetterEvent,
    LetterState,
    Mailing,
    MailingState,
)
from app.letters.recipients.final_check import reason_to_leave_out
from app.settings.models import Settings
from app.settings.rules import MailKind, OutwardMail
from app.settings.services import Turn, settings_of
from tests.factories import NOON, make_organisation, make_sent_letter, make_succession, make_user
from tests.sending.mailings import config_to, make_released, send, sender_for
from tests.smtp_server import SmtpServer

S = LetterState
LIVE = OutwardMail(MailKind.LIVE, "")
A_SECOND = timedelta(seconds=1)
HOLD = timedelta(minutes=5)
APPROVED = HOLD + timedelta(hours=24)


def keep_up(session: Session, at: datetime) -> None:
    lifecycle.keep_up(session, settings_of(session), LIVE, at)
    session.commit()
    session.expire_all()


def is_claimed(session: Session, at: datetime) -> bool:
    """By a sender that has not looked at the mailings first, as between two looks."""
    sender = sender_for(session, config_to(1), now=lambda: at)
    try:
        return sender._claim()
    finally:
        sender.close()


def test_a_hold_ends_at_its_moment_and_an_approval_at_its_own(session: Session) -> None:
    mailing, (letter,) = make_released(session, 1, state=MailingState.HOLDING, at=NOON, hold=HOLD)
    for after, state, its in (
        (HOLD - A_SECOND, MailingState.HOLDING, S.QUEUED),
        (HOLD, MailingState.SENDING, S.QUEUED),
        (APPROVED - A_SECOND, MailingState.SENDING, S.QUEUED),
        (APPROVED, MailingState.EXPIRED, S.EXPIRED),
    ):
        keep_up(session, NOON + after)
        assert (mailing.state, letter.state) == (state, its), f"{after} after the release"


def test_a_letter_is_tried_again_at_its_moment_and_not_before(session: Session) -> None:
    _, (letter,) = make_released(session, 1, at=NOON)
    letter.state, letter.next_attempt_at = S.WAITING_TO_RETRY, NOON + HOLD
    session.commit()

    for after, state in ((HOLD - A_SECOND, S.WAITING_TO_RETRY), (HOLD, S.QUEUED)):
        keep_up(session, NOON + after)
        assert letter.state is state


@pytest.mark.parametrize("holder", ["this sender", "another sender"])
def test_a_sender_gives_back_the_letter_it_holds_and_no_other(
    session: Session, holder: str
) -> None:
    _, (letter,) = make_released(session, 1, at=NOON)
    letter.state, letter.claimed_by, letter.lease_until = S.CLAIMED, holder, NOON + queue.LEASE
    session.flush()
    batch = queue.Batch("this sender", Turn("", 0, may_send=True), [letter.id])

    queue.give_back(session, batch, NOON, "The mailing was paused.")

    session.refresh(letter)
    is_given_back = holder == "this sender"
    assert letter.state is (S.QUEUED if is_given_back else S.CLAIMED)
    assert letter.claimed_by == (None if is_given_back else holder)


@pytest.mark.parametrize(("held", "left"), [(S.CLAIMED, S.QUEUED), (S.TRANSMITTING, S.UNKNOWN)])
def test_a_letter_is_its_senders_to_the_last_moment_of_the_lease(
    session: Session, held: LetterState, left: LetterState
) -> None:
    _, (letter,) = make_released(session, 1, at=NOON)
    letter.state, letter.claimed_by, letter.lease_until = held, "a sender", NOON + HOLD
    session.commit()

    keep_up(session, NOON + HOLD)
    assert letter.state is held
    keep_up(session, NOON + HOLD + A_SECOND)
    assert letter.state is left


def test_once_the_approval_has_lapsed_no_letter_is_claimed_before_anybody_notices(
    live: Session,
) -> None:
    lapses_at = clock.now() + APPROVED
    mailing, _ = make_released(live, 1)
    mailing.approval_lapses_at = lapses_at
    live.commit()

    assert not is_claimed(live, lapses_at)
    assert is_claimed(live, lapses_at - A_SECOND)


def test_in_another_copy_of_liaise_no_letter_is_claimed_before_anybody_notices(
    live: Session,
) -> None:
    make_released(live, 1)
    settings = live.get_one(Settings, 1)
    here, settings.installation = settings.installation, "somewhere else"
    live.commit()
    assert not is_claimed(live, clock.now())

    settings.installation = here
    live.commit()
    assert is_claimed(live, clock.now())


def test_only_of_a_mailing_that_is_sending_a_letter_is_claimed(live: Session) -> None:
    mailing, (letter,) = make_released(live, 1)
    claimed = set()

    for state in MailingState:
        mailing.state, letter.state = state, S.QUEUED
        live.commit()
        if is_claimed(live, clock.now()):
            claimed.add(state)
        live.refresh(letter)

    assert claimed == {MailingState.SENDING}


def test_an_unknown_letter_found_to_have_arrived_went_on_the_day_it_was_handed_over(
    session: Session,
) -> None:
    """Handed over just before midnight in London, and found out about on the day after."""
    _, (letter,) = make_released(session, 1)
    handed_over = datetime(2027, 6, 30, 23, 59, tzinfo=LONDON)
    session.add(LetterEvent(letter_id=letter.id, at=handed_over, state=S.TRANSMITTING))
    letter.state = S.UNKNOWN
    session.commit()

    by, at = make_user(session), handed_over + timedelta(hours=9)
    controls.it_arrived(session, letter, by=by, at=at)

    session.expire_all()
    assert letter.state is S.SENT
    assert (letter.sent_at, letter.sent_on) == (handed_over, handed_over.date())


def test_a_letter_goes_and_an_address_fails_on_the_day_that_it_is_in_london(
    live: Session, server: SmtpServer
) -> None:
    """Half past midnight in summer: in Greenwich it is still the day before."""
    at = datetime(2027, 7, 1, 0, 30, tzinfo=LONDON).astimezone(UTC)
    _, (gone, refused) = make_released(live, 2, at=at - timedelta(hours=1))
    server.at("rcpt", "reply", "550 gone", address=refused.to_email)

    send(live, config_to(server.port), now=lambda: at)

    live.expire_all()
    failed = select(PersonEmail.failed_on).where(PersonEmail.address == refused.to_email)
    assert (gone.state, refused.state) == (S.SENT, S.REFUSED)
    assert gone.sent_on == live.scalars(failed).one() == date(2027, 7, 1)


def answer(session: Session, letter: Letter, at: datetime) -> None:
    session.add(
        LetterAnswer(
            letter_id=letter.id,
            answered_on=at.date(),
            answered_by="Robin Reader",
            recorded_at=at,
            recorded_by_id=make_user(session).id,
        )
    )
    session.flush()


def why_not(session: Session, mailing: Mailing, letter: Letter) -> str | None:
    return reason_to_leave_out(session, letter.id, mailing.answers_count_from)


def test_an_answer_written_down_from_the_moment_of_asking_on_stops_a_letter(
    session: Session,
) -> None:
    mailing, (letter,) = make_released(session, 1, at=NOON)
    answer(session, letter, NOON - A_SECOND)
    assert why_not(session, mailing, letter) is None

    answer(session, letter, NOON)
    assert why_not(session, mailing, letter) == "Robin Reader has answered since it was approved."


@pytest.mark.parametrize(("which", "stops"), [("before", True), ("after", True), ("", False)])
def test_an_answer_of_the_body_before_or_after_stops_a_letter_and_a_sisters_does_not(
    session: Session, which: str, stops: bool
) -> None:
    mailing, (letter,) = make_released(session, 1, at=NOON)
    named = select(Organisation).join(LetterBoard).where(LetterBoard.letter_id == letter.id)
    ours = session.scalars(named).one()
    theirs, parent = (make_organisation(session, name) for name in ("NHS Theirs", "NHS Parent"))
    if which == "before":
        make_succession(session, theirs, ours)
    elif which == "after":
        make_succession(session, ours, theirs)
    else:
        make_succession(session, parent, ours)
        make_succession(session, parent, theirs)
    answer(session, make_sent_letter(session, theirs), NOON + A_SECOND)

    assert bool(why_not(session, mailing, letter)) is stops
