"""Is the database the one this installation has been using? Asked before anything else starts.

A note in DATA_DIR remembers which database it was and how far its history had got, so that a
database which went missing, was swapped or fell back in time is never quietly replaced or used.
"""

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from sqlalchemy import Connection, Engine, create_engine, func, inspect, select, text, update
from sqlalchemy.exc import OperationalError

from app.audit.models import AuditEvent
from app.core import clock, schema, sqlite_file
from app.core.db import prepare
from app.core.storage import WORDS, trouble_of
from app.settings import progress
from app.settings.models import DatabaseMark, Settings
from app.settings.place import ELSEWHERE, Place, here
from config import Config

NOTE = "installation.json"
MIGRATING = 73123001  # the number of a lock, ours in this database


class CannotStart(Exception):
    """Carries the one sentence that says why, and what to do."""


@dataclass(frozen=True)
class Note:
    installation: str
    last_event: int  # of the history, which only ever grows; how far it got is in `progress`
    place: Place | None = None  # where it ran; not known before the first start


def make_ready(config: Config) -> None:
    """Bring the right database to the newest shape, with a copy first; or refuse to start."""
    with _one_at_a_time(config.DATA_DIR):
        engine = open_engine(config)
        try:
            with _migrating(engine):
                _bring_up_to_date(config, engine)
        finally:
            engine.dispose()


def _bring_up_to_date(config: Config, engine: Engine) -> None:
    with engine.connect() as connection:
        before = schema.current(connection)
    if before != schema.head():
        if before is not None:
            back_up(config, f"before-{schema.head()}")
        schema.upgrade(engine)
    with engine.begin() as connection:
        note = read_note(config)
        place = note.place if note else None
        if before is not None and _is_a_copy(config):
            take_a_new_name(connection)
            place = ELSEWHERE
        _write_note(config, connection, place)


@contextmanager
def _one_at_a_time(data_dir: Path) -> Iterator[None]:
    """Processes that start together on one machine: the first one makes ready for all."""
    folder = os.open(data_dir, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


@contextmanager
def _migrating(engine: Engine) -> Iterator[None]:
    """The same for several machines on one PostgreSQL."""
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect() as connection:
        with connection.begin():  # the lock is kept until it is given back
            connection.execute(text("SET lock_timeout = 0"))
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(select(func.pg_advisory_lock(MIGRATING)))
        try:
            yield
        finally:
            connection.execute(select(func.pg_advisory_unlock(MIGRATING)))
            connection.invalidate()  # its waits are not those of others


def _is_a_copy(config: Config) -> bool:
    """A used SQLite file of which this folder knows nothing was copied here, or put back.

    Of a PostgreSQL that several machines share, a new machine knows nothing either.
    """
    return config.SQLITE_FILE is not None and read_note(config) is None


def take_a_new_name(connection: Connection) -> None:
    """From now on this is another installation than the one it was copied from: what was released
    there may have been sent there, and is not sent from here."""
    connection.execute(update(Settings).values(installation=token_hex(8)))


def make_ready_if_new(config: Config) -> None:
    """For a single command: an installation that never ran is made; another must be up to date."""
    if read_note(config) is None:
        make_ready(config)
    else:
        check_ready(config)


def check_ready(config: Config) -> None:
    """For a process that must not migrate: refuse unless the database is exactly of our shape."""
    with _one_at_a_time(config.DATA_DIR):
        engine = open_engine(config)
        try:
            with engine.connect() as connection:
                refuse_other_shape(connection)
        finally:
            engine.dispose()


def refuse_other_shape(connection: Connection) -> None:
    if (found := schema.current(connection)) != schema.head():
        raise CannotStart(
            f"The database is at version {found or 'none'} and this Liaise needs {schema.head()}: "
            "stop every Liaise that uses it, then run ./run migrate."
        )


def open_engine(config: Config) -> Engine:
    """An engine on the database, once it is known to be ours."""
    note = read_note(config)
    _check_file(config, note)
    engine = create_engine(**config.SQLALCHEMY_ENGINES["default"])
    prepare(engine)
    try:
        with engine.connect() as connection:
            _check_identity(config, connection, note)
    except OperationalError as error:
        engine.dispose()
        raise CannotStart(f"The database cannot be opened: {_first_line(error)}.") from error
    except CannotStart:
        engine.dispose()
        raise
    return engine


def settle_here(config: Config, connection: Connection) -> None:
    """From now on this is where the database is at home."""
    if read_note(config) is None:
        progress.forget(config.DATA_DIR)
    _write_note(config, connection, here(config))


def last_event(connection: Connection) -> int:
    return connection.scalar(select(func.max(AuditEvent.id))) or 0


def _write_note(config: Config, connection: Connection, place: Place | None) -> None:
    """So that next time we know this database again."""
    words = {
        "installation": connection.scalar(select(Settings.installation)) or "",
        "last_event": last_event(connection),
        "place": place and place.to_keep(),
    }
    note = config.DATA_DIR / NOTE
    unfinished = note.with_suffix(f".{token_hex(4)}")
    with unfinished.open("w") as file:
        file.write(json.dumps(words) + "\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(note)


WHAT_ACCEPTING_DOES = """\
Nothing was done yet. This would accept the PostgreSQL database as it is now, and give it a new
name, for it may be a copy:

  - every mailing that is on hold, sending or paused in it expires: what has not left needs
    approval again;
  - no letter and no email to colleagues leaves it until somebody has looked at what people got;
  - every other machine that shares this database refuses to start again, until its
    DATA_DIR/installation.json is removed.

So stop Liaise on all of them first, and do this once, after a copy was put back. If only this
machine complains while others go on with the same database, do not accept it: remove
DATA_DIR/installation.json here instead. To go ahead: ./run accept-database --yes"""


def accept(config: Config) -> None:
    """Take the database as it is, after somebody deliberately put another in its place."""
    (config.DATA_DIR / NOTE).unlink(missing_ok=True)
    progress.forget(config.DATA_DIR)
    make_ready(config)
    engine = open_engine(config)
    with engine.begin() as connection:
        if config.SQLITE_FILE is None:
            take_a_new_name(connection)
        connection.execute(update(DatabaseMark).values(server=None))
        _write_note(config, connection, ELSEWHERE)
    engine.dispose()


def back_up(config: Config, name: str) -> Path | None:
    """A copy of the SQLite file in DATA_DIR/backups. PostgreSQL is backed up by its own tools."""
    if config.SQLITE_FILE is None:
        return None
    folder = config.DATA_DIR / "backups"
    target = folder / f"{name}-{clock.now():%Y%m%dT%H%M%SZ}.sqlite3"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        sqlite_file.back_up(config.SQLITE_FILE, target)
    except (OSError, sqlite3.Error) as error:
        found = trouble_of(error)
        why = WORDS[found] if found else str(error)
        raise CannotStart(f"No copy was made, and nothing was left in {folder}: {why}.") from error
    return target


def read_note(config: Config) -> Note | None:
    path = config.DATA_DIR / NOTE
    if not path.exists():
        return None
    try:
        words = json.loads(path.read_text())
        place = words.pop("place", None)
        return Note(**words, place=Place.read(place) if place else None)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CannotStart(
            f"{path} cannot be read; if the database is the right one, "
            "run ./run accept-database to write it anew."
        ) from error


def read_progress(config: Config) -> progress.Progress:
    try:
        return progress.read(config.DATA_DIR)
    except progress.Unreadable as error:
        raise CannotStart(
            f"{config.DATA_DIR / progress.FILE} cannot be read; if the database is the right one, "
            "run ./run accept-database to write it anew."
        ) from error


def _check_file(config: Config, note: Note | None) -> None:
    path = config.SQLITE_FILE
    if path is None:
        return
    if not path.exists():
        if note is not None:
            raise CannotStart(
                f"The database {path} is missing, and Liaise will not make an empty one in its "
                f"place: put it back, or restore a copy from {config.DATA_DIR / 'backups'}."
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        return
    if note is None and path.stat().st_size == 0:
        return  # somebody made the file and never used it
    if problem := sqlite_file.wrong_with(path):
        raise CannotStart(
            f"The database {path} {problem}: "
            f"put the right file back, or restore a copy from {config.DATA_DIR / 'backups'}."
        )


def _check_identity(config: Config, connection: Connection, note: Note | None) -> None:
    if not schema.is_known(schema.current(connection)):
        raise CannotStart(
            "The database was last used by a newer Liaise than this one: install that version, "
            f"or restore a copy from {config.DATA_DIR / 'backups'}."
        )
    if note is None:
        return
    accept = "If this is the database you mean to use, run ./run accept-database."
    if not inspect(connection).has_table(Settings.__tablename__):
        raise CannotStart(f"The database is empty, and the one Liaise used was not. {accept}")
    if (connection.scalar(select(Settings.installation)) or "") != note.installation:
        raise CannotStart(f"The database belongs to another installation of Liaise. {accept}")
    read_progress(config)
    if is_behind(config.DATA_DIR, connection) or last_event(connection) < note.last_event:
        raise CannotStart(
            "The database is older than when Liaise last used it: "
            f"an older copy was put back, or its -wal file was lost. {accept}"
        )


def is_behind(data_dir: Path, connection: Connection) -> bool:
    """Whether the database does not hold what was acknowledged, or the letters that were begun."""
    known = progress.read(data_dir)
    if last_event(connection) < known.last_event:
        return True
    if not known.last_batch:
        return False  # it may be of a shape from before batches were counted
    return (connection.scalar(select(DatabaseMark.last_batch)) or 0) < known.last_batch


def _first_line(error: OperationalError) -> str:
    return str(error.orig).strip().splitlines()[0].rstrip(".")
