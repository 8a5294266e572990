"""A long file keeps nobody waiting: it is read before the database is asked to write."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import OperationalError

from app.accounts.authentication import sessions
from app.core import clock, write_queue
from app.core.db import db, prepare
from app.directory import reference
from app.directory.models import Organisation, OrganisationKind
from app.imports import routes, services
from tests.factories import TODAY, make_person, make_user
from tests.imports.sheets import leads_csv
from tests.imports.test_routes import go_on, upload

ROWS, ROWS_IN_FULL = 300, 10_000
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


@contextmanager
def somebody_else(database: str) -> Iterator[Callable[[], bool]]:
    """Whether a colleague on a connection of their own could save at this moment, at once."""
    engine = create_engine(database)
    prepare(engine)

    def can_save() -> bool:
        try:
            with engine.begin() as connection:
                if engine.dialect.name == "postgresql":
                    connection.execute(text("SET LOCAL lock_timeout = '200ms'"))
                connection.execute(text("UPDATE person SET phone = '01632 960000'"))
        except OperationalError:
            return False
        return True

    yield can_save
    engine.dispose()


def test_reading_a_file_and_planning_what_it_changes_take_no_lock(
    coordinator: FlaskClient,
    live_database: str,
    board_codes: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(write_queue, "PATIENCE", 0.2)
    could_save: dict[str, list[bool]] = {}

    def ask_around(module: Any, name: str) -> None:
        """Held just before that step and just after it."""
        step = getattr(module, name)

        def held(*arguments: Any, **named: Any) -> Any:
            before = can_save()
            done = step(*arguments, **named)
            could_save.setdefault(name, []).extend((before, can_save()))
            return done

        monkeypatch.setattr(module, name, held)

    with somebody_else(live_database) as can_save:
        ask_around(routes, "prepare")
        ask_around(routes, "make_plan")
        ask_around(services, "import_file")
        columns = upload(coordinator, many_leads(board_codes, 20))
        check = go_on(coordinator, columns, replacing="share")
        fingerprint = fingerprint_on(coordinator.get(check).text)
        imported = coordinator.post(check, data={"fingerprint": fingerprint})

    assert imported.status_code == 302, imported.text
    # The file is read at its upload, for the page of its columns and its answers, and for each
    # plan: that of the page shown, and that which is imported.
    assert could_save["prepare"] == [True] * 2 * 5
    assert could_save["make_plan"] == [True] * 2 * 2
    if live_database.startswith("sqlite"):  # where one writes at a time, or this would show little
        assert could_save["import_file"] == [False, False]


def fingerprint_on(page: str) -> str:
    found = re.search(r'name="fingerprint"[^>]*value="([0-9a-f]{64})"', page)
    assert found, page
    return found[1]


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


def test_nobody_who_saves_meanwhile_is_refused_for_a_long_file(
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
        fingerprint = fingerprint_on(coordinator.get(check).text)
        at.append(time.monotonic())
        imported = coordinator.post(check, data={"fingerprint": fingerprint})
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
