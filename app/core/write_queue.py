"""On SQLite one writes at a time. Those who wait for it in this process go in order of arrival.

Left to itself, SQLite has everybody who waits look again at growing intervals, up to a tenth of a
second, and whoever happens to look at the right moment goes next. With many about, somebody unlucky
can miss it every time until their patience ends. Here only the first in the queue looks, and often;
once they write, the next one looks. The first ones of several processes meet on equal terms.
"""

import sqlite3
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock
from typing import Any

from sqlalchemy import Connection

BEGIN = "BEGIN IMMEDIATE"
PATIENCE = 5.0  # seconds, for the whole of the wait
LOOK_EVERY = 0.002


class WriteQueue:
    def __init__(self) -> None:
        self._guard = Lock()
        self._waiting: deque[Event] = deque()

    def begin(self, connection: Connection) -> None:
        """Begin a transaction that writes, or raise what SQLite says when patience ends."""
        raw: Any = connection.connection.driver_connection
        until = time.monotonic() + PATIENCE
        (usual,) = raw.execute("PRAGMA busy_timeout").fetchone()
        raw.execute("PRAGMA busy_timeout = 0")
        try:
            with self._first_or_late(until):
                if not _look_until(until, raw):
                    # A last look; what it raises is SQLAlchemy's, as everywhere.
                    connection.exec_driver_sql(BEGIN)
        finally:
            raw.execute(f"PRAGMA busy_timeout = {usual}")

    @contextmanager
    def _first_or_late(self, until: float) -> Iterator[None]:
        """Wait for everybody who came before us, or until it is too late."""
        my_turn = Event()
        with self._guard:
            self._waiting.append(my_turn)
            self._waiting[0].set()
        try:
            my_turn.wait(until - time.monotonic())
            yield
        finally:
            with self._guard:
                self._waiting.remove(my_turn)
                if self._waiting:
                    self._waiting[0].set()


def _look_until(until: float, raw: sqlite3.Connection) -> bool:
    while time.monotonic() < until:
        try:
            raw.execute(BEGIN)
        except sqlite3.Error as error:
            if not is_busy(error):
                return False
        else:
            return True
        time.sleep(LOOK_EVERY)
    return False


def is_busy(error: BaseException | None) -> bool:
    """Whether SQLite says that somebody else has what is wanted, and nothing worse."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF == sqlite3.SQLITE_BUSY  # the rest of the number says what exactly
