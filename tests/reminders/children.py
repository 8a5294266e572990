"""Rounds of reminders in processes of their own, to be killed at a named moment."""

import os
import signal
import time
from datetime import datetime
from multiprocessing.synchronize import Event

from app.core import fault_points, loopback
from app.reminders import jobs
from tests.sending.mailings import open_session


def rounds(
    database_url: str, times: list[str], kill_at: str = "", reached: Event | None = None
) -> None:
    """One round as of each of these times; it dies, rudely, when it comes to that moment.

    With `reached` it says that it is there and waits a little, so that others come in between.
    """
    loopback.stay_on_loopback()

    def watch(name: str) -> None:
        if name != kill_at:
            return
        if reached is not None:
            reached.set()
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGKILL)

    fault_points.watch(watch)
    with open_session(database_url) as session:
        for text in times:
            jobs.remind(session, datetime.fromisoformat(text))
    fault_points.watch(None)
