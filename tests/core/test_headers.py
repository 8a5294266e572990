"""Every answer carries the same guard, and forms from elsewhere are not listened to."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.web import assets, headers, pages

PAGE = (
    "default-src 'none'; script-src 'nonce-N'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
STYLES = "/static/{}/app.css"


def policy(response: object) -> str:
    sent: str = response.headers["Content-Security-Policy"]  # type: ignore[attr-defined]
    return re.sub(r"'nonce-[\w-]{24}'", "'nonce-N'", sent)


@pytest.mark.parametrize("path", ["/no-such-page", "/theme", STYLES.format("old"), "/static/x/no"])
def test_every_answer_carries_the_whole_policy(stranger: FlaskClient, path: str) -> None:
    response = stranger.get(path)

    assert policy(response) == PAGE
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response.headers["Permissions-Policy"]
    assert "Server" not in response.headers


def test_the_nonce_is_new_each_time_and_is_the_one_on_the_scripts(stranger: FlaskClient) -> None:
    nonces = set()
    for _ in range(3):
        response = stranger.get("/no-such-page")
        sent = response.headers["Content-Security-Policy"].split("'nonce-")[1].split("'")[0]
        assert set(re.findall(r'<script nonce="([^"]+)"', response.text)) == {sent}
        nonces.add(sent)
    assert len(nonces) == 3


def test_only_a_mail_preview_may_have_its_own_policy(app: Flask) -> None:
    with app.test_request_context("/"):
        preview = headers.as_mail_preview(app.response_class("<p>"))
        assert headers.add_headers(preview).headers["Content-Security-Policy"] == (
            "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; sandbox; "
            "frame-ancestors 'self'"
        )
        weak = app.response_class("<p>", headers={"Content-Security-Policy": "default-src *"})
        assert policy(headers.add_headers(weak)) == PAGE


def test_pages_are_never_kept_and_depend_on_the_cookie(stranger: FlaskClient) -> None:
    response = stranger.get("/no-such-page")

    assert response.headers["Cache-Control"] == "no-store"
    assert "Cookie" in response.headers["Vary"]


def test_a_static_file_is_kept_for_as_long_as_its_address_names_its_content(
    stranger: FlaskClient,
) -> None:
    digest = assets.assets()["app.css"].digest

    current = stranger.get(STYLES.format(digest), headers={"Accept-Encoding": "gzip"})
    assert current.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert current.headers["Content-Encoding"] == "gzip"
    assert "Set-Cookie" not in current.headers
    again = {"Accept-Encoding": "gzip", "If-None-Match": current.headers["ETag"]}
    assert stranger.get(STYLES.format(digest), headers=again).status_code == 304
    assert stranger.get(STYLES.format("older")).headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["../config.py", "..%2f..%2fconfig.py", "etc/passwd", "css/"])
def test_nothing_but_static_files_is_served(stranger: FlaskClient, name: str) -> None:
    assert stranger.get(STYLES.format("x").replace("app.css", name)).status_code == 404


def test_browsers_are_told_to_insist_on_https_only_where_it_is_used(app: Flask) -> None:
    base_url = app.config["BASE_URL"]
    with app.test_request_context("/"):
        plain = headers.add_headers(app.response_class(""))
        assert "Strict-Transport-Security" not in plain.headers
        app.config["BASE_URL"] = "https://liaise.example.org"
        try:
            secure = headers.add_headers(app.response_class(""))
        finally:
            app.config["BASE_URL"] = base_url
        assert secure.headers["Strict-Transport-Security"] == "max-age=63072000"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "nonsense"])
def test_a_form_sent_by_another_site_is_refused(stranger: FlaskClient, site: str) -> None:
    sent = stranger.post("/theme", data={"theme": "dark"}, headers={"Sec-Fetch-Site": site})

    assert sent.status_code == 403
    assert "theme=" not in sent.headers.get("Set-Cookie", "")


def test_the_colour_theme_is_remembered(stranger: FlaskClient) -> None:
    stranger.post("/theme", data={"theme": "dark"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert 'data-theme="dark"' in stranger.get("/no-such-page").text

    stranger.post("/theme", data={"theme": '"><script>'})
    assert 'data-theme="system"' in stranger.get("/no-such-page").text


ELSEWHERE = [
    "//example.test",
    "///example.test",
    "/\\example.test",
    "\\\\example.test",
    "https:example.test",
    "https:///example.test",
    "https://example.test/theme",
    "/\texample.test",
    "/%09/example.test",
    "/%5cexample.test",
    "/%2f%2fexample.test",
    "/theme\r\nSet-Cookie: a=b",
    "javascript:alert(1)",
    "@example.test",
    "/\u2215example.test",
    "theme",
    "",
    "/no-such-page",
]


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_the_way_back_never_leads_away(stranger: FlaskClient, wanted: str) -> None:
    response = stranger.post("/theme", data={"theme": "dark", "next": wanted})

    assert response.status_code == 302
    assert response.headers["Location"] == "/"


def test_the_way_back_keeps_the_list_as_it_was(app: Flask) -> None:
    digest = assets.assets()["app.css"].digest
    here = f"{STYLES.format(digest)}?q=Siân&page=2"
    with app.test_request_context("/"):
        assert pages.safe_path(here) == here
