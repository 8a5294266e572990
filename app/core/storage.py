"""What may be wrong with where things are kept, whichever database says so and however."""

import enum
import errno
import sqlite3
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from app.core.logs import log


class Trouble(enum.Enum):
    """Its value is the word for it in logs and on the health page."""

    BUSY = "busy"
    FULL = "full"
    READ_ONLY = "read-only"
    FAULTY = "faulty"
    GONE = "unreachable"


LASTING = frozenset(Trouble) - {Trouble.BUSY}

# The rest of SQLite's number says what exactly.
OF_SQLITE = {
    sqlite3.SQLITE_BUSY: Trouble.BUSY,
    sqlite3.SQLITE_LOCKED: Trouble.BUSY,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_PERM: Trouble.READ_ONLY,
    sqlite3.SQLITE_IOERR: Trouble.FAULTY,
    sqlite3.SQLITE_CORRUPT: Trouble.FAULTY,
    sqlite3.SQLITE_NOTADB: Trouble.FAULTY,
    sqlite3.SQLITE_CANTOPEN: Trouble.GONE,
}
# PostgreSQL's codes, by their beginning; the longest that fits counts.
OF_POSTGRESQL = {
    "25006": Trouble.READ_ONLY,
    "40": Trouble.BUSY,  # two changes at once, of which one was taken back
    "53": Trouble.BUSY,  # out of connections, or of memory
    "53100": Trouble.FULL,
    "55P03": Trouble.BUSY,
    "57014": Trouble.BUSY,  # it took too long
    "57P": Trouble.GONE,
    "58": Trouble.FAULTY,
    "08": Trouble.GONE,
    "XX001": Trouble.FAULTY,
    "XX002": Trouble.FAULTY,
}
OF_FILES = {
    errno.ENOSPC: Trouble.FULL,
    errno.EDQUOT: Trouble.FULL,
    errno.EFBIG: Trouble.FULL,
    errno.EROFS: Trouble.READ_ONLY,
    errno.EIO: Trouble.FAULTY,
}


def trouble_of(error: BaseException | None) -> Trouble | None:
    """What an error says of the storage; None where it is about something else."""
    if isinstance(error, NoConnectionFree):
        return Trouble.BUSY
    if isinstance(error, DBAPIError):
        return Trouble.GONE if error.connection_invalidated else trouble_of(error.orig)
    if isinstance(error, sqlite3.Error):
        return OF_SQLITE.get(getattr(error, "sqlite_errorcode", -1) & 0xFF)
    if isinstance(error, OSError):
        return OF_FILES.get(error.errno or 0)
    return _of_postgresql(error) if hasattr(error, "sqlstate") else None


def _of_postgresql(error: Any) -> Trouble | None:
    code: str | None = error.sqlstate
    if code is None:  # nobody was there to give one
        return Trouble.GONE if type(error).__name__ == "OperationalError" else None
    fitting = [beginning for beginning in OF_POSTGRESQL if code.startswith(beginning)]
    return OF_POSTGRESQL[max(fitting, key=len)] if fitting else None


@contextmanager
def beside(what: str, *, gives_way_to: Collection[Trouble] = frozenset(Trouble)) -> Iterator[None]:
    """Something noted beside what was asked for: reading never depends on writing, so that trouble
    of these kinds is logged, and no reason to refuse the rest."""
    try:
        yield
    except (DBAPIError, NoConnectionFree, OSError) as error:
        found = trouble_of(error)
        if found is None or found not in gives_way_to:
            raise
        note(found)
        log.warning("not noted, for trouble with the storage", what=what, trouble=found.value)


# The end of a sentence for whoever started a command.
WORDS = {
    Trouble.BUSY: "the database is busy, so try again in a moment",
    Trouble.FULL: "the disk is full, so make room and try again",
    Trouble.READ_ONLY: "the disk or the database can only be read, so see to that and try again",
    Trouble.FAULTY: "the disk or the database reports a fault, so see to that first",
    Trouble.GONE: "the database cannot be reached or opened, so see whether it is there and runs",
}


@dataclass
class _Latest:
    trouble: Trouble | None = None
    at: float = 0.0


RECENT_SECONDS = 90.0
_latest = _Latest()


def note(trouble: Trouble) -> None:
    """What this process met; its sign of life meets it again, as long as it lasts."""
    if trouble in LASTING:
        _latest.trouble, _latest.at = trouble, time.monotonic()


def recent_trouble() -> Trouble | None:
    is_recent = time.monotonic() - _latest.at < RECENT_SECONDS
    return _latest.trouble if is_recent else None


def works_again() -> None:
    """Something was written."""
    _latest.trouble = None
