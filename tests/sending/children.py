"""Senders in processes of their own, to be killed at a named moment."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from datetime import timedelta
from multiprocessing.process import BaseProcess
from typing import Any

from app.core import fault_points, loopback
from app.core.db import prepare  # noqa: F401 - loaded once, in the server that forks the children
from tests.sending.mailings import FakeClock, open_session, send

# One process has everything imported; each child is a fork of it, without a thread to trip over.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.sending.children", "app", "sqlalchemy.dialects.sqlite"])


def start(target: Callable[..., None], *arguments: Any) -> BaseProcess:
    child = FORKS.Process(target=target, args=arguments, daemon=True)
    child.start()
    return child


def run_to_its_end(target: Callable[..., None], *arguments: Any) -> int:
    """The exit code: 0, or minus the signal that ended it."""
    child = start(target, *arguments)
    child.join(30)
    assert child.exitcode is not None, "the child hangs"
    return child.exitcode


def sender(
    database_url: str,
    config: Mapping[str, Any],
    kill_at: tuple[str, int] = ("", 0),
    messages_each: int = 50,
    minutes_ahead: float = 0,
) -> None:
    """A sender that dies, rudely, the nth time it passes the moment named by `kill_at`."""
    loopback.stay_on_loopback()
    passed: list[str] = []

    def watch(name: str) -> None:
        passed.append(name)
        if (name, passed.count(name)) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    fault_points.watch(watch)
    now = FakeClock(timedelta(minutes=minutes_ahead)).now
    with open_session(database_url) as session:
        send(session, config, now=now, messages_each=messages_each, recording_seconds=60)
    fault_points.watch(None)


def sender_later(database_url: str, config: Mapping[str, Any]) -> None:
    """A sender some minutes on, when the leases of those before it have ended."""
    sender(database_url, config, minutes_ahead=3)
