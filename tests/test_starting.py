"""Processes that start, and that are told to stop, at any moment."""

import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from app import server
from app.core import clock
from app.core.db import db
from app.settings import downtime, installation
from app.settings.models import Heartbeat, Settings
from config import Config
from tests.processes import ROOT
from tests.sending.mailings import open_session

TOLD_IN_ANOTHER_THREAD = """
import os, signal, threading, time
from app.core import shutdown
shutdown.on_signals()
def told():
    time.sleep(0.3)
    # Told in a thread that goes on working: nothing wakes the main one.
    signal.pthread_kill(threading.get_ident(), signal.{name})
    time.sleep(600)
threading.Thread(target=told, daemon=True).start()
shutdown.wait()
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_process_hears_that_it_is_to_stop_whichever_thread_is_told(name: str) -> None:
    script = TOLD_IN_ANOTHER_THREAD.format(name=name)
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, timeout=60, check=False)
    assert done.returncode == 0


def test_one_that_starts_while_another_loads_england_waits_for_it(
    live_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual: Any = Config.__dict__["SQLALCHEMY_ENGINES"]

    def impatient(config: Config) -> dict[str, Any]:
        engines: dict[str, Any] = usual.fget(config)
        if "connect_args" in engines["default"]:
            engines["default"]["connect_args"] = {"options": "-c lock_timeout=100"}
        return engines

    monkeypatch.setattr(Config, "SQLALCHEMY_ENGINES", property(impatient))
    config = Config(SECRET_KEY="k" * 32, DATABASE_URL=live_database, DATA_DIR=tmp_path)
    engine = create_engine(live_database)
    with Session(engine) as session:
        session.execute(update(Settings).values(reference_loaded_at=clock.now()))
        session.commit()
    installation.make_ready(config)
    with open_session(live_database) as loading:
        loading.execute(update(Settings).values(group_name="Sample Group"))
        threading.Timer(0.8, loading.commit).start()
        with server.running_app(config):
            pass
    with Session(engine) as session:
        assert session.scalars(select(Settings.group_name)).all() == ["Sample Group"]
    engine.dispose()


def test_the_first_signs_of_life_of_several_processes_are_one(live_app: Flask) -> None:
    with live_app.app_context():
        engine, now = db.engine, clock.now()
    began, failed = threading.Barrier(4), []

    def beat(number: int) -> None:
        with Session(engine) as session:
            began.wait()
            try:
                downtime.say(session, downtime.JOBS, now + timedelta(seconds=number))
                session.commit()
            except Exception as error:
                failed.append(error)

    threads = [threading.Thread(target=beat, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with Session(engine) as session:
        assert len(session.scalars(select(Heartbeat)).all()) == 1
