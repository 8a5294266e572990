"""Nothing that can be typed or searched for breaks a page, and nothing too long is lost."""

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.directory.models import Person
from app.interactions.models import Interaction
from tests.security.filling import forms_of
from tests.security.walking import pages
from tests.security.world import World

HOSTILE = (
    "x' OR '1'='1'; DROP TABLE x;--\x00 {{7*7}} %(x)s {0}%00 \u202e\ufeff\u0130\ufffe\U0001f600",
    "x" * 20_000,
    "a@b\r\nBcc: x@evil.test",
)


@pytest.mark.slow("sends every form there is")
def test_whatever_is_typed_into_whichever_form_is_taken_or_refused(
    app: Flask, session: Session, browser: FlaskClient, world: World
) -> None:
    connection = session.get_bind()
    assert isinstance(connection, Connection)
    for form in forms_of(app, world, browser):
        for words in HOSTILE if form.words else ():
            attempt = connection.begin_nested()
            cookies = dict(browser._cookies or {})
            typed = {**form.fields, **{name: [words] for name in form.words}}
            answer = browser.post(form.path, data=typed)
            browser._cookies = cookies
            attempt.rollback()
            assert answer.status_code < 500, f"{form.path} {words[:40]!r}"


def asked_on(page: str) -> set[str]:
    """The names of all that can be narrowed or looked for on this page."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    return {"sort", "page", "on"} | {
        element.get("name") or "page"
        for form in tree.iter("form")
        if (form.get("method") or "get").lower() == "get"
        for element in form.iter()
    }


@pytest.mark.slow("walks every page there is")
def test_whatever_a_list_is_asked_for_it_answers(
    app: Flask, session: Session, browser: FlaskClient, world: World
) -> None:
    people = session.scalar(select(func.count()).select_from(Person))
    session.commit()
    for one in pages(app, world):
        plain = browser.get(one.path)
        if plain.mimetype != "text/html":
            continue
        asked = dict.fromkeys(asked_on(plain.text), HOSTILE[0])
        assert browser.get(one.path, query_string=asked).status_code < 500, one.path
    assert session.scalar(select(func.count()).select_from(Person)) == people


LONG = "A line of a note, with an accent: Siân.\r\n"


def note(size: int) -> str:
    """So many bytes of UTF-8, most of them ordinary."""
    text = LONG * (size // len(LONG.encode()))
    return text + "x" * (size - len(text.encode()))


def log(browser: FlaskClient, world: World, body: str) -> TestResponse:
    form = {"kind": "note", "happened_on": "2026-11-20", "body": body}
    return browser.post(f"/organisations/{world.names['organisation_id']}/log", data=form)


def test_a_note_of_499_kb_is_saved_whole(
    session: Session, browser: FlaskClient, world: World
) -> None:
    body = note(499_000)
    assert log(browser, world, body).status_code == 302
    written = session.scalars(select(Interaction).order_by(Interaction.id.desc())).first()
    assert written is not None
    assert written.body == body.strip()


def test_a_note_of_501_kb_is_refused_on_its_page_with_every_word_kept(
    session: Session, browser: FlaskClient, world: World
) -> None:
    before = session.scalar(select(func.count()).select_from(Interaction))
    session.commit()
    answer = log(browser, world, note(501_000))
    assert answer.status_code == 200
    page: str = answer.text
    assert "the most is 500 kB" in page
    assert page.count("with an accent: Siân.") == note(501_000).count("Siân")
    assert session.scalar(select(func.count()).select_from(Interaction)) == before


def test_a_request_beyond_all_measure_is_turned_away_unread(
    session: Session, browser: FlaskClient, world: World
) -> None:
    answer = log(browser, world, "é" * 3_000_000)
    assert answer.status_code == 413
    assert "what you typed is still there" in answer.text
