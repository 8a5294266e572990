"""Nothing that can be typed or searched for breaks a page, and nothing too long is lost."""

import json
import random
import re
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.directory.models import Person
from app.interactions.models import Draft, Interaction
from tests.security.filling import forms_of
from tests.security.hostile import WORDS, Chance, names_asked_for
from tests.security.pressing import Offered
from tests.security.walking import pages, unsafe
from tests.security.world import World

SEED = 12  # another finds other things
ROUNDS = 2
IN_AN_ADDRESS = ("0", "2147483648", "²", "-1", "9" * 40, "x")


@pytest.fixture
def told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error is answered as in use, so that one test can name all it finds."""
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)


class Sender:
    """Sends as a browser does, and has the database forget it."""

    def __init__(self, session: Session, browser: FlaskClient) -> None:
        connection = session.get_bind()
        assert isinstance(connection, Connection)
        self.connection, self.browser = connection, browser
        self.wrong: list[str] = []

    def send(self, method: str, path: str, **sent: Any) -> None:
        attempt = self.connection.begin_nested()
        cookies = dict(self.browser._cookies or {})
        # Whether it is a good page is asked elsewhere.
        answer = FlaskClient.open(self.browser, path, method=method, **sent)
        answer.get_data()
        self.browser._cookies = cookies
        attempt.rollback()
        if answer.status_code >= 500:
            shown = re.sub(r"(.)\\1{50,}", r"\\1…", str(sent))[:1_500]
            self.wrong.append(f"{method} {path} {shown}: {answer.status_code}")

    def check(self) -> None:
        assert not self.wrong, f"seed {SEED}\n" + "\n".join(self.wrong)


@pytest.mark.slow("sends every form there is")
@pytest.mark.usefixtures("told")
def test_whatever_is_typed_into_whichever_form_is_taken_or_refused(
    app: Flask, session: Session, browser: FlaskClient, world: World
) -> None:
    sender, adapter = Sender(session, browser), app.url_map.bind("localhost")
    sent, names = set(), names_asked_for()
    for form in forms_of(app, world, browser):
        endpoint, _ = adapter.match(form.path.partition("?")[0], method="POST")
        sent.add(endpoint)
        for words in WORDS if form.words else ():
            typed = {**form.fields, **{name: [words] for name in form.words}}
            sender.send("POST", form.path, data=typed)
        chance = Chance(SEED, endpoint, sorted(form.offered))
        for typed in chance.one_wrong(form.fields, form.offered):
            sender.send("POST", form.path, data=typed)
    for one in unsafe(app, world):
        if one.endpoint not in sent:  # no form of ours leads there
            for turn in range(ROUNDS):
                chance = Chance(SEED, one.endpoint, one.method, turn)
                sender.send(one.method, one.path, data=chance.all_wrong(names))
    sender.check()


def asked_on(page: str, path: str) -> set[str]:
    """The names of all that can be narrowed or looked for on this page."""
    forms = Offered(page, path).forms
    return {"sort", "page", "on"} | {
        name for form in forms for name in (*form.served, *dict(form.choices))
    }


@pytest.mark.slow("walks every page there is")
@pytest.mark.usefixtures("told")
def test_whatever_a_list_is_asked_for_it_answers(
    app: Flask, session: Session, browser: FlaskClient, world: World
) -> None:
    people = session.scalar(select(func.count()).select_from(Person))
    session.commit()
    sender, names = Sender(session, browser), names_asked_for()
    for one in pages(app, world):
        plain = FlaskClient.open(browser, one.path)
        on_page = asked_on(plain.text, one.path) if plain.mimetype == "text/html" else set()
        sender.send("GET", one.path, query_string=dict.fromkeys(on_page, WORDS[0]))
        for turn in range(ROUNDS):
            asked = Chance(SEED, one.endpoint, turn).all_wrong(on_page | names)
            # An address has room for less than a form.
            asked = {name: [v[:600] for v in values] for name, values in asked.items()}
            sender.send("GET", one.path, query_string=asked)
    sender.check()
    assert session.scalar(select(func.count()).select_from(Person)) == people


@pytest.mark.usefixtures("told")
def test_numbers_and_days_beyond_all_bounds_are_none(
    session: Session, browser: FlaskClient, world: World
) -> None:
    """Each was an error page once."""
    sender, names = Sender(session, browser), world.names
    body, mailing = names["organisation_id"], names["mailing_id"]
    for number in ("²", "9" * 5_000, "99999999999", "-99999999999", "-9223372036854775809"):
        for path, sent in (
            ("/follow-ups/change", {"ids": number}),
            (f"/letters/mailings/{mailing}/print-files", {"which": "ticked", "ids": number}),
            ("/letters/templates/preview", {"body": "x", "reader": f"person:{number}"}),
            ("/letters/templates/preview", {"body": "x", "reader": f"office:{number}"}),
            (f"/follow-ups/{names['follow_up_id']}/edit", {"organisation_id": number}),
            ("/offers/new", {"organisation_id": number}),
            ("/owners", {"ids": number, "user_id": number}),
        ):
            sender.send("POST", path, data=sent)
        sender.send("GET", f"/people/{names['person_id']}/timeline", query_string={"page": number})
    sender.send("GET", f"/organisations/{body}/timeline?page=2147483647")
    for day in ("0001-01-01", "9999-12-31"):
        sender.send("GET", "/history", query_string={"from": day, "to": day})
        sender.send("GET", "/systems", query_string={"on": day})
        for other in (body, names["system_id"]):
            sent = {"successor_id": str(body), "effective_on": day, "kind": "merger", "source": "x"}
            sender.send("POST", f"/organisations/{other}/succession", data=sent)
    sender.check()


@pytest.mark.usefixtures("told")
def test_whatever_a_script_says_of_words_on_their_way_can_be_kept_and_shown(
    session: Session, browser: FlaskClient, world: World
) -> None:
    sender = Sender(session, browser)
    mine = {"as": world.me.id, "body": "Words.", "path": "/log"}
    a_new_one = "k" * 16
    for number in ("", "0", "²", "9" * 5_000, "4000000000", "-99999999999"):
        sender.send("POST", "/drafts", data=mine | {"key": f"interaction:{number}"})
    for fields in ("[" * 100_000, '{"a": NaN}', '{"a": 1e999}', '{"subject": ["\\ud800"]}', "[1]"):
        sender.send("POST", "/drafts", data=mine | {"key": a_new_one, "fields": fields})
        # The form of a record remembers what it showed in the same way.
        page = f"/people/{world.names['person_id']}/edit"
        sender.send("POST", page, data={"family_name": "x", "shown": fields})
    strange = {"subject": [1, "A\x00 call", "\ud800"], "kind": {"a": 1}, "place": "x"}
    for odd in (strange, {"subject": [1, "A\x00 call"], "kind": {"a": 1}, "place": "x"}):
        sent = mine | {"key": a_new_one, "fields": json.dumps(odd)}
        assert browser.post("/drafts", data=sent).status_code == 200
        session.expire_all()
        draft = session.scalars(select(Draft).where(Draft.key == a_new_one)).one()
        for page in ("/drafts", f"/log?keep={draft.id}", "/"):
            sender.send("GET", page)
        session.delete(draft)
        session.commit()
    sender.check()


@pytest.mark.usefixtures("told")
def test_whatever_number_stands_in_an_address_it_is_one_of_a_page_or_there_is_none(
    app: Flask, session: Session, browser: FlaskClient, world: World
) -> None:
    sender = Sender(session, browser)
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static" or not rule.arguments:
            continue
        chance = random.Random(f"{SEED} {rule}")
        path = rule.rule
        for place in re.findall("<[^>]+>", path):
            path = path.replace(place, quote(chance.choice(IN_AN_ADDRESS)))
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            sender.send(method, path)
    sender.check()


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
