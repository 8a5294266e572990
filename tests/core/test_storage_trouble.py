"""When a save has waited for its turn as long as one may, nothing typed is lost."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
import wtforms
from flask import Flask
from flask.testing import FlaskClient
from flask_wtf import FlaskForm
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts import rules
from app.accounts.authentication import browser, sessions
from app.accounts.models import SignInSession
from app.core import clock, write_queue
from app.core.db import db, written_aside
from app.core.web import storage_trouble
from app.interactions.models import Interaction
from tests.conftest import config_for, running_app
from tests.databases import SqliteDatabases
from tests.factories import make_organisation, make_user
from tests.pages import check_page

TYPED = 'First line\r\nsecond & "last" <line>'


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """On SQLite, where everybody waits for one writer; with little patience."""
    monkeypatch.setattr(write_queue, "PATIENCE", 0.1)
    with running_app(config_for(SqliteDatabases(tmp_path).copy(), tmp_path)) as app:
        yield app


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context(), db.sessionmaker() as session:
        yield session


@pytest.fixture
def board_id(session: Session) -> int:
    board = make_organisation(session)
    session.commit()
    return board.id


@pytest.fixture
def client(app: Flask, session: Session) -> FlaskClient:
    token = sessions.start(session, user=make_user(session), at=clock.now())
    session.commit()
    client = app.test_client()
    client.set_cookie("liaise", token)
    return client


@contextmanager
def somebody_saving_something_long(app: Flask) -> Iterator[None]:
    with app.app_context(), db.engine.begin():
        yield


def test_what_was_typed_is_in_the_page_and_can_be_sent_again(
    app: Flask, client: FlaskClient, session: Session, board_id: int
) -> None:
    note = {"kind": "note", "happened_on": "2026-11-20", "body": TYPED, "form_token": "f" * 32}
    log = f"/organisations/{board_id}/log"
    with somebody_saving_something_long(app):
        refused = client.post(log, data=note)

    assert refused.status_code == 503
    assert refused.headers["Retry-After"]
    check_page(refused.text)
    kept = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', refused.text)
    again = {name: unescape(value) for name, value in kept}
    assert again == note
    assert client.post(log, data=again).status_code == 302
    assert session.scalars(select(Interaction.body)).all() == [TYPED]


def test_a_password_is_never_put_into_the_page(app: Flask) -> None:
    with somebody_saving_something_long(app):
        refused = app.test_client().post(
            "/sign-in", data={"email": "sam@example.org", "password": "not to be shown"}
        )
    assert refused.status_code == 503
    assert "not to be shown" not in refused.text
    assert "go back, and send it\nagain" in refused.text


def test_every_field_for_a_password_is_known() -> None:
    forms = [one for one in FlaskForm.__subclasses__() if one.__module__.startswith("app.")]
    secret = {
        name
        for form in forms
        for name, field in vars(form).items()
        if getattr(field, "field_class", None) is wtforms.PasswordField
    }
    assert secret
    assert secret <= storage_trouble.SECRETS


def test_a_page_is_shown_even_if_it_cannot_be_noted_who_was_seen(
    app: Flask, client: FlaskClient, session: Session, board_id: int
) -> None:
    long_ago = clock.now() - rules.SEEN_EVERY - timedelta(minutes=1)
    session.execute(update(SignInSession).values(seen_at=long_ago))
    session.commit()
    with somebody_saving_something_long(app):
        assert client.get(f"/organisations/{board_id}").status_code == 200


def test_what_was_saved_is_not_called_a_failure_when_the_words_about_it_are_lost(
    app: Flask,
    client: FlaskClient,
    session: Session,
    board_id: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @contextmanager
    def aside_too_late() -> Iterator[Session]:
        with somebody_saving_something_long(app), written_aside() as own:
            yield own

    monkeypatch.setattr(browser, "written_aside", aside_too_late)
    note = {"kind": "note", "happened_on": "2026-11-20", "body": TYPED, "form_token": "f" * 32}
    assert client.post(f"/organisations/{board_id}/log", data=note).status_code == 302
    assert session.scalars(select(Interaction.body)).all() == [TYPED]
