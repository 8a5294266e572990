"""Four processes that wake at the same moment give each person one morning."""

import os
import signal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.core import fault_points, loopback
from app.core.db import db
from app.digests.jobs import give_mornings
from tests.conftest import config_for, running_app
from tests.digests.desk import MONDAY, at, colleague, mails, mornings, owes
from tests.sending.children import start

PEOPLE = 12


def a_process(database_url: str, folder: str, dies_at: int = 0) -> None:
    """One that may be killed just before it would have kept somebody’s morning."""
    loopback.stay_on_loopback()
    passed: list[str] = []

    def watch(name: str) -> None:
        passed.append(name)
        if passed.count("morning given") == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    fault_points.watch(watch if dies_at else None)
    with running_app(config_for(database_url, Path(folder))) as app, app.app_context():
        give_mornings(app, db.session, at(MONDAY))


def furnished(session: Session) -> None:
    for number in range(PEOPLE):
        owes(session, colleague(session, f"Colleague {number}"), MONDAY)
    session.commit()


@pytest.mark.slow("starts four processes")
@pytest.mark.parametrize("dies_at", [0, 1, 3])
def test_four_processes_at_once_send_each_person_one_mail(
    live_app: Flask, live_database: str, tmp_path: Path, dies_at: int
) -> None:
    """Also when one of them is killed in the middle."""
    with live_app.app_context():
        furnished(db.session)
    children = [
        start(a_process, live_database, str(tmp_path), dies_at) for dies_at in (0, 0, 0, dies_at)
    ]
    for child in children:
        child.join(60)
    assert [child.exitcode for child in children][:3] == [0] * 3
    with live_app.app_context():
        give_mornings(live_app, db.session, at(MONDAY))
    with live_app.app_context():
        sent = mails(db.session)
        assert len({mail.recipient for mail in sent}) == len(sent) == PEOPLE
        given = mornings(db.session)
        assert len({one.user_id for one in given}) == len(given) == PEOPLE
        assert {one.message_id for one in given} == {mail.id for mail in sent}
