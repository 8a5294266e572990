"""Notes outlive a browser that is killed, and a server that is (REL-13): ten seconds at most."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from app.accounts import sessions
from app.accounts.models import User
from app.core import clock
from app.interactions.models import Interaction
from tests.browser.conftest import Site, Visit, chromium_path
from tests.browser.writing import (
    BEGINNING,
    NO_CONNECTION,
    SAVED,
    a_meeting,
    box_of,
    drafts_of,
    is_told,
    open_notes,
    seconds_missing,
    somebody,
    type_for,
)
from tests.processes import free_port, running

MOST_MISSING = 10.0


@pytest.fixture
def seconds(soak: bool) -> float:
    return 60 if soak else 22


@contextmanager
def mortal_browser(folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """A browser in a process of its own, and where to reach it."""
    profile = folder / "profile"
    process = subprocess.Popen(
        [
            chromium_path(),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--remote-debugging-port=0",
            f"--user-data-dir={profile}",
        ],
        stderr=subprocess.DEVNULL,
    )
    try:
        port_file = profile / "DevToolsActivePort"
        deadline = time.monotonic() + 20
        while not (port_file.exists() and "\n" in port_file.read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield process, f"http://127.0.0.1:{port_file.read_text().splitlines()[0]}"
    finally:
        process.kill()
        process.wait(10)


def signed_in_page(browser: Browser, site: Site, user: User) -> Page:
    context = browser.new_context(base_url=site.address)
    with site.session() as session:
        token = sessions.start(session, user=user, at=clock.now())
        session.commit()
    context.add_cookies([{"name": "liaise", "value": token, "url": site.address}])
    return context.new_page()


def furnish(site: Site) -> tuple[User, Interaction]:
    with site.session() as session:
        anna = somebody(session, "Anna Sample")
        meeting = a_meeting(session, anna)
        session.commit()
        return anna, meeting


def test_a_browser_killed_in_mid_typing_loses_ten_seconds_at_most(
    site: Site, chromium: Browser, visit: Visit, tmp_path: Path, seconds: float
) -> None:
    anna, meeting = furnish(site)
    with mortal_browser(tmp_path) as (process, address):
        mortal = chromium.browser_type.connect_over_cdp(address)
        page = signed_in_page(mortal, site, anna)
        typed = type_for(open_notes(page, meeting), seconds)
        process.kill()
        process.wait(10)

    elsewhere = visit(anna)
    open_notes(elsewhere, meeting)
    elsewhere.get_by_role("link", name="Keep").click()
    kept = box_of(elsewhere).input_value()
    assert kept.startswith(BEGINNING)
    assert seconds_missing(kept, typed) <= MOST_MISSING


def test_a_server_killed_in_mid_typing_takes_nothing_from_the_open_tab(
    chromium: Browser, live_database: str, tmp_path: Path, seconds: float
) -> None:
    port = free_port()
    served = {"PORT": str(port), "DATABASE_URL": live_database}
    # Only where it is and where its data lies: the product itself runs in a process of its own.
    looks_like = SimpleNamespace(config={"DATABASE_URL": live_database})
    site = Site(f"http://127.0.0.1:{port}", cast(Flask, looks_like))
    anna, meeting = furnish(site)
    with running(tmp_path, "web", **served) as server:
        server.wait_to_say("Liaise is at", 60)
        page = signed_in_page(chromium, site, anna)
        box = open_notes(page, meeting)
        before = type_for(box, seconds)
        server.popen.kill()
        server.popen.wait(10)
    kept = drafts_of(site, anna)[0].body
    assert seconds_missing(kept, before) <= MOST_MISSING

    after = type_for(box, 4, word="later")
    is_told(page, NO_CONNECTION)
    with running(tmp_path, "web", **served) as server:
        server.wait_to_say("Liaise is at", 60)
        is_told(page, SAVED, seconds=40)
        assert drafts_of(site, anna)[0].body == box.input_value()
    assert seconds_missing(box.input_value(), after, word="later") == 0
    page.context.close()
