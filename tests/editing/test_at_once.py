"""Two people press Save in the same moment, on real connections: neither change is lost."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.authentication import sessions
from app.core import clock
from app.core.db import db
from app.directory.models import Person
from tests.editing.opening import Opened, opened
from tests.factories import make_person, make_user

ROUNDS = 8


@contextmanager
def looking(app: Flask) -> Iterator[Session]:
    with app.app_context(), db.sessionmaker() as session:
        yield session


@pytest.fixture
def person_id(live_app: Flask) -> int:
    with looking(live_app) as session:
        person = make_person(session, given_name="Alex", family_name="Sample")
        person.phone = "01392 1"
        session.commit()
        return person.id


def desk(app: Flask, name: str) -> FlaskClient:
    with looking(app) as session:
        token = sessions.start(session, user=make_user(session, name), at=clock.now(), agent="x")
        session.commit()
    client = app.test_client()
    client.set_cookie("liaise", token)
    return client


def kept(app: Flask, person_id: int) -> Person:
    with looking(app) as session:
        return session.get_one(Person, person_id)


def at_once(*savings: tuple[Opened, dict[str, str]]) -> list[str]:
    """Press Save at every desk in one moment; the page each gets."""
    ready = threading.Barrier(len(savings))
    answers = [""] * len(savings)

    def press(number: int, page: Opened, typed: dict[str, str]) -> None:
        ready.wait(10)
        answer = page.save(**typed)
        answers[number] = "saved" if answer.status_code == 302 else answer.text

    threads = [
        threading.Thread(target=press, args=(number, page, typed))
        for number, (page, typed) in enumerate(savings)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


def test_different_fields_are_both_kept_every_time(live_app: Flask, person_id: int) -> None:
    ann, ben = desk(live_app, "Ann Example"), desk(live_app, "Ben Sample")
    path = f"/people/{person_id}/edit"
    for number in range(ROUNDS):
        first, second = opened(ann, path), opened(ben, path)
        answers = at_once((first, {"phone": f"1 {number}"}), (second, {"title": f"Dr {number}"}))
        assert answers == ["saved", "saved"]
        now = kept(live_app, person_id)
        assert (now.phone, now.title) == (f"1 {number}", f"Dr {number}")


def test_of_two_who_change_one_field_exactly_one_is_asked(live_app: Flask, person_id: int) -> None:
    ann, ben = desk(live_app, "Ann Example"), desk(live_app, "Ben Sample")
    path = f"/people/{person_id}/edit"
    for number in range(ROUNDS):
        first, second = opened(ann, path), opened(ben, path)
        mine, theirs = f"1 {number}", f"2 {number}"
        answers = at_once((first, {"phone": mine}), (second, {"phone": theirs}))
        assert sorted(answer == "saved" for answer in answers) == [False, True]
        told = next(answer for answer in answers if answer != "saved")
        assert mine in told
        assert theirs in told
        assert kept(live_app, person_id).phone == (mine if answers[0] == "saved" else theirs)


def test_a_save_waits_for_one_that_has_begun_and_goes_together_with_it(
    live_app: Flask, person_id: int
) -> None:
    ben = opened(desk(live_app, "Ben Sample"), f"/people/{person_id}/edit")
    answers: list[int] = []
    with looking(live_app) as session:
        person = session.get_one(Person, person_id, with_for_update=True)
        person.phone = "01392 2"
        session.flush()
        saving = threading.Thread(target=lambda: answers.append(ben.save(title="Dr").status_code))
        saving.start()
        saving.join(0.5)
        assert saving.is_alive()
        session.commit()
    saving.join(30)

    now = kept(live_app, person_id)
    assert (answers, now.phone, now.title) == ([302], "01392 2", "Dr")
