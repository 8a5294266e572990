"""Browsers signed in: what the cookie holds, and when it stops working."""

import base64
import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.accounts.authentication import sessions
from app.accounts.models import Permission, SignInSession, User
from app.core.db import db
from tests.accounts.conftest import (
    PASSWORD,
    Clock,
    is_signed_in,
    make_colleague,
    replay,
    token_of,
)
from tests.factories import make_user

GivePassword = Callable[..., TestResponse]
SignIn = Callable[[User], FlaskClient]
MEMBER = (Permission.VIEW,)


def test_the_cookie_is_a_random_token_and_only_its_hash_is_kept(
    session: Session, stranger: FlaskClient, give_password: GivePassword
) -> None:
    make_colleague(session)
    cookie = give_password("kit@example.org").headers["Set-Cookie"]
    token = token_of(stranger)
    assert len(base64.urlsafe_b64decode(token + "=")) == 32
    assert re.search(r"HttpOnly.*SameSite=Lax", cookie)
    assert "Expires" not in cookie
    row = session.scalars(select(SignInSession)).one()
    assert row.token_hash == sessions.token_hash(token)
    assert token not in str(session.execute(text("SELECT * FROM sign_in_session")).all())


def test_a_strangers_cookie_holds_nothing_but_the_secret_of_their_forms(
    app: Flask, stranger: FlaskClient
) -> None:
    stranger.get("/sign-in")
    cookie = stranger.get_cookie("liaise-form")
    assert cookie is not None
    payload = cookie.value.split(".")[0]
    assert re.fullmatch(
        rb'\{"csrf_token":"[0-9a-f]{40}"\}', base64.urlsafe_b64decode(payload + "===")
    )
    assert token_of(stranger) == ""


def test_in_production_the_cookie_is_for_https_and_this_host_only(
    app: Flask, session: Session, give_password: GivePassword, monkeypatch: object
) -> None:
    make_colleague(session)
    app.config["SESSION_COOKIE_NAME"], app.config["SESSION_COOKIE_SECURE"] = "__Host-liaise", True
    try:
        cookie = give_password("kit@example.org").headers["Set-Cookie"]
    finally:
        app.config["SESSION_COOKIE_NAME"], app.config["SESSION_COOKIE_SECURE"] = "liaise", False
    assert cookie.startswith("__Host-liaise=")
    assert "; Secure" in cookie
    assert "; Path=/" in cookie
    assert "Domain" not in cookie


def test_signing_in_gives_a_new_token_and_the_old_one_dies(
    app: Flask, session: Session, stranger: FlaskClient, give_password: GivePassword
) -> None:
    make_colleague(session)
    stranger.set_cookie("liaise", "chosen-by-somebody-else")
    give_password("kit@example.org")
    first = token_of(stranger)
    give_password("kit@example.org")
    assert len({"chosen-by-somebody-else", first, token_of(stranger)}) == 3
    assert not is_signed_in(replay(app, "chosen-by-somebody-else"))
    assert not is_signed_in(replay(app, first))


def test_after_signing_out_the_old_cookie_leads_to_the_sign_in_page(
    app: Flask, client: FlaskClient
) -> None:
    token = token_of(client)
    assert is_signed_in(replay(app, token))
    response = client.post("/sign-out")
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert token_of(client) == ""
    assert replay(app, token).get("/account").location.startswith("/sign-in")


def test_after_a_new_password_only_this_browser_stays_under_a_new_token(
    app: Flask, session: Session, sign_in: SignIn
) -> None:
    user = make_colleague(session)
    here, elsewhere = sign_in(user), sign_in(user)
    before = token_of(here)
    here.post(
        "/account/password", data={"current": PASSWORD, "password": "a brisk walk to Ambleside"}
    )
    assert is_signed_in(here)
    assert token_of(here) != before
    assert not is_signed_in(replay(app, before))
    assert not is_signed_in(elsewhere)


def test_a_disabled_colleague_is_signed_out_at_once(
    session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    user = make_colleague(session)
    browser = sign_in(user)
    client.post(f"/users/{user.id}/disable")
    assert not is_signed_in(browser)


def test_a_browser_that_signed_in_as_its_user_was_disabled_opens_nothing(
    app: Flask, session: Session, sign_in: SignIn
) -> None:
    """Disabling ends every session there is; one that is begun in the same moment stays behind."""
    user = make_colleague(session)
    browser = sign_in(user)
    assert is_signed_in(browser)
    token = token_of(browser)
    row = session.scalars(select(SignInSession)).one()
    assert sessions.find(session, token=token, at=row.created_at)

    user.disabled_at = row.created_at
    session.commit()

    assert row.ended_at is None
    assert sessions.find(session, token=token, at=row.created_at) is None
    assert not is_signed_in(browser)
    assert not is_signed_in(replay(app, token))


def test_whoever_may_do_something_else_from_now_on_signs_in_again(
    session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    user = make_colleague(session, permissions=MEMBER)
    browser = sign_in(user)
    details = {"name": user.name, "member": user.member_organisation_id}
    client.post(f"/users/{user.id}", data={**details, "permissions": ["view"]})
    assert is_signed_in(browser)
    client.post(f"/users/{user.id}", data={**details, "permissions": ["view", "log"]})
    assert not is_signed_in(browser)


def test_an_administrator_who_changes_their_own_permissions_goes_on_under_a_new_token(
    app: Flask, session: Session, sign_in: SignIn
) -> None:
    user = make_colleague(session)
    browser, elsewhere = sign_in(user), sign_in(user)
    before = token_of(browser)
    browser.post(
        f"/users/{user.id}",
        data={
            "name": user.name,
            "member": user.member_organisation_id,
            "permissions": ["administer"],
        },
    )
    assert is_signed_in(browser)
    assert token_of(browser) != before
    assert not is_signed_in(replay(app, before))
    assert not is_signed_in(elsewhere)


def test_two_hours_without_a_sign_of_life_end_a_session(
    time: Clock, session: Session, sign_in: SignIn
) -> None:
    browser = sign_in(make_colleague(session, permissions=MEMBER))
    time.pass_by(minutes=119)
    assert is_signed_in(browser)
    time.pass_by(minutes=119)
    assert is_signed_in(browser)
    time.pass_by(minutes=120)
    assert not is_signed_in(browser)


def test_half_an_hour_without_a_sign_of_life_ends_an_administrators_session(
    time: Clock, session: Session, sign_in: SignIn
) -> None:
    browser = sign_in(make_colleague(session))
    time.pass_by(minutes=29)
    assert is_signed_in(browser)
    time.pass_by(minutes=30)
    assert not is_signed_in(browser)


def test_after_twelve_hours_everybody_signs_in_again(
    time: Clock, session: Session, sign_in: SignIn
) -> None:
    browser = sign_in(make_colleague(session, permissions=MEMBER))
    for _ in range(11):
        time.pass_by(hours=1)
        assert is_signed_in(browser)
    time.pass_by(hours=1)
    assert not is_signed_in(browser)


def test_whoever_was_signed_out_by_time_is_told_so(
    time: Clock, session: Session, sign_in: SignIn
) -> None:
    browser = sign_in(make_colleague(session))
    time.pass_by(hours=3)
    response = browser.get("/account", follow_redirects=True)
    assert "You have been signed out" in response.text


def test_pressing_stay_counts_as_a_sign_of_life(
    time: Clock, session: Session, sign_in: SignIn
) -> None:
    browser = sign_in(make_colleague(session))
    time.pass_by(minutes=28)
    assert browser.post("/account/stay", data={"next": "/account"}).location == "/account"
    time.pass_by(minutes=28)
    assert is_signed_in(browser)


def test_pages_know_when_to_warn_that_the_sign_in_will_lapse(
    time: Clock, session: Session, sign_in: SignIn
) -> None:
    browser = sign_in(make_colleague(session))
    time.pass_by(minutes=4)
    assert 'data-seconds-left="1560"' in browser.get("/account").text
    time.pass_by(minutes=4)
    assert 'data-seconds-left="1800"' in browser.get("/account").text
    time.pass_by(minutes=28)
    assert browser.post("/account/stay", headers={"HX-Request": "true"}).text == "1800"


def test_reading_pages_writes_last_seen_at_most_every_five_minutes_and_nothing_else(
    time: Clock, app: Flask, session: Session, sign_in: SignIn
) -> None:
    browser = sign_in(make_colleague(session))
    for minutes, written in ((4.9, 0), (0.1, 1), (1, 0), (3.9, 0), (0.1, 1)):
        time.pass_by(minutes=minutes)
        writes = writes_of(app, lambda: browser.get("/account"))
        assert len(writes) == written, f"after {minutes} more minutes: {writes}"
        assert all(write.startswith("UPDATE sign_in_session SET") for write in writes)


def test_strangers_never_make_the_database_write(app: Flask, stranger: FlaskClient) -> None:
    for address in ("/sign-in", "/new-password", "/signed-out", "/account", "/nowhere"):
        assert not writes_of(app, lambda address=address: stranger.get(address))  # type: ignore[misc]


def test_showing_a_page_to_a_colleague_finds_them_with_one_statement(
    app: Flask, client: FlaskClient
) -> None:
    statements = statements_of(app, lambda: client.get("/account/password"))
    about_users = [s for s in statements if "sign_in_session" in s or '"user"' in s]
    assert len(about_users) == 1, about_users


def test_a_message_is_shown_once(session: Session, sign_in: SignIn) -> None:
    user = make_colleague(session)
    browser = sign_in(user)
    browser.post("/account", data={"name": "Kit Renamed", "theme": "dark"})
    assert "Your details are saved." in browser.get("/account").text
    assert "Your details are saved." not in browser.get("/account").text


def test_nobody_ends_the_session_of_somebody_else(
    session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    browser = sign_in(make_colleague(session, permissions=MEMBER))
    theirs = session.scalars(select(SignInSession.id).order_by(SignInSession.id.desc())).first()
    assert client.post(f"/account/sessions/{theirs}/end").status_code == 404
    assert is_signed_in(browser)


def test_a_colleague_signs_out_another_browser_of_theirs_or_all(
    session: Session, sign_in: SignIn
) -> None:
    user = make_colleague(session)
    here, phone, library = sign_in(user), sign_in(user), sign_in(user)
    phones = session.scalars(select(SignInSession.id).order_by(SignInSession.id)).all()[1]
    assert "This browser" in here.get("/account").text
    here.post(f"/account/sessions/{phones}/end")
    assert not is_signed_in(phone)
    assert is_signed_in(library)
    here.post("/account/sessions/end-others")
    assert not is_signed_in(library)
    assert is_signed_in(here)


def test_a_page_that_writes_waits_for_nobody_on_its_own_connection(live_app: Flask) -> None:
    """On a real database: a refused form that read rows, then a message kept in the session."""
    with live_app.app_context(), db.sessionmaker() as own:
        user = make_user(own)
        user.password_hash = "x"
        token = sessions.start(own, user=user, at=user.created_at.now(tz=user.created_at.tzinfo))
        own.commit()
    browser = live_app.test_client()
    browser.set_cookie("liaise", token)
    assert browser.post("/account", data={"name": "Sam", "theme": "dark"}).status_code == 302
    assert "Your details are saved." in browser.get("/account").text
    assert browser.post("/account", data={"name": "", "theme": "dark"}).status_code == 200


def writes_of(app: Flask, act: Callable[[], object]) -> list[str]:
    return [s for s in statements_of(app, act) if not s.startswith("SELECT")]


def statements_of(app: Flask, act: Callable[[], object]) -> list[str]:
    with app.app_context():
        engine = db.engine
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN")):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return statements
