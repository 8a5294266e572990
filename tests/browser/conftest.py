"""A real Chromium in front of the real server, its jobs and its mail catcher."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Queue
from typing import Any
from xml.sax.saxutils import escape

import pytest
import waitress
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from app import scheduler
from app.accounts.authentication import sessions
from app.accounts.models import User
from app.core import clock
from app.core.db import prepare
from app.core.mail import catcher
from app.core.web.assets import wheel_file
from config import Config
from tests.conftest import config_for, running_app
from tests.databases import SqliteDatabases
from tests.processes import free_port

WIDE = {"width": 1360, "height": 900}
PHONE = {"width": 390, "height": 844}
AXE_RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    }
}


def chromium_path() -> str:
    """Where ./test found Chromium, or where Debian keeps it."""
    named = os.environ.get("CHROMIUM")
    found = named or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert found, "Chromium is missing: ./test installs it on Debian; elsewhere set CHROMIUM."
    return found


def only_our_fonts(folder: Path) -> Path:
    """What Linux tells a browser about fonts: Inter, which pages ask for, and one for all else.

    So no page depends on what else the machine has. Other systems do not read it.
    """
    fonts = (wheel_file("fontpkg_inter", "files"), wheel_file("font_source_sans_pro", "files"))
    places = "".join(f"<dir>{escape(str(place))}</dir>" for place in fonts)
    told = folder / "fonts.conf"
    told.write_text(
        f"<fontconfig>{places}<cachedir>{escape(str(folder))}</cachedir>"
        "<selectfont><rejectfont><glob>*.otf</glob></rejectfont></selectfont>"
        "<match><edit name='family' mode='append_last'><string>Source Sans Pro</string></edit>"
        "</match>"
        "</fontconfig>",
        encoding="utf-8",
    )
    return told


@pytest.fixture(scope="package")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Stopped after the last test here: while it runs, it keeps the main thread's event loop."""
    told = only_our_fonts(tmp_path_factory.mktemp("fonts"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(),
            args=["--disable-gpu", "--disable-background-networking", "--no-first-run"],
            env={**os.environ, "FONTCONFIG_FILE": str(told)},
        )
        yield browser
        browser.close()


@dataclass(frozen=True)
class Site:
    """The running product: its address, its app, and its database for a look behind."""

    address: str
    app: Flask

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A look behind, from outside the app (Playwright's event loop bars its contexts here)."""
        engine = create_engine(self.app.config["DATABASE_URL"])
        prepare(engine)
        with Session(engine, expire_on_commit=False) as session:
            yield session
        engine.dispose()

    def url(self, path: str) -> str:
        return self.address + path

    def run(self, job: str) -> None:
        """One round of one job of the timetable, away from Playwright's event loop."""
        found = next(one for one in scheduler.TIMETABLE if one.name == job)
        with ThreadPoolExecutor(1) as thread:
            assert thread.submit(scheduler.run, self.app, found).result(timeout=60)


@pytest.fixture
def site(live_database: str, tmp_path: Path) -> Iterator[Site]:
    with site_on(live_database, tmp_path) as site:
        yield site


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    """For what is about pages and not about data: one database is enough."""
    return SqliteDatabases(tmp_path_factory.mktemp("databases"))


@contextmanager
def site_on(database: str, folder: Path) -> Iterator[Site]:
    port = free_port()
    config = replace(
        config_for(database, folder),
        WTF_CSRF_ENABLED=True,
        PORT=port,
        BASE_URL=f"http://127.0.0.1:{port}",
    )
    with serving(config) as app:
        yield Site(config.BASE_URL, app)


@contextmanager
def serving(config: Config) -> Iterator[Flask]:
    """The product in a thread of its own: Playwright keeps the main thread's event loop."""
    started: Queue[Flask | BaseException] = Queue()
    stop = threading.Event()

    def listen(server: Any) -> None:
        try:
            server.run()
        except OSError:  # it was waiting at a connection that the end of the test closed
            if not stop.is_set():
                raise

    def serve() -> None:
        try:
            with catcher.standing_in(config) as with_catcher, running_app(with_catcher) as app:
                server = waitress.create_server(app, host=config.HOST, port=config.PORT, threads=4)
                threading.Thread(target=listen, args=(server,), daemon=True).start()
                started.put(app)
                stop.wait()
                server.close()
        except BaseException as failure:
            started.put(failure)

    thread = threading.Thread(target=serve)
    thread.start()
    app = started.get(timeout=30)
    if isinstance(app, BaseException):
        raise app
    yield app
    stop.set()
    thread.join(timeout=10)


Visit = Callable[..., Page]


@pytest.fixture
def visit(chromium: Browser, site: Site) -> Iterator[Visit]:
    """`visit(user)` opens a browser of their own; `scripts=False` switches JavaScript off.

    Any script error, policy violation or dialog on any page fails the test.
    """
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def visit(
        user: User | None = None,
        *,
        scripts: bool = True,
        size: dict[str, int] = WIDE,
        dark: bool = False,
    ) -> Page:
        context = chromium.new_context(
            base_url=site.address,
            java_script_enabled=scripts,
            viewport={"width": size["width"], "height": size["height"]},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="Europe/London",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
        page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
        page.on("console", lambda said: _note_violation(said, wrong))
        if user is not None:
            with site.session() as session:
                token = sessions.start(session, user=user, at=clock.now(), agent="Test browser")
                session.commit()
            context.add_cookies([{"name": "liaise", "value": token, "url": site.address}])
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not wrong


def _note_violation(said: Any, wrong: list[str]) -> None:
    if said.type == "error" and "Content Security Policy" in said.text:
        wrong.append(said.text)


def check_with_axe(page: Page) -> None:
    """No violation of WCAG 2.2 A or AA that a machine can find."""
    found = Axe().run(page, options=AXE_RULES)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def check_no_sideways_scroll(page: Page) -> None:
    wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide <= 0, f"{page.url} is {wide} px wider than the window"
