"""Where a sender writes down what it does: a connection of its own, and the steps it commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.audit.services import Actor, actor_of


class Ledger:
    """One connection for the few statements of every letter.

    They go straight to the driver: a session would take longer to begin and end a step than the
    step takes. It is there for what is rare: leaving a letter out, pausing, telling somebody.
    """

    def __init__(self, session: Session, *, within: bool = False) -> None:
        """`within` the transaction the session is in, and committed with it, as the demo does."""
        self._session = session
        self._is_within = within
        self.connection = session.connection() if within else session.get_bind().engine.connect()

    @property
    def dialect(self) -> Dialect:
        return self.connection.dialect

    def exec_driver_sql(self, statement: str, parameters: Any, /) -> Any:
        """The driver's cursor, within a step that begins by itself; its errors are SQLAlchemy's."""
        connection = self.connection
        if not connection.in_transaction():
            connection.begin()
        cursor = connection.connection.cursor()
        try:
            run = cursor.executemany if isinstance(parameters, list) else cursor.execute
            run(statement, parameters)
        except self.dialect.loaded_dbapi.Error as error:
            raise self._told(error, statement) from error
        return cursor

    def _told(self, error: Any, statement: str) -> Any:
        raw = self.connection.connection.dbapi_connection
        lost = self.dialect.is_disconnect(error, raw, None)
        if lost:
            self.connection.invalidate(error)
        return DBAPIError.instance(
            statement,
            None,
            error,
            self.dialect.loaded_dbapi.Error,
            connection_invalidated=lost,
            dialect=self.dialect,
        )

    @property
    def actor(self) -> Actor:
        return actor_of(self._session)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Objects within the step that has begun; they end with it, by its commit."""
        if self._is_within:
            yield self._session
            return
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
