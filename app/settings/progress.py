"""How far the database of this data folder has got, kept beside it in a small file.

A database that has not got as far is an older copy of it. What has been acknowledged to somebody,
and the number of the last batch of letters, are in the file before the answer is given or the first
letter leaves, and never before they are in the database.

The file tells a copy of itself, too: it holds when it was written, and no program can give a copy
the time at which the original was last changed.
"""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

FILE = "progress.json"
RUNNING = "running.lock"
LENGTH = 200  # the file never grows, so that a full disk does not keep it from being written
NEVER = 0
A_SECOND = 1_000_000_000


@dataclass(frozen=True)
class Progress:
    last_event: int = 0  # of the history, which only ever grows
    last_batch: int = 0  # of letters
    has_stopped: bool = False  # the last process ended in good order, and began nothing since
    written: int = NEVER  # by the machine's clock, in nanoseconds


class Unreadable(Exception):
    pass


def read(data_dir: Path) -> Progress:
    """What is known; nothing at all where there is no such file yet."""
    return _read(data_dir)[0]


def advance(
    data_dir: Path, *, last_event: int = 0, last_batch: int = 0, durable: bool = False
) -> None:
    """Note that it has got so far, and that something runs. `durable` outlives a power cut."""

    def further(known: Progress) -> Progress:
        return Progress(
            max(known.last_event, last_event), max(known.last_batch, last_batch), has_stopped=False
        )

    _change(data_dir, further, durable=durable)


def begin_anew(data_dir: Path, *, last_event: int, last_batch: int) -> None:
    """Somebody was told that the database is older than this; from here on it counts as it is."""
    _change(data_dir, lambda _: Progress(last_event, last_batch), durable=True)


def forget(data_dir: Path) -> None:
    """For a database that somebody has deliberately put in the place of another."""
    (data_dir / FILE).unlink(missing_ok=True)


def was_copied(data_dir: Path) -> bool:
    """Whether the file was put here by something else than us."""
    known, changed = _read(data_dir)
    return known.written != NEVER and abs(changed - known.written) > A_SECOND


class AtWork:
    """One process that runs in this folder."""

    def __init__(self, data_dir: Path, lock: int, *, alone: bool) -> None:
        self._data_dir = data_dir
        self._lock = lock
        self._is_settled = False
        self.alone = alone  # nothing else ran here when this began

    def settled(self) -> None:
        """It has made sure of where it is: from here on others may begin."""
        fcntl.flock(self._lock, fcntl.LOCK_SH)
        advance(self._data_dir)
        self._is_settled = True

    def end(self) -> None:
        """The last one to end notes that it ended in good order."""
        if not self._is_settled:
            return
        with suppress(BlockingIOError):  # others go on
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _change(self._data_dir, lambda known: replace(known, has_stopped=True), durable=True)


@contextmanager
def at_work(data_dir: Path) -> Iterator[AtWork]:
    """While this lasts, something runs here. One that comes first keeps others waiting until it has
    settled."""
    lock = os.open(data_dir / RUNNING, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        alone = True
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(lock, fcntl.LOCK_SH)
            alone = False
        work = AtWork(data_dir, lock, alone=alone)
        try:
            yield work
        finally:
            work.end()
    finally:
        os.close(lock)


def _read(data_dir: Path) -> tuple[Progress, int]:
    """What is known, and when the file was last changed."""
    try:
        file = os.open(data_dir / FILE, os.O_RDONLY)
    except FileNotFoundError:
        return Progress(), NEVER
    try:
        fcntl.flock(file, fcntl.LOCK_SH)
        found = os.pread(file, LENGTH, 0)
        return (_parsed(found) if found else Progress()), os.fstat(file).st_ctime_ns
    finally:
        os.close(file)


def _change(data_dir: Path, how: Callable[[Progress], Progress], *, durable: bool) -> None:
    """Several processes may do this at once; what one has noted is never taken back by another."""
    file = os.open(data_dir / FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        found = os.pread(file, LENGTH, 0)
        now = how(_parsed(found) if found else Progress())
        _write(file, now)
        if durable:
            os.fsync(file)
    finally:
        os.close(file)


def _write(file: int, progress: Progress) -> None:
    """Again, if the machine slept between reading the clock and writing what it said."""
    for _ in range(3):
        written = time.time_ns()
        words = json.dumps(asdict(replace(progress, written=written)))
        os.pwrite(file, words.encode().ljust(LENGTH - 1) + b"\n", 0)
        if abs(os.fstat(file).st_ctime_ns - written) < A_SECOND // 2:
            return


def _parsed(content: bytes) -> Progress:
    try:
        return Progress(**json.loads(content))
    except (ValueError, TypeError) as error:
        raise Unreadable from error
