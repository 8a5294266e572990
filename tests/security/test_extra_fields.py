"""A form changes what it asks for; what else is sent with it makes no difference."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Boolean, Connection, Integer, text
from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import Base
from tests.conftest import ClockAt
from tests.security.filling import forms_of
from tests.security.walking import Rows, differences, everything
from tests.security.world import World

# When something happened is not what it did.
MOMENTS = {"audit_event": {"at"}, "sign_in_session": {"seen_at", "store"}}


def extras(world: World, offered: set[str]) -> dict[str, str]:
    """A value for every column there is that the form does not ask for."""
    values: dict[str, str] = {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if column.name in offered:
                continue
            if column.name.endswith("_id") or column.name == "id":
                values[column.name] = str(world.colleague.id)
            elif isinstance(column.type, Boolean):
                values[column.name] = "y"
            elif isinstance(column.type, Integer):
                values[column.name] = "3"
            elif column.name.endswith(("_at", "_on", "_until")):
                values[column.name] = "2020-01-02"
            else:
                values[column.name] = "planted"
    values["permissions"] = values.get("permissions", "") and "administer"
    return {name: value for name, value in values.items() if name not in offered} | {
        "role": "admin",
        "admin": "1",
        "_method": "DELETE",
    }


@pytest.fixture
def repeatable(monkeypatch: pytest.MonkeyPatch, clock_at: ClockAt) -> "Repeatable":
    clock_at(clock.now() + timedelta(seconds=1))
    return Repeatable(monkeypatch)


class Repeatable:
    """The same request again meets the same time, the same chance and the same next numbers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tokens = count()
        for name in ("token_urlsafe", "token_hex"):
            monkeypatch.setattr(f"secrets.{name}", lambda *_: f"token-{next(self.tokens)}")

    def begin(self, connection: Connection) -> None:
        self.tokens = count()
        if connection.dialect.name != "postgresql":
            return
        for table in Base.metadata.sorted_tables:
            if list(table.primary_key.columns.keys()) == ["id"]:
                connection.execute(
                    text(
                        f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'),"
                        f' (SELECT coalesce(max(id), 0) + 1 FROM "{table.name}"), false)'
                    )
                )


def outcome(
    session: Session, browser: FlaskClient, path: str, data: dict[str, Any], again: Repeatable
) -> Rows:
    """What the database would hold after this form was sent; it is not kept."""
    connection = session.get_bind()
    assert isinstance(connection, Connection)
    attempt = connection.begin_nested()
    cookies = dict(browser._cookies or {})
    try:
        again.begin(connection)
        answer = browser.post(path, data=data)
        assert answer.status_code < 500, f"{path}: {answer.status_code}"
        return everything(session, but=MOMENTS)
    finally:
        attempt.rollback()
        browser._cookies = cookies


@pytest.mark.slow("sends every form there is, and compares all rows")
def test_fields_that_a_form_does_not_have_change_nothing(
    app: Flask,
    session: Session,
    browser: FlaskClient,
    world: World,
    repeatable: Repeatable,
) -> None:
    before = everything(session, but=MOMENTS)
    did_something = 0
    for form in forms_of(app, world, browser):
        plain = outcome(session, browser, form.path, form.fields, repeatable)
        more = {**form.fields, **extras(world, form.offered)}
        with_more = outcome(session, browser, form.path, more, repeatable)
        assert differences(plain, with_more) == {}, form.path
        did_something += plain != before
    assert did_something > 25, "the forms were really taken"
