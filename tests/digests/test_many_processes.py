"""Four processes that wake at the same moment give each person one morning."""

from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from app.core import loopback
from app.core.db import db
from app.digests.jobs import give_mornings
from tests.conftest import config_for, running_app
from tests.digests.desk import MONDAY, at, colleague, mails, mornings, owes
from tests.sending.children import start

PEOPLE = 12


def a_process(database_url: str, folder: str) -> None:
    loopback.stay_on_loopback()
    with running_app(config_for(database_url, Path(folder))) as app, app.app_context():
        give_mornings(app, db.session, at(MONDAY))


def furnished(session: Session) -> None:
    for number in range(PEOPLE):
        owes(session, colleague(session, f"Colleague {number}"), MONDAY)
    session.commit()


def test_four_processes_at_once_send_each_person_one_mail(
    live_app: Flask, live_database: str, tmp_path: Path
) -> None:
    with live_app.app_context():
        furnished(db.session)
    children = [start(a_process, live_database, str(tmp_path)) for _ in range(4)]
    for child in children:
        child.join(60)
    assert [child.exitcode for child in children] == [0] * 4
    with live_app.app_context():
        sent = mails(db.session)
        assert len({mail.recipient for mail in sent}) == len(sent) == PEOPLE
        given = mornings(db.session)
        assert len({one.user_id for one in given}) == len(given) == PEOPLE
        assert {one.message_id for one in given} == {mail.id for mail in sent}
