"""A stranger's file, uploaded in good faith, is refused with a sentence at every door."""

import io
import re
import threading
import time
import urllib.request
from collections.abc import Sequence
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from click import Command
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from app.accounts.authentication import sessions
from app.core import clock
from app.core.db import prepare
from app.directory.models import Organisation
from app.imports.cli import import_leads, import_letters
from app.imports.files.opening import open_file
from app.imports.files.reading import read_file
from app.imports.files.sheets import LONGEST_CELL, UnreadableFile
from app.imports.models import LeadFile
from tests.factories import make_user
from tests.imports.hostile import far_cell_in_a_near_row, one_long_string, read_in_two_ways
from tests.imports.sheets import csv_bytes, leads_csv
from tests.imports.test_routes import lead, upload
from tests.processes import free_port, running

NOT_READ = "could not be read in the time and memory that Liaise gives to one file"


def test_what_two_programs_read_in_two_ways_is_refused() -> None:
    wrong = {}
    for name, content in read_in_two_ways().items():
        assert len(content) < 20_000
        try:
            sheets = open_file(content)
        except UnreadableFile as refusal:
            if NOT_READ not in str(refusal):
                wrong[name] = str(refusal)
        else:
            wrong[name] = f"read: {sheets}"
    assert wrong == {}


def test_a_cell_and_all_cells_together_have_a_longest_text() -> None:
    def csv_of(length: int, times: int) -> bytes:
        return csv_bytes(*[["a" * length]] * times)

    for content_of in (one_long_string, csv_of):
        assert len(read_file(content_of(LONGEST_CELL, 2))[0].rows) == 2
        with pytest.raises(UnreadableFile, match="ow 1 has a cell of more than 32,767 characters"):
            read_file(content_of(LONGEST_CELL + 1, 2))
    with pytest.raises(UnreadableFile, match=r"By row 489 .* more than 2,500,000 cells or 16,000,"):
        read_file(one_long_string(LONGEST_CELL, 489))


def test_a_file_is_refused_at_upload_whatever_it_is_imported_as(client: FlaskClient) -> None:
    content = far_cell_in_a_near_row()
    for kind in ("leads", "letters"):
        page = client.post(
            f"/imports/new?kind={kind}", data={"file": (io.BytesIO(content), "leads.xlsx")}
        )
        assert page.status_code == 200
        assert NOT_READ in page.text


def test_a_file_kept_before_it_was_known_for_hostile_is_refused_at_every_step(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    address = upload(client, leads_csv(lead(boards[0])))
    kept = england.scalars(select(LeadFile)).one()
    kept.content = far_cell_in_a_near_row()
    england.commit()
    check = address.replace("/columns", "/check")
    answers = {
        "columns": client.get(address, follow_redirects=True),
        "other columns": client.post(address, follow_redirects=True),
        "check": client.get(check, follow_redirects=True),
        "import": client.post(check, data={"fingerprint": "x"}, follow_redirects=True),
        "boards": client.post(check.replace("/check", "/boards"), follow_redirects=True),
        "corrections": client.post(check.replace("/check", "/corrections"), follow_redirects=True),
        "problems": client.get(check.replace("/check", "/problems.csv"), follow_redirects=True),
    }
    wrong = {
        step: answer.status_code
        for step, answer in answers.items()
        if NOT_READ not in answer.text or answer.status_code != 200
    }
    assert wrong == {}


@pytest.mark.parametrize("command", [import_leads, import_letters])
def test_the_commands_refuse_it_in_a_sentence(
    app: Flask, england: Session, tmp_path: Path, command: Command
) -> None:
    file = tmp_path / "leads.xlsx"
    file.write_bytes(far_cell_in_a_near_row())

    result = app.test_cli_runner().invoke(command, [str(file)])

    assert result.exit_code == 1
    assert NOT_READ in result.output


@pytest.mark.slow("starts the product as people do")
def test_pages_are_answered_while_a_hostile_file_is_refused(
    live_database: str, tmp_path: Path
) -> None:
    engine = create_engine(live_database)
    prepare(engine)
    with Session(engine) as session:
        token = sessions.start(session, user=make_user(session), at=clock.now())
        session.commit()
    engine.dispose()
    port = free_port()
    with running(tmp_path, PORT=str(port), DATABASE_URL=live_database) as server:
        server.wait_to_say("Liaise is at", 20)
        site = f"http://127.0.0.1:{port}"
        pulse = Pulse(f"{site}/healthz")
        pulse.start()
        try:
            for content in list(read_in_two_ways().values())[-2:]:
                assert NOT_READ in sent(site, token, content)
        finally:
            pulse.over.set()
            pulse.join()
        assert server.popen.poll() is None
        assert pulse.failed == []
        assert len(pulse.took) > 10
        assert max(pulse.took) < 5, "nobody waits for somebody else's file"


class Pulse(threading.Thread):
    """Asks again and again whether the server lives."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.took: list[float] = []
        self.failed: list[str] = []
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.02):
            began = time.monotonic()
            try:
                urllib.request.urlopen(self.address, timeout=10).close()
            except OSError as error:
                self.failed.append(repr(error))
            self.took.append(time.monotonic() - began)


def sent(site: str, token: str, content: bytes) -> str:
    """Upload a file as a browser does; the page that answers."""
    asked = urllib.request.Request(f"{site}/imports/new", headers={"Cookie": f"liaise={token}"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        given = SimpleCookie(", ".join(answer.headers.get_all("Set-Cookie") or []))
        page = answer.read().decode()
    csrf = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert csrf
    cookies = {"liaise": token} | {name: one.value for name, one in given.items()}
    form = (
        f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{csrf[1]}\r\n--x\r\n'
        'Content-Disposition: form-data; name="file"; filename="leads.xlsx"\r\n\r\n'
    )
    asked = urllib.request.Request(
        f"{site}/imports/new",
        data=form.encode() + content + b"\r\n--x--\r\n",
        headers={
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "Content-Type": "multipart/form-data; boundary=x",
            "Referer": f"{site}/imports/new",
        },
    )
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return str(answer.read().decode())
