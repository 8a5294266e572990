"""A database that is not the one Liaise used is refused with a sentence, never replaced."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from app.cli import cli
from app.core import schema, sqlite_file
from app.settings import installation
from app.settings.installation import CannotStart
from config import Config
from tests.databases import Databases


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """An installation that has run before, on SQLite."""
    database = tmp_path / "liaise.sqlite3"
    config = Config(SECRET_KEY="k" * 32, DATABASE_URL=f"sqlite:///{database}", DATA_DIR=tmp_path)
    installation.make_ready(config)
    return config


def file_of(config: Config) -> Path:
    assert config.SQLITE_FILE is not None
    return config.SQLITE_FILE


def execute(config: Config, statement: str) -> None:
    with closing(sqlite3.connect(file_of(config))) as raw:
        raw.execute(statement)
        raw.commit()


def add_an_event(config: Config) -> None:
    execute(
        config,
        "INSERT INTO audit_event (at, actor_name, action, kind, summary)"
        " VALUES ('2026-11-22 12:00:00', 'Sam', 'exported', 'list', '')",
    )


def test_an_installation_starts_again_and_again(config: Config) -> None:
    installation.make_ready(config)
    installation.check_ready(config)


def delete(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def scribble(path: Path) -> None:
    path.write_text("Dear Sir or Madam," * 100)


def cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(10_000)


def damage(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096 * 20)


def make_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


FAULTS: list[tuple[Callable[[Path], None], str]] = [
    (delete, "is missing, and Liaise will not make an empty one in its place"),
    (empty, "is empty: put the right file back"),
    (scribble, "is not a database: put the right file back"),
    (cut, "is damaged"),
    (damage, "is damaged"),
    (make_a_folder, "is not a file"),
]


@pytest.mark.parametrize(
    ("fault", "sentence"), FAULTS, ids=lambda each: getattr(each, "__name__", "")
)
def test_a_spoiled_file_is_left_as_it_is(
    config: Config, fault: Callable[[Path], None], sentence: str
) -> None:
    fault(file_of(config))
    before = file_of(config).read_bytes() if file_of(config).is_file() else None

    with pytest.raises(CannotStart, match=sentence) as refusal:
        installation.make_ready(config)

    assert "\n" not in str(refusal.value)
    assert before == (file_of(config).read_bytes() if file_of(config).is_file() else None)


def test_another_installations_database_is_refused_until_accepted(
    config: Config, tmp_path: Path
) -> None:
    execute(config, "UPDATE settings SET installation = 'ours'")
    installation.accept(config)
    execute(config, "UPDATE settings SET installation = 'theirs'")

    with pytest.raises(CannotStart, match="belongs to another installation"):
        installation.make_ready(config)

    installation.accept(config)
    installation.make_ready(config)


def test_an_empty_database_in_place_of_a_used_one_is_refused(config: Config) -> None:
    file_of(config).unlink()
    execute(config, "PRAGMA user_version = 1")
    with pytest.raises(CannotStart, match="The database is empty, and the one Liaise used was not"):
        installation.make_ready(config)


def test_an_older_copy_put_back_is_refused_until_accepted(config: Config) -> None:
    copy = installation.back_up(config, "copy")
    assert copy is not None
    add_an_event(config)
    installation.make_ready(config)
    shutil.copy(copy, file_of(config))

    with pytest.raises(CannotStart, match="older than when Liaise last used it"):
        installation.make_ready(config)

    installation.accept(config)
    installation.make_ready(config)


def test_a_newer_liaises_database_is_refused(config: Config) -> None:
    execute(config, "UPDATE alembic_version SET version_num = '9999_from_the_future'")
    with pytest.raises(CannotStart, match="newer Liaise than this one"):
        installation.make_ready(config)


def test_who_may_not_migrate_refuses_an_older_database(config: Config) -> None:
    engine = create_engine(config.DATABASE_URL)
    schema.downgrade(engine, "-1")
    engine.dispose()
    with pytest.raises(CannotStart, match=r"run \./run migrate"):
        installation.check_ready(config)


def test_an_upgrade_keeps_a_copy_of_what_was_before(config: Config) -> None:
    engine = create_engine(config.DATABASE_URL)
    schema.downgrade(engine, "-1")
    with engine.connect() as connection:
        older = schema.current(connection)
    engine.dispose()

    installation.make_ready(config)

    (copy,) = (config.DATA_DIR / "backups").iterdir()
    assert copy.name.startswith(f"before-{schema.head()}-")
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as raw:
        assert raw.execute("SELECT version_num FROM alembic_version").fetchone() == (older,)


def test_looking_at_a_database_that_is_not_there_yet_does_not_spoil_the_first_start(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'liaise.sqlite3'}"
    config = Config(SECRET_KEY="k" * 32, DATABASE_URL=url, DATA_DIR=tmp_path)
    with pytest.raises(CannotStart, match=r"run \./run migrate"):
        installation.check_ready(config)
    installation.make_ready(config)
    installation.check_ready(config)


def test_a_new_installation_needs_no_copy(config: Config) -> None:
    assert not (config.DATA_DIR / "backups").exists()


def test_a_copy_has_what_was_still_only_in_the_log(config: Config) -> None:
    with closing(sqlite3.connect(file_of(config))) as open_elsewhere:
        open_elsewhere.execute("PRAGMA wal_autocheckpoint = 0")
        open_elsewhere.execute("UPDATE settings SET group_name = 'Sample Group'")
        open_elsewhere.execute("CREATE TABLE only_in_the_log (id INTEGER)")
        open_elsewhere.commit()
        copy = installation.back_up(config, "copy")
    assert copy is not None
    assert sqlite_file.wrong_with(copy) is None
    with closing(sqlite3.connect(copy)) as raw:
        assert raw.execute("SELECT count(*) FROM only_in_the_log").fetchone() == (0,)


def test_an_unreadable_note_is_refused_until_accepted(config: Config) -> None:
    (config.DATA_DIR / installation.NOTE).write_text("{")
    with pytest.raises(CannotStart, match="cannot be read"):
        installation.make_ready(config)
    installation.accept(config)
    installation.make_ready(config)


def test_the_note_knows_the_database_on_either_kind(databases: Databases, tmp_path: Path) -> None:
    config = Config(SECRET_KEY="k" * 32, DATABASE_URL=databases.copy(), DATA_DIR=tmp_path)
    installation.make_ready(config)
    assert json.loads((tmp_path / installation.NOTE).read_text())["last_event"] == 0

    engine = create_engine(databases.copy())
    with engine.begin() as connection:
        connection.execute(text("UPDATE settings SET installation = 'theirs'"))
    address = engine.url.render_as_string(hide_password=False)
    engine.dispose()
    with pytest.raises(CannotStart, match="belongs to another installation"):
        installation.make_ready(replace(config, DATABASE_URL=address))


def test_accepting_a_database_that_machines_may_share_first_says_what_it_does(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Config(SECRET_KEY="k" * 32, DATABASE_URL=databases.copy(), DATA_DIR=tmp_path)
    installation.make_ready(config)
    (tmp_path / installation.NOTE).unlink()
    monkeypatch.setattr(Config, "from_env", lambda: config)

    refused = CliRunner().invoke(cli, ["accept-database"])
    is_shared = config.SQLITE_FILE is None
    assert isinstance(refused.exception, CannotStart) is is_shared
    if is_shared:
        assert "every other machine that shares this database" in str(refused.exception)
        assert not (tmp_path / installation.NOTE).exists()

    assert CliRunner().invoke(cli, ["accept-database", "--yes"]).exit_code == 0
    assert (tmp_path / installation.NOTE).exists()


def test_a_server_that_does_not_answer_is_one_sentence(tmp_path: Path) -> None:
    config = Config(
        SECRET_KEY="k" * 32,
        DATABASE_URL="postgresql+psycopg://liaise@127.0.0.1:1/liaise",
        DATA_DIR=tmp_path,
    )
    with pytest.raises(CannotStart, match="The database cannot be opened"):
        installation.make_ready(config)
