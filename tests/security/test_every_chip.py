"""Whatever a page offers to press leads to a page: every filter, tab, sort, chip and page."""

from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.web.lists import ListView
from tests.security.pressing import Offered, marks_of
from tests.security.walking import pages
from tests.security.world import World

LEAVES = {"accounts.sign_out"}


@pytest.fixture
def long_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that there is a second page of whatever has two rows."""
    monkeypatch.setattr(ListView, "per_page", property(lambda _: 1, lambda *_: None))


@pytest.fixture
def told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error is answered as in use, so that the test can name all it finds."""
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)


@pytest.mark.slow("presses all there is to press")
@pytest.mark.usefixtures("long_lists", "told")
def test_whatever_can_be_pressed_leads_somewhere(
    app: Flask,
    browser: FlaskClient,
    world: World,
    caplog: pytest.LogCaptureFixture,
) -> None:
    adapter = app.url_map.bind("localhost")
    waiting = [one.path for one in pages(app, world)]
    pressed = {mark for one in waiting for mark in marks_of(one, adapter)}
    wrong = {}
    while waiting:
        path = waiting.pop()
        caplog.clear()
        answer = FlaskClient.open(browser, path)  # that it is a good page, others look at
        troubles = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
        if answer.status_code >= 500 or troubles:
            wrong[path] = answer.status_code, troubles
        if answer.mimetype != "text/html":
            continue
        for address in Offered(answer.text, path).addresses():
            marks = marks_of(address, adapter)
            if marks - pressed and not any(endpoint in LEAVES for endpoint, _, _ in marks):
                pressed |= marks
                parts = urlsplit(address)
                waiting.append(f"{parts.path}?{parts.query}")
    assert not wrong, "\n".join(f"{path}: {why}" for path, why in wrong.items())
    names = {name for _, name, _ in pressed}
    assert {"page", "sort", "show", "on", "format"} <= names
