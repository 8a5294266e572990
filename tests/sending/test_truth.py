"""The pages of a released mailing and of a letter say what is so, and what to do."""

import csv
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.core import clock
from app.core.mail import caught
from app.letters.models import Letter, LetterEvent, LetterRecipient, LetterState, MailingState
from tests.factories import make_user
from tests.pages import press
from tests.sending.mailings import add_letter, make_mailing, make_released, set_state

S = LetterState
SignIn = Callable[[User], FlaskClient]


def test_the_page_says_how_far_it_is_and_what_each_state_means(
    client: FlaskClient, session: Session
) -> None:
    mailing, letters = make_released(session, 4)
    set_state(session, letters[0], S.SENT)
    set_state(session, letters[1], S.REFUSED, "The address was refused for good: 550 no")
    set_state(session, letters[2], S.UNKNOWN)
    page = client.get(f"/letters/mailings/{mailing.id}/truth").text
    assert "1 of 4 sent; 1 refused; 1 unknown; 1 to go." in page
    assert '<progress value="1" max="4">25%</progress>' in page
    assert "550 no" in page
    assert "Find the right address" in page
    assert "say “it arrived” or “send again”" in page
    assert "Avery Author" in page
    assert "Pat Approver" in page
    assert "Refresh" in page


def test_the_address_of_a_released_mailing_leads_to_its_truth(
    client: FlaskClient, session: Session
) -> None:
    mailing, _ = make_released(session, 1)
    answer = client.get(f"/letters/mailings/{mailing.id}")
    assert answer.location == f"/letters/mailings/{mailing.id}/truth"


def test_only_what_changes_is_sent_when_the_page_looks_again(
    client: FlaskClient, session: Session
) -> None:
    mailing, letters = make_released(session, 4)
    address = f"/letters/mailings/{mailing.id}/truth"
    again = {"HX-Request": "true"}
    quiet = client.get(f"{address}?seen=0&waited=4", headers=again).text
    assert "<html" not in quiet
    assert "load delay:8s" in quiet
    assert "0 of 4 sent; 4 to go." in quiet, "the sentence under the heading changes with the rest"
    assert "#announcer" not in quiet
    set_state(session, letters[0], S.SENT)
    moved = client.get(f"{address}?seen=0&waited=8", headers=again).text
    assert "load delay:1s" in moved
    assert "25% sent: 1 of 4 letters." in moved
    for letter in letters:
        set_state(session, letter, S.SENT)
    mailing.state = MailingState.FINISHED
    session.commit()
    done = client.get(f"{address}?seen=1", headers=again).text
    assert "100% sent: 4 of 4 letters." in done
    assert '<span id="truth-finding" hx-swap-oob="true">' in done
    assert "finished" in done.partition('id="truth-when" hx-swap-oob="true"')[2]
    assert "hx-trigger" not in done, "a mailing that has ended is not asked about again"


def test_the_export_of_what_is_not_yet_sent_is_what_is_not_yet_sent(
    client: FlaskClient, session: Session
) -> None:
    mailing, letters = make_released(session, 3)
    set_state(session, letters[1], S.SENT)
    answer = client.get(f"/letters/mailings/{mailing.id}/truth?unsent=1&format=csv")
    rows = list(csv.DictReader(answer.text.lstrip("\ufeff").splitlines()))
    assert {row["Address"] for row in rows} == {letters[0].to_email, letters[2].to_email}


def test_a_letter_that_only_the_catcher_has_is_not_said_to_be_sent(
    client: FlaskClient, session: Session
) -> None:
    mailing, letters = make_released(session, 2)
    for letter in letters:
        set_state(session, letter, S.SENT)
        letter.server_reply = caught.REPLY
    session.commit()

    page = client.get(f"/letters/mailings/{mailing.id}/truth").text

    assert "2 of 2 caught here, not sent to anybody." in page
    assert "2 caught here" in page
    assert "2 sent" not in page
    assert "they do not count as sent" in page
    assert "caught here, not sent" in client.get("/letters/").text
    assert "Caught here, not sent." in client.get(f"/letters/letters/{letters[0].id}").text


def test_the_list_narrows_by_state_and_by_board(client: FlaskClient, session: Session) -> None:
    mailing, letters = make_released(session, 3)
    set_state(session, letters[1], S.UNKNOWN)
    page = client.get(f"/letters/mailings/{mailing.id}/truth?state=unknown").text
    assert letters[1].to_email in page
    assert letters[0].to_email not in page
    narrowed = client.get(f"/letters/mailings/{mailing.id}/truth?q=lead3 ICB").text
    assert letters[2].to_email in narrowed
    assert letters[1].to_email not in narrowed


def test_a_fixed_number_of_statements_whatever_the_number_of_letters(
    client: FlaskClient, session: Session, count_statements: Callable[[], object]
) -> None:
    numbers = []
    for size in (2, 2, 12):  # the first look also notes that the user was seen
        mailing, _ = make_released(session, size)
        with count_statements() as statements:  # type: ignore[attr-defined]
            client.get(f"/letters/mailings/{mailing.id}/truth")
        numbers.append(len(statements))
    assert numbers[1] == numbers[2]


@pytest.mark.parametrize("state", [MailingState.HOLDING, MailingState.SENDING])
def test_stop_is_one_press(client: FlaskClient, session: Session, state: MailingState) -> None:
    mailing, letters = make_released(session, 2, state=state)
    set_state(session, letters[0], S.TRANSMITTING)
    page = client.get(f"/letters/mailings/{mailing.id}/truth").text
    assert f'action="/letters/mailings/{mailing.id}/stop"' in page
    answer = client.post(f"/letters/mailings/{mailing.id}/stop", follow_redirects=True)
    assert "Stopped by Sam Sample" in answer.text
    session.expire_all()
    assert mailing.state is MailingState.STOPPED
    assert [letter.state for letter in letters] == [S.TRANSMITTING, S.STOPPED]
    again = client.post(f"/letters/mailings/{mailing.id}/stop", follow_redirects=True)
    assert "nothing to stop" in again.text


def test_pause_and_resume(client: FlaskClient, session: Session) -> None:
    mailing, _ = make_released(session, 2)
    page = client.post(f"/letters/mailings/{mailing.id}/pause", follow_redirects=True).text
    assert "Paused by Sam Sample" in page
    press(client, f"/letters/mailings/{mailing.id}/truth", "/resume")
    session.expire_all()
    assert mailing.state is MailingState.SENDING


@pytest.mark.parametrize("act", ["stop", "pause", "resume"])
def test_a_viewer_may_look_and_not_touch(sign_in: SignIn, session: Session, act: str) -> None:
    mailing, _ = make_released(session, 1)
    viewer = sign_in(make_user(session, permissions=(Permission.VIEW,)))
    page = viewer.get(f"/letters/mailings/{mailing.id}/truth")
    assert page.status_code == 200
    assert "/stop" not in page.text
    assert viewer.post(f"/letters/mailings/{mailing.id}/{act}").status_code == 403


def test_the_page_of_a_letter_shows_exactly_its_stored_bytes(
    client: FlaskClient, session: Session
) -> None:
    mailing = make_mailing(session)
    letter = add_letter(session, mailing, "lead@example.com", copies=("chair@example.com",))
    session.execute(
        update(LetterRecipient)
        .where(LetterRecipient.is_cc.is_(True))
        .values(accepted=False, reply="550 unknown")
    )
    session.add(
        LetterEvent(letter_id=letter.id, at=clock.now(), state=S.SENT, note="250 taken as 1")
    )
    letter.text = "altered afterwards"
    session.commit()
    page = client.get(f"/letters/letters/{letter.id}").text
    assert "Words of the letter." in page
    assert "altered afterwards" not in page
    assert "lead@example.com" in page
    assert "550 unknown" in page
    assert "250 taken as 1" in page
    assert (letter.message_id or "").strip("<>") in page
    html = client.get(f"/letters/letters/{letter.id}/html")
    assert "sandbox" in html.headers["Content-Security-Policy"]
    raw = client.get(f"/letters/letters/{letter.id}/message.eml")
    assert raw.data == session.scalar(select(Letter.mime).where(Letter.id == letter.id))
    assert raw.headers["Content-Disposition"].startswith("attachment")


def test_an_unknown_letter_is_settled_on_its_page(client: FlaskClient, session: Session) -> None:
    mailing, (first, second) = make_released(session, 2, state=MailingState.FINISHED)
    for letter in (first, second):
        set_state(session, letter, S.UNKNOWN, "The connection was lost.")
    page = client.get(f"/letters/letters/{first.id}").text
    assert "It arrived" in page
    assert "Send again" in page
    client.post(f"/letters/letters/{first.id}/arrived")
    press(client, f"/letters/letters/{second.id}", "/send-again")
    session.expire_all()
    assert first.state is S.SENT
    assert second.state is S.STOPPED
    truth = client.get(f"/letters/mailings/{mailing.id}/truth").text
    assert "1 of 2 sent" in truth, "the second copy counts in place of the first"
    assert "On hold until" in truth


def test_an_author_may_not_release_a_second_copy(sign_in: SignIn, session: Session) -> None:
    author = make_user(session, "Avery Author")
    _, (letter,) = make_released(session, 1, author=author)
    set_state(session, letter, S.UNKNOWN)
    answer = press(sign_in(author), f"/letters/letters/{letter.id}", "/send-again")
    assert "it takes a second person" in answer.text
    session.expire_all()
    assert letter.state is S.UNKNOWN


@pytest.mark.parametrize("may_approve", [False, True])
def test_a_second_copy_is_released_only_by_somebody_who_may_approve(
    sign_in: SignIn, session: Session, may_approve: bool
) -> None:
    author = make_user(session, "Avery Author")
    _, (letter,) = make_released(session, 1, author=author)
    set_state(session, letter, S.UNKNOWN)
    permissions = (Permission.VIEW, Permission.COORDINATE)
    if may_approve:
        permissions = (Permission.VIEW, Permission.APPROVE)
    robin = make_user(session, "Robin Sample", permissions=permissions)
    answer = press(sign_in(robin), f"/letters/letters/{letter.id}", "/send-again")
    assert ("it takes a second person: somebody who may approve" in answer.text) != may_approve
    session.expire_all()
    assert letter.state is (S.STOPPED if may_approve else S.UNKNOWN)


@pytest.mark.parametrize("path", ["/letters/mailings/999/truth", "/letters/letters/999"])
def test_what_is_not_there_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
