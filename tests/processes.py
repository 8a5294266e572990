"""Liaise in a process of its own, as `./run` starts it but by the tests' clock."""

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from socket import create_server
from typing import IO

from tests import clock

ROOT = Path(__file__).parent.parent
# The last three are of libfaketime: a machine's date set from outside is set for all processes.
KEPT = ("PATH", "LANG", "LD_PRELOAD", "FAKETIME", "FAKETIME_SHARED")
_ports = count(os.getpid() * 100)  # each process of a test run its own
IN_PLACE = (sys.executable, "-m", "tests.cli")


def free_port() -> int:
    """A port nobody listens on, and nobody else will be given.

    The system gives out those from 32768 on, also to whoever only connects; so a port of those
    that was free a moment ago may be taken before a child of ours listens on it.
    """
    while True:
        port = 10_000 + next(_ports) % 20_000
        try:
            create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """Only what is named here, so that nobody's own settings change a test."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {
        **kept,
        "HOME": str(data_dir),
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error",
        "LOOPBACK_ONLY": "1",
        **clock.SETTINGS,
        "DATA_DIR": str(data_dir),
        **settings,
    }


def command(data_dir: Path, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run one command to its end."""
    return subprocess.run(
        [*IN_PLACE, *words],
        env=environment(data_dir, **settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


class Process:
    def __init__(self, popen: "subprocess.Popen[str]") -> None:
        self.popen = popen
        self.said = ""

    def wait_to_say(self, pattern: str, seconds: float) -> "re.Match[str]":
        """The first match of `pattern` in what the process prints."""
        output: IO[str] = self.popen.stdout  # type: ignore[assignment]
        deadline = time.monotonic() + seconds
        while not (match := re.search(pattern, self.said)):
            left = deadline - time.monotonic()
            ready = select.select([output], [], [], max(left, 0))[0]
            line = output.readline() if ready else ""
            assert line, f"said {self.said!r}, and not {pattern!r} in {seconds} s"
            self.said += line
        return match

    def stop(self) -> float:
        """Ask it to stop; gives the seconds that took."""
        began = time.monotonic()
        self.popen.send_signal(signal.SIGTERM)
        self.popen.wait(20)
        return time.monotonic() - began


@contextmanager
def running(
    data_dir: Path, *words: str, program: Sequence[str] = IN_PLACE, **settings: str
) -> Iterator[Process]:
    with (data_dir / "log").open("ab") as log:
        popen = subprocess.Popen(
            [*program, *words],
            env=environment(data_dir, **settings),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        yield Process(popen)
    finally:
        popen.kill()
        popen.communicate()
