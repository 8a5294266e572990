"""The call to a monitor outside, which notices when the jobs stop."""

import dataclasses
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import scheduler
from app.core import clock, monitor
from app.core.db import db
from app.settings.downtime import JOBS
from app.settings.models import Heartbeat
from app.settings.services import settings_of
from tests.conftest import config_for, running_app


@contextmanager
def watching(status: int = 200) -> Iterator[tuple[str, list[str]]]:
    """A monitor on this machine: its address, and what it was asked for."""
    asked: list[str] = []

    class Monitor(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.send_header("Location", "https://elsewhere.example.org/")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Monitor) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def beat(live_database: str, folder: Path, url: str) -> bool:
    """One sign of life, with this monitor; whether the job went well."""
    config = dataclasses.replace(config_for(live_database, folder), MONITOR_URL=url)
    with running_app(config) as app:
        went_well = scheduler.run(app, scheduler.TIMETABLE[0])
        with app.app_context():
            assert db.session.get(Heartbeat, JOBS)
    return went_well


def test_after_each_sign_of_life_the_monitor_is_called(live_database: str, tmp_path: Path) -> None:
    with watching() as (url, asked):
        assert beat(live_database, tmp_path, f"{url}/ping/liaise?of=office")
    assert asked == ["/ping/liaise?of=office"]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_monitor_that_says_no_is_not_followed_and_stops_nothing(
    live_database: str, tmp_path: Path, status: int
) -> None:
    with watching(status) as (url, asked):
        assert beat(live_database, tmp_path, url)
    assert asked == ["/"]


def test_a_monitor_that_is_not_there_or_hangs_stops_nothing(
    live_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        url = f"http://127.0.0.1:{hanging.getsockname()[1]}/"
        assert beat(live_database, tmp_path, url)
    assert beat(live_database, tmp_path, url)


def test_no_transaction_is_open_while_the_monitor_is_called(
    live_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ones: list[bool] = []
    monkeypatch.setattr(
        monitor, "call", lambda *_, **__: open_ones.append(db.session.in_transaction())
    )
    assert beat(live_database, tmp_path, "http://127.0.0.1:9/")
    assert open_ones == [False]


def test_with_demo_data_no_other_machine_is_called(
    live_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here_only: list[bool] = []
    monkeypatch.setattr(monitor, "call", lambda _, only_here: here_only.append(only_here))
    with running_app(config_for(live_database, tmp_path)) as app, app.app_context():
        settings_of(db.session).is_demo = True
        db.session.commit()
    assert beat(live_database, tmp_path, "https://monitor.example.org/ping")
    assert here_only == [True]
    monkeypatch.undo()
    monitor.call("https://monitor.example.org/ping", only_here=True)  # nobody tried to leave


def test_home_says_in_red_that_the_jobs_have_stopped(client: FlaskClient, session: Session) -> None:
    assert "The jobs of Liaise have stopped" in client.get("/").text
    session.merge(Heartbeat(name=JOBS, at=clock.now()))
    session.commit()
    assert "The jobs of Liaise have stopped" not in client.get("/").text
