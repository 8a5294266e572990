"""A form counts only when a page of ours, shown to the same browser, sent it; looking at pages
changes nothing."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.db import Base
from tests.security.walking import differences, everything, pages, unsafe
from tests.security.world import World

LAST_SEEN = {"sign_in_session": {"seen_at"}}
HISTORY = {"audit_event", "audit_subject", "audit_value"}
DEAD_LINKS = {"accounts.first_administrator", "accounts.demo_sign_in"}
ACTION = [column.name for column in Base.metadata.tables["audit_event"].columns].index("action")


@pytest.fixture
def with_csrf(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)


def token_shown_to(browser: FlaskClient) -> str:
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', browser.get("/account").text)
    assert found
    return found[1]


@pytest.mark.usefixtures("browser")
def test_something_stands_in_every_table(session: Session, world: World) -> None:
    """Or the tests below would say little."""
    counts = {
        table.name: session.scalar(select(func.count()).select_from(table))
        for table in Base.metadata.sorted_tables
    }
    assert not [name for name, count in counts.items() if not count]


@pytest.mark.one_database("refused before any view is run")
@pytest.mark.slow("sends every form there is")
@pytest.mark.usefixtures("with_csrf")
def test_no_form_is_taken_without_a_token_or_with_that_of_somebody_else(
    app: Flask,
    session: Session,
    browser: FlaskClient,
    world: World,
    sign_in: Callable[[User], FlaskClient],
) -> None:
    others = token_shown_to(sign_in(world.colleague))
    before = everything(session, but=LAST_SEEN)
    for one in unsafe(app, world):
        sent: Any
        for sent in (
            {},
            {"data": {"csrf_token": "made-up"}},
            {"data": {"csrf_token": others}},
            {"headers": {"X-CSRFToken": others}},
        ):
            response = browser.open(one.path, method=one.method, **sent)
            assert response.status_code in {400, 403}, f"{one.method} {one.path}"
    assert differences(before, everything(session, but=LAST_SEEN)) == {}


@pytest.mark.one_database("refused before any view is run")
@pytest.mark.usefixtures("with_csrf")
@pytest.mark.parametrize("site", ["cross-site", "same-site", "somewhere-new"])
def test_a_form_sent_from_another_site_is_refused_even_with_the_right_token(
    app: Flask, session: Session, browser: FlaskClient, world: World, site: str
) -> None:
    token = token_shown_to(browser)
    before = everything(session, but=LAST_SEEN)
    for one in unsafe(app, world):
        headers = {"Sec-Fetch-Site": site, "X-CSRFToken": token}
        response = browser.open(one.path, method=one.method, headers=headers)
        assert response.status_code == 403, f"{one.method} {one.path}"
    assert differences(before, everything(session, but=LAST_SEEN)) == {}


@pytest.mark.slow("walks every page there is")
def test_looking_at_every_page_twice_changes_nothing(
    app: Flask, session: Session, browser: FlaskClient, world: World
) -> None:
    before = everything(session, but=LAST_SEEN)
    for one in pages(app, world):
        for _ in range(2):
            status = browser.get(one.path).status_code
            # The console's link is worth nothing once somebody has an account.
            expected = {410} if one.endpoint in DEAD_LINKS else {200, 302, 303}
            assert status in expected, f"{one.path}: {status}"
    after = everything(session, but=LAST_SEEN)
    changed = differences(before, after)
    # A calendar program is counted, and when it last asked is shown to whom the address belongs.
    assert set(changed) <= {*HISTORY, "throttle", "calendar_feed"}, changed
    gone, came = changed.get("audit_event", ([], []))
    assert not gone
    assert {row[ACTION] for row in came} <= {"exported"}, "only what was taken away as a file"
