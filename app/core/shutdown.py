"""Told to stop, a process finishes what it is in the middle of and begins nothing new."""

import os
import signal
import threading
from types import FrameType

TO_STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)  # the last: its terminal was closed

_requested = threading.Event()
_signalled = False  # at once in the main thread, before the thread that listens has run


def is_requested() -> bool:
    """Ask between two letters, never in the middle of one."""
    return _signalled or _requested.is_set()


def wait(seconds: float | None = None) -> bool:
    """Sleep that long, or until told to stop; says whether it was."""
    return _requested.wait(seconds)


def request() -> None:
    _requested.set()


def on_signals() -> None:
    """From here on these signals ask this process to stop instead of ending it. What `nohup` had
    ignored stays ignored.

    Python runs what a signal asks for in the main thread, once that thread goes on: too late while
    it waits, and in the middle of waiting for the very event it would be a deadlock to set it. So
    the signal is written into a pipe, at once and whichever thread has it, and a thread reads that.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in TO_STOP:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _note)
    threading.Thread(target=_listen, args=(reading,), name="signals", daemon=True).start()


def _note(_number: int, _frame: FrameType | None) -> None:
    global _signalled  # noqa: PLW0603  an assignment is all that is safe here
    _signalled = True


def _listen(reading: int) -> None:
    while os.read(reading, 1)[0] not in TO_STOP:
        pass
    request()
