"""Where a sender writes down what it does: a connection of its own, and the steps it commits."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from app.audit.services import Actor, actor_of


class Ledger:
    """One connection for the few statements of every letter.

    A session would take longer to begin and end each step than the step itself. It is there for
    what is rare: leaving a letter out, pausing, telling somebody.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.connection = session.get_bind().engine.connect()

    @property
    def actor(self) -> Actor:
        return actor_of(self._session)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Objects within the step that has begun; they end with it, by its commit."""
        with Session(
            self.connection,
            expire_on_commit=False,
            join_transaction_mode="rollback_only",
            info=dict(self._session.info),
        ) as within:
            yield within
            within.flush()

    def commit(self) -> None:
        self.connection.commit()

    def rollback(self) -> None:
        self.connection.rollback()

    def invalidate(self) -> None:
        self.connection.invalidate()

    def close(self) -> None:
        self.connection.close()
