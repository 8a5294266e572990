"""Who may open what: the checked-in matrix, and the app held against it."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import IntegerConverter, Rule

from app.accounts.access import who_may_open
from app.accounts.models import Permission, User
from tests.factories import make_user

MATRIX = Path(__file__).parent.parent / "permission_matrix.csv"
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


def methods_of(rule: Rule) -> str:
    return " ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))


def as_served(app: Flask) -> set[tuple[str, str, str]]:
    return {
        (rule.endpoint, methods_of(rule), who_may_open(app, rule.endpoint))
        for rule in app.url_map.iter_rules()
    }


def as_agreed() -> set[tuple[str, str, str]]:
    with MATRIX.open(newline="", encoding="utf-8") as file:
        return {(row["endpoint"], row["methods"], row["who"]) for row in csv.DictReader(file)}


def requests_to(app: Flask) -> Iterator[tuple[str, str, str]]:
    """An address and method for every rule, and the matrix's word for it."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        values = {
            name: 1 if isinstance(rule._converters[name], IntegerConverter) else "x"
            for name in rule.arguments
        }
        for method in methods_of(rule).split():
            address = adapter.build(rule.endpoint, values, method=method)
            yield address, method, who_may_open(app, rule.endpoint)


@pytest.fixture
def only_the_door(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing behind the guard is run: these tests are about who gets that far."""
    monkeypatch.setattr(app, "dispatch_request", lambda: Response("inside", mimetype="text/plain"))


@pytest.mark.one_database("asks none")
def test_the_matrix_says_who_may_open_every_page(app: Flask) -> None:
    served, agreed = as_served(app), as_agreed()
    missing = "\n".join(",".join(row) for row in sorted(served - agreed))
    gone = "\n".join(",".join(row) for row in sorted(agreed - served))
    assert served == agreed, f"\nadd to {MATRIX.name}:\n{missing}\ntake out:\n{gone}"


@pytest.mark.one_database("asks none")
def test_no_page_is_closed_to_everybody_by_oversight(app: Flask) -> None:
    forgotten = [endpoint for endpoint, _, who in as_served(app) if who == "nobody"]
    assert not forgotten, "these views have neither @public nor @requires"


@pytest.mark.one_database("no view is run")
@pytest.mark.usefixtures("only_the_door")
def test_strangers_are_sent_to_sign_in(app: Flask, stranger: FlaskClient) -> None:
    for address, method, who in requests_to(app):
        response = stranger.open(address, method=method)
        if who == "public":
            assert response.status_code == 200, f"{method} {address}"
        else:
            assert response.status_code == 303, f"{method} {address}"
            assert response.location.startswith("/sign-in?"), f"{method} {address}"


@pytest.mark.one_database("no view is run")
@pytest.mark.usefixtures("only_the_door")
@pytest.mark.parametrize("permission", [*Permission, None])
def test_users_get_past_the_door_only_with_the_permission(
    app: Flask,
    session: Session,
    sign_in: Callable[[User], FlaskClient],
    permission: Permission | None,
) -> None:
    browser = sign_in(make_user(session, permissions=(permission,) if permission else ()))
    for address, method, who in requests_to(app):
        may = who in {"public", "signed in"} or (permission and permission.value in who.split("|"))
        response = browser.open(address, method=method)
        assert response.status_code == (200 if may else 403), f"{method} {address}"


@pytest.mark.usefixtures("only_the_door")
def test_a_page_that_says_nothing_is_closed(app: Flask, client: FlaskClient) -> None:
    view = app.view_functions["accounts.my_account"]
    app.view_functions["accounts.my_account"] = lambda: Response("x", mimetype="text/plain")
    try:
        assert client.get("/account").status_code == 403
    finally:
        app.view_functions["accounts.my_account"] = view


def test_an_unknown_address_is_not_found_for_strangers_and_users(
    stranger: FlaskClient, client: FlaskClient
) -> None:
    assert stranger.get("/no-such-page").status_code == 404
    assert client.get("/no-such-page").status_code == 404


def test_a_stranger_comes_back_to_the_page_they_asked_for(stranger: FlaskClient) -> None:
    assert stranger.get("/users?state=invited").location == ("/sign-in?next=/users?state%3Dinvited")
