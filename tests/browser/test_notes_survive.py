"""Notes outlive a browser that is killed, and a server that is (REL-13): ten seconds at most."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from app.accounts.authentication import sessions
from app.accounts.models import User
from app.core import clock
from app.interactions.models import Interaction, InteractionKind
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
from tests.factories import make_system
from tests.processes import free_port, running

MOST_MISSING = 10.0


@dataclass(frozen=True)
class Typing:
    """For how long somebody types, and where it is said how much of that was lost."""

    seconds: float
    say: Callable[[str, object], None]

    def tell(self, missing: float) -> None:
        self.say("figures", f"{self.seconds} s of typing, the last {missing:.1f} s of it not kept")


@pytest.fixture
def typing(soak: bool, record_property: Callable[[str, object], None]) -> Typing:
    return Typing(60 if soak else 22, record_property)


@contextmanager
def mortal_browser(folder: Path) -> Iterator[tuple[Callable[[], None], str]]:
    """A browser in a group of processes of its own: what kills them all, and where to reach it.

    What is started may be a script that starts the browser, which would outlive it.
    """
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
        start_new_session=True,
    )

    def kill() -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    try:
        port_file = profile / "DevToolsActivePort"
        deadline = time.monotonic() + 20
        while not (port_file.exists() and "\n" in port_file.read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield kill, f"http://127.0.0.1:{port_file.read_text().splitlines()[0]}"
    finally:
        kill()


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
    site: Site,
    chromium: Browser,
    visit: Visit,
    tmp_path: Path,
    typing: Typing,
) -> None:
    anna, meeting = furnish(site)
    with mortal_browser(tmp_path) as (kill, address):
        mortal = chromium.browser_type.connect_over_cdp(address)
        page = signed_in_page(mortal, site, anna)
        typed = type_for(open_notes(page, meeting), typing.seconds)
        kill()

    elsewhere = visit(anna)
    open_notes(elsewhere, meeting)
    elsewhere.get_by_role("link", name="Keep").click()
    kept = box_of(elsewhere).input_value()
    assert kept.startswith(BEGINNING)
    missing = seconds_missing(kept, typed)
    assert missing <= MOST_MISSING
    typing.tell(missing)


def test_a_new_entry_outlives_the_browser_it_was_typed_in(
    site: Site,
    chromium: Browser,
    visit: Visit,
    tmp_path: Path,
    typing: Typing,
) -> None:
    """Nothing of it was written down yet: home says so wherever its author signs in next."""
    anna, meeting = furnish(site)
    with site.session() as session:
        make_system(session, "Sampleton")
        session.commit()
    with mortal_browser(tmp_path) as (kill, address):
        mortal = chromium.browser_type.connect_over_cdp(address)
        page = signed_in_page(mortal, site, anna)
        page.goto("/log?kind=call")
        page.get_by_role("checkbox", name="NHS Sampleshire").check()  # of whom she wrote last
        page.get_by_label("Summary").fill("Inhalers at school")
        typed = type_for(page.get_by_role("textbox", name="What happened"), typing.seconds)
        kill()

    elsewhere = visit(anna)
    elsewhere.goto("/")
    elsewhere.get_by_role("link", name="You have unsaved notes", exact=True).click()
    offered = elsewhere.locator(".card", has_text="“Inhalers at school”, not saved yet")
    expect(offered).to_contain_text(re.compile(r"\d+ words, last typed at \d\d:\d\d"))
    offered.get_by_role("link", name="Keep").click()
    missing = seconds_missing(elsewhere.locator("textarea[name=body]").input_value(), typed)
    assert missing <= MOST_MISSING
    typing.tell(missing)

    elsewhere.get_by_role("button", name="Save", exact=True).last.click()
    expect(elsewhere.get_by_role("status").first).to_contain_text("Call saved.")
    written = newest_entry(site)
    assert written.id > meeting.id
    assert (written.kind, written.subject) == (InteractionKind.CALL, "Inhalers at school")
    assert seconds_missing(written.body, typed) == missing
    assert drafts_of(site, anna) == []


def newest_entry(site: Site) -> Interaction:
    with site.session() as session:
        return session.scalars(select(Interaction).order_by(Interaction.id.desc())).all()[0]


def test_a_server_killed_in_mid_typing_takes_nothing_from_the_open_tab(
    chromium: Browser,
    live_database: str,
    tmp_path: Path,
    typing: Typing,
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
        before = type_for(box, typing.seconds)
        server.popen.kill()
        server.popen.wait(10)
    missing = seconds_missing(drafts_of(site, anna)[0].body, before)
    assert missing <= MOST_MISSING
    typing.tell(missing)

    after = type_for(box, 4, word="later")
    is_told(page, NO_CONNECTION)
    with running(tmp_path, "web", **served) as server:
        server.wait_to_say("Liaise is at", 60)
        is_told(page, SAVED, seconds=40)
        assert drafts_of(site, anna)[0].body == box.input_value()
    assert seconds_missing(box.input_value(), after, word="later") == 0
    page.context.close()
