"""On a disk that is full or can only be read, reading goes on; a save gives back what was typed."""

import errno
import re
import resource
import shutil
import sqlite3
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, event, select, update
from sqlalchemy.orm import Session

from app.accounts import rules
from app.accounts.authentication import sessions
from app.accounts.models import SignInSession
from app.core import clock, schema, sqlite_file, storage
from app.core.db import db, prepare
from app.core.storage import Trouble
from app.interactions.models import Interaction
from app.settings import installation
from config import Config
from tests.conftest import config_for, running_app
from tests.factories import make_organisation, make_user
from tests.pages import check_page
from tests.postgres import postgres_server
from tests.processes import command, free_port, running

TYPED = 'First line\r\nsecond & "last" <line>'
WORDS = {Trouble.FULL: "disk of Liaise is full", Trouble.READ_ONLY: "cannot save at the moment"}


@pytest.fixture(autouse=True)
def nothing_known_from_before() -> Iterator[None]:
    storage.works_again()
    yield
    storage.works_again()


@contextmanager
def trouble(app: Flask, kind: Trouble) -> Iterator[None]:
    """From here on each connection meets what it would meet on such a disk."""
    with app.app_context():
        engine = db.engine
    said = {
        ("sqlite", Trouble.FULL): "PRAGMA max_page_count = 1",
        ("sqlite", Trouble.READ_ONLY): "PRAGMA query_only = ON",
        ("postgresql", Trouble.READ_ONLY): "SET default_transaction_read_only = on",
    }[engine.dialect.name, kind]

    def meet(raw: Any, _: object) -> None:
        raw.execute(said)
        if engine.dialect.name == "postgresql":
            raw.commit()

    event.listen(engine, "connect", meet)
    engine.dispose()
    try:
        yield
    finally:
        event.remove(engine, "connect", meet)
        engine.dispose()


def browser_of(app: Flask, session: Session) -> FlaskClient:
    token = sessions.start(session, user=make_user(session), at=clock.now())
    session.commit()
    browser = app.test_client()
    browser.set_cookie("liaise", token)
    return browser


def kept_in(page: str) -> dict[str, str]:
    kept = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in kept}


def test_reading_goes_on_and_a_refused_save_gives_back_what_was_typed(live_app: Flask) -> None:
    with live_app.app_context():
        sessions_of, is_sqlite = db.sessionmaker, db.engine.dialect.name == "sqlite"
    with sessions_of() as session:
        board = make_organisation(session)
        browser = browser_of(live_app, session)
        log = f"/organisations/{board.id}/log"
        note = {"kind": "note", "happened_on": "2026-11-20", "body": TYPED, "form_token": ""}
        note["body"] += "A long note. " * 5_000  # more than fits into what the file has left
        for number, kind in enumerate(WORDS if is_sqlite else [Trouble.READ_ONLY], start=1):
            note["form_token"] = str(number) * 32
            # A message waits for this browser, and it has not been seen for a while.
            browser.post("/theme", data={"theme": "light"})
            long_ago = clock.now() - rules.SEEN_EVERY - timedelta(minutes=1)
            waits = {"_flashes": [["success", "A message that waits."]]}
            session.execute(update(SignInSession).values(seen_at=long_ago, store=waits))
            session.commit()
            with trouble(live_app, kind):
                for path in ("/", f"/organisations/{board.id}", "/people?format=csv", "/people"):
                    shown = browser.get(path)
                    assert (shown.status_code, bool(shown.data)) == (200, True), (kind, path)
                refused = browser.post(log, data=note)
                assert refused.status_code == 503
                assert refused.headers["Retry-After"]
                check_page(refused.text)
                assert WORDS[kind] in refused.text
                assert kept_in(refused.text) == note
                answer = live_app.test_client().get("/readyz")
                assert answer.status_code == 503
                assert "storage" in answer.get_json()["problems"]
                assert answer.get_json()["storage"] == kind.value
            assert browser.post(log, data=kept_in(refused.text)).status_code == 302
        assert set(session.scalars(select(Interaction.body))) == {note["body"].strip()}


@pytest.mark.slow("starts a PostgreSQL server, to stop it under a page that is open")
def test_while_the_database_is_gone_what_was_typed_is_kept(tmp_path: Path) -> None:
    with ExitStack() as server:
        address = server.enter_context(postgres_server())
        engine = create_engine(address)
        prepare(engine)
        schema.upgrade(engine)
        engine.dispose()
        with running_app(config_for(address, tmp_path)) as app:
            with app.app_context(), db.sessionmaker() as session:
                board_id = make_organisation(session).id
                browser = browser_of(app, session)
            assert browser.get(f"/organisations/{board_id}").status_code == 200
            server.close()
            shown = browser.get(f"/organisations/{board_id}")
            assert (shown.status_code, "cannot reach its database" in shown.text) == (503, True)
            note = {"kind": "note", "body": TYPED}
            refused = browser.post(f"/organisations/{board_id}/log", data=note)
            assert refused.status_code == 503
            assert kept_in(refused.text) == note
            assert app.test_client().get("/healthz").status_code == 200
            assert "database" in app.test_client().get("/readyz").get_json()["problems"]


def test_what_each_database_says_is_understood(tmp_path: Path) -> None:
    class Said(Exception):
        def __init__(self, code: str | None) -> None:
            self.sqlstate = code

    class OperationalError(Said):
        pass

    expected = {
        "53100": Trouble.FULL,
        "53300": Trouble.BUSY,
        "25006": Trouble.READ_ONLY,
        "57P01": Trouble.GONE,
        "08006": Trouble.GONE,
        "58030": Trouble.FAULTY,
        "55P03": Trouble.BUSY,
        "23505": None,
        "42P01": None,
    }
    assert {code: storage.trouble_of(Said(code)) for code in expected} == expected
    assert storage.trouble_of(OperationalError(None)) is Trouble.GONE
    assert storage.trouble_of(OSError(errno.ENOSPC, "")) is Trouble.FULL
    assert storage.trouble_of(FileNotFoundError(errno.ENOENT, "")) is None
    assert storage.trouble_of(ValueError()) is None
    spoilt = tmp_path / "spoilt"
    spoilt.write_text("Dear Sir or Madam," * 100)
    for file, expected_trouble in ((spoilt, Trouble.FAULTY), (tmp_path, Trouble.GONE)):
        with pytest.raises(sqlite3.DatabaseError) as wrong, closing(sqlite3.connect(file)) as raw:
            raw.execute("SELECT * FROM sqlite_master")
        assert storage.trouble_of(wrong.value) is expected_trouble


def installed(tmp_path: Path) -> Config:
    database = tmp_path / "liaise.sqlite3"
    config = Config(SECRET_KEY="k" * 32, DATABASE_URL=f"sqlite:///{database}", DATA_DIR=tmp_path)
    installation.make_ready(config)
    return config


def test_a_backup_for_which_there_is_no_room_is_one_sentence_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    config = installed(tmp_path)
    most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, most[1]))
    try:
        with pytest.raises(
            installation.CannotStart, match="No copy was made, and nothing was left"
        ):
            installation.back_up(config, "copy")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_backup_takes_away_what_a_killed_one_left(tmp_path: Path) -> None:
    config = installed(tmp_path)
    folder = tmp_path / "backups"
    folder.mkdir()
    old, new = (
        folder / f"copy-1{sqlite_file.UNFINISHED}",
        folder / f"copy-2{sqlite_file.UNFINISHED}",
    )
    for file in (old, new):
        file.write_bytes(b"half")
    shutil.os.utime(old, (1, 1))  # type: ignore[attr-defined]
    copy = installation.back_up(config, "copy")
    assert copy is not None
    assert set(folder.iterdir()) == {copy, new}


@pytest.mark.slow("starts the product as people do")
@pytest.mark.skipif(sys.platform != "linux", reason="only there can the limit of another be set")
def test_a_running_liaise_on_a_full_disk_goes_on_showing_pages(tmp_path: Path) -> None:
    config = replace(installed(tmp_path), PORT=free_port())
    engine = create_engine(config.DATABASE_URL)
    prepare(engine)
    with Session(engine) as session:
        board_id = make_organisation(session).id
        token = sessions.start(session, user=make_user(session), at=clock.now())
        session.commit()
    engine.dispose()
    settings = {"PORT": str(config.PORT), "SECRET_KEY": "7f3c9a1e5b8d2046f1a9c3e7d5b80264aa17"}
    with running(tmp_path, "web", **settings) as server:
        server.wait_to_say("Liaise is at", 30)
        origin = f"http://127.0.0.1:{config.PORT}"
        cookie = {"Cookie": f"liaise={token}", "Referer": origin}
        page = f"{origin}/organisations/{board_id}/log"
        with urllib.request.urlopen(urllib.request.Request(page, headers=cookie)) as answer:
            form = answer.read().decode()
        secret = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', form)
        assert secret
        resource.prlimit(server.popen.pid, resource.RLIMIT_FSIZE, (1, 1))
        with urllib.request.urlopen(
            urllib.request.Request(f"{origin}/organisations/{board_id}", headers=cookie)
        ) as answer:
            assert answer.status == 200
        note = {"kind": "note", "happened_on": "2026-11-20", "body": TYPED, "form_token": "f" * 32}
        sent = urllib.parse.urlencode({**note, "csrf_token": secret[1]}).encode()
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(page, sent, headers=cookie))
        assert refused.value.code == 503
        assert kept_in(refused.value.read().decode())["body"] == TYPED
        refused.value.close()
    done = command(tmp_path, "backup", SECRET_KEY=settings["SECRET_KEY"])
    assert done.returncode == 0, done.stderr
