"""Printed letters are posted on a day, and some come back."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import clock
from app.directory.models import Organisation, Person
from app.directory.returned_mail import returned_address_problem
from app.directory.services import people
from app.letters.models import (
    Letter,
    LetterBoard,
    LetterEvent,
    LetterState,
    PostalState,
)
from app.letters.print import posting, runs
from app.letters.print.posting import CannotPost, CannotReturn
from app.letters.print.runs import CannotPrint
from app.notifications.models import Notification
from app.overview.timeline import of_bodies
from tests.factories import make_user
from tests.letters.by_post import printed
from tests.pages import press


@pytest.fixture
def by(session: Session) -> User:
    return make_user(session, "Petra Post")


def post(session: Session, letters: list[Letter], by: User) -> posting.PostingStep:
    step = posting.mark_posted(
        session, [one.id for one in letters], posted_on=clock.today(), by=by, at=clock.now()
    )
    session.commit()
    session.expire_all()
    return step


def back(session: Session, letter: Letter, by: User, why: str = "addressee gone away") -> object:
    record = posting.came_back(
        session, letter, returned_on=clock.today(), why=why, by=by, at=clock.now()
    )
    session.commit()
    session.expire_all()
    return record


def found(session: Session, letter: Letter) -> Letter:
    again = posting.letter_with_reader(session, letter.id)
    assert again is not None
    return again


def test_a_whole_file_is_posted_at_one_stroke_and_taken_back_at_one(
    session: Session, by: User
) -> None:
    _, letters, _ = printed(session)
    step = post(session, letters, by)
    assert step.count == 3
    for letter in letters:
        assert (letter.post_state, letter.posted_on) == (PostalState.POSTED, clock.today())
        assert letter.sent_on == clock.today()
        assert letter.has_gone
    event = session.get_one(LetterEvent, step.first_event_id)
    assert posting.undo_posted(session, event, by=by, at=clock.now()) == 3
    session.commit()
    session.expire_all()
    assert {(one.post_state, one.posted_on, one.sent_on) for one in letters} == {
        (PostalState.PRINTED, None, None)
    }
    with pytest.raises(CannotPost, match="taken back already"):
        posting.undo_posted(session, event, by=by, at=clock.now())


def test_an_undo_leaves_alone_what_was_marked_another_time_or_came_back_since(
    session: Session, by: User
) -> None:
    _, letters, _ = printed(session)
    post(session, letters[:1], by)
    step = post(session, letters, by)
    assert step.count == 2
    back(session, found(session, letters[2]), by)
    event = session.get_one(LetterEvent, step.first_event_id)
    assert posting.undo_posted(session, event, by=by, at=clock.now()) == 1
    session.commit()
    session.expire_all()
    assert [one.post_state for one in letters] == [
        PostalState.POSTED,
        PostalState.PRINTED,
        PostalState.RETURNED,
    ]


@pytest.mark.date_sensitive
def test_letters_are_posted_on_a_day_that_has_come_and_not_before_they_were_printed(
    session: Session, by: User
) -> None:
    _, letters, _ = printed(session)
    for day, said in ((1, "today’s date or an earlier"), (-1, "They were printed on")):
        with pytest.raises(CannotPost, match=said):
            posting.mark_posted(
                session,
                [one.id for one in letters],
                posted_on=clock.today() + timedelta(days=day),
                by=by,
                at=clock.now(),
            )


def test_letters_of_two_files_are_not_posted_before_the_later_was_printed(
    session: Session, by: User
) -> None:
    _, letters, _ = printed(session, 2)
    letters[0].printed_at = clock.now() - timedelta(days=2)
    session.commit()
    ids = [one.id for one in letters]
    yesterday = clock.today() - timedelta(days=1)

    with pytest.raises(CannotPost, match="They were printed on"):
        posting.mark_posted(session, ids, posted_on=yesterday, by=by, at=clock.now())
    assert posting.mark_posted(session, ids[:1], posted_on=yesterday, by=by, at=clock.now()).count
    assert post(session, letters, by).count == 1


@pytest.mark.date_sensitive
def test_the_paper_of_a_letter_that_went_by_mail_keeps_the_day_of_the_mail(
    session: Session, by: User
) -> None:
    _, letters, _ = printed(session)
    yesterday = clock.today() - timedelta(days=1)
    letters[0].state, letters[0].sent_on = LetterState.SENT, yesterday
    session.commit()
    post(session, letters, by)
    assert (letters[0].sent_on, letters[0].posted_on) == (yesterday, clock.today())


def test_a_file_with_posted_letters_is_not_taken_back(session: Session, by: User) -> None:
    _, letters, run = printed(session)
    post(session, letters[:1], by)
    with pytest.raises(CannotPrint, match="1 letter of this file is marked as posted"):
        runs.take_back(session, run, by=by, at=clock.now())


@pytest.mark.date_sensitive
def test_a_returned_letter_puts_the_persons_address_on_the_list(session: Session, by: User) -> None:
    mailing, letters, _ = printed(session)
    post(session, letters, by)
    record = back(session, found(session, letters[0]), by)
    assert isinstance(record, Person)
    assert record.id == letters[0].person_id
    assert record.post_returned_on == clock.today()
    assert returned_address_problem(record).startswith("a letter came back from this address on")
    assert letters[0].post_state is PostalState.RETURNED
    assert not letters[0].has_gone
    told = session.scalars(
        select(Notification).where(Notification.user_id == mailing.created_by_id)
    ).one()
    assert "came back: addressee gone away" in told.text


def test_a_returned_letter_to_an_office_puts_the_bodys_address_on_the_list(
    session: Session, by: User
) -> None:
    _, letters, _ = printed(session)
    letter = letters[0]
    body = session.scalars(
        select(Organisation).join(LetterBoard).where(LetterBoard.letter_id == letter.id)
    ).one()
    person = session.get_one(Person, letter.person_id)
    body.postal_address, person.postal_address = person.postal_address, ""
    session.commit()
    post(session, letters, by)
    record = back(session, found(session, letter), by, "address incomplete")
    assert record is body
    assert body.post_returned_why == "address incomplete"


def test_an_address_corrected_before_the_letter_came_back_is_left_alone(
    session: Session, by: User
) -> None:
    _, letters, _ = printed(session)
    post(session, letters, by)
    person = session.get_one(Person, letters[0].person_id)
    person.postal_address = "2 New Street\nExeter\nEX1 1AA"
    session.commit()
    assert back(session, found(session, letters[0]), by) is None
    assert person.post_returned_on is None


def test_a_corrected_address_leaves_the_list(session: Session, by: User) -> None:
    _, letters, _ = printed(session)
    post(session, letters, by)
    person = back(session, found(session, letters[0]), by)
    assert isinstance(person, Person)
    people.edit_person(
        session,
        person=person,
        details={"postal_address": person.postal_address},
        subscriber_type=person.subscriber_type,
        details_obtained_on=None,
    )
    assert person.post_returned_on  # the same address says nothing new
    people.edit_person(
        session,
        person=person,
        details={"postal_address": "2 New Street\nExeter\nEX1 1AA"},
        subscriber_type=person.subscriber_type,
        details_obtained_on=None,
    )
    session.refresh(person)
    assert not person.post_returned_on
    assert not person.post_returned_why
    assert returned_address_problem(person) == ""


def test_it_did_not_come_back_after_all(session: Session, by: User) -> None:
    _, letters, _ = printed(session)
    post(session, letters, by)
    back(session, found(session, letters[0]), by)
    posting.did_not_come_back(session, found(session, letters[0]), by=by, at=clock.now())
    session.commit()
    session.expire_all()
    assert (letters[0].post_state, letters[0].returned_on) == (PostalState.POSTED, None)
    assert session.get_one(Person, letters[0].person_id).post_returned_on is None


@pytest.mark.date_sensitive
def test_only_what_was_posted_comes_back_and_not_before_it_went(session: Session, by: User) -> None:
    _, letters, _ = printed(session)
    with pytest.raises(CannotReturn, match="Only a letter that was posted"):
        back(session, found(session, letters[0]), by)
    post(session, letters, by)
    letter = found(session, letters[0])
    for day, why, said in (
        (1, "refused", "today’s date or an earlier"),
        (-1, "refused", "cannot come back before"),
        (0, " ", "Say why"),
    ):
        with pytest.raises(CannotReturn, match=said):
            posting.came_back(
                session,
                letter,
                returned_on=clock.today() + timedelta(days=day),
                why=why,
                by=by,
                at=clock.now(),
            )


def test_a_letter_that_came_back_is_in_no_further_file(session: Session, by: User) -> None:
    _, letters, _ = printed(session)
    post(session, letters, by)
    back(session, found(session, letters[0]), by)
    assert runs.why_left_out(found(session, letters[0])).startswith("came back on")


@pytest.mark.date_sensitive
def test_the_story_of_a_body_tells_of_posting_and_return(session: Session, by: User) -> None:
    _, letters, _ = printed(session)
    letters[1].state, letters[1].sent_on = LetterState.SENT, clock.today()
    session.commit()
    post(session, letters, by)
    back(session, found(session, letters[0]), by)
    told = []
    for letter in letters[:2]:
        body = session.scalars(
            select(LetterBoard.organisation_id).where(LetterBoard.letter_id == letter.id)
        ).one()
        told.append(sorted(one.what for one in of_bodies(session, [body]).entries))
    assert told[0].count("letter") == 1
    assert told[0].count("returned") == 1
    assert told[1].count("letter") == 1
    assert told[1].count("posted") == 1


def test_from_page_to_page_a_file_is_posted_undone_and_a_letter_comes_back(
    client: FlaskClient, session: Session
) -> None:
    _, letters, run = printed(session)
    address = f"/letters/print-files/{run.id}"
    assert "3 letters printed and not posted" in client.get(address).text
    ticked = {"which": "ticked", "posted_on": clock.today().isoformat()}
    page = press(client, address, "/posted", **ticked).text
    assert "Tick the letters that were posted." in page
    both = {"ids": [str(letters[0].id), str(letters[1].id)]}
    page = press(client, address, "/posted", **ticked, **both).text
    assert "2 letters marked as posted on" in page
    undo = page.split('action="/letters/posted/')[1].split('"')[0]
    page = client.post(f"/letters/posted/{undo}", follow_redirects=True).text
    assert "Undone: 2 letters still to be posted." in page
    press(client, address, "/posted", which="all", posted_on=clock.today().isoformat())
    own = f"/letters/letters/{letters[0].id}"
    assert "by post: posted" in client.get(own).text
    form = client.get(f"{own}/came-back").text
    assert "addressee gone away" in form
    page = client.post(
        f"{own}/came-back",
        data={"returned_on": clock.today().isoformat(), "why": "refused"},
        follow_redirects=True,
    ).text
    assert "is marked as returned" in page
    assert "It came back on" in page
    person = client.get(f"/people/{letters[0].person_id}").text
    assert "Post came back on" in person
    assert letters[0].to_name in client.get("/people?reach=returned").text
    page = client.post(f"/people/{letters[0].person_id}/post-works", follow_redirects=True).text
    assert "may be posted to" in page
    assert "Post came back on" not in page
    page = client.post(f"{own}/did-not-come-back", follow_redirects=True).text
    assert "Taken back" in page
    page = client.post(f"{own}/not-posted", follow_redirects=True).text
    assert "still to be posted" in page
    session.expire_all()
    assert session.get_one(Letter, letters[0].id).post_state is PostalState.PRINTED


def test_an_undo_leads_back_to_the_file_it_was_marked_from(
    client: FlaskClient, session: Session, by: User
) -> None:
    mailing, letters, run = printed(session)
    runs.ask(
        session,
        mailing,
        letter_ids=[one.id for one in letters],
        both_sides=True,
        form_token="b",
        by=by,
        at=clock.now(),
    )
    session.commit()
    page = press(
        client,
        f"/letters/print-files/{run.id}",
        "/posted",
        which="all",
        posted_on=clock.today().isoformat(),
    ).text
    undo = page.split('action="/letters/posted/')[1].split('"')[0]
    answer = client.post(f"/letters/posted/{undo}")
    assert answer.location.endswith(f"/letters/print-files/{run.id}")


def test_a_body_whose_post_came_back_is_listed_and_can_be_put_right(
    client: FlaskClient, session: Session
) -> None:
    _, letters, _ = printed(session, 1)
    body = session.scalars(select(Organisation).join(LetterBoard)).one()
    body.postal_address, body.post_returned_on = "1 Street\nExeter\nEX1 1AA", clock.today()
    session.commit()
    assert "Post came back" in client.get("/organisations?returned=1").text
    page = client.post(f"/organisations/{body.id}/post-works", follow_redirects=True).text
    assert "may be posted to" in page
    assert letters
