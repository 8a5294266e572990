"""Keeps a demonstration, a test or a staging copy from reaching anybody.

Once switched on, nothing in this process can connect to another machine, whatever its code tries.
It cannot be switched off again.
"""

import ipaddress
import sys
from typing import Any

attempts: list[str] = []

_on = False


class LeftTheMachine(RuntimeError):
    """Something tried to reach another machine."""


def is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def stay_on_loopback() -> None:
    """From here on, refuse every connection that would leave this machine."""
    global _on  # noqa: PLW0603 - audit hooks can only ever be added, so add one once
    if not _on:
        _on = True
        sys.addaudithook(_refuse_outside)


def _refuse_outside(event: str, args: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        address = args[1]
        if isinstance(address, tuple):  # a Unix socket's address is a path
            _check(event, address[0])
    elif event == "socket.getaddrinfo" and args[0]:
        _check(event, args[0])


def _check(event: str, host: str | bytes) -> None:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if name in {"", "0.0.0.0", "::"} or is_loopback(name):
        return
    attempts.append(f"{event} {name}")
    raise LeftTheMachine(f"This copy of Liaise may not connect to other machines: {name}.")
