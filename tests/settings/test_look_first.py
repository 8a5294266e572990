"""Whoever may is asked to look at what people got, and lets the letters go on."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.audit.models import AuditEvent
from app.core import clock
from app.letters.models import LetterState, Mailing, MailingState
from app.notifications.models import Event, Notification
from app.notifications.services import notify
from app.outbox.models import Message, MessageState
from app.outbox.services import enqueue
from app.settings.services import settings_of
from tests.factories import make_user
from tests.sending.mailings import make_released, states

QUESTION = "Liaise stood still from 14:02 to 17:30. Look at what people got before you go on."
LOOK = "/letters/look-first"
P = Permission


@pytest.fixture
def mailing(session: Session) -> Mailing:
    mailing, _ = make_released(session, 2, name="Offer of support")
    settings = settings_of(session)
    settings.look_first, settings.look_first_at = QUESTION, clock.now()
    session.commit()
    return mailing


def seen_on(page: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found
    return found[1]


def test_those_who_may_answer_are_asked_on_every_page_and_on_the_mailing(
    sign_in: Callable[[User], FlaskClient], session: Session, mailing: Mailing
) -> None:
    truth = f"/letters/mailings/{mailing.id}/truth"
    for permission in (P.COORDINATE, P.APPROVE, P.ADMINISTER):
        browser = sign_in(make_user(session, permissions=(P.VIEW, permission)))
        for path in ("/", "/people", truth):
            page = browser.get(path).text
            assert QUESTION in page, (permission, path)
            assert f'href="{LOOK}"' in page, (permission, path)
    assert "No letter leaves until somebody has looked." in page
    others = sign_in(make_user(session, permissions=(P.VIEW, P.LOG)))
    assert f'href="{LOOK}"' not in others.get("/").text
    assert others.get(LOOK).status_code == 403


def test_who_has_looked_lets_them_go_on_and_the_history_says_so(
    sign_in: Callable[[User], FlaskClient], session: Session, mailing: Mailing
) -> None:
    other, _ = make_released(session, 1, name="Second letter")
    session.commit()
    browser = sign_in(make_user(session, "Cora Coordinator", permissions=(P.VIEW, P.COORDINATE)))
    page = browser.get(LOOK).text
    assert "Offer of support" in page
    done = browser.post(LOOK, data={"seen": seen_on(page), "stop": [str(other.id)]})
    assert done.status_code == 302
    session.expire_all()
    assert settings_of(session).look_first == ""
    assert (mailing.state, other.state) == (MailingState.SENDING, MailingState.STOPPED)
    assert states(session, other) == [LetterState.STOPPED]
    looked = session.scalars(select(AuditEvent).where(AuditEvent.action == "looked")).one()
    assert looked.actor_name == "Cora Coordinator"
    assert QUESTION in looked.summary
    assert "looked at what people got" in browser.get(f"/history/mailing/{mailing.id}").text
    again = browser.post(LOOK, data={"seen": seen_on(page)})
    assert "Somebody else has let the letters go on already." in again.text


def test_home_and_the_page_say_that_emails_to_colleagues_wait(
    client: FlaskClient, session: Session, mailing: Mailing
) -> None:
    me = session.scalars(select(User).order_by(User.id)).first()
    assert me is not None
    _wait_for(session, me)
    assert "the morning email and notifications wait, too" in client.get("/").text
    page = client.get(LOOK).text
    assert "Emails to colleagues wait, too" in page
    assert "1 email, and 1 notification not yet emailed" in page
    assert "1 email waits until somebody has looked" in client.get("/settings/mail").text


def test_who_looks_can_withdraw_what_waits_for_colleagues(
    client: FlaskClient, session: Session, mailing: Mailing
) -> None:
    me = session.scalars(select(User).order_by(User.id)).first()
    assert me is not None
    message, told = _wait_for(session, me)
    page = client.get(LOOK).text
    refused = client.post(LOOK, data={"seen": "another", "withdraw": "1"}).text
    assert re.search(r'name="withdraw" value="1" checked', refused), "the tick is kept"
    client.post(LOOK, data={"seen": seen_on(page), "withdraw": "1"})
    session.expire_all()
    assert message.state is MessageState.WITHDRAWN
    assert told.mailed_at is not None
    assert told.seen_at is None, "it stays behind the bell"
    looked = session.scalars(select(AuditEvent).where(AuditEvent.action == "looked")).one()
    assert "but not the emails to colleagues that waited" in looked.summary


def test_what_came_after_the_page_is_not_withdrawn_unread(
    client: FlaskClient, session: Session, mailing: Mailing
) -> None:
    me = session.scalars(select(User).order_by(User.id)).first()
    assert me is not None
    seen = seen_on(client.get(LOOK).text)
    message, told = _wait_for(session, me)
    refused = client.post(LOOK, data={"seen": seen, "withdraw": "1"})
    assert "Something has changed since you opened this page" in refused.text
    session.expire_all()
    assert message.state is MessageState.QUEUED
    assert told.mailed_at is None


def _wait_for(session: Session, user: User) -> tuple[Message, Notification]:
    at = clock.now() - timedelta(hours=1)
    message = enqueue(session, recipient=user.email, subject="Hello", body="Hi", send_after=at)
    told = notify(
        session, user=user, event=Event.REPLY, key="reply:1", text="A reply.", path="/", at=at
    )
    assert told
    session.commit()
    return message, told


def test_an_answer_to_what_is_there_no_more_does_nothing(
    client: FlaskClient, session: Session, mailing: Mailing
) -> None:
    seen = seen_on(client.get(LOOK).text)
    make_released(session, 1, name="Released meanwhile")
    session.commit()
    refused = client.post(LOOK, data={"seen": seen, "stop": [str(mailing.id)]})
    assert "Something has changed since you opened this page" in refused.text
    assert re.search(rf'value="{mailing.id}"[^>]* checked', refused.text), "the tick is kept"
    session.expire_all()
    assert settings_of(session).look_first == QUESTION
    assert mailing.state is MailingState.SENDING


def test_resuming_one_mailing_is_no_way_round(
    client: FlaskClient, session: Session, mailing: Mailing
) -> None:
    mailing.state = MailingState.PAUSED
    session.commit()
    resume = f"/letters/mailings/{mailing.id}/resume"
    assert QUESTION in client.post(resume, follow_redirects=True).text
    session.expire_all()
    assert mailing.state is MailingState.PAUSED


def test_a_monitor_hears_of_it_and_the_pages_stay_open(
    app: Flask, client: FlaskClient, mailing: Mailing
) -> None:
    answer = app.test_client().get("/readyz").get_json()
    assert answer["letters"] == "waiting for somebody to look"
    assert answer["emails_to_colleagues"] == "waiting for somebody to look"
    assert "letters" not in answer["problems"]
