"""No mail leaves by a copy of the data folder or database; an ordinary restart asks nobody."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, make_url, update
from sqlalchemy.orm import Session

from app import scheduler, server
from app.accounts.authentication import new_passwords
from app.accounts.models import User
from app.core import clock
from app.core.db import db
from app.letters.delivery import looking
from app.letters.delivery.sender import send_due
from app.letters.models import LetterState, Mailing
from app.notifications.models import Event
from app.notifications.services import notify
from app.settings import installation, progress, standstill
from app.settings.models import DatabaseMark, Settings
from app.settings.place import Place
from app.settings.services import settings_of
from config import Config
from tests.conftest import ClockAt, config_for
from tests.databases import Databases, PostgresDatabases
from tests.factories import make_user
from tests.sending.mailings import make_released, states
from tests.smtp_server import SmtpServer

S = LetterState
AGES = [timedelta(0), timedelta(minutes=5), timedelta(minutes=15), timedelta(days=1)]


@dataclass(frozen=True)
class Home:
    """A data folder and the database that goes with it."""

    databases: Databases
    config: Config

    def copied_to(self, folder: Path) -> "Home":
        """What a backup of the folder and of the database server brings back, elsewhere."""
        shutil.copytree(self.config.DATA_DIR, folder)
        config = replace(self.config, DATA_DIR=folder, DATABASE_URL=self._database_in(folder))
        return replace(self, config=config)

    def _database_in(self, folder: Path) -> str:
        url = make_url(self.config.DATABASE_URL)
        if self.config.SQLITE_FILE:
            return f"sqlite:///{folder / self.config.SQLITE_FILE.name}"
        assert isinstance(self.databases, PostgresDatabases)
        return self.databases._address(self.databases._make(f"TEMPLATE {url.database}"))

    def with_the_database_of(self, older: "Home") -> Config:
        """The older database put back beside what this folder knows."""
        if self.config.SQLITE_FILE and older.config.SQLITE_FILE:
            shutil.copy2(older.config.SQLITE_FILE, self.config.SQLITE_FILE)
            return self.config
        return replace(self.config, DATABASE_URL=older.config.DATABASE_URL)

    @contextmanager
    def running(self, port: int) -> Iterator[tuple[Flask, Session]]:
        installation.make_ready(self.config)
        config = replace(self.config, CATCHER_PORT=port)
        with server.running_app(config) as app, app.app_context():
            yield app, db.session

    def send(self, port: int) -> int:
        """Start, send what there is to send, and stop in good order."""
        with self.running(port) as (app, session):
            scheduler.beat(app, session, clock.now())
            return send_due(session, app.config)

    def question(self) -> str:
        engine = create_engine(self.config.DATABASE_URL)
        with Session(engine) as session:
            found = settings_of(session).look_first
        engine.dispose()
        return found

    def was_killed(self) -> None:
        """As if the last process had not ended in good order."""
        progress.advance(self.config.DATA_DIR)

    def server_was_started_anew(self) -> None:
        """A PostgreSQL server that went on running is the very one that had the database."""
        engine = create_engine(self.config.DATABASE_URL)
        with engine.begin() as connection:
            connection.execute(update(DatabaseMark).values(server_started="before"))
        engine.dispose()


@pytest.fixture
def home(databases: Databases, tmp_path: Path) -> Home:
    folder, address = tmp_path / "data", databases.copy()
    folder.mkdir()
    config = config_for(address, folder)
    engine = create_engine(address)
    with engine.begin() as connection:  # as if England had been loaded, which takes a while
        connection.execute(update(Settings).values(reference_loaded_at=clock.now()))
    engine.dispose()
    if config.SQLITE_FILE:
        file = folder / "liaise.sqlite3"
        config.SQLITE_FILE.rename(file)
        config = replace(config, DATABASE_URL=f"sqlite:///{file}")
    installation.accept(config)
    return Home(databases, config)


@pytest.fixture
def mailing_id(home: Home, server: SmtpServer) -> int:
    """Of a mailing that was released where the database is at home, and of which nothing left."""
    with home.running(server.port) as (app, session):
        mailing, _ = make_released(session, 3)
        scheduler.beat(app, session, clock.now())
        return mailing.id


def test_a_copy_of_any_age_sends_nothing_until_somebody_has_looked(
    home: Home, mailing_id: int, server: SmtpServer, tmp_path: Path, clock_at: ClockAt
) -> None:
    home.was_killed()  # a copy made in the midst of it; one made after a stop is told no less
    copies = {age: home.copied_to(tmp_path / f"copy{age.total_seconds()}") for age in AGES}
    assert home.send(server.port) == 3
    now = clock.now()
    for age, copy in copies.items():
        clock_at(now + age)
        assert copy.send(server.port) == 0, age
        assert "copied from" in copy.question()
        assert copy.send(server.port) == 0, "another start of the copy is no answer"
    assert len(server.messages) == 3

    with copies[timedelta(0)].running(server.port) as (app, session):
        clock_at(now)
        assert states(session, session.get_one(Mailing, mailing_id)) == [S.QUEUED] * 3
        _go_on(session, stop=[mailing_id])
        assert send_due(session, app.config) == 0
        assert states(session, session.get_one(Mailing, mailing_id)) == [S.STOPPED] * 3
    with copies[AGES[1]].running(server.port) as (app, session):
        _go_on(session)
        assert send_due(session, app.config) == 3, "whoever has looked may send from it"


def test_a_restart_of_the_same_machine_asks_nobody_however_long_it_was_off(
    home: Home,
    mailing_id: int,
    server: SmtpServer,
    clock_at: ClockAt,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = clock.now()
    for number, age in enumerate(AGES):
        with monkeypatch.context() as patched:
            patched.setattr("app.settings.place._started", lambda n=number: f"start {n}")
            clock_at(now + age)
            with home.running(server.port) as (app, session):
                scheduler.beat(app, session, clock.now())
        assert home.question() == "", age


def test_killed_and_started_again_at_once_it_goes_on(
    home: Home, mailing_id: int, server: SmtpServer
) -> None:
    home.was_killed()
    assert home.send(server.port) == 3
    assert home.question() == ""


def test_after_a_long_standstill_that_was_no_ordinary_stop_somebody_is_asked(
    home: Home, mailing_id: int, server: SmtpServer, clock_at: ClockAt
) -> None:
    moment = clock.now().replace(hour=14, minute=2)
    clock_at(moment)
    with home.running(server.port) as (app, session):
        scheduler.beat(app, session, moment)
    home.was_killed()
    home.server_was_started_anew()
    clock_at(moment + timedelta(hours=3, minutes=28))
    assert home.send(server.port) == 0
    begun = moment.astimezone(clock.LONDON)
    assert home.question() == (
        f"Liaise stood still from {begun:%H:%M} to "
        f"{begun + timedelta(hours=3, minutes=28):%H:%M}. Look at what people got before you go on."
    )


def test_a_machine_that_was_started_anew_in_the_midst_of_it_may_be_a_copy(
    home: Home, mailing_id: int, server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A snapshot of a disk has the numbers of its files; the start of the machine is another."""
    home.was_killed()
    home.server_was_started_anew()
    monkeypatch.setattr("app.settings.place._started", lambda: "another start")
    assert home.send(server.port) == 0
    assert "stood still" in home.question()


def test_a_folder_put_back_into_its_place_is_a_copy(
    home: Home, mailing_id: int, server: SmtpServer, tmp_path: Path
) -> None:
    backup = home.copied_to(tmp_path / "backup")
    assert home.send(server.port) == 3
    _put_into_the_past(backup.config.DATA_DIR)
    for file in backup.config.DATA_DIR.iterdir():
        if file.is_file():
            shutil.copy2(file, home.config.DATA_DIR / file.name)  # the same file, other contents
    put_back = replace(home, config=home.with_the_database_of(backup))
    assert put_back.send(server.port) == 0
    assert "copied from" in put_back.question()


def _put_into_the_past(folder: Path) -> None:
    """The backup was made a minute ago, and not at this moment."""
    file = folder / progress.FILE
    known = progress.read(folder)
    minute = known.written - 60_000_000_000
    file.write_text(file.read_text().replace(str(known.written), str(minute)))


def test_an_older_database_put_back_after_a_letter_is_refused_whatever_its_age(
    home: Home, mailing_id: int, server: SmtpServer, tmp_path: Path
) -> None:
    older = home.copied_to(tmp_path / "older")
    with home.running(server.port) as (app, session):  # without a sign of life since
        assert send_due(session, app.config) == 3
    config = home.with_the_database_of(older)
    with pytest.raises(installation.CannotStart, match="older than when Liaise last used it"):
        installation.make_ready(config)


def test_an_older_database_put_back_under_a_running_sender_sends_nothing(
    home: Home, mailing_id: int, server: SmtpServer
) -> None:
    with home.running(server.port) as (app, session):
        progress.advance(home.config.DATA_DIR, last_batch=7)  # a newer one got as far as that
        assert send_due(session, app.config) == 0
        assert settings_of(session).look_first == standstill.OLDER
        _go_on(session)
        assert send_due(session, app.config) == 3
        assert settings_of(session).look_first == ""


def test_what_was_acknowledged_on_a_page_is_missed_at_the_next_start(
    home: Home, server: SmtpServer, tmp_path: Path
) -> None:
    with home.running(server.port):
        pass
    older = home.copied_to(tmp_path / "older")
    with home.running(server.port) as (app, session):  # pages alone: no sign of life
        make_user(session)
        session.commit()
        app.test_client().post("/theme", data={"theme": "light"})
    config = home.with_the_database_of(older)
    with pytest.raises(installation.CannotStart, match="its -wal file was lost"):
        installation.make_ready(config)


def test_several_machines_may_share_a_postgresql_database(
    home: Home, mailing_id: int, server: SmtpServer, tmp_path: Path
) -> None:
    if home.config.SQLITE_FILE:
        pytest.skip("SQLite is for one machine")
    folder = tmp_path / "another machine"
    folder.mkdir()
    another = replace(home, config=replace(home.config, DATA_DIR=folder))
    with home.running(server.port):
        assert another.send(server.port) == 3
    assert home.question() == ""
    home.was_killed()
    cloned = replace(home.config, DATA_DIR=tmp_path / "clone of the first")
    shutil.copytree(home.config.DATA_DIR, cloned.DATA_DIR)
    with replace(home, config=cloned).running(server.port) as (_, session):
        assert settings_of(session).look_first == "", "it is the very database, not a copy"


def test_whoever_answers_has_seen_what_is_there_now(
    home: Home, mailing_id: int, server: SmtpServer, tmp_path: Path
) -> None:
    copy = home.copied_to(tmp_path / "copy")
    with copy.running(server.port) as (_, session):
        user = make_user(session, "Coordinator")
        before = _seen(session)
        make_released(session, 1)
        with pytest.raises(standstill.LookAgain):
            looking.go_on(session, seen=before, stop=(), by=user, at=clock.now())
        session.rollback()
        assert settings_of(session).look_first


def _seen(session: Session) -> str:
    question, mailings = settings_of(session).look_first, looking.under_way(session)
    return looking.fingerprint(question, mailings, looking.for_colleagues(session))


def _go_on(
    session: Session, stop: tuple[int, ...] | list[int] = (), *, withdraw: bool = False
) -> None:
    user = make_user(session, "Coordinator")
    looking.go_on(
        session, seen=_seen(session), stop=stop, by=user, at=clock.now(), withdraw=withdraw
    )
    session.commit()


MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def at_work(home: Home, server: SmtpServer, clock_at: ClockAt) -> None:
    """Two colleagues use it, nobody has written a letter, and on Friday one was told of a reply,
    and of a mailing that she wants to know of at once."""
    clock_at(MONDAY - timedelta(days=3))
    with home.running(server.port) as (app, session):
        for name in ("Ines Sample", "Omar Sample"):
            user = make_user(session, name, email=f"{name.split()[0].lower()}@example.org")
            user.password_hash = "not a hash"
            _tell(session, user, Event.REPLY)
            _tell(session, user, Event.MAILING)
        session.commit()
        scheduler.beat(app, session, clock.now())


def _tell(session: Session, user: User, event: Event) -> None:
    text = f"{event.value.capitalize()} for {user.name}."
    notify(session, user=user, event=event, key=event.value, text=text, path="/", at=clock.now())


def _round(app: Flask, session: Session) -> None:
    """What the clock calls for colleagues."""
    for job in scheduler.TIMETABLE:
        if job.name in ("reminders", "telling colleagues", "mail to colleagues"):
            job.run(app, session, clock.now())


@pytest.mark.usefixtures("at_work")
def test_colleagues_get_no_mail_from_a_copy_until_somebody_has_looked_and_then_once(
    home: Home, server: SmtpServer, tmp_path: Path, clock_at: ClockAt
) -> None:
    copies = {age: home.copied_to(tmp_path / f"copy{age.total_seconds()}") for age in AGES}
    clock_at(MONDAY)
    with home.running(server.port) as (app, session):
        _round(app, session)
    assert len(server.messages) == 4, "for each one notice at once, and the morning email"
    for age, copy in copies.items():
        clock_at(MONDAY + age)
        for _ in range(2):
            with copy.running(server.port) as (app, session):
                _round(app, session)
        assert "copied from" in copy.question(), age
    assert len(server.messages) == 4

    with copies[timedelta(0)].running(server.port) as (app, session):
        clock_at(MONDAY)
        new_passwords.ask_for_link(
            session, email="ines@example.org", base_url="http://localhost", ip=None, at=clock.now()
        )
        session.commit()
        _round(app, session)
        assert [one.recipients for one in server.messages[4:]] == [("ines@example.org",)]
        _go_on(session)
        _round(app, session)
        _round(app, session)
    assert len(server.messages) == 9, "what waited is not lost, and goes once"
    with copies[AGES[1]].running(server.port) as (app, session):
        _go_on(session, withdraw=True)
        _round(app, session)
    assert len(server.messages) == 9, "the notices were sent from the original"


@pytest.mark.usefixtures("at_work")
def test_a_lone_database_file_and_one_accepted_by_hand_are_copies_for_colleagues_too(
    home: Home, server: SmtpServer, tmp_path: Path, clock_at: ClockAt
) -> None:
    clock_at(MONDAY)
    accepted = home.copied_to(tmp_path / "accepted")
    (accepted.config.DATA_DIR / progress.FILE).unlink()
    installation.accept(accepted.config)
    found = [accepted]
    if home.config.SQLITE_FILE:
        lone = home.copied_to(tmp_path / "lone")
        for name in (installation.NOTE, progress.FILE):
            (lone.config.DATA_DIR / name).unlink()
        found.append(lone)
    for copy in found:
        with copy.running(server.port) as (app, session):
            _round(app, session)
        assert "copied from" in copy.question()
    assert not server.messages


@pytest.mark.usefixtures("at_work")
def test_a_restart_keeps_no_colleague_waiting(
    home: Home, server: SmtpServer, clock_at: ClockAt
) -> None:
    clock_at(MONDAY)
    with home.running(server.port) as (app, session):
        _round(app, session)
    assert home.question() == ""
    assert len(server.messages) == 4


@pytest.mark.usefixtures("at_work")
def test_a_standstill_keeps_colleagues_mail_too(
    home: Home, server: SmtpServer, clock_at: ClockAt
) -> None:
    home.was_killed()
    home.server_was_started_anew()
    clock_at(MONDAY)
    with home.running(server.port) as (app, session):
        _round(app, session)
    assert "stood still" in home.question()
    assert not server.messages


def test_what_tells_a_machine_from_its_copy() -> None:
    here = Place("machine", ("02:00:00:00:00:01", "02:00:00:00:00:02"), "start", 5, 6, 1)
    others = {
        "another machine": replace(here, machine="other"),
        "a clone with a card of its own": replace(here, network=("02:00:00:00:00:09",)),
        "another folder": replace(here, folder=7),
        "another file": replace(here, file=8),
        "a clone of the disk beside it": replace(here, device=2),
    }
    same = {
        "as it was": here,
        "one card more": replace(here, network=("02:00:00:00:00:02", "02:00:00:00:00:03")),
        "nothing known of cards": replace(here, network=()),
        "disks numbered anew by a start": replace(here, started="later", device=2),
    }
    assert [why for why, other in others.items() if not other.is_another_than(here)] == []
    assert [why for why, other in same.items() if other.is_another_than(here)] == []
