"""A long file keeps nobody waiting: it is read before the database is asked to write."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, select, text

from app.accounts import sessions
from app.core import clock
from app.core.db import db, prepare
from app.directory import reference
from app.directory.models import Organisation, OrganisationKind
from tests.factories import TODAY, make_person, make_user
from tests.imports.sheets import leads_csv
from tests.imports.test_routes import go_on, upload

ROWS, ROWS_IN_FULL = 300, 10_000
PATIENCE = 5.0  # seconds; then SQLite refuses a save
POSTS = ("children", "send", "safeguarding", "chair", "chief executive", "chief nurse")


@pytest.fixture
def board_codes(live_app: Flask) -> list[str]:
    with live_app.app_context(), db.sessionmaker() as session:
        reference.load(session, on=TODAY)
        session.commit()
        return list(
            session.scalars(
                select(Organisation.ods_code)
                .where(Organisation.kind == OrganisationKind.ICB)
                .where(Organisation.where_exists_on(TODAY))
            )
        )


@pytest.fixture
def coordinator(live_app: Flask, board_codes: list[str]) -> FlaskClient:
    with live_app.app_context(), db.sessionmaker() as session:
        token = sessions.start(session, user=make_user(session), at=clock.now())
        make_person(session)
        session.commit()
    browser = live_app.test_client()
    browser.set_cookie("liaise", token)
    return browser


def many_leads(boards: list[str], rows: int) -> bytes:
    """So many people, each in a post that they share."""
    return leads_csv(
        *(
            (
                boards[number % len(boards)],
                POSTS[number // len(boards) % len(POSTS)],
                "Al",
                f"S{number}",
                f"s{number}@a.test",
            )
            for number in range(rows)
        ),
        headings=("ODS code", "Post", "First name", "Surname", "Email"),
    )


class Colleague(threading.Thread):
    """Somebody who saves again and again on a connection of their own."""

    def __init__(self, database: str) -> None:
        super().__init__()
        self.engine = create_engine(database)
        prepare(self.engine)
        self.over = threading.Event()
        self.waits: list[tuple[float, float]] = []  # since when, how long
        self.refused: list[str] = []

    def longest(self, since: float, until: float) -> float:
        return max((wait for began, wait in self.waits if since <= began < until), default=0)

    def run(self) -> None:
        while not self.over.wait(0.01):
            began = time.monotonic()
            try:
                with self.engine.begin() as connection:
                    connection.execute(text("UPDATE person SET phone = '01632 960000'"))
            except Exception as error:
                self.refused.append(str(error))
            self.waits.append((began, time.monotonic() - began))
        self.engine.dispose()


@contextmanager
def saving_meanwhile(database: str) -> Iterator[Colleague]:
    colleague = Colleague(database)
    colleague.start()
    try:
        yield colleague
    finally:
        colleague.over.set()
        colleague.join()


def test_nobody_who_saves_meanwhile_waits_for_a_long_file(
    coordinator: FlaskClient,
    live_database: str,
    board_codes: list[str],
    soak: bool,
    record_property: Callable[[str, object], None],
) -> None:
    rows = ROWS_IN_FULL if soak else ROWS
    content = many_leads(board_codes, rows)
    at = [time.monotonic()]

    with saving_meanwhile(live_database) as colleague:
        columns = upload(coordinator, content)
        at.append(time.monotonic())
        check = go_on(coordinator, columns, replacing="share")
        page = coordinator.get(check).text
        found = re.search(r'name="fingerprint"[^>]*value="([0-9a-f]{64})"', page)
        assert found, page
        at.append(time.monotonic())
        imported = coordinator.post(check, data={"fingerprint": found[1]})
        at.append(time.monotonic())

    steps = {
        step: colleague.longest(*span)
        for step, span in zip(("upload", "check", "import"), pairwise(at), strict=True)
    }
    took = at[-1] - at[-2]
    waited = ", ".join(f"{step} {wait:.2f} s" for step, wait in steps.items())
    record_property("figures", f"{rows:,} rows, imported in {took:.1f} s; others waited {waited}")
    assert imported.status_code == 302, imported.text
    assert colleague.refused == []
    assert max(steps.values()) < PATIENCE
