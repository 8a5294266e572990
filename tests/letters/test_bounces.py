"""A letter that was sent and bounced: what is known of it, and who is written to from then on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import clock
from app.directory.models import Person, PersonEmail
from app.directory.services import people
from app.letters.chasers import proposing
from app.letters.drafting import checking, templates
from app.letters.models import (
    Letter,
    LetterBoard,
    LetterRecipient,
    LetterState,
    Mailing,
    MailingState,
)
from app.letters.tracking import bounces, replies
from app.letters.tracking.bounces import CannotBounce
from app.overview.timeline import of_bodies
from tests.factories import NOON, make_user
from tests.letters.conftest import BASE_URL, board, chair, lead, letters_of

Begin = Callable[..., Mailing]


@pytest.fixture
def by(session: Session) -> User:
    return make_user(session, "Rae Recorder")


def sent(session: Session, begin: Begin) -> tuple[Mailing, Letter, Person]:
    """A letter to a lead, with a copy to the chair, that went today."""
    here = board(session)
    person = lead(session, here)
    chair(session, here)
    mailing = begin()
    checking.check(session, mailing, by=make_user(session), at=NOON, base_url=BASE_URL)
    (letter,) = letters_of(session, mailing)
    mailing.state = MailingState.FINISHED
    letter.state, letter.sent_at, letter.sent_on = LetterState.SENT, clock.now(), clock.today()
    letter.server_reply = "250 taken"
    session.commit()
    return mailing, letter, person


def envelope(session: Session, letter: Letter, *, copies: bool) -> list[LetterRecipient]:
    rows = select(LetterRecipient).where(
        LetterRecipient.letter_id == letter.id, LetterRecipient.is_cc.is_(copies)
    )
    return list(session.scalars(rows))


def bounce(session: Session, letter: Letter, by: User, *, copies: bool = False) -> None:
    bounces.record(
        session,
        letter,
        envelope(session, letter, copies=copies),
        bounced_on=clock.today(),
        why="no such mailbox.",
        by=by,
        at=clock.now(),
        today=clock.today(),
    )
    session.commit()
    session.expire_all()


def address_of(session: Session, person: Person) -> PersonEmail:
    return session.scalars(select(PersonEmail).where(PersonEmail.person_id == person.id)).one()


def test_a_letter_that_bounced_does_not_count_as_sent_and_its_address_is_not_used(
    session: Session, begin: Begin, by: User
) -> None:
    _, letter, person = sent(session, begin)
    assert session.scalars(select(Letter.id).where(Letter.where_gone())).all()

    bounce(session, letter, by)

    assert not letter.has_gone
    assert not session.scalars(select(Letter.id).where(Letter.where_gone())).all()
    address = address_of(session, person)
    assert (address.failed_on, address.failure) == (clock.today(), "no such mailbox")
    with pytest.raises(replies.NotAnswerable):
        replies.record_answer(
            session,
            letter=letter,
            answered_on=clock.today(),
            answered_by="The lead",
            said="",
            by=by,
            at=clock.now(),
            today=clock.today(),
        )


def test_a_bounced_letter_keeps_nobody_from_being_written_to_at_another_address(
    session: Session, begin: Begin, by: User
) -> None:
    _, letter, person = sent(session, begin)
    again = begin(name="Again")
    said = checking.prepare(session, again, on=clock.today(), base_url=BASE_URL)
    assert "Wrote to this reader" in said[0].excluded
    bounce(session, letter, by)
    people.add_email(session, person=person, address="right@example.org", preferred=True)
    session.commit()
    said = checking.prepare(session, again, on=clock.today(), base_url=BASE_URL)
    assert said[0].excluded == ""
    assert said[0].reader.addressee.email == "right@example.org"


def test_nobody_is_reminded_of_a_letter_that_bounced(
    session: Session, begin: Begin, by: User
) -> None:
    mailing, letter, _ = sent(session, begin)
    words = templates.write_template(
        session, name="Chaser", purpose="", subject="Again", body="((salutation)),", by=by, at=NOON
    )
    bounce(session, letter, by)
    with pytest.raises(proposing.NobodyToChase):
        proposing.propose(session, mailing, words, by=by, at=clock.now(), base_url=BASE_URL)


def test_a_copy_that_bounced_leaves_the_letter_as_it_is(
    session: Session, begin: Begin, by: User
) -> None:
    _, letter, person = sent(session, begin)
    bounce(session, letter, by, copies=True)
    assert letter.has_gone
    assert letter.bounced_on is None
    assert address_of(session, person).failed_on is None
    (copy,) = envelope(session, letter, copies=True)
    assert copy.accepted is False
    assert "no such mailbox" in copy.reply


def test_a_bounce_recorded_of_the_wrong_letter_is_taken_back(
    session: Session, begin: Begin, by: User
) -> None:
    _, letter, person = sent(session, begin)
    bounce(session, letter, by)
    bounces.take_back(session, letter, by=by, at=clock.now())
    session.commit()
    assert letter.has_gone
    assert address_of(session, person).failed_on is None


@pytest.mark.date_sensitive
def test_only_what_was_sent_bounces_from_that_day_on(
    session: Session, begin: Begin, by: User
) -> None:
    _, letter, _ = sent(session, begin)

    def refused(day: int = 0, why: str = "full") -> str:
        with pytest.raises(CannotBounce) as refusal:
            bounces.record(
                session,
                letter,
                envelope(session, letter, copies=False),
                bounced_on=clock.today() + timedelta(days=day),
                why=why,
                by=by,
                at=clock.now(),
                today=clock.today(),
            )
        return str(refusal.value)

    assert "today’s date or an earlier" in refused(day=1)
    assert "cannot have bounced before" in refused(day=-1)
    assert "Say why" in refused(why=" . ")
    letter.server_reply = "250 Caught here, not sent"
    letter.state = LetterState.QUEUED
    assert "Only a letter that was sent" in refused()


def test_what_was_answered_arrived(session: Session, begin: Begin, by: User) -> None:
    _, letter, _ = sent(session, begin)
    replies.record_answer(
        session,
        letter=letter,
        answered_on=clock.today(),
        answered_by="Dr Lead",
        said="Thank you",
        by=by,
        at=clock.now(),
        today=clock.today(),
    )
    with pytest.raises(CannotBounce, match="Dr Lead answered it"):
        bounce(session, letter, by)


@pytest.mark.usefixtures("ordinary_day")
def test_from_the_page_of_a_letter_to_the_right_address(
    session: Session, client: FlaskClient, begin: Begin
) -> None:
    mailing, letter, person = sent(session, begin)
    page = f"/letters/letters/{letter.id}"
    assert f"{page}/bounced" in client.get(page).text
    to = [one.id for one in envelope(session, letter, copies=False)]
    today = clock.today().isoformat()

    without = client.post(f"{page}/bounced", data={"bounced_on": today, "why": "mailbox full"})
    assert "Tick the address that sent it back." in without.text
    assert 'value="mailbox full"' in without.text
    said = client.post(
        f"{page}/bounced",
        data={"which": to, "bounced_on": today, "why": "mailbox full"},
        follow_redirects=True,
    ).text

    assert "It bounced on 22 November 2026: mailbox full." in said
    assert f'href="/people/{person.id}"' in said
    assert "1 bounced" in client.get(f"/letters/mailings/{mailing.id}/truth").text
    story = of_bodies(session, [board_of(session, letter)]).entries
    assert "bounced" in [one.what for one in story]
    assert "Failed" in client.get(f"/people/{person.id}").text
    client.post(f"{page}/did-not-bounce")
    assert "It bounced on" not in client.get(page).text


def board_of(session: Session, letter: Letter) -> int:
    return session.scalars(
        select(LetterBoard.organisation_id).where(LetterBoard.letter_id == letter.id)
    ).one()


def test_an_objection_is_recorded_from_the_letter_it_answers(
    session: Session, client: FlaskClient, begin: Begin
) -> None:
    _, letter, person = sent(session, begin)
    page = f"/letters/letters/{letter.id}"
    link = f"/people/{person.id}/objection?back={page}"
    assert link in client.get(page).text.replace("%2F", "/")

    answer = client.post(link, data={"objected_on": clock.today().isoformat(), "note": "Stop"})

    assert answer.location == page
    session.expire_all()
    assert person.objected_on == clock.today()


def test_an_address_is_marked_on_the_persons_page(
    session: Session, client: FlaskClient, begin: Begin
) -> None:
    _, _, person = sent(session, begin)
    email = address_of(session, person)
    form = f"/emails/{email.id}/failed"
    assert form in client.get(f"/people/{person.id}").text
    future = (clock.today() + timedelta(days=1)).isoformat()
    assert (
        "today’s date or an earlier"
        in client.post(form, data={"failed_on": future, "why": "full"}).text
    )
    client.post(form, data={"failed_on": clock.today().isoformat(), "why": "left the board"})
    session.expire_all()
    assert (email.failed_on, email.failure) == (clock.today(), "left the board")
