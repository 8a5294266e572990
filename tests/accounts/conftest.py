from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.accounts.authentication import hashing
from app.accounts.models import Permission, User
from tests.conftest import ClockAt
from tests.factories import EVERYTHING, NOON, make_user

PASSWORD = "purple tandem walrus kettle"
HASH = hashing.hash_password(PASSWORD)


class Clock:
    """What time it is, for as long as a test says so."""

    def __init__(self, clock_at: ClockAt) -> None:
        self.now, self.clock_at = NOON, clock_at
        self.pass_by()

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)
        self.clock_at(self.now)


@pytest.fixture
def time(clock_at: ClockAt) -> Clock:
    """Ask for it before whatever signs in."""
    return Clock(clock_at)


@pytest.fixture
def with_csrf(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)


@pytest.fixture
def give_password(stranger: FlaskClient) -> Callable[..., TestResponse]:
    """Fill in the sign-in page."""

    def give(email: str, password: str = PASSWORD, **more: Any) -> TestResponse:
        browser = more.pop("browser", stranger)
        data = {"email": email, "password": password, "next": more.pop("next", "")}
        response: TestResponse = browser.post("/sign-in", data=data, **more)
        return response

    return give


def make_colleague(
    session: Session,
    email: str = "kit@example.org",
    name: str = "Kit Sample",
    permissions: tuple[Permission, ...] = EVERYTHING,
) -> User:
    """Somebody who has chosen a password."""
    user = make_user(session, name, email=email, permissions=permissions)
    user.password_hash = HASH
    session.commit()
    return user


def token_of(browser: FlaskClient, name: str = "liaise") -> str:
    cookie = browser.get_cookie(name)
    return cookie.value if cookie else ""


def is_signed_in(browser: FlaskClient) -> bool:
    return browser.get("/account").status_code == 200


def replay(app: Flask, token: str) -> FlaskClient:
    """Somebody who has got hold of a cookie."""
    thief = app.test_client()
    thief.set_cookie("liaise", token)
    return thief
