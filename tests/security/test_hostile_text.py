"""Whatever people, files or mail servers put into a field is shown as words."""

import json
import re
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import (
    JSON,
    Column,
    Enum,
    String,
    Table,
    Text,
    UniqueConstraint,
    cast,
    select,
    update,
)
from sqlalchemy.orm import Session

from app.audit.services import Actor, act_as, record
from app.core.db import Base
from tests.security.walking import HISTORIES, Address, pages
from tests.security.world import World

# Each breaks out of a place where text can stand, or means something to a script of ours.
MARK = "zq7evil"
BREAKING_OUT = (
    f"<script>{MARK}()</script>",
    f"<script src=//{MARK}.test></script>",
    f"</title><script>{MARK}()</script>",
    f"</textarea><img src=x onerror={MARK}()>",
    f"</option></select><img src=x onerror={MARK}()>",
    f"<img src=x onerror={MARK}()>",
    f"<svg/onload={MARK}()>",
    f"<svg><animate onbegin={MARK}() attributeName=x>",
    f"<math><mtext></mtext><script>{MARK}()</script></math>",
    f"<body onload={MARK}()>",
    f"<details open ontoggle={MARK}()>",
    f"<iframe srcdoc='<script>{MARK}()</script>'></iframe>",
    f"<iframe src='javascript:{MARK}()'></iframe>",
    f"<object data='javascript:{MARK}()'></object>",
    f"<embed src='javascript:{MARK}()'>",
    f"<form action='//{MARK}.test'><input name=password>",
    f"<button formaction='javascript:{MARK}()'>x</button>",
    f"<base href='//{MARK}.test/'>",
    f"<meta http-equiv=refresh content='0;url=//{MARK}.test'>",
    f"<link rel=stylesheet href='//{MARK}.test/x.css'>",
    f"<style>@import '//{MARK}.test'</style>",
    f"<div style='background:url(//{MARK}.test)'>",
    f"<div hx-get='/{MARK}' hx-trigger='load'></div>",
    f"<div data-hx-on:load='{MARK}()'></div>",
    f"<b hx-vals='js:{{x:{MARK}()}}'>x</b>",
    f'" onmouseover="{MARK}()" x="',
    f"' onmouseover='{MARK}()' x='",
    f"x onmouseover={MARK}() y",
    f'"><script>{MARK}()</script>',
    f"'><script>{MARK}()</script>",
    f"--><script>{MARK}()</script>",
    f"]]><script>{MARK}()</script>",
    f"<a href='javascript:{MARK}()'>x</a>",
    f"[x](javascript:{MARK}())",
    f"[x](data:text/html,<script>{MARK}()</script>)",
    f"<javascript:{MARK}()>",
    f"![x](//{MARK}.test/pixel.gif)",
    f"{{{{ {MARK}.__class__ }}}}",
    f"&lt;script&gt;{MARK}()&lt;/script&gt;",
    f"\u202e<img src=x onerror={MARK}()>\u2066",
)
# Harmful only where a text begins an address.
ADDRESSES = (
    f"javascript:{MARK}()",
    f"JaVaScRiPt:{MARK}()",
    f"\tjavascript:{MARK}()",
    f"java\nscript:{MARK}()",
    f"data:text/html,<script>{MARK}()</script>",
    f"vbscript:{MARK}()",
    f"//{MARK}.test/x",
)
EVERYTHING = " ".join(BREAKING_OUT)

# Codes that the program itself writes and compares: nobody can type them anywhere.
OURS = {
    *{"demo_row.table", "heartbeat.name"},
    *{"lead_import_change.table", "lead_import_change.old", "lead_import_change.new"},
    *{"mail_check.name", "mail_check.mail_server", "reference_fact.kind", "reference_fact.field"},
    *{"sign_in_session.token_hash", "one_time_link.token_hash", "lead_file.token_hash"},
    *{"throttle.key", "user.theme", "user.password_hash", "logo.media_type", "tile.abbreviation"},
    "letter_picture.media_type",
    *{"reminder_occurrence.step", "reminder_occurrence.due_time", "reminder_rule.at_time"},
    "reminder_rule.permission",
    *{"mailing.installation", "settings.installation", "letter.addressee_key", "letter.channel"},
    *{"attachment.media_type", "letter_file.media_type", "settings.live_server", "post_type.code"},
    *{"letter_recipient.address_key", "person_email.address_key", "council_share.role"},
    *{"settings.look_first", "database_mark.server", "database_mark.server_started"},
    # Checked where it is written, as shown below: a browser is sent there.
    "settings.privacy_url",
    # The letter's own pages are shown in a sandbox; what it says is proved with the letters.
    "letter.html",
}


def columns_people_fill() -> Iterator[tuple[Table, Column[Any]]]:
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if table.name.startswith("audit_"):
                continue
            is_text = isinstance(column.type, String | Text) and not isinstance(column.type, Enum)
            if is_text and f"{table.name}.{column.name}" not in OURS:
                yield table, column


def put_everywhere(session: Session, payload_for: Callable[[Column[Any]], str]) -> None:
    """Past every check there is: one of them may be forgotten in a page to come."""
    for table, column in columns_people_fill():
        payload = payload_for(column)
        is_one_of_a_kind = column.unique or any(
            column.name in one.columns.keys()  # noqa: SIM118  a collection of columns by name
            for one in table.constraints
            if isinstance(one, UniqueConstraint)
        )
        if is_one_of_a_kind:
            # Different in every row, and the payload first.
            own = cast(table.primary_key.columns.values()[0], String)
            session.execute(update(table).values({column.name: payload + " " + own}))
        else:
            session.execute(update(table).values({column.name: payload}))
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, JSON):
                words = payload_for(column)
                for row in session.execute(select(*table.primary_key, column)).all():
                    where = [c == v for c, v in zip(table.primary_key, row, strict=False)]
                    told = {
                        column.name: with_payload(row[-1], words, f"{table.name}.{column.name}")
                    }
                    session.execute(update(table).where(*where).values(told))
    put_into_the_history(session, payload_for(Base.metadata.tables["audit_event"].c["summary"]))
    session.commit()
    session.expire_all()


def put_into_the_history(session: Session, payload: str) -> None:
    """Which is only ever added to."""
    act_as(session, Actor(payload, ip=payload))
    for kind in HISTORIES:
        subjects = [(kind, row) for row in range(1, 6)]
        values = {"name": (payload, payload), payload: (payload, None)}
        record(session, action=payload, subjects=subjects, summary=payload, values=values)


SAID = {"lead_import_row.story", "letter.findings"}


def with_payload(value: Any, payload: str, column: str) -> Any:
    """The words inside stories and findings; other JSON holds ids and codes."""
    if column not in SAID:
        return value
    if isinstance(value, str):
        return payload
    if isinstance(value, list):
        return [with_payload(one, payload, column) for one in value]
    if isinstance(value, dict):
        return {key: with_payload(one, payload, column) for key, one in value.items()}
    return value


def served(browser: FlaskClient, found: list[Address]) -> Iterator[tuple[Address, str, Element]]:
    for one in found:
        response = browser.get(one.path)
        assert response.status_code < 500, one.path
        # A letter stands in a sandbox of its own, with its own styles: see the letters' tests.
        in_sandbox = "sandbox" in response.headers["Content-Security-Policy"]
        if response.mimetype == "text/html" and not in_sandbox:
            parser = html5lib.HTMLParser(namespaceHTMLElements=False)
            yield one, response.text, parser.parse(response.text)


def alive(page: Element) -> list[str]:
    """Whatever in the page would act on a word of ours."""
    found = []
    for element in page.iter():
        if not isinstance(element.tag, str):
            if MARK in (element.text or ""):
                found.append(f"a comment: {element.text}")
            continue
        if element.tag in {"script", "style"} and MARK in "".join(element.itertext()):
            is_data = element.get("type") == "application/json"
            found += [] if is_data else [f"<{element.tag}>"]
        for name, value in element.items():
            if acts(element.tag, str(name), value):
                found.append(f"<{element.tag} {name}={value[:60]!r}>")
    return found


def acts(tag: str, name: str, value: str) -> bool:
    if MARK in name:
        return True
    if name.startswith("on") or name == "style" or tag in {"object", "embed", "base", "animate"}:
        return True
    if name.startswith(("hx-", "data-hx-")):
        return MARK in value
    if name in {"href", "src", "action", "formaction", "srcdoc", "data", "content", "poster"}:
        plain = re.sub(r"[\x00-\x20]", "", value).lower()
        begins = plain.startswith(("javascript:", "data:", "vbscript:", "//"))
        return (begins and MARK in plain) or (name == "srcdoc" and MARK in value)
    return False


def test_every_column_of_text_is_tried_or_is_the_programs_own() -> None:
    tried = {f"{table.name}.{column.name}" for table, column in columns_people_fill()}
    known = {f"{t.name}.{c.name}" for t in Base.metadata.sorted_tables for c in t.columns}
    assert known >= OURS, OURS - known
    assert {"person.family_name", "letter.server_reply", "lead_file.file_name"} <= tried
    assert len(BREAKING_OUT) >= 40


@pytest.mark.one_database("of what pages make of words, wherever they were kept")
@pytest.mark.slow("walks every page there is")
def test_forty_payloads_in_every_column_are_words_on_every_page(
    app: Flask, session: Session, browser: FlaskClient, world: World
) -> None:
    put_everywhere(session, lambda _: EVERYTHING)
    shown = 0
    for one, html, page in served(browser, pages(app, world)):
        assert not alive(page), one.path
        assert f"<script>{MARK}" not in html, one.path
        for script in page.iter("script"):
            if not script.get("src"):
                json.loads("".join(script.itertext()))
        shown += EVERYTHING in "".join(page.itertext())
    assert shown > 30, "most pages show somebody's words, to the letter"


@pytest.mark.one_database("of what pages make of words, wherever they were kept")
@pytest.mark.slow("walks every page there is")
def test_an_address_that_runs_something_is_never_a_link(
    app: Flask, session: Session, browser: FlaskClient, world: World
) -> None:
    turn = cycle(ADDRESSES)
    by_column = {column: next(turn) for _, column in columns_people_fill()}
    put_everywhere(session, lambda column: by_column.get(column, ADDRESSES[0]))
    for one, _html, page in served(browser, pages(app, world)):
        assert not alive(page), one.path


@pytest.mark.parametrize(
    ("endpoint", "field"),
    [("settings.privacy_notice", "privacy_url"), ("directory.edit_organisation", "website")],
)
def test_such_an_address_is_refused_where_one_is_asked_for(
    app: Flask, browser: FlaskClient, world: World, endpoint: str, field: str
) -> None:
    path = next(one.path for one in pages(app, world) if one.endpoint == endpoint)
    for address in ADDRESSES:
        answer = browser.post(path, data={field: address})
        assert answer.status_code == 200, address
        page = html5lib.parse(answer.text, namespaceHTMLElements=False)
        found = [one for one in page.iter("input") if one.get("name") == field]
        assert found[0].get("aria-invalid") == "true", address


def test_htmx_is_told_to_run_nothing_and_to_keep_nothing(browser: FlaskClient) -> None:
    """As every page says it."""
    page = html5lib.parse(browser.get("/").text, namespaceHTMLElements=False)
    told = [one.get("content") for one in page.iter("meta") if one.get("name") == "htmx-config"]
    config = json.loads(told[0] or "")
    wanted = {
        "allowEval": False,
        "allowScriptTags": False,
        "selfRequestsOnly": True,
        "historyCacheSize": 0,
        "includeIndicatorStyles": False,
    }
    assert {name: config.get(name) for name in wanted} == wanted
