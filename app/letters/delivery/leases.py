"""Keeps letters ours for as long as their sender lives and waits, up to the ten minutes a mail
server may take to answer for one."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from app.core.logs import log
from app.letters.delivery.queue import renew

RENEW_EVERY = 30.0


class LeaseKeeper:
    """One thread beside a sender, which renews the lease of the letters it has claimed."""

    def __init__(
        self, engine: Engine, now: Callable[[], datetime], every: float = RENEW_EVERY
    ) -> None:
        self._engine = engine
        self._now = now
        self._every = every
        self._token: str | None = None
        self._renewing = threading.Lock()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def hold(self, token: str) -> None:
        """From here on those with this token, and no others."""
        self._token = token
        if self._thread is None:
            self._thread = threading.Thread(target=self._keep, name="letter leases", daemon=True)
            self._thread.start()

    def let_go(self) -> None:
        """When this returns, nothing is being renewed."""
        with self._renewing:
            self._token = None

    def close(self) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _keep(self) -> None:
        while not self._over.wait(self._every):
            with self._renewing:
                if self._token is not None:
                    self._renew(self._token)

    def _renew(self, token: str) -> None:
        try:
            with self._engine.begin() as connection:
                connection.execute(renew(token, self._now()))
        except SQLAlchemyError:
            # The leases may end now. Then what is in flight becomes *unknown*, never a second copy.
            with suppress(OSError):
                log.exception("leases not renewed")
