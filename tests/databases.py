"""Databases to test on: each is made by the real migrations once, then copied."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

from sqlalchemy import create_engine, make_url, text

from app.core import schema
from app.core.db import prepare

_numbers = count(1)


class Databases(Protocol):
    def copy(self) -> str:
        """The address of a new database, migrated and otherwise empty."""


class SqliteDatabases:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template.sqlite3"
        _migrate(f"sqlite:///{self.template}")

    def copy(self) -> str:
        path = self.folder / f"copy{next(_numbers)}.sqlite3"
        shutil.copy(self.template, path)
        return f"sqlite:///{path}"


class PostgresDatabases:
    def __init__(self, server: str) -> None:
        self.server = make_url(server)
        self.made: list[str] = []
        self.template = self._make("TEMPLATE template0")
        _migrate(self._address(self.template))

    def copy(self) -> str:
        # The other way writes every page to the log first, and takes twice as long.
        return self._address(self._make(f"TEMPLATE {self.template} STRATEGY FILE_COPY"))

    def empty(self) -> str:
        """Without any table."""
        return self._address(self._make("TEMPLATE template0"))

    def drop_all(self) -> None:
        for name in self.made:
            self._say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def names(self) -> list[str]:
        """Every database there is on the server."""
        engine = create_engine(self.server)
        with engine.connect() as connection:
            names = connection.scalars(text("SELECT datname FROM pg_database")).all()
        engine.dispose()
        return list(names)

    def _make(self, options: str) -> str:
        name = f"liaise_test_{next(_numbers)}"
        self._say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._say(f"CREATE DATABASE {name} {options}")
        self.made.append(name)
        return name

    def _address(self, name: str) -> str:
        return self.server.set(database=name).render_as_string(hide_password=False)

    def _say(self, statement: str) -> None:
        engine = create_engine(self.server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


@contextmanager
def postgres_databases(server: str, *, is_ours: bool = False) -> Iterator[PostgresDatabases]:
    """What is made on a server of our own goes with it; dropping each would take a while."""
    databases = PostgresDatabases(server)
    yield databases
    if not is_ours:
        databases.drop_all()


def _migrate(address: str) -> None:
    engine = create_engine(address)
    prepare(engine)
    schema.upgrade(engine)
    engine.dispose()
