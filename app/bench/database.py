"""A database that is made for one run of the bench and thrown away after it, never the user's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

from flask import Flask
from sqlalchemy import URL, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError

from app import create_app
from app.core import sqlite_file
from app.core.db import db
from app.core.errors import DomainError
from app.settings import installation
from config import Config


class NoDatabase(DomainError):
    """There is no server on which a database could be made."""


@contextmanager
def throwaway_app(server: str = "", *, as_in: Flask | None = None) -> Iterator[Flask]:
    """The real app, on a database of its own: an SQLite file, or one on this PostgreSQL server.

    It is empty, or a copy of another's (`as_in`), which is quicker than filling it again.
    """
    with TemporaryDirectory(prefix="liaise-bench-") as name:
        folder = Path(name)
        with _database(server, folder, as_in) as address:
            config = Config(SECRET_KEY=token_hex(32), DATABASE_URL=address, DATA_DIR=folder)
            installation.make_ready(config)
            app = create_app(config)
            try:
                yield app
            finally:
                with app.app_context():
                    db.engine.dispose()


@contextmanager
def _database(server: str, folder: Path, as_in: Flask | None) -> Iterator[str]:
    if not server:
        file = folder / "bench.sqlite3"
        if as_in:
            sqlite_file.back_up(Path(_engine_of(as_in).url.database or ""), file)
        yield f"sqlite:///{file}"
        return
    url = _postgresql(server)
    name = f"liaise_bench_{token_hex(6)}"
    template = "template0"
    if as_in:
        engine = _engine_of(as_in)
        engine.dispose()  # PostgreSQL copies only what nobody is connected to
        template = str(engine.url.database)
    _say(url, f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        _say(url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _engine_of(app: Flask) -> Engine:
    with app.app_context():
        return db.engine


def _postgresql(server: str) -> URL:
    try:
        url = make_url(server)
    except ArgumentError as error:
        raise NoDatabase("The address of the PostgreSQL server cannot be read.") from error
    if url.get_backend_name() != "postgresql":
        raise NoDatabase(
            "Give the address of a PostgreSQL server, such as "
            "postgresql://USER:PASSWORD@HOST/postgres; without one the bench uses SQLite."
        )
    return url.set(drivername="postgresql+psycopg")


def _say(url: URL, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    except OperationalError as error:
        said = str(error.orig).strip().splitlines()[0].rstrip(".")
        raise NoDatabase(f"PostgreSQL did not do as the bench asked: {said}.") from error
    finally:
        engine.dispose()
