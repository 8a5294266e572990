"""What the app believes of a request, and what it writes to the log about it."""

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, request
from flask.typing import ResponseReturnValue

from app.accounts.access import public
from app.core import logs
from tests.conftest import config_for, running_app

SECRET_PATH = "/new-password/a-secret-nobody-may-read-in-a-log"


def client_address(app: Flask, claimed: str) -> str:
    @app.get("/who-am-i")
    @public
    def who_am_i() -> ResponseReturnValue:
        return {"address": request.remote_addr}

    answer = app.test_client().get(
        "/who-am-i",
        headers={"X-Forwarded-For": claimed},
        environ_base={"REMOTE_ADDR": "192.0.2.10"},
    )
    assert answer.json is not None
    return str(answer.json["address"])


@pytest.mark.parametrize(
    ("hops", "claimed", "believed"),
    [
        (0, "203.0.113.9", "192.0.2.10"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9, 192.0.2.77", "203.0.113.9"),
    ],
)
def test_only_our_own_proxies_are_believed(
    live_database: str, tmp_path: Path, hops: int, claimed: str, believed: str
) -> None:
    config = replace(config_for(live_database, tmp_path), PROXY_HOPS=hops)
    with running_app(config) as app:
        assert client_address(app, claimed) == believed


@pytest.mark.parametrize(
    "host", ["evil.example.com", "liaise.example.org.evil.example.com", "127.0.0.1"]
)
def test_in_production_a_request_for_another_host_is_refused(
    live_database: str, tmp_path: Path, host: str
) -> None:
    config = replace(config_for(live_database, tmp_path), BASE_URL="https://liaise.example.org")
    with running_app(config) as app:
        browser = app.test_client()
        assert browser.get("/healthz", headers={"Host": host}).status_code == 400
        assert browser.get("/healthz", headers={"Host": "liaise.example.org"}).status_code == 200


def test_a_log_line_has_the_requests_id_and_no_secret_of_its_address(
    live_app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    before = logging.getLogger().handlers[:]
    try:
        logs.configure()
        answer = live_app.test_client().get(f"{SECRET_PATH}?q=Sian", follow_redirects=True)
        said = capsys.readouterr().err
    finally:
        logging.getLogger().handlers[:] = before
    lines = [json.loads(line) for line in said.splitlines()]
    assert answer.headers["X-Request-Id"] in {line["request"] for line in lines}
    assert "a-secret" not in said
    assert "Sian" not in said
