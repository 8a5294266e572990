"""The SQLite file as a file: whether it can be used, and a copy of it that can.

SQLite is 3.40 or newer, what Debian 12 has; older ones lack fixes we rely on.
"""

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

HEADER = b"SQLite format 3\x00"
UNFINISHED = ".unfinished"
LEFT_OVER_SECONDS = 3600


def wrong_with(path: Path) -> str | None:
    """What is wrong with an existing database file, as the end of a sentence; None if nothing."""
    if not path.is_file():
        return "is not a file"
    if not (os.access(path, os.R_OK | os.W_OK) and os.access(path.parent, os.W_OK)):
        return "cannot be written to by this user"
    with path.open("rb") as file:
        header = file.read(100)
    if not header.startswith(HEADER):
        return "is not a database" if header else "is empty"
    try:
        with closing(sqlite3.connect(path, timeout=10)) as raw:
            answer = raw.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        return f"is damaged ({error})"
    return None if answer == "ok" else f"is damaged ({answer})"


def back_up(source: Path, target: Path) -> None:
    """A consistent copy, in one step, even while others write; checked before it gets its name.

    Copying the file itself would miss what is still in its -wal, and a copy made in several steps
    starts again at every write of somebody else.
    """
    _remove_left_over(target.parent)
    unfinished = target.with_name(f"{target.name}{UNFINISHED}")
    try:
        _copy(source, unfinished)
        unfinished.rename(target)
    except BaseException:
        _remove(unfinished)
        raise


def _copy(source: Path, unfinished: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(unfinished)) as new:
        old.backup(new, pages=-1)
        new.execute("PRAGMA journal_mode = DELETE")
        if (answer := new.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok":
            raise OSError(f"The copy of {source} is damaged: {answer}")
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.chmod(0o600)


def _remove_left_over(folder: Path) -> None:
    """What a copy that was killed left behind; one that is being made now is younger."""
    for file in folder.glob(f"*{UNFINISHED}"):
        if time.time() - file.stat().st_mtime > LEFT_OVER_SECONDS:
            _remove(file)


def _remove(unfinished: Path) -> None:
    for name in (unfinished.name, f"{unfinished.name}-journal", f"{unfinished.name}-wal"):
        unfinished.with_name(name).unlink(missing_ok=True)
