"""Every answer carries the same guard, and an error tells nothing."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.core.db import db
from tests.security.walking import addresses, pages
from tests.security.world import World

PAGE = (
    "default-src 'none'; script-src 'nonce-N'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
LETTER = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; sandbox; "
    "frame-ancestors 'self'"
)
SHOWS_A_LETTER = {"letters.letter_html", "letters.mailing_letter_frame", "outbox.caught_html"}
INSIDE = ("Traceback", "SELECT", "no_such_table", "sqlite", "psycopg", "Werkzeug", "/app/", ".py")


def nonce_of(response: TestResponse) -> str:
    found = re.search(r"'nonce-([\w-]+)'", response.headers["Content-Security-Policy"])
    return found[1] if found else ""


def check(response: TestResponse, path: str, policy: str = PAGE) -> None:
    sent = response.headers["Content-Security-Policy"]
    assert re.sub(r"'nonce-[\w-]{24}'", "'nonce-N'", sent) == policy, path
    assert response.headers.getlist("Content-Security-Policy") == [sent], path
    assert response.headers["X-Content-Type-Options"] == "nosniff", path
    assert response.headers["Referrer-Policy"] == "same-origin", path
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin", path
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin", path
    assert "camera=()" in response.headers["Permissions-Policy"], path
    assert response.headers["Cache-Control"] == "no-store", path
    assert "Cookie" in response.headers["Vary"], path
    assert "Server" not in response.headers, path
    assert "X-Powered-By" not in response.headers, path


@pytest.mark.one_database("headers are of the answer, not of its rows")
@pytest.mark.slow("walks every page there is")
def test_every_page_and_file_carries_the_whole_guard(
    app: Flask, browser: FlaskClient, world: World
) -> None:
    nonces = []
    for one in pages(app, world):
        response = browser.get(one.path)
        check(response, one.path, LETTER if one.endpoint in SHOWS_A_LETTER else PAGE)
        nonces.append(nonce_of(response))
        if response.mimetype not in {"text/html", "application/json", "image/png", "text/plain"}:
            assert response.headers["Content-Disposition"].startswith("attachment"), one.path
    used = [one for one in nonces if one]
    assert len(set(used)) == len(used), "a nonce is used for one answer"


def test_refusals_carry_it_too(app: Flask, stranger: FlaskClient, world: World) -> None:
    for one in addresses(app, world):
        response = stranger.open(one.path, method=one.method)
        check(response, one.path)
    for path in ("/no-such-page", "/static/x/no", "/%00", "/people/99999999999999999999"):
        check(stranger.get(path), path)
        check(stranger.open(path, method="BREW"), path)


@pytest.fixture
def in_use(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error is answered as it is for people, not raised as it is for tests."""
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)


def breaks(*_: Any, **__: Any) -> None:
    db.session.execute(text("SELECT secret FROM no_such_table"))


@pytest.mark.one_database("each view is made to break before it asks")
@pytest.mark.slow("walks every page there is")
@pytest.mark.usefixtures("in_use")
def test_whatever_breaks_in_any_view_nothing_is_told(
    app: Flask, browser: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    blueprints = set()
    for one in addresses(app, world):
        view = app.view_functions[one.endpoint]
        replacement = same_door(view)
        monkeypatch.setitem(app.view_functions, one.endpoint, replacement)
        response = browser.open(one.path, method=one.method)
        monkeypatch.setitem(app.view_functions, one.endpoint, view)
        assert response.status_code == 500, one.path
        check(response, one.path)
        assert not [word for word in INSIDE if word in response.text], one.path
        assert "reference" in response.text
        blueprints.add(one.endpoint.partition(".")[0])
    assert blueprints >= set(app.blueprints)


def same_door(view: Any) -> Callable[..., None]:
    def broken(**_: Any) -> None:
        breaks()

    broken.__dict__.update(view.__dict__)
    return broken
