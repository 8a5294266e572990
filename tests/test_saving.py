"""What was acknowledged is there: after a crash of the web process, and when many save at once."""

import random
import re
import signal
import threading
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from flask import Flask
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from app.accounts import sessions
from app.core import clock
from app.core.db import prepare
from app.interactions.models import Interaction
from tests.factories import make_organisation, make_user
from tests.processes import Process, free_port, running

CRASHES = 6
PEOPLE = 20
NOTES_EACH = 15


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

    def write(self, words: str) -> bool:
        """True once the server has said that it is saved."""
        said = {
            "csrf_token": self.csrf,
            "kind": "note",
            "happened_on": clock.today().isoformat(),
            "body": words,
            "form_token": uuid4().hex,
        }
        return self.open(f"/organisations/{self.board_id}/log", said)[0] == 302


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
    live_app: Flask, live_database: str, tmp_path: Path
) -> None:
    board_id, (token,) = sign_in(live_database, 1)
    acknowledged: list[str] = []
    attempted = 0
    for _ in range(CRASHES):
        port = free_port()
        with running(tmp_path, "web", PORT=str(port), DATABASE_URL=live_database) as server:
            server.wait_to_say("Liaise is at", 30)
            writer = Writer(port, board_id, token)
            writer.prepare()
            _kill_within_a_moment(server)
            try:
                while True:
                    attempted += 1
                    if writer.write(f"Note {attempted}"):
                        acknowledged.append(f"Note {attempted}")
            except (OSError, urllib.error.URLError):
                pass  # the server is gone, in the middle of something

    saved = notes(live_database)
    assert len(acknowledged) >= CRASHES
    assert set(acknowledged) <= set(saved)
    assert len(saved) == len(set(saved))


def _kill_within_a_moment(server: Process) -> None:
    wait = random.uniform(0.05, 0.5)
    threading.Timer(wait, server.popen.send_signal, (signal.SIGKILL,)).start()


def test_many_saving_at_once_are_all_served(
    live_app: Flask, live_database: str, tmp_path: Path
) -> None:
    board_id, tokens = sign_in(live_database, PEOPLE)
    port = free_port()
    refused: list[str] = []

    def write_all(writer: Writer) -> None:
        writer.prepare()
        for number in range(NOTES_EACH):
            if not writer.write(f"{writer.token} {number}"):
                refused.append(f"{number}")

    with running(tmp_path, "web", PORT=str(port), DATABASE_URL=live_database) as server:
        server.wait_to_say("Liaise is at", 30)
        threads = [
            threading.Thread(target=write_all, args=(Writer(port, board_id, token),))
            for token in tokens
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert refused == []
    assert len(notes(live_database)) == PEOPLE * NOTES_EACH
