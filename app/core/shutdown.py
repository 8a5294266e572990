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
    """From here on SIGTERM, Ctrl-C and the closing of its terminal ask this process to stop instead
    of ending it; what `nohup` had ignored stays ignored."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _on_signal)


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    request()
