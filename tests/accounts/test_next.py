"""After signing in, people go on to a page of ours and nowhere else."""

from concurrent.futures import ThreadPoolExecutor
from shutil import which
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import sync_playwright
from sqlalchemy.orm import Session

from app.core.web.pages import safe_path
from tests.accounts.conftest import PASSWORD, make_colleague

OURS = "http://127.0.0.1:8000"
ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example",
    "https:///evil.example",
    "HtTpS://evil.example/account",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/%09/evil.example",
    "/%0d%0aLocation:%20https://evil.example",
    "/%5cevil.example",
    "/%5c%5cevil.example",
    "%2f%2fevil.example",
    "/%2fevil.example",
    "//account@evil.example",
    "@evil.example",
    "///account@evil.example/%2e%2e",
    "/\N{FULLWIDTH SOLIDUS}evil.example",
    "\N{FULLWIDTH SOLIDUS}\N{FULLWIDTH SOLIDUS}evil.example",
    "/\N{DIVISION SLASH}\N{DIVISION SLASH}evil.example",
    "javascript:alert(1)",
    "data:text/html,evil",
    "/nowhere",
    "account",
    "?next=//evil.example",
    "",
]
HERE = ["/account", "/account?a=1&b=//evil.example", "/users?state=invited&sort=-name", "/users/7"]


def as_chromium_reads(addresses: list[str]) -> list[str]:
    """Where links with these addresses lead; Chromium reads them as people's browsers do."""
    path = which("chromium-headless-shell") or which("chromium")
    assert path, "Chromium is not installed"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path)
        read = "([addresses, base]) => addresses.map((address) => new URL(address, base).href)"
        found: list[str] = chromium.new_page().evaluate(read, [addresses, OURS])
        chromium.close()
    return found


def test_only_pages_of_ours_are_gone_on_to(session: Session, stranger: FlaskClient) -> None:
    make_colleague(session)
    locations = []
    for wanted in ELSEWHERE + HERE:
        response = stranger.post(
            "/sign-in", data={"email": "kit@example.org", "password": PASSWORD, "next": wanted}
        )
        assert response.status_code == 302, repr(wanted)
        locations.append(response.location)
    # In a thread of its own, because Playwright leaves an event loop where it has been.
    with ThreadPoolExecutor(1) as pool:
        lead_to = pool.submit(as_chromium_reads, locations).result()
    assert lead_to == [f"{OURS}/"] * len(ELSEWHERE) + [OURS + here for here in HERE]


def test_an_address_in_the_sign_in_pages_own_address_is_no_safer(
    session: Session, client: FlaskClient
) -> None:
    for wanted in ELSEWHERE:
        response = client.get(f"/sign-in?next={quote(wanted)}")
        assert response.location == "/", repr(wanted)


def test_an_address_that_no_page_answers_is_not_gone_on_to(app: Flask) -> None:
    with app.test_request_context():
        assert safe_path("/account") == "/account"
        assert safe_path("/static-but-not-ours") is None
        assert safe_path("/sign-out") is None, "it answers to no GET"
