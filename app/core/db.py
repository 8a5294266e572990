"""The declarative base, the shared column types, and the one database handle."""

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache, partial
from inspect import iscoroutinefunction
from typing import Annotated, Any, ClassVar

from flask.sansio.app import App
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    Select,
    TypeDecorator,
    text,
)
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

from app.core.text.alphabet import folded
from app.core.write_queue import WriteQueue

SQLITE_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "busy_timeout = 5000",
    "foreign_keys = ON",
    "trusted_schema = OFF",
    # Without it, replacing a row passes by the triggers that keep what was recorded.
    "recursive_triggers = ON",
    "secure_delete = ON",
    "cell_size_check = ON",
)

_only_reading: ContextVar[bool] = ContextVar("only_reading", default=False)


class UtcDateTime(TypeDecorator[datetime]):
    """Stores aware datetimes as UTC; refuses naive ones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime given; use app.core.clock.now()")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[str]: JSON,
        enum.Enum: Enum(
            enum.Enum,
            native_enum=False,
            length=30,
            values_callable=lambda members: [m.value for m in members],
        ),
    }


AnySelect = Select[*tuple[Any, ...]]

# For conditions and statements that page after page asks for with the same few values, a day or a
# reader: putting one together takes longer than the database needs to answer it. All that it
# depends on is an argument, and a plain value (decision 17).
remembered = lru_cache(maxsize=100)

IntPk = Annotated[int, mapped_column(primary_key=True)]

# For tables whose rows can be deleted and come back: SQLite would give the highest id away again,
# and with it the history of the record that had it.
NUMBERED_ONCE = {"sqlite_autoincrement": True}

# What becomes of a row when the record it points at is deleted (app/bin): it goes into the bin
# with that, or it stays and points at nothing. A key that says neither keeps what it points at.
GOES_ALONG = {"when_binned": "goes along"}
LET_GO = {"when_binned": "let go"}


class _Database(SQLAlchemy):
    def init_app(self, app: App) -> None:
        """Without the library's closing of asynchronous sessions, of which there are none: it
        starts a thread at the end of every request, which takes as long as four statements."""
        super().init_app(app)
        app.teardown_appcontext_funcs = [
            end for end in app.teardown_appcontext_funcs if not iscoroutinefunction(end)
        ]


db = _Database(session_options={"expire_on_commit": False})


@contextmanager
def reading(only: bool = True) -> Iterator[None]:
    """Transactions begun inside only read, so that on SQLite they need not wait for a writer."""
    token = _only_reading.set(only)
    try:
        yield
    finally:
        _only_reading.reset(token)


def set_only_reading(only: bool) -> None:
    """As `reading`, for the length of a web request."""
    _only_reading.set(only)


def prepare(engine: Engine) -> None:
    """Open SQLite as a durable, many-writer store; PostgreSQL needs nothing here.

    Python's driver would begin transactions by itself, deferred and late, and two writers would
    lose each other's updates without an error. Whatever may write therefore begins IMMEDIATE.
    """
    if engine.dialect.name != "sqlite":
        return
    sqlalchemy_event.listen(engine, "connect", _on_connect)
    sqlalchemy_event.listen(engine, "begin", partial(_on_begin, WriteQueue()))


def _on_connect(raw: Any, _: object) -> None:
    raw.isolation_level = None
    for pragma in SQLITE_PRAGMAS:
        raw.execute(f"PRAGMA {pragma}")
    # SQLite's own knows only the capitals of plain letters: no "Ł" would be found as "ł".
    raw.create_function("lower", 1, _lower, deterministic=True)
    raw.create_function("alphabetical", 1, folded, deterministic=True)


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _on_begin(queue: WriteQueue, connection: Connection) -> None:
    if _only_reading.get():
        connection.exec_driver_sql("BEGIN")
    else:
        queue.begin(connection)


@contextmanager
def written_aside() -> Iterator[Session]:
    """A short transaction of its own, to note something down from a page that only reads.

    A transaction that began by reading cannot turn to writing on SQLite, and one that holds the
    write lock would keep this one waiting for ever; so the page's own ends first. Whatever the
    page had not committed is dropped, as it would be at its end.
    """
    db.session.close()
    with reading(False), db.sessionmaker.begin() as own:
        own.info.update(db.session.info)
        yield own


def with_patience(session: Session) -> None:
    """This transaction waits for others as long as it takes; on PostgreSQL, where elsewhere one
    that waits for five seconds gives up."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL lock_timeout = 0"))
        session.execute(text("SET LOCAL statement_timeout = 0"))


@contextmanager
def on_one_connection(session: Session) -> Iterator[Session]:
    """A session for many short transactions, which keeps its connection from one to the next.

    An ordinary one fetches it from the pool for each, and gives it back.
    """
    engine: Any = session.get_bind()
    with (
        engine.connect() as connection,
        type(session)(connection, expire_on_commit=False, info=session.info) as own,
    ):
        yield own


@contextmanager
def reading_first() -> Iterator[None]:
    """What a page that will write reads and works out beforehand, in a transaction that only reads.

    On SQLite whatever writes keeps everybody else from writing until it ends. The transaction in
    which the page learnt who is asking ends here, so that long work inside delays nobody; what it
    found may be out of date by the time the page writes, which has to look again.
    """
    db.session.commit()
    with reading():
        try:
            yield
        except BaseException:
            db.session.rollback()
            raise
        db.session.commit()
