"""The whole of Liaise in one process, from its first line to its last."""

import json
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from flask import Flask

from app.core import clock
from app.core.db import db
from app.core.mail.catcher import Folder
from app.outbox import services as outbox
from tests.processes import command, free_port, running

pytestmark = pytest.mark.slow("starts the product as people do")


def get(port: int, path: str, timeout: float = 10) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + 10
    while (answer := get(port, "/readyz"))[0] != 200:
        assert time.monotonic() < deadline, answer
        time.sleep(0.1)


def test_one_process_serves_runs_the_jobs_and_stops_when_told(
    live_database: str, tmp_path: Path
) -> None:
    port = free_port()
    began = time.monotonic()
    with running(tmp_path, PORT=str(port), DATABASE_URL=live_database) as server:
        server.wait_to_say(f"Liaise is at http://127.0.0.1:{port}", 20)
        assert time.monotonic() - began < 20
        wait_until_ready(port)
        status, page = get(port, "/sign-in")
        assert (status, "<h1" in page) == (200, True)
        assert server.stop() < 10
        assert server.popen.returncode == 0
    for line in (tmp_path / "log").read_text().splitlines():
        assert json.loads(line)["level"] in {"info", "warning"}, line


def test_pages_only_have_no_heartbeat(live_database: str, tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "web", PORT=str(port), DATABASE_URL=live_database) as server:
        server.wait_to_say("Liaise is at", 20)
        assert get(port, "/healthz")[0] == 200
        assert json.loads(get(port, "/readyz")[1])["problems"] == ["jobs"]


def test_jobs_alone_keep_the_heart_beating(live_database: str, tmp_path: Path) -> None:
    port = free_port()
    address = {"DATABASE_URL": live_database}
    with running(tmp_path, "web", PORT=str(port), **address) as server:
        server.wait_to_say("Liaise is at", 20)
        with running(tmp_path, "run-jobs", **address) as jobs:
            jobs.wait_to_say("The jobs are running", 20)
            wait_until_ready(port)
            assert jobs.stop() < 10
            assert jobs.popen.returncode == 0


def test_a_single_round_of_jobs(live_database: str, tmp_path: Path) -> None:
    done = command(tmp_path, "tick", DATABASE_URL=live_database)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_whoever_has_asked_is_answered_before_it_stops(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, PORT=str(port)) as server:
        server.wait_to_say("Liaise is at", 20)
        with socket.create_connection(("127.0.0.1", port), timeout=10) as asking:
            asking.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n")
            time.sleep(0.3)  # half a question has arrived
            server.popen.send_signal(signal.SIGTERM)
            time.sleep(1)
            with pytest.raises(OSError, match="refused"):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            asking.sendall(b"Connection: close\r\n\r\n")
            assert b'"alive":true' in read_all(asking)
        server.popen.wait(10)
        assert server.popen.returncode == 0


def read_all(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


class Asker(threading.Thread):
    """Somebody who asks again and again, and remembers every answer that was not one."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port
        self.answered = 0
        self.failures: list[str] = []
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.005):
            try:
                self.answered += get(self.port, "/healthz")[0] == 200
            except OSError as error:
                nobody_listens = isinstance(getattr(error, "reason", error), ConnectionRefusedError)
                if not nobody_listens:  # else it is between two lives
                    self.failures.append(repr(error))


def test_no_question_is_lost_when_it_is_restarted_under_load(tmp_path: Path) -> None:
    port = free_port()
    askers = [Asker(port) for _ in range(4)]
    for asker in askers:
        asker.start()
    try:
        for _ in range(3):
            with running(tmp_path, PORT=str(port)) as server:
                server.wait_to_say("Liaise is at", 20)
                time.sleep(0.3)
                assert server.stop() < 10
    finally:
        for asker in askers:
            asker.over.set()
            asker.join()
    assert [asker.failures for asker in askers] == [[], [], [], []]
    assert sum(asker.answered for asker in askers) > 50


# As ./run starts it, but with no patience.
IN_A_HURRY = (
    sys.executable,
    "-c",
    "import app.server; app.server.GRACE_SECONDS = 2; from tests.cli import main; main()",
)
BEGINNING = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\n"


def test_uploads_that_trickle_keep_nobody_waiting_and_are_cut_off(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, PORT=str(port), program=IN_A_HURRY) as server:
        server.wait_to_say("Liaise is at", 20)
        dawdlers = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(20)]
        began, cut_off = time.monotonic(), 0
        try:
            for dawdler in dawdlers:
                dawdler.sendall(BEGINNING)
            while cut_off < len(dawdlers) and time.monotonic() - began < 15:
                assert get(port, "/healthz")[0] == 200, "more dawdlers than threads block nobody"
                cut_off = sum(not _still_takes_a_byte(dawdler) for dawdler in dawdlers)
                time.sleep(0.2)
        finally:
            for dawdler in dawdlers:
                dawdler.close()
    assert cut_off == len(dawdlers)
    assert time.monotonic() - began > 2


def _still_takes_a_byte(connection: socket.socket) -> bool:
    try:
        connection.sendall(b"x")
        connection.setblocking(False)
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        connection.settimeout(20)


def test_a_body_larger_than_any_page_takes_is_refused_unread(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, PORT=str(port)) as server:
        server.wait_to_say("Liaise is at", 20)
        with socket.create_connection(("127.0.0.1", port), timeout=10) as asking:
            asking.sendall(BEGINNING.replace(b"1000000", b"1000000000"))
            assert asking.recv(100).startswith(b"HTTP/1.1 413")


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = command(tmp_path, PORT=str(port))
    assert done.returncode == 2
    assert done.stderr.startswith(f"Liaise cannot listen on 127.0.0.1 port {port}")
    assert done.stderr.count("\n") == 1


def test_wrong_settings_are_a_sentence_each_and_nothing_is_made(tmp_path: Path) -> None:
    done = command(tmp_path, PORT="x", BASE_URL="y")
    assert done.returncode == 2
    assert [line.split()[0] for line in done.stderr.splitlines()] == ["PORT", "BASE_URL"]
    assert list(tmp_path.iterdir()) == []


def test_a_missing_database_is_not_replaced(tmp_path: Path) -> None:
    assert command(tmp_path, "migrate").returncode == 0
    (tmp_path / "liaise.sqlite3").unlink()
    for words in ((), ("tick",), ("load-reference",)):
        done = command(tmp_path, *words)
        assert done.returncode == 2, words
        assert "is missing, and Liaise will not make an empty one" in done.stderr
        assert done.stderr.count("\n") == 1
    assert not (tmp_path / "liaise.sqlite3").exists()


def queue_a_mail() -> None:
    outbox.enqueue(
        db.session,
        recipient="sam@example.org",
        subject="Hello",
        body="Hello",
        send_after=clock.now(),
    )
    db.session.commit()


def test_nothing_leaves_the_machine_from_a_process_of_a_test(
    live_app: Flask, live_database: str, tmp_path: Path
) -> None:
    with live_app.app_context():
        queue_a_mail()

    mail = {"MAIL_SERVER": "192.0.2.1", "MAIL_DEFAULT_SENDER": "liaise@example.org"}
    done = command(tmp_path, "tick", **mail, DATABASE_URL=live_database)

    assert done.returncode == 1
    assert "LeftTheMachine" in done.stderr


def test_mail_to_a_colleague_is_caught_while_there_is_no_mail_server(
    live_app: Flask, live_database: str, tmp_path: Path
) -> None:
    with live_app.app_context():
        queue_a_mail()

    done = command(tmp_path, "tick", DATABASE_URL=live_database)

    assert done.returncode == 0, done.stderr
    (caught,) = Folder(tmp_path).newest_first()
    assert caught.recipients == ["sam@example.org"]
