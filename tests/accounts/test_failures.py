"""What is shown when the code fails, and code that may not be written at all."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.core.db import db

APP = Path(__file__).parent.parent.parent / "app"
UNPICKLERS = {"pickle", "cPickle", "dill", "shelve", "marshal", "jsonpickle", "cloudpickle"}
RUNNERS = {"eval", "exec", "compile", "__import__"}


def one_endpoint_of_each_blueprint(app: Flask) -> Iterator[tuple[str, str]]:
    adapter = app.url_map.bind("localhost")
    seen = set()
    for rule in app.url_map.iter_rules():
        blueprint = rule.endpoint.partition(".")[0]
        if blueprint not in seen and "GET" in (rule.methods or ()) and not rule.arguments:
            seen.add(blueprint)
            yield rule.endpoint, adapter.build(rule.endpoint)


def test_a_failure_shows_one_kind_page_with_a_reference_and_nothing_of_the_inside(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On one page of every part of the app."""
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)

    def fail() -> None:
        db.session.execute(text("SELECT secret_column FROM no_such_table"))

    for endpoint, address in one_endpoint_of_each_blueprint(app):
        fail.__dict__.update(vars(app.view_functions[endpoint]))
        with monkeypatch.context() as patched:
            patched.setitem(app.view_functions, endpoint, fail)
            response = client.get(address)
        assert response.status_code == 500, endpoint
        assert "Something went wrong on our side" in response.text
        for inside in ("Traceback", "SELECT", "secret_column", ".py", "/tmp", "sqlalchemy"):
            assert inside not in response.text, endpoint
        assert "Werkzeug" not in str(response.headers)


def test_a_request_under_a_name_that_is_not_ours_gets_one_plain_sentence(
    stranger: FlaskClient,
) -> None:
    response = stranger.get("/sign-in", base_url="http://evil.example")
    assert response.status_code == 400
    assert response.text == "Liaise is not at this address.\n"


def test_debugging_is_never_on_when_liaise_serves(app: Flask) -> None:
    """Waitress serves the app as it is; nothing starts Werkzeug's server or debugger."""
    assert not app.debug
    assert "app.run(" not in "".join(path.read_text("utf-8") for path in sources())


@pytest.mark.slow("reads every line of the program")
def test_nothing_we_read_back_is_turned_into_code() -> None:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names = {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names = {(node.module or "").partition(".")[0]}
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in RUNNERS, f"{path.name}:{node.lineno}"
                continue
            else:
                continue
            assert not names & UNPICKLERS, f"{path.name}:{node.lineno}"


@pytest.mark.slow("reads every line of the program")
def test_text_is_formatted_only_by_patterns_that_stand_in_the_code() -> None:
    """What somebody typed is never the pattern. A pattern is a literal or a constant."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in {"format", "format_map"}:
                pattern = node.value
                name = getattr(pattern, "attr", getattr(pattern, "id", ""))
                fixed = isinstance(pattern, ast.Constant) or name.isupper()
                assert fixed, f"{path.relative_to(APP)}:{node.lineno}"


def sources() -> list[Path]:
    return sorted(APP.rglob("*.py"))
