"""Told to stop, a process finishes what it is in the middle of and begins nothing new."""

import signal
import threading
from types import FrameType

_requested = threading.Event()


def is_requested() -> bool:
    """Ask between two letters, never in the middle of one."""
    return _requested.is_set()


def wait(seconds: float) -> bool:
    """Sleep that long, or until told to stop; says whether it was."""
    return _requested.wait(seconds)


def request() -> None:
    _requested.set()


def on_signals() -> None:
    """From here on SIGTERM and Ctrl-C ask this process to stop instead of ending it."""
    signal.signal(signal.SIGTERM, _on_signal)
    signal.signal(signal.SIGINT, _on_signal)


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    request()
