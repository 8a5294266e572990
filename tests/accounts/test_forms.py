"""A form counts only when a page of ours, shown to the same browser, sent it."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts.models import User
from tests.accounts.conftest import (
    PASSWORD,
    Clock,
    is_signed_in,
    make_colleague,
    replay,
    token_of,
)
from tests.accounts.test_access import requests_to

SignIn = Callable[[User], FlaskClient]
SAME = {"Sec-Fetch-Site": "same-origin"}


def token_on(browser: FlaskClient, address: str) -> str:
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', browser.get(address).text)
    assert found
    return found[1]


def tables(session: Session) -> dict[str, str]:
    names = ("user", "member_organisation", "one_time_link", "message", "audit_event", "settings")
    return {name: str(session.execute(text(f'SELECT * FROM "{name}"')).all()) for name in names}


@pytest.mark.slow("sends every form there is")
@pytest.mark.usefixtures("with_csrf")
def test_no_address_takes_a_form_without_a_token_or_with_that_of_somebody_else(
    app: Flask, session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    others = token_on(sign_in(make_colleague(session)), "/account")
    before = tables(session)
    for address, method, _ in requests_to(app):
        if method in {"POST", "PUT", "PATCH", "DELETE"}:
            for token in ("", "made-up", others):
                response = client.open(address, method=method, data={"csrf_token": token})
                assert response.status_code in {400, 403}, f"{method} {address}"
                header = client.open(address, method=method, headers={"X-CSRFToken": token})
                assert header.status_code in {400, 403}, f"{method} {address}"
    assert tables(session) == before


def test_forms_sent_from_other_sites_are_refused_whatever_they_hold(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    before = tables(session)
    for address, method, _ in requests_to(app):
        if method == "POST":
            for site in ("cross-site", "same-site"):
                response = client.post(address, headers={"Sec-Fetch-Site": site})
                assert response.status_code == 403, address
    assert tables(session) == before


@pytest.mark.usefixtures("with_csrf")
def test_our_own_forms_are_taken_by_field_and_by_header(
    session: Session, stranger: FlaskClient
) -> None:
    make_colleague(session)
    token = token_on(stranger, "/sign-in")
    data = {"email": "kit@example.org", "password": PASSWORD}
    assert stranger.post("/sign-in", data=data).status_code == 400
    assert stranger.post("/sign-in", data={**data, "csrf_token": token}).status_code == 302
    own = token_on(stranger, "/account")
    assert own != token
    assert stranger.post("/account/stay", headers={"X-CSRFToken": own}).status_code == 302


@pytest.mark.usefixtures("with_csrf")
def test_a_form_open_since_an_earlier_sign_in_shows_what_was_typed_to_copy(
    session: Session, client: FlaskClient
) -> None:
    typed = {"csrf_token": "old", "name": "A <b>new</b> name", "password": "never shown"}
    page = client.post("/account", data=typed, headers=SAME)
    assert page.status_code == 400
    assert "A &lt;b&gt;new&lt;/b&gt; name" in page.text
    assert "never shown" not in page.text
    assert "Open the page again" in page.text


def test_a_form_sent_after_the_sign_in_lapsed_shows_what_was_typed_to_copy(
    time: Clock, session: Session, sign_in: SignIn
) -> None:
    """Nothing typed is lost."""
    browser = sign_in(make_colleague(session))
    time.pass_by(hours=3)
    headers = {**SAME, "Referer": "http://localhost/account"}
    page = browser.post("/account", data={"name": "A long new name"}, headers=headers)
    assert page.status_code == 401
    assert "A long new name" in page.text
    assert 'href="/sign-in?next=/account"' in page.text


def test_what_another_site_made_a_stranger_send_is_not_shown(stranger: FlaskClient) -> None:
    page = stranger.post("/account", data={"name": "planted"})
    assert "planted" not in page.text


def test_a_part_of_a_page_asked_for_after_the_sign_in_lapsed_leads_to_sign_in(
    stranger: FlaskClient,
) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/users?state=active"}
    response = stranger.get("/users", headers=headers)
    assert response.status_code == 204
    assert response.headers["HX-Redirect"] == "/sign-in?next=/users?state%3Dactive"


@pytest.mark.slow("walks every page there is")
def test_getting_any_page_twice_changes_nothing(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    before = tables(session)
    for address, method, _ in requests_to(app):
        if method == "GET" and "static" not in address:
            for _ in range(2):
                client.get(address)
    assert tables(session) == before


def test_signed_in_pages_are_kept_by_nobody(app: Flask, client: FlaskClient) -> None:
    for address, method, _ in requests_to(app):
        if method == "GET" and "static" not in address:
            response = client.get(address)
            assert response.headers["Cache-Control"] == "no-store", address
            assert "Cookie" in response.headers["Vary"], address


def test_a_key_that_was_replaced_still_opens_forms_but_signs_no_new_ones(
    app: Flask, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strangers' form cookies while SECRET_KEY is being changed."""
    stranger.get("/sign-in")
    old_cookie, old_key = token_of(stranger, "liaise-form"), app.config["SECRET_KEY"]
    monkeypatch.setitem(app.config, "SECRET_KEY", "a-newer-key-a-newer-key-a-newer-key")
    monkeypatch.setitem(app.config, "SECRET_KEY_FALLBACKS", [old_key])
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    assert serializer.loads(old_cookie)
    fresh = app.test_client()
    fresh.get("/sign-in")
    new_cookie = token_of(fresh, "liaise-form")
    monkeypatch.setitem(app.config, "SECRET_KEY_FALLBACKS", [])
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    assert serializer.loads(new_cookie)


def test_a_sign_in_outlives_a_change_of_the_key(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SECRET_KEY", "a-newer-key-a-newer-key-a-newer-key")
    assert is_signed_in(replay(app, token_of(client)))
