"""What every test stands on: the real app on real databases, and a guard at the door.

A test that asks for `app`, `session`, `client`, `stranger`, `live_database` or `live_app` runs on
SQLite and again on PostgreSQL (`--database sqlite` runs it on one), unless it is marked
`one_database` with the reason why they cannot differ. Other tests run once.
"""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event
from sqlalchemy.orm import Session

from app import create_app
from app.accounts.authentication import sessions
from app.accounts.models import User
from app.core import clock, loopback
from app.core.db import db
from config import Config
from tests import sharing, times
from tests.clock import HANDS, ORDINARY_NOON, SETTINGS
from tests.databases import Databases, SqliteDatabases, postgres_databases
from tests.factories import make_user
from tests.pages import PageClient
from tests.postgres import is_given, postgres_server

ROOT = Path(__file__).parent.parent
DATABASES = ("sqlite", "postgresql")
ClockAt = Callable[[datetime], None]
CountStatements = Callable[[], AbstractContextManager[list[str]]]

# Child processes of a test read this setting, and stay on loopback as the tests themselves do.
os.environ["LOOPBACK_ONLY"] = "1"
loopback.stay_on_loopback()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=(*DATABASES, "both"), default="both")
    parser.addoption(
        "--soak",
        action="store_true",
        help="run the tests of crashes and crowds at the full size that is promised; slow",
    )


def pytest_report_header() -> str:
    return f"the clock began at {SETTINGS['TESTS_ON']}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):  # one of several processes
        sharing.put_in_order(items)


def pytest_collection_finish() -> None:
    """What is loaded by now stays, and looking through it for rubbish took a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return sharing.scheduler(config, log)


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    if call.when == "call" and item.get_closest_marker("slow"):
        item.user_properties.append(("slow", True))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was measured at full size is said at the end; and what took long, and may not."""
    for report in terminalreporter.getreports("passed"):
        figures = dict(report.user_properties).get("figures")
        if figures and report.when == "call":
            terminalreporter.write_line(f"{report.nodeid}: {figures}")
    times.say(terminalreporter)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "databases" in metafunc.fixturenames:
        wanted = metafunc.config.getoption("--database")
        kinds = DATABASES if wanted == "both" else (wanted,)
        if wanted == "both" and metafunc.definition.get_closest_marker("one_database"):
            kinds = ("sqlite",)
        metafunc.parametrize("databases", kinds, indirect=True, scope="session")


@pytest.fixture(scope="session")
def soak(request: pytest.FixtureRequest) -> bool:
    """Whether to prove what is promised at its full size, or the same in small."""
    return bool(request.config.getoption("--soak"))


@pytest.fixture(autouse=True)
def nothing_leaves_this_machine() -> Iterator[None]:
    """Fails whoever tried, even if their code swallowed the refusal."""
    loopback.attempts.clear()
    yield
    assert not loopback.attempts


@pytest.fixture
def clock_at() -> Iterator[ClockAt]:
    """`clock_at(moment)` stops the app's clock there, in this process, till the test ends."""
    yield HANDS.stop
    HANDS.go_on()


@pytest.fixture
def ordinary_day(clock_at: ClockAt) -> None:
    """For a story told by the calendar: pages are as of noon on the day that its dates go with."""
    clock_at(ORDINARY_NOON)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    with postgres_server() as address:
        yield address


@pytest.fixture(scope="session")
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Databases]:
    if request.param == "sqlite":
        yield SqliteDatabases(tmp_path_factory.mktemp("databases"))
    else:
        server = request.getfixturevalue("postgresql")
        with postgres_databases(server, is_ours=not is_given()) as databases:
            yield databases


def config_for(database_url: str, folder: Path) -> Config:
    return Config(
        SECRET_KEY="only-for-tests-only-for-tests-only",
        DATABASE_URL=database_url,
        DATA_DIR=folder,
        TESTING=True,
        WTF_CSRF_ENABLED=False,
    )


@cache
def templates_compiled() -> FileSystemBytecodeCache:
    """By their source: all of them take two seconds, and many tests start an app of their own."""
    folder = ROOT / ".pytest_cache" / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    return FileSystemBytecodeCache(str(folder))


@contextmanager
def running_app(config: Config) -> Iterator[Flask]:
    app = create_app(config)
    app.test_client_class = PageClient
    app.jinja_env.bytecode_cache = templates_compiled()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def app(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The app on a database that each test leaves as it found it."""
    config = config_for(databases.copy(), tmp_path_factory.mktemp("data"))
    with running_app(config) as app:
        yield app


@contextmanager
def undone_session(app: Flask) -> Iterator[Session]:
    """A session in a transaction that is undone at the end, whatever is committed meanwhile."""
    with app.app_context():
        engine, sessions = db.engine, db.sessionmaker
    with engine.connect() as connection:
        transaction = connection.begin()
        sessions.configure(bind=connection, join_transaction_mode="create_savepoint")
        try:
            with sessions() as session:
                yield session
        finally:
            transaction.rollback()
            sessions.configure(bind=None)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """The test's own session, in a transaction that is undone when the test ends.

    Requests get sessions of their own on the same connection, so a view which forgets to commit
    leaves nothing here to find. Commit before a request, and `session.expire_all()` after it to
    see what it changed in rows already loaded.
    """
    with undone_session(app) as session:
        yield session


@pytest.fixture
def live_database(databases: Databases) -> str:
    """The address of a database of the test's own: real commits, many threads and processes."""
    return databases.copy()


@pytest.fixture
def live_app(live_database: str, tmp_path: Path) -> Iterator[Flask]:
    with running_app(config_for(live_database, tmp_path)) as app:
        yield app


@pytest.fixture
def stranger(app: Flask, session: Session) -> FlaskClient:
    """A browser nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask, session: Session) -> Callable[[User], FlaskClient]:
    """A browser of its own for each user it is given."""

    def sign_in(user: User) -> FlaskClient:
        browser = app.test_client()
        token = sessions.start(session, user=user, at=clock.now(), agent="Test browser")
        session.commit()
        browser.set_cookie("liaise", token)
        return browser

    return sign_in


@pytest.fixture
def client(sign_in: Callable[[User], FlaskClient], session: Session) -> FlaskClient:
    """A browser signed in as somebody with every permission."""
    return sign_in(make_user(session))


@pytest.fixture
def count_statements(app: Flask) -> CountStatements:
    """`with count_statements() as statements: …`, then `len(statements)`."""
    with app.app_context():
        engine = db.engine

    @contextmanager
    def counting() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
            if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN")):
                statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return counting
