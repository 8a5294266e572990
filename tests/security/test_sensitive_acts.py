"""What sends letters or gives power asks who is there again; an objection beats every path."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Permission, SignInSession, User
from app.core import clock, loopback
from app.letters.approval import as_read
from app.letters.models import Letter, LetterState, Mailing, MailingState
from tests.factories import TODAY, make_person, make_user
from tests.pages import form_on, press, send
from tests.security.walking import differences, everything, unsafe
from tests.security.world import World

SignIn = Callable[[User], FlaskClient]
LAST_SEEN = {"sign_in_session": {"seen_at", "store"}}
NEED_THE_PASSWORD = {
    *{"letters.mailing_release", "letters.letter_send_again", "settings.switch_on"},
    "settings.save_settings",
    *{"accounts.user", "accounts.user_invite", "accounts.user_invite_again"},
    *{"accounts.user_enable", "accounts.user_disable", "accounts.user_end_sessions"},
}


def test_a_browser_left_open_releases_nothing_and_gives_nobody_power(
    app: Flask, session: Session, browser: FlaskClient, world: World
) -> None:
    marked = {
        name for name, view in app.view_functions.items() if hasattr(view, "needs_fresh_password")
    }
    assert marked >= NEED_THE_PASSWORD
    session.execute(update(SignInSession).values(fresh_at=clock.now() - timedelta(minutes=16)))
    session.commit()
    before = everything(session, but=LAST_SEEN)
    tried = [one for one in unsafe(app, world) if one.endpoint in marked]
    for one in tried:
        answer = browser.post(one.path, data={"permissions": "administer"})
        assert "password" in answer.text, one.path
    assert differences(before, everything(session, but=LAST_SEEN)) == {}
    assert {one.endpoint for one in tried} == marked


@pytest.mark.parametrize("permission", sorted(set(Permission) - {Permission.APPROVE}, key=str))
def test_nobody_without_the_permission_releases_by_a_forged_request(
    session: Session, world: World, sign_in: SignIn, permission: Permission
) -> None:
    waiting = Mailing.state == MailingState.AWAITING_APPROVAL
    mailing = session.scalars(select(Mailing.id).where(waiting)).one()
    other = sign_in(make_user(session, permissions=(Permission.VIEW, permission)))
    approver = sign_in(make_user(session, permissions=(Permission.VIEW, Permission.APPROVE)))
    letter = f"/letters/letters/{world.names['unknown_id']}"
    release = form_on(approver, f"/letters/mailings/{mailing}", "/release")
    send_again = form_on(approver, letter, "/send-again")
    send(other, release, permissions="approve")
    send(other, send_again)
    session.expire_all()
    assert session.get_one(Mailing, mailing).state is MailingState.AWAITING_APPROVAL
    assert session.get_one(Letter, world.names["unknown_id"]).state is LetterState.UNKNOWN


def test_an_objection_on_another_record_of_the_mailbox_stops_a_second_copy(
    session: Session, world: World, browser: FlaskClient
) -> None:
    letter = session.get_one(Letter, world.names["unknown_id"])
    local, _, domain = letter.to_email.partition("@")
    make_person(session, "Objecting", email=f"{local}+news@{domain}", objected_on=TODAY)
    session.commit()
    letters = len(session.scalars(select(Letter.id)).all())
    session.commit()
    press(browser, f"/letters/letters/{letter.id}", "/send-again")
    session.expire_all()
    assert session.get_one(Letter, letter.id).state is LetterState.UNKNOWN
    assert len(session.scalars(select(Letter.id)).all()) == letters


def test_an_objector_is_left_out_whatever_a_forged_request_decides(
    session: Session, world: World, browser: FlaskClient
) -> None:
    letter = session.get_one(Letter, world.names["letter_id"])
    make_person(session, "Objecting", email=letter.to_email, objected_on=TODAY)
    session.commit()
    key, mailing = letter.addressee_key, letter.mailing_id
    for decision in ("include anyway", "take back", "greeting is right"):
        session.expire_all()
        now = session.scalars(
            select(Letter).where(Letter.mailing_id == mailing, Letter.addressee_key == key)
        ).one()
        session.commit()
        where = f"/letters/mailings/{mailing}/letters/{now.id}/decide"
        rows = session.scalars(select(Letter).where(Letter.mailing_id == mailing))
        read = as_read.before_deciding(rows).mark
        session.commit()
        said = {"decision": decision, "reason": "They said it is fine.", as_read.FIELD: read}
        answer = browser.post(where, data=said, follow_redirects=True)
        assert "These are not the letters you read" not in answer.text
        session.expire_all()
        decided = session.scalars(
            select(Letter).where(Letter.mailing_id == mailing, Letter.addressee_key == key)
        ).one()
        assert decided.state is LetterState.EXCLUDED, decision
        session.commit()


def test_loading_the_demo_shuts_the_door_to_other_machines_at_once(
    browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here the demo is refused, beside letters; then nothing need be shut."""
    shut: list[bool] = []
    monkeypatch.setattr(loopback, "stay_on_loopback", lambda: shut.append(True))
    browser.post("/demo/load")
    assert not shut


@pytest.mark.slow("tells the whole story of the demo")
def test_loading_the_demo_in_an_empty_group_shuts_it(
    session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    shut: list[bool] = []
    monkeypatch.setattr(loopback, "stay_on_loopback", lambda: shut.append(True))
    assert client.post("/demo/load").status_code == 200
    assert shut == [True]
