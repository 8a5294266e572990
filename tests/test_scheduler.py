import threading
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import scheduler
from app.audit.services import Actor
from app.core import shutdown
from app.core.db import db
from app.scheduler import Job
from app.settings.downtime import JOBS
from app.settings.models import Heartbeat


@pytest.fixture(autouse=True)
def never_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutdown, "_requested", threading.Event())


def test_each_round_leaves_a_heartbeat(live_app: Flask) -> None:
    assert scheduler.run_all_once(live_app)
    with live_app.app_context():
        assert db.session.get_one(Heartbeat, JOBS)


def test_a_job_acts_in_its_own_name(live_app: Flask) -> None:
    actors: list[Actor] = []
    job = Job("sums", 1, lambda _app, session, _now: actors.append(session.info["actor"]))
    assert scheduler.run(live_app, job)
    assert actors == [Actor("Liaise (sums)")]


def test_a_failing_job_leaves_nothing_behind_and_the_rest_go_on(
    live_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_app: Flask, session: Session, now: datetime) -> None:
        session.add(Heartbeat(name="half", at=now))
        session.flush()
        raise ValueError("no")

    def work(_app: Flask, session: Session, now: datetime) -> None:
        session.add(Heartbeat(name="whole", at=now))
        session.commit()

    monkeypatch.setattr(scheduler, "TIMETABLE", (Job("a", 1, fail), Job("b", 1, work)))
    assert not scheduler.run_all_once(live_app)
    with live_app.app_context():
        assert db.session.get(Heartbeat, "half") is None
        assert db.session.get(Heartbeat, "whole") is not None


def test_no_job_touches_a_database_of_another_shape(live_app: Flask) -> None:
    called: list[int] = []
    with live_app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_newer'"))
    assert not scheduler.run(live_app, Job("sums", 1, lambda *_: called.append(1)))
    assert not called


def test_told_to_stop_a_job_in_the_middle_is_waited_for(
    live_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, finished = threading.Event(), threading.Event()

    def slow(*_: object) -> None:
        began.set()
        shutdown.wait(5)
        finished.set()

    monkeypatch.setattr(scheduler, "TIMETABLE", (Job("slow", 1, slow),))
    with scheduler.ticking(live_app):
        assert began.wait(5)
    assert finished.is_set()


def test_a_job_that_hangs_is_left_after_a_while(
    live_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, end = threading.Event(), threading.Event()
    left: list[list[str]] = []
    threads: list[threading.Thread] = []

    def hang(*_: object) -> None:
        threads.append(threading.current_thread())
        began.set()
        end.wait(30)

    monkeypatch.setattr(scheduler, "TIMETABLE", (Job("hangs", 1, hang),))
    monkeypatch.setattr(scheduler, "DRAIN_SECONDS", 0.1)
    monkeypatch.setattr(scheduler, "leave_at_once", lambda running: left.append([*running.names]))
    with scheduler.ticking(live_app):
        assert began.wait(5)
    end.set()
    threads[0].join(5)  # it has a connection, which has to be back before its engine ends
    assert not threads[0].is_alive()
    assert left == [["hangs"]]
