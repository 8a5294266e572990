import shutil
from collections import namedtuple
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core import clock, schema
from app.core.db import db
from app.settings.downtime import JOBS
from app.settings.models import Heartbeat

Usage = namedtuple("Usage", "total used free")


def beat(session: Session, seconds_ago: float = 0) -> None:
    session.merge(Heartbeat(name=JOBS, at=clock.now() - timedelta(seconds=seconds_ago)))
    session.commit()


def test_a_process_that_answers_is_alive(stranger: FlaskClient) -> None:
    assert stranger.get("/healthz").json == {"alive": True}


def test_all_is_well(stranger: FlaskClient, session: Session) -> None:
    beat(session, seconds_ago=60)
    answer = stranger.get("/readyz")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["ready"] is True
    assert answer.json["sqlite"]


@pytest.mark.parametrize("seconds_ago", [91, None])
def test_jobs_that_stopped_are_reported(
    stranger: FlaskClient, session: Session, seconds_ago: float | None
) -> None:
    if seconds_ago is not None:
        beat(session, seconds_ago)
    answer = stranger.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["problems"] == ["jobs"]


def test_a_database_of_another_shape_is_reported(
    stranger: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    beat(session)
    monkeypatch.setattr(schema, "head", lambda: "9999_newer")
    answer = stranger.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert "migrations" in answer.json["problems"]


def test_a_full_disk_is_reported(
    stranger: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    beat(session)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100, 91, 9))
    answer = stranger.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["problems"] == ["disk"]


def test_a_database_that_cannot_be_read_is_reported(live_app: Flask) -> None:
    with live_app.app_context(), db.engine.begin() as connection:
        connection.execute(text("DROP TABLE heartbeat"))
    answer = live_app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert "database" in answer.json["problems"]
    assert "heartbeat" not in answer.text.replace("jobs", "")
