"""What was acknowledged is there: after a crash of the web process, and when many save at once."""

import random
import re
import signal
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from app.accounts.authentication import sessions
from app.core import clock
from app.core.db import prepare
from app.interactions.models import Interaction
from tests.factories import make_organisation, make_user
from tests.processes import Process, free_port, running

pytestmark = pytest.mark.slow("real servers, killed and started again")

# How often, and in full (`--soak`).
CRASHES, CRASHES_IN_FULL = 6, 200
PEOPLE, PEOPLE_IN_FULL = 20, 30
WRITES, WRITES_IN_FULL = 300, 10_000
SAVED = 302


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


@dataclass
class Writer:
    """A colleague's browser that writes notes as fast as it can."""

    port: int
    board_id: int
    token: str
    csrf: str = ""

    def open(self, path: str, said: dict[str, str] | None = None) -> tuple[int, str]:
        body = urllib.parse.urlencode(said).encode() if said else None
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", body, {"Cookie": f"liaise={self.token}"}
        )
        try:
            with urllib.request.build_opener(NoRedirect).open(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, ""

    def prepare(self) -> None:
        _, page = self.open(f"/organisations/{self.board_id}/log")
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found, page[:500]
        self.csrf = found[1]

    def write(self, words: str) -> int:
        """What the server answers: 302 once it is saved."""
        said = {
            "csrf_token": self.csrf,
            "kind": "note",
            "happened_on": clock.today().isoformat(),
            "body": words,
            "form_token": uuid4().hex,
        }
        return self.open(f"/organisations/{self.board_id}/log", said)[0]


def sign_in(database: str, people: int) -> tuple[int, list[str]]:
    """A board, and a signed-in browser's token for each of so many colleagues."""
    engine = create_engine(database)
    prepare(engine)
    with Session(engine, expire_on_commit=False) as session:
        board = make_organisation(session)
        users = [make_user(session, f"Writer {number}") for number in range(people)]
        tokens = [sessions.start(session, user=user, at=clock.now()) for user in users]
        session.commit()
    engine.dispose()
    return board.id, tokens


def notes(database: str) -> list[str]:
    engine = create_engine(database)
    prepare(engine)
    with Session(engine) as session:
        found = list(session.scalars(select(Interaction.body)))
    engine.dispose()
    return found


def test_nothing_acknowledged_is_lost_when_the_web_process_is_killed(
    live_app: Flask,
    live_database: str,
    tmp_path: Path,
    soak: bool,
    record_property: Callable[[str, object], None],
) -> None:
    board_id, (token,) = sign_in(live_database, 1)
    acknowledged: list[str] = []
    attempted = 0
    crashes = CRASHES_IN_FULL if soak else CRASHES
    for _ in range(crashes):
        port = free_port()
        with running(tmp_path, "web", PORT=str(port), DATABASE_URL=live_database) as server:
            server.wait_to_say("Liaise is at", 30)
            writer = Writer(port, board_id, token)
            writer.prepare()
            _kill_within_a_moment(server)
            try:
                while True:
                    attempted += 1
                    if writer.write(f"Note {attempted}") == SAVED:
                        acknowledged.append(f"Note {attempted}")
            except (OSError, urllib.error.URLError):
                pass  # the server is gone, in the middle of something

    saved = notes(live_database)
    assert len(acknowledged) >= crashes
    assert set(acknowledged) <= set(saved)
    assert len(saved) == len(set(saved))
    record_property("figures", f"{crashes} kills, {len(acknowledged)} acknowledged, 0 lost")


def _kill_within_a_moment(server: Process) -> None:
    wait = random.uniform(0.05, 0.5)
    threading.Timer(wait, server.popen.send_signal, (signal.SIGKILL,)).start()


def test_many_saving_at_once_are_all_served(
    live_app: Flask,
    live_database: str,
    tmp_path: Path,
    soak: bool,
    record_property: Callable[[str, object], None],
) -> None:
    people, writes = (PEOPLE_IN_FULL, WRITES_IN_FULL) if soak else (PEOPLE, WRITES)
    board_id, tokens = sign_in(live_database, people)
    ports = [free_port(), free_port()]  # two processes, so that they meet in the database
    left = iter(range(writes))
    refused: list[tuple[int, float]] = []  # with what status, after how long
    took: list[float] = []

    def write_all(writer: Writer) -> None:
        writer.prepare()
        for number in left:
            began = time.monotonic()
            status = writer.write(f"Note {number}")
            took.append(time.monotonic() - began)
            if status != SAVED:
                refused.append((status, took[-1]))

    with ExitStack() as servers:
        for port in ports:
            server = running(tmp_path, "web", PORT=str(port), DATABASE_URL=live_database)
            servers.enter_context(server).wait_to_say("Liaise is at", 30)
        threads = [
            threading.Thread(target=write_all, args=(Writer(port, board_id, token),))
            for token, port in zip(tokens, cycle(ports), strict=False)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    took.sort()
    median, slowest = took[len(took) // 2], took[-1]
    assert refused == []
    assert sorted(notes(live_database)) == sorted(f"Note {number}" for number in range(writes))
    figures = f"{writes:,} writes by {people}: median {median:.2f} s, slowest {slowest:.2f} s"
    record_property("figures", figures)
