"""Foreign files are opened in a process of their own, thrown away afterwards.

Whatever a file does to the library that opens it (endless memory, endless time, a crash), it does
to that process: pages, jobs and the sender go on. See decision 36.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore, Timer
from typing import Any

from app.core.errors import DomainError
from app.core.logs import log

APP = Path(__file__).parent.parent.parent
WORKER = Path(__file__).parent / "worker.py"
MOST_AT_ONCE = 2
LONGEST_WAIT = 15.0  # for the files of others

_places = BoundedSemaphore(MOST_AT_ONCE)


@dataclass(frozen=True)
class Limits:
    """What one file may take. Memory is bounded on Linux only."""

    memory: int = 1024 * 1024 * 1024  # of addresses
    cpu_seconds: int = 30
    seconds: float = 45.0
    answer: int = 64 * 1024 * 1024  # bytes, and of any other file it may write


ORDINARY = Limits()


class Refused(Exception):
    """The function said no, in a sentence for whoever brought the file."""


class Failed(Exception):
    """The file was not opened to its end: it took too much, or broke what opens it."""


class NotNow(DomainError):
    """It is not the file: the machine has no room for it at this moment."""


def opened(
    function: Callable[[bytes], object], content: bytes, limits: Limits = ORDINARY
) -> Any:  # what was plain enough for JSON
    """What this function of one of our modules makes of a foreign file, made in a new process.

    The module is imported there without the rest of the app, so it should import little.
    """
    if not _places.acquire(timeout=LONGEST_WAIT):
        raise NotNow("Other files are being opened just now. Try again in a minute.")
    began = time.monotonic()
    try:
        answer = _answer(f"{function.__module__}:{function.__qualname__}", content, limits)
    except Failed as failure:
        log.warning(
            "a foreign file was not opened",
            by=function.__qualname__,
            bytes=len(content),
            why=str(failure),
            seconds=round(time.monotonic() - began, 1),
        )
        raise
    except OSError as error:  # no room on the disk, no more processes
        log.exception("no process for a foreign file")
        raise NotNow(
            "This machine has no room just now to open a file. Try again in a minute; if it happens"
            " again, tell whoever looks after Liaise."
        ) from error
    finally:
        _places.release()
    if "refused" in answer:
        raise Refused(answer["refused"])
    return answer["made"]


def _answer(function: str, content: bytes, limits: Limits) -> dict[str, Any]:
    # Files rather than pipes: nobody waits for anybody, and a limit on files limits the answer.
    with TemporaryDirectory() as folder, open(f"{folder}/answer", "w+b") as answer:
        asked = Path(folder) / "file"
        asked.write_bytes(content)
        with asked.open("rb") as file:
            _run(_command(function, limits), folder, file.fileno(), answer.fileno(), limits)
        if os.fstat(answer.fileno()).st_size > limits.answer:
            raise Failed("too long an answer")
        try:
            answer.seek(0)  # the other process wrote by the same place in it
            said = json.loads(answer.read())
        except ValueError:
            raise Failed("no answer") from None
        if not isinstance(said, dict) or not {"made", "refused"} & said.keys():
            raise Failed(str(said.get("failed")) if isinstance(said, dict) else "no answer")
        return said


def _command(function: str, limits: Limits) -> list[str]:
    numbers = (limits.memory, limits.cpu_seconds, int(limits.seconds) + 1, limits.answer)
    return [sys.executable, "-I", str(WORKER), str(APP), function, *map(str, numbers)]


def _run(command: list[str], folder: str, file: int, answer: int, limits: Limits) -> None:
    """Run to the end or to the limit. It sees neither our settings nor our open files."""
    process = subprocess.Popen(
        command,
        stdin=file,
        stdout=answer,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={"TMPDIR": folder, "MALLOC_ARENA_MAX": "2", "RAYON_NUM_THREADS": "1"},
        start_new_session=True,
    )
    end = partial(_end, process.pid)
    # Popen's own timeout looks only every 50 ms whether it is over.
    too_late = Timer(limits.seconds, end)
    too_late.start()
    try:
        code = process.wait()
    finally:
        too_late.cancel()
        end()
        process.wait()
    if code < 0:
        raise Failed(f"ended by {signal.Signals(-code).name}")
    if code:
        raise Failed(f"ended with code {code}")


def _end(group: int) -> None:
    """Whatever it may have started goes with it: they are a group of their own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
