"""Where this Liaise runs: what a copy of its data folder or database cannot bring along.

A file keeps its number when it is changed or renamed, and a copy of it has another. The machine has
names of its own. The time of the last start tells a machine that went on running from one that was
started from a copy of its disk. A PostgreSQL server has a number of its own too, and a new line of
history after every restore from its log.
"""

import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from config import Config


@dataclass(frozen=True)
class Place:
    """What is not known is empty or 0, and says nothing either way."""

    machine: str = ""
    network: tuple[str, ...] = ()  # the numbers of network cards that are built in
    started: str = ""  # another one after each start of the machine
    folder: int = 0
    file: int = 0  # the SQLite file
    device: int = 0  # that holds the folder; numbered anew at each start of the machine

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Place":
        return cls(**{**kept, "network": tuple(kept["network"])})

    def to_keep(self) -> dict[str, Any]:
        return asdict(self)

    def is_another_than(self, before: "Place") -> bool:
        """Whether what is here was copied from there."""
        told_apart = [(self.machine, before.machine), (self.folder, before.folder)]
        told_apart.append((self.file, before.file))
        if self.goes_on_since(before):
            told_apart.append((self.device, before.device))
        if any(one and other and one != other for one, other in told_apart):
            return True
        both_known = bool(self.network and before.network)
        return both_known and not set(self.network) & set(before.network)

    def goes_on_since(self, before: "Place") -> bool:
        """Whether the machine was not started meanwhile."""
        return bool(self.started) and self.started == before.started


@dataclass(frozen=True)
class DatabaseServer:
    """Which PostgreSQL answers; nothing of it is known where the database is a file."""

    name: str = ""  # the cluster, the line of its history, and the database in it
    started: str = ""  # a copy of its files is started by itself


# Of a database that came from where nobody knows, and so is nowhere at home yet.
ELSEWHERE = Place(folder=-1)


def here(config: Config) -> Place:
    folder, file = config.DATA_DIR.stat(), config.SQLITE_FILE
    return Place(
        machine=_machine(),
        network=_network(),
        started=_started(),
        folder=folder.st_ino,
        file=file.stat().st_ino if file and file.exists() else 0,
        device=folder.st_dev,
    )


def server_of(connection: Connection) -> DatabaseServer:
    if connection.dialect.name != "postgresql":
        return DatabaseServer()
    started = connection.scalar(text("SELECT extract(epoch FROM pg_postmaster_start_time())::text"))
    database = connection.scalar(
        text("SELECT oid::text FROM pg_database WHERE datname = current_database()")
    )
    cluster = ""
    if connection.scalar(text(MAY_ASK)):  # some who rent servers out keep these to themselves
        system, timeline = connection.execute(text(CLUSTER)).one()
        cluster = f"{system}/{timeline}/"
    return DatabaseServer(f"{cluster}{database}", str(started))


MAY_ASK = """
SELECT has_function_privilege('pg_control_system()', 'execute')
   AND has_function_privilege('pg_control_checkpoint()', 'execute')
"""
CLUSTER = """
SELECT (SELECT system_identifier FROM pg_control_system()),
       (SELECT timeline_id FROM pg_control_checkpoint())
"""


def _machine() -> str:
    for name in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        if words := _words(Path(name)):
            return words
    return _of_macos("kern.uuid")


def _started() -> str:
    return _words(Path("/proc/sys/kernel/random/boot_id")) or _of_macos("kern.bootsessionuuid")


def _network(cards: Path = Path("/sys/class/net")) -> tuple[str, ...]:
    """A clone of a virtual machine is given other ones. Those that come and go say nothing: cards
    that are plugged in, made by software, or that give themselves a number of the day."""
    found = set()
    for card in cards.glob("*"):
        with suppress(OSError):
            device = (card / "device").resolve(strict=True)
            is_its_own = _words(card / "addr_assign_type") == "0"
            if is_its_own and not any(part.startswith("usb") for part in device.parts):
                found.add(_words(card / "address"))
    return tuple(sorted(found - {"", "00:00:00:00:00:00"}))


def _of_macos(name: str) -> str:
    if sys.platform != "darwin":
        return ""
    try:
        said = subprocess.run(
            ["/usr/sbin/sysctl", "-n", name], capture_output=True, text=True, check=False, timeout=5
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return said.stdout.strip()


def _words(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""
