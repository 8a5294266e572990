"""Many people read at once, letters leave meanwhile, and neither keeps the other waiting.

No test asserts a time: the figures are said at the end (`--soak` takes the measure promised).
"""

import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from urllib.error import HTTPError

import pytest
from sqlalchemy import Engine, create_engine, insert, select
from sqlalchemy.orm import Session

from app.accounts.authentication import sessions
from app.audit import recorder
from app.bench import filling
from app.core import clock
from app.core.db import prepare
from app.interactions.models import Interaction, InteractionKind, InteractionOrganisation
from app.letters.content import attachments
from app.letters.models import Letter, LetterBoard
from app.settings.models import Settings
from tests.databases import SqliteDatabases
from tests.processes import free_port, running
from tests.smtp_server import SmtpServer, smtp_server

pytestmark = pytest.mark.slow("a crowd of people, and real servers")

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n" + b"%\n" * 100_000
LETTERS, LETTERS_IN_FULL = 4, 42
RECORDS, RECORDS_IN_FULL = (200, 100), (20_000, 10_000)  # notes, letters
PEOPLE, PEOPLE_IN_FULL = 5, 30
THINK, THINK_IN_FULL = 0.2, 3.0
SECONDS, SECONDS_IN_FULL = 2, 90

recorder.listen(Session)


@dataclass
class Office:
    """A database with England in it, a mailing that waits for its release, and colleagues."""

    engine: Engine
    address: str
    boards: list[int]
    mailing_id: int
    staff: filling.Staff
    tokens: list[str]
    pages: list[str] = field(default_factory=list)

    def release(self) -> None:
        """Once somebody has looked: the server found the file alone in a folder new to it."""
        with Session(self.engine, expire_on_commit=False) as session:
            session.get_one(Settings, 1).look_first = ""
            filling.release(session, self.mailing_id, staff=self.staff, at=clock.now())
            session.commit()


@pytest.fixture
def office(tmp_path: Path, soak: bool) -> Iterator[Office]:
    """On SQLite, where those who read and those who write share one file."""
    address = SqliteDatabases(tmp_path).copy()
    engine = create_engine(address)
    prepare(engine)
    on, at = clock.today(), clock.now()
    with Session(engine, expire_on_commit=False) as session:
        staff = filling.tell_story(session, on=on, at=at)
        letters = LETTERS_IN_FULL if soak else LETTERS
        boards = filling.make_boards(session, letters, staff=staff, on=on)
        mailing = filling.begin(session, "To forty-two boards", boards, staff=staff, at=at)
        for name in ("offer.pdf", "terms.pdf"):
            attachments.attach(session, mailing, file_name=name, content=PDF, by=staff.author)
        filling.check_and_seal(session, mailing.id, staff=staff, at=at)
        _add_many(session, *(RECORDS_IN_FULL if soak else RECORDS), boards=boards, staff=staff)
        settings = session.get_one(Settings, 1)
        settings.is_demo, settings.live_at, settings.live_server = False, at, "127.0.0.1"
        tokens = [sessions.start(session, user=staff.author, at=at) for _ in range(PEOPLE_IN_FULL)]
        session.commit()
        office = Office(engine, address, boards, mailing.id, staff, tokens)
    office.pages = [
        *("/", "/systems", "/organisations", "/people", "/letters/", "/meetings"),
        *(f"/organisations/{boards[0]}", f"/letters/mailings/{mailing.id}/truth"),
    ]
    yield office
    engine.dispose()


def _add_many(
    session: Session, notes: int, letters: int, *, boards: list[int], staff: filling.Staff
) -> None:
    """What years leave behind, put there directly."""
    now, today = clock.now(), clock.today()
    first = (session.scalar(select(Interaction.id).order_by(Interaction.id.desc())) or 0) + 1
    some = {"kind": InteractionKind.NOTE, "written_at": now, "author_id": staff.author.id}
    some |= {"body": "What was said, in some words. " * 15}
    days = [today - timedelta(days=number % 1500) for number in range(notes)]
    rows = [{**some, "id": first + n, "happened_on": day} for n, day in enumerate(days)]
    session.execute(insert(Interaction), rows)
    links = zip(range(first, first + notes), cycle(boards), strict=False)
    session.execute(
        insert(InteractionOrganisation),
        [{"interaction_id": one, "organisation_id": board} for one, board in links],
    )
    sent = session.scalars(select(Letter).where(Letter.sent_at.is_not(None))).first()
    assert sent is not None
    like = {c.key: getattr(sent, c.key) for c in Letter.__table__.columns if c.key != "mime"}
    start = (session.scalar(select(Letter.id).order_by(Letter.id.desc())) or 0) + 1
    copies = [
        {**like, "id": n, "addressee_key": f"copy:{n}", "message_id": f"<{n}@example.org>"}
        for n in range(start, start + letters)
    ]
    session.execute(insert(Letter), copies)
    boards_of = zip(range(start, start + letters), cycle(boards), strict=False)
    session.execute(
        insert(LetterBoard),
        [{"letter_id": one, "organisation_id": board} for one, board in boards_of],
    )


@dataclass
class Crowd:
    """So many people who open page after page, and think in between."""

    port: int
    office: Office
    took: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def read(self, people: int, think: float, until: Callable[[], bool]) -> None:
        threads = [
            threading.Thread(target=self._one, args=(number, think, until))
            for number in range(people)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _one(self, number: int, think: float, until: Callable[[], bool]) -> None:
        time.sleep(think * number / PEOPLE_IN_FULL)  # they do not come all at once
        for path in islice(cycle(self.office.pages), number, None):
            if until():
                return
            began = time.monotonic()
            self.open(path, self.office.tokens[number])
            self.took.append(time.monotonic() - began)
            time.sleep(think)

    def open(self, path: str, token: str) -> None:
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", headers={"Cookie": f"liaise={token}"}
        )
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                if answer.geturl() != asked.full_url:
                    self.failed.append(f"{path} led to {answer.geturl()}")
                answer.read()
        except HTTPError as error:
            with error:
                self.failed.append(f"{path} answered {error.code}")

    def figures(self) -> str:
        took = sorted(self.took)
        share = {name: took[int(len(took) * part)] for name, part in PARTS.items()}
        said = ", ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in share.items())
        return f"{len(took)} pages, {len(self.failed)} failed, {said}"


PARTS = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


@contextmanager
def open_office(office: Office, folder: Path, server: SmtpServer) -> Iterator[Crowd]:
    port = free_port()
    mail = {
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(server.port),
        "MAIL_DEFAULT_SENDER": "liaise@example.org",
    }
    with running(folder, PORT=str(port), DATABASE_URL=office.address, **mail) as liaise:
        liaise.wait_to_say("Liaise is at", 30)
        crowd = Crowd(port, office)
        for path in office.pages:  # the first look at a page after a start is not counted
            crowd.open(path, office.tokens[0])
        yield crowd


def in_seconds(seconds: float) -> Callable[[], bool]:
    over = time.monotonic() + seconds
    return lambda: time.monotonic() > over


def test_a_crowd_reads_without_one_error(
    office: Office, tmp_path: Path, soak: bool, record_property: Callable[[str, object], None]
) -> None:
    people, think = (PEOPLE_IN_FULL, THINK_IN_FULL) if soak else (PEOPLE, THINK)
    with smtp_server() as server, open_office(office, tmp_path, server) as crowd:
        crowd.read(people, think, in_seconds(SECONDS_IN_FULL if soak else SECONDS))
    assert crowd.failed == []
    record_property("figures", f"{people} people, {think} s of thought: {crowd.figures()}")


def test_letters_leave_while_people_read(
    office: Office, tmp_path: Path, soak: bool, record_property: Callable[[str, object], None]
) -> None:
    letters = LETTERS_IN_FULL if soak else LETTERS
    with smtp_server() as server, open_office(office, tmp_path, server) as crowd:
        office.release()
        began, stop = time.monotonic(), in_seconds(120)
        crowd.read(PEOPLE, THINK, lambda: len(server.messages) >= letters or stop())
        took = time.monotonic() - began
        assert set(server.copies().values()) == {1}
        assert len(server.messages) == letters
        assert all(message.content.count(b"application/pdf") == 2 for message in server.messages)
    assert crowd.failed == []
    record_property("figures", f"{letters} letters in {took:.1f} s; meanwhile {crowd.figures()}")


def test_a_mail_server_that_hangs_keeps_no_page_waiting(
    office: Office, tmp_path: Path, soak: bool, record_property: Callable[[str, object], None]
) -> None:
    seconds = 20 if soak else SECONDS
    with smtp_server() as server, open_office(office, tmp_path, server) as crowd:
        crowd.read(PEOPLE, THINK, in_seconds(seconds))
        before, crowd.took = crowd.figures(), []
        server.at("ehlo", "hang")
        office.release()
        deadline = in_seconds(20)
        while not server.story.connections:
            assert not deadline(), "nothing was sent"
            time.sleep(0.1)
        crowd.read(PEOPLE, THINK, in_seconds(seconds))
        assert server.messages == []
    assert crowd.failed == []
    record_property("figures", f"before: {before}; while it hangs: {crowd.figures()}")
