"""Reading what was caught: only here, only by administrators, and nothing in it runs."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.mail.catcher import Folder
from app.core.web.headers import MAIL_POLICY

EVIL = "<h1>Hello</h1><script>alert(1)</script>"


@pytest.fixture
def folder(app: Flask, tmp_path: Path) -> Iterator[Folder]:
    before, app.config["DATA_DIR"] = app.config["DATA_DIR"], tmp_path
    yield Folder(tmp_path)
    app.config["DATA_DIR"] = before


@pytest.fixture
def caught(folder: Folder) -> str:
    """The name of one caught message with everything in it."""
    mail = EmailMessage()
    mail["From"] = "office@example.org"
    mail["To"] = "lead@example.org"
    mail["Subject"] = "An offer <b>of support</b>"
    mail.set_content("Dear Dr Ó Brádaigh-Łuczak,\n<script>alert(2)</script>\n")
    mail.add_alternative(EVIL, subtype="html")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="plan ŵ.pdf")
    folder.keep(mail.as_bytes(), "office@example.org", ["lead@example.org", "chair@example.org"])
    return folder.newest_first()[0].name


def test_a_caught_message_is_listed_and_read(client: FlaskClient, caught: str) -> None:
    listed = client.get("/caught-mail").text
    assert "lead@example.org, chair@example.org" in listed
    assert "An offer &lt;b&gt;of support&lt;/b&gt;" in listed
    page = client.get(f"/caught-mail/{caught}").text
    assert "An offer &lt;b&gt;of support&lt;/b&gt;" in page
    assert "Dear Dr Ó Brádaigh-Łuczak," in page
    assert "&lt;script&gt;alert(2)&lt;/script&gt;" in page
    assert "plan ŵ.pdf" in page
    assert "alert(1)" not in page
    assert f'sandbox src="/caught-mail/{caught}/html"' in page


def test_its_html_is_shown_where_no_script_can_run(client: FlaskClient, caught: str) -> None:
    answer = client.get(f"/caught-mail/{caught}/html")
    assert EVIL in answer.text
    assert answer.headers["Content-Security-Policy"] == MAIL_POLICY


def test_the_message_can_be_taken_away_to_the_byte(
    client: FlaskClient, caught: str, folder: Folder
) -> None:
    answer = client.get(f"/caught-mail/{caught}/raw")
    assert answer.data == folder.content(folder.newest_first()[0])
    assert answer.headers["Content-Disposition"] == f"attachment; filename={caught}.eml"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", ["..%2f..%2fetc%2fpasswd", "nonsense", "20261122T120000000000-00"])
def test_only_a_caught_message_can_be_asked_for(client: FlaskClient, name: str) -> None:
    for page in ("", "/html", "/raw"):
        assert client.get(f"/caught-mail/{name}{page}").status_code == 404


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"MAIL_SERVER": "smtp.example.org"}, 404),
        ({"BASE_URL": "http://liaise.example.org"}, 404),
        ({"BASE_URL": "http://192.0.2.1:8000"}, 404),
        ({"BASE_URL": "http://localhost:8000"}, 200),
        ({"BASE_URL": "http://[::1]:8000"}, 200),
    ],
)
def test_the_page_exists_only_on_this_machine_and_without_a_mail_server(
    app: Flask, client: FlaskClient, caught: str, changed: dict[str, str], status: int
) -> None:
    before = {name: app.config[name] for name in changed}
    app.config.update(changed)
    try:
        for page in ("", f"/{caught}", f"/{caught}/html", f"/{caught}/raw"):
            assert client.get(f"/caught-mail{page}").status_code == status
    finally:
        app.config.update(before)
