"""Keeps a letter ours for as long as its sender lives and waits, up to the ten minutes a mail
server may take to answer."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from app.core.logs import log
from app.letters.delivery.queue import ClaimedLetter, renew

RENEW_EVERY = 30.0


class LeaseKeeper:
    """One thread beside a sender, which renews the lease of the letter it is busy with."""

    def __init__(
        self, engine: Engine, now: Callable[[], datetime], every: float = RENEW_EVERY
    ) -> None:
        self._engine = engine
        self._now = now
        self._every = every
        self._held: ClaimedLetter | None = None
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def holding(self, claimed: ClaimedLetter) -> Iterator[None]:
        self._held = claimed
        if self._thread is None:
            self._thread = threading.Thread(target=self._keep, name="letter lease", daemon=True)
            self._thread.start()
        try:
            yield
        finally:
            self._held = None

    def close(self) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _keep(self) -> None:
        while not self._over.wait(self._every):
            held = self._held
            if held is None:
                continue
            try:
                with self._engine.begin() as connection:
                    connection.execute(renew(held, self._now()))
            except SQLAlchemyError:
                # The lease may end now. Then the letter becomes *unknown*, never a second copy.
                with suppress(OSError):
                    log.exception("lease not renewed", letter=held.letter_id)
