"""Whoever lets letters go on has read these very letters: an old page does nothing."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.core import clock
from app.directory.models import Person
from app.letters.models import (
    Letter,
    LetterState,
    Mailing,
    MailingState,
    PostalState,
    TemplateVersion,
)
from app.letters.recipients.audience import Audience, SendBy
from app.outbox.models import Message
from tests.factories import make_person, make_user
from tests.letters.by_post import STREET, printed
from tests.letters.conftest import board, lead, letters_of
from tests.pages import form_on, press, send
from tests.sending.mailings import make_released, set_state

SignIn = Callable[[User], FlaskClient]
NOT_THESE = "These are not the letters you read, so nothing was done."


@dataclass
class Desk:
    """A mailing of one letter, with its author and an approver, each at a browser."""

    session: Session
    mailing: Mailing
    author: FlaskClient
    approver: FlaskClient

    @property
    def where(self) -> str:
        return f"/letters/mailings/{self.mailing.id}"

    @property
    def check(self) -> str:
        return f"{self.where}/check"

    def state(self) -> MailingState:
        self.session.expire_all()
        return self.mailing.state

    def test_and_ask(self) -> None:
        (letter,) = letters_of(self.session, self.mailing)
        press(self.author, self.check, "/test", letter=letter.id)
        press(self.author, self.check, "/ask")
        assert self.state() is MailingState.AWAITING_APPROVAL

    def change_words(self) -> None:
        """A new version of the template, checked again."""
        self.session.expire_all()
        old = self.session.get_one(TemplateVersion, self.mailing.template_version_id)
        new = TemplateVersion(
            template_id=old.template_id,
            number=old.number + 1,
            subject=old.subject,
            body=f"{old.body}\n\nAnd one thing more.",
            written_at=clock.now(),
        )
        self.session.add(new)
        self.session.flush()
        self.mailing.template_version_id = new.id
        self.session.commit()
        self.author.post(f"{self.where}/check-again")


@pytest.fixture
def desk(session: Session, sign_in: SignIn, begin: Callable[..., Mailing]) -> Desk:
    author = make_user(session, "Ada", permissions=(Permission.VIEW, Permission.COORDINATE))
    approver = make_user(session, "Ben", permissions=(Permission.VIEW, Permission.APPROVE))
    lead(session, board(session), make_person(session, "Ashire", title="Dr"))
    mailing = begin(by=author)
    session.commit()
    browser = sign_in(author)
    browser.post(f"/letters/mailings/{mailing.id}/check-again")
    return Desk(session, mailing, browser, sign_in(approver))


def test_a_page_from_before_an_edit_releases_nothing_and_says_what_changed(desk: Desk) -> None:
    desk.test_and_ask()
    read_before = form_on(desk.approver, desk.check, "/release")
    press(desk.author, desk.check, "/withdraw")
    desk.change_words()
    desk.test_and_ask()

    page = send(desk.approver, read_before).text

    assert NOT_THESE in page
    assert "has changed: the template; who gets a letter, or what it says." in page
    assert desk.state() is MailingState.AWAITING_APPROVAL
    assert letters_of(desk.session, desk.mailing)[0].state is LetterState.READY
    press(desk.approver, desk.check, "/release")
    assert desk.state() is MailingState.HOLDING


def test_the_same_letters_put_forward_again_are_the_letters_she_read(desk: Desk) -> None:
    desk.test_and_ask()
    read_before = form_on(desk.approver, desk.check, "/release")
    press(desk.author, desk.check, "/withdraw")
    press(desk.author, desk.check, "/ask")

    assert NOT_THESE not in send(desk.approver, read_before).text
    assert desk.state() is MailingState.HOLDING


def test_a_request_that_does_not_say_what_was_read_releases_nothing(desk: Desk) -> None:
    desk.test_and_ask()
    page = desk.approver.post(f"{desk.where}/release", follow_redirects=True).text
    assert NOT_THESE in page
    assert desk.state() is MailingState.AWAITING_APPROVAL


def test_an_old_page_neither_tests_nor_asks_for_approval(desk: Desk) -> None:
    (letter,) = letters_of(desk.session, desk.mailing)
    press(desk.author, desk.check, "/test", letter=letter.id)
    old = [form_on(desk.author, desk.check, act) for act in ("/test", "/ask")]
    desk.session.get_one(Person, letter.person_id).title = "Prof"
    desk.session.commit()
    desk.author.post(f"{desk.where}/check-again")
    (letter,) = letters_of(desk.session, desk.mailing)
    tests = len(desk.session.scalars(select(Message.id)).all())

    assert NOT_THESE in send(desk.author, old[0], letter=letter.id).text
    assert NOT_THESE in send(desk.author, old[1]).text

    assert len(desk.session.scalars(select(Message.id)).all()) == tests
    assert desk.state() is MailingState.DRAFT


def test_an_old_page_sends_nothing_back_and_keeps_the_reason_that_was_typed(desk: Desk) -> None:
    desk.test_and_ask()
    old = form_on(desk.approver, desk.check, "/send-back")
    press(desk.author, desk.check, "/withdraw")
    desk.change_words()
    desk.test_and_ask()

    page = send(desk.approver, old, reason="Say who we are.").text

    assert NOT_THESE in page
    assert 'value="Say who we are."' in page
    assert desk.state() is MailingState.AWAITING_APPROVAL
    press(desk.approver, desk.check, "/send-back", reason="Say who we are.")
    assert desk.state() is MailingState.DRAFT


def test_an_envelope_changed_since_is_not_what_she_read_though_the_mail_is_the_same(
    session: Session, sign_in: SignIn, begin: Callable[..., Mailing]
) -> None:
    author = make_user(session, "Ada", permissions=(Permission.VIEW, Permission.COORDINATE))
    approver = make_user(session, "Ben", permissions=(Permission.VIEW, Permission.APPROVE))
    person = make_person(session, "Ashire", title="Dr", email="ashire@example.org")
    person.postal_address = STREET.format(number=1)
    lead(session, board(session), person)
    mailing = begin(by=author, audience=Audience(by=SendBy.BOTH))
    session.commit()
    desk = Desk(session, mailing, sign_in(author), sign_in(approver))
    desk.author.post(f"{desk.where}/check-again")
    desk.test_and_ask()
    read_before = form_on(desk.approver, desk.check, "/release")
    (letter,) = letters_of(session, mailing)
    mail = letter.sha256
    press(desk.author, desk.check, "/withdraw")
    person.postal_address = STREET.format(number=2)
    session.commit()
    desk.author.post(f"{desk.where}/check-again")
    desk.test_and_ask()
    (letter,) = letters_of(session, mailing)
    assert letter.sha256 == mail
    assert "2 Topsham Road" in letter.envelope

    assert NOT_THESE in send(desk.approver, read_before).text

    assert desk.state() is MailingState.AWAITING_APPROVAL


def test_an_old_page_decides_about_nobody_whose_row_has_the_number_of_another(
    desk: Desk,
) -> None:
    """Each check writes the rows anew, and SQLite gives their numbers to others."""
    session = desk.session
    old = form_on(desk.author, desk.check, "/decide")
    old_way = form_on(desk.author, desk.check, "/send-by")
    old_test = form_on(desk.author, desk.check, "/test")
    old_waiver = form_on(desk.author, desk.check, "/no-test")
    lead(session, board(session, "Aashire"), make_person(session, "Aashire", title="Dr"))
    session.commit()
    desk.author.post(f"{desk.where}/check-again")

    for form, typed in (
        (old, {"reason": "She asked for no letter."}),
        (old_way, {"way": "post"}),
        (old_test, {}),
        (old_waiver, {"reason": "Tested last week."}),
    ):
        assert NOT_THESE in send(desk.author, form, **typed).text, form.address

    session.expire_all()
    assert {one.state for one in letters_of(session, desk.mailing)} == {LetterState.READY}
    assert {one.channel for one in letters_of(session, desk.mailing)} == {"email"}
    assert not desk.mailing.test_waived
    page = press(desk.author, desk.check, "/decide", reason="She asked for no letter.").text
    assert "She asked for no letter." in page


def test_the_list_of_how_letters_go_counts_for_the_letters_on_it(desk: Desk) -> None:
    session, ways = desk.session, f"{desk.where}/ways"
    (letter,) = letters_of(session, desk.mailing)
    old = form_on(desk.author, ways, "/send-by")
    session.get_one(Person, letter.person_id).title = "Prof"
    session.commit()
    desk.author.post(f"{desk.where}/check-again")
    (letter,) = letters_of(session, desk.mailing)

    assert NOT_THESE in send(desk.author, old, ids=letter.id, way="both").text

    assert press(desk.author, ways, "/send-by", ids=letter.id, way="both")
    session.expire_all()
    assert letters_of(session, desk.mailing)[0].channel == "both"


def test_an_old_page_neither_resumes_nor_asks_again(session: Session, client: FlaskClient) -> None:
    for state, act in ((MailingState.PAUSED, "/resume"), (MailingState.EXPIRED, "/ask-again")):
        mailing, letters = make_released(session, 2, state=state)
        gone_no_further = LetterState.EXPIRED if state is MailingState.EXPIRED else None
        for letter in letters if gone_no_further else []:
            set_state(session, letter, LetterState.EXPIRED)
        page = f"/letters/mailings/{mailing.id}/truth"
        old = form_on(client, page, act)
        set_state(session, letters[0], LetterState.EXCLUDED, "Asked not to be contacted.")

        answer = send(client, old).text

        assert NOT_THESE in answer
        assert "has changed: what became of its letters." in answer
        session.expire_all()
        assert mailing.state is state
        assert NOT_THESE not in press(client, page, act).text
        session.expire_all()
        assert mailing.state is not state


def test_an_old_page_sends_no_letter_again(session: Session, client: FlaskClient) -> None:
    mailing, (letter,) = make_released(session, 1, state=MailingState.FINISHED)
    set_state(session, letter, LetterState.UNKNOWN)
    old = form_on(client, f"/letters/letters/{letter.id}", "/send-again")
    set_state(session, letter, LetterState.SENT)

    assert NOT_THESE in send(client, old).text

    assert len(letters_of(session, mailing)) == 1


def test_an_old_page_marks_nothing_as_posted(session: Session, client: FlaskClient) -> None:
    _, letters, run = printed(session)
    page = f"/letters/print-files/{run.id}"
    old = form_on(client, page, "/posted")
    today = clock.today().isoformat()
    press(client, page, "/posted", which="ticked", ids=[letters[0].id], posted_on=today)

    answer = send(client, old, which="all", posted_on=today).text

    assert NOT_THESE in answer
    session.expire_all()
    states = [session.get_one(Letter, one.id).post_state for one in letters]
    assert states == [PostalState.POSTED, PostalState.PRINTED, PostalState.PRINTED]
