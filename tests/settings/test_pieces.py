"""Work that fails every time it is tried is told of, until it succeeds."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import scheduler
from app.accounts.models import Permission, User
from app.core import clock
from app.core.db import db
from app.digests import jobs as digest_jobs
from app.letters.chasers import jobs as chaser_jobs
from app.letters.chasers import proposing
from app.outbox import jobs as outbox_jobs
from app.outbox.services import enqueue
from app.reminders import dispatch
from app.scheduler import Job
from app.settings import pieces
from app.settings.downtime import JOBS
from app.settings.models import FailingPiece, Heartbeat
from app.settings.pieces import FORGOTTEN_AFTER, Piece
from tests.conftest import ClockAt
from tests.digests.desk import MONDAY, at, colleague, give, owes
from tests.factories import make_user
from tests.reminders.stage import (
    APRIL,
    make_boards,
    make_milestone,
    make_rule,
    morning,
    tick,
)

NOW = clock.now()
PRESS = Piece("press", "Printing")


def fail(*_: Any, **__: Any) -> Any:
    raise ValueError("no")


def failing(session: Session, when: Any = None) -> list[str]:
    session.commit()
    return [one.name for one in pieces.failing(session, at=when or clock.now())]


def test_what_fails_twice_in_a_row_is_told_of_since_its_first_failure_until_it_succeeds(
    session: Session,
) -> None:
    later = NOW + timedelta(minutes=1)
    pieces.alone(session, PRESS, fail, at=NOW)
    assert not failing(session, NOW), "once may be chance"
    pieces.alone(session, PRESS, fail, at=later)
    [one] = pieces.failing(session, at=later)
    assert (one.name, one.since, one.times) == ("Printing", NOW, 2)

    assert pieces.alone(session, PRESS, lambda: 3, at=later) == 3

    assert not failing(session, later)
    pieces.alone(session, PRESS, fail, at=later)
    assert not failing(session, later), "it begins anew"


def test_what_nobody_has_tried_for_a_week_fails_no_more(session: Session) -> None:
    for _ in range(2):
        pieces.alone(session, PRESS, fail, at=NOW)
    assert failing(session, NOW + FORGOTTEN_AFTER - timedelta(seconds=1))
    assert not failing(session, NOW + FORGOTTEN_AFTER)


def test_a_failing_piece_leaves_nothing_of_its_own_behind(session: Session) -> None:
    def half() -> None:
        session.add(Heartbeat(name="half", at=NOW))
        session.flush()
        fail()

    pieces.alone(session, PRESS, half, at=NOW)

    assert session.get(Heartbeat, "half") is None
    assert pieces.noted(session, "press") == ["press"]


def test_reminders_that_fail_every_round_are_on_home_on_the_rules_page_and_on_readyz(
    session: Session,
    sign_in: Callable[[User], FlaskClient],
    stranger: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    clock_at: ClockAt,
) -> None:
    cora = make_user(session, "Cora Sample", permissions=(Permission.VIEW, Permission.COORDINATE))
    make_boards(session, 1)
    rule = make_rule(session, make_milestone(session, title="Plan 2027/28 due"), -28, person=cora)
    tick(session, APRIL - timedelta(days=29))
    monkeypatch.setattr(dispatch, "recipients", fail)
    day = APRIL - timedelta(days=28)
    for time in ("08:45", "08:46"):
        tick(session, day, time)
    clock_at(morning(day, "08:47"))
    session.merge(Heartbeat(name=JOBS, at=clock.now()))
    session.commit()

    said = "Reminders of “Plan 2027/28 due” (since 4 Mar 2027, 08:45)"
    page = sign_in(cora).get("/").text
    assert said in page
    assert "has failed since" in sign_in(cora).get(f"/reminders/{rule.id}").text
    vera = make_user(session, "Vera View", permissions=(Permission.VIEW,))
    assert said not in sign_in(vera).get("/").text
    answer = stranger.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["problems"] == ["failing"]
    assert [one["what"] for one in answer.json["failing"]] == ["Reminders"]
    assert "Plan" not in answer.text, "anybody may read it"

    monkeypatch.undo()
    clock_at(morning(day, "08:48"))
    assert tick(session, day, "08:48") == 1
    assert said not in sign_in(cora).get("/").text
    assert stranger.get("/readyz").status_code == 200


def test_reminders_that_failed_and_are_not_due_any_more_are_not_told_of(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_boards(session, 1)
    milestone = make_milestone(session)
    make_rule(session, milestone, -28)
    tick(session, APRIL - timedelta(days=29))
    monkeypatch.setattr(dispatch, "recipients", fail)
    day = APRIL - timedelta(days=28)
    tick(session, day, "08:45")
    tick(session, day, "08:46")
    assert failing(session, morning(day))
    milestone.cancelled_on, milestone.cancelled_why = day, "Withdrawn"
    tick(session, day, "08:47")
    assert not failing(session, morning(day))


def test_a_morning_mail_that_fails_is_named_by_its_reader_and_only_to_administrators(
    app: Flask,
    session: Session,
    sign_in: Callable[[User], FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owes(session, colleague(session, "Ines Sample"), MONDAY)
    monkeypatch.setattr(digest_jobs, "as_html", fail)
    for time in ("08:31", "08:32"):
        assert give(app, session, at(MONDAY, time)) == 0
    name = "The morning email to Ines Sample"
    assert failing(session, at(MONDAY)) == [name]
    root = make_user(session, "Root Sample", permissions=(Permission.VIEW, Permission.ADMINISTER))
    cora = make_user(session, "Cora Two", permissions=(Permission.VIEW, Permission.COORDINATE))
    assert name in sign_in(root).get("/").text
    assert name not in sign_in(cora).get("/").text


def test_a_chaser_and_an_email_that_fail_are_told_of_though_others_succeed(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NoServer:
        deliver = fail

        def close(self) -> None:
            pass

    monkeypatch.setattr(proposing, "due", lambda *_: [7])
    monkeypatch.setattr(proposing, "propose_when_due", fail)
    monkeypatch.setattr(chaser_jobs, "_piece", lambda one: Piece(f"chaser:{one}", "Chasers"))
    monkeypatch.setattr(outbox_jobs, "_written", fail)
    enqueue(session, recipient="a@example.org", subject="Hello", body="Hello", send_after=NOW)
    for minutes in (0, 3):
        later = NOW + timedelta(minutes=minutes)
        chaser_jobs.propose_chasers(session, later, "")
        outbox_jobs.deliver_due(session, NoServer(), later)
    assert sorted(failing(session, NOW)) == ["An email to a@example.org", "Chasers"]


def test_a_whole_job_that_fails_is_told_of_and_fails_the_tick_until_it_succeeds(
    live_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(*_: Any) -> None:
        if is_broken:
            fail()

    is_broken = True
    monkeypatch.setattr(scheduler, "TIMETABLE", (Job("sums", 1, work),))
    assert not scheduler.run_all_once(live_app)
    assert scheduler.failing(live_app) == []
    assert not scheduler.run_all_once(live_app)
    assert [one.partition(":")[0] for one in scheduler.failing(live_app)] == ["Sums"]
    is_broken = False
    assert scheduler.run_all_once(live_app)
    assert scheduler.failing(live_app) == []
    with live_app.app_context():
        assert db.session.scalars(select(FailingPiece)).all() == []
