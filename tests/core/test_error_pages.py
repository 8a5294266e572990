"""When something goes wrong, people get a kind page and nothing else."""

from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest
from flask import Flask, abort
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy import text
from werkzeug.exceptions import MethodNotAllowed, TooManyRequests
from werkzeug.test import TestResponse

from app.accounts.access import public
from app.core.db import db
from app.core.errors import DomainError
from app.core.web import error_pages
from tests.conftest import config_for, running_app
from tests.databases import Databases
from tests.pages import check_page

SECRETS = ("Traceback", "SELECT", "/app/", "sqlite", "psycopg", "Werkzeug", "no_such_table")


Visit = Callable[..., TestResponse]


@pytest.fixture(scope="module")
def breaking(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The app with one more page, which goes wrong as it is told to."""
    config = config_for(databases.copy(), tmp_path_factory.mktemp("data"))
    with running_app(config) as app:
        app.config["PROPAGATE_EXCEPTIONS"] = False

        @app.get("/break", endpoint="break")
        @public
        def break_as_told() -> ResponseReturnValue:
            told: ResponseReturnValue = app.extensions["how"]()
            return told

        yield app


@pytest.fixture
def visit(breaking: Flask) -> Visit:
    def visit(how: Callable[[], object]) -> TestResponse:
        breaking.extensions["how"] = how
        return breaking.test_client().get("/break")

    return visit


def fail(error: Exception) -> NoReturn:
    raise error


@pytest.mark.parametrize("code", [400, 403, 404, 405, 413, 429, 500])
def test_each_refusal_says_what_to_do_and_gives_a_reference(visit: Visit, code: int) -> None:
    response = visit(lambda: abort(code))

    title, sentence = error_pages.WORDS[code]
    assert response.status_code == code
    check_page(response.text)
    assert f"<h1>{title}</h1>" in response.text
    assert sentence in response.text
    assert "give this reference: <b>" in response.text


def test_a_broken_page_gives_nothing_away(visit: Visit) -> None:
    response = visit(lambda: db.session.execute(text("SELECT secret FROM no_such_table")))

    assert response.status_code == 500
    assert not [word for word in SECRETS if word in response.text]


def test_a_sentence_given_to_abort_is_passed_on(visit: Visit) -> None:
    assert "This link has been used." in visit(lambda: abort(404, "This link has been used.")).text


def test_a_rule_of_the_field_is_a_sentence_on_the_page(visit: Visit) -> None:
    response = visit(lambda: fail(DomainError("Dr A <b>Sample</b> already holds this post.")))

    assert response.status_code == 409
    assert "Dr A &lt;b&gt;Sample&lt;/b&gt; already holds this post." in response.text


def test_a_form_that_lay_open_too_long_can_be_sent_again(visit: Visit) -> None:
    response = visit(lambda: fail(CSRFError("The CSRF token has expired.")))

    assert response.status_code == 400
    assert "This page had been open for too long" in response.text


def test_waiting_times_and_allowed_methods_are_passed_on(visit: Visit) -> None:
    assert visit(lambda: fail(TooManyRequests(retry_after=60))).headers["Retry-After"] == "60"
    assert visit(lambda: fail(MethodNotAllowed(["GET"]))).headers["Allow"] == "GET"


def test_when_even_the_frame_cannot_be_drawn_the_page_is_still_kind(
    visit: Visit, breaking: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = RuntimeError("the database is gone")
    monkeypatch.setitem(breaking.jinja_env.globals, "frame", lambda: fail(gone))
    response = visit(lambda: abort(500))

    assert response.status_code == 500
    check_page(response.text)
    assert "<h1>Something went wrong on our side</h1>" in response.text
    assert "database" not in response.text
