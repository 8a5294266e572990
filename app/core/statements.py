"""Statements put together once, with places for what differs from one run to the next.

Putting a statement together takes SQLAlchemy longer than the database needs to answer it, so what
every page asks is kept: a function under `functools.cache` returns the statement, and whoever runs
it passes the values by name.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Dialect,
    Integer,
    Select,
    String,
    UpdateBase,
    bindparam,
    cast,
    literal_column,
    null,
)
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from app.core.db import UtcDateTime

AnySelect = Select[*tuple[Any, ...]]

# What one part of a union has in the place of another's column.
NO_TEXT = literal_column("''", String)
NO_NUMBER = literal_column("0", Integer)
NO_TIME: ColumnElement[datetime | None] = cast(null(), UtcDateTime)


def a_day(name: str = "day") -> BindParameter[date]:
    return bindparam(name, type_=Date)


def a_number(name: str) -> BindParameter[int]:
    return bindparam(name, type_=Integer)


def numbers(name: str) -> BindParameter[Any]:
    """For `column.in_(numbers("ids"))`; a list is passed."""
    return bindparam(name, type_=Integer, expanding=True)


class Runs(Protocol):
    """A connection, or what is quicker than one and does only this."""

    @property
    def dialect(self) -> Dialect: ...

    def exec_driver_sql(self, statement: str, parameters: Any, /) -> Any: ...


class Prepared:
    """A statement written out as SQL once for each kind of database, for what runs at every letter.

    SQLAlchemy keeps its SQL too, but takes several times longer to find it than SQLite to run it.
    Values and results pass through the types of their columns here as they do everywhere.
    """

    def __init__(self, statement: AnySelect | UpdateBase) -> None:
        self._statement = statement
        self._written: dict[tuple[str, tuple[str, ...]], _Written] = {}

    def run(self, connection: Runs, **values: Any) -> Any:
        """What the driver, or SQLAlchemy, has to say of it: at least its `rowcount`."""
        written = self._for(connection, tuple(values))
        return connection.exec_driver_sql(written.sql, written.fill(values))

    def run_each(self, connection: Runs, rows: Sequence[Mapping[str, Any]]) -> None:
        """The same for every row; all rows name the same values."""
        written = self._for(connection, tuple(rows[0]))
        connection.exec_driver_sql(written.sql, [written.fill(row) for row in rows])

    def first(self, connection: Runs, **values: Any) -> Any:
        """The first row, its columns by name; None when there is none."""
        rows = self.all(connection, **values)
        return rows[0] if rows else None

    def all(self, connection: Runs, **values: Any) -> list[Any]:
        written = self._for(connection, tuple(values))
        cursor = connection.exec_driver_sql(written.sql, written.fill(values))
        return [written.read(row) for row in cursor.fetchall()]

    def _for(self, connection: Runs, names: tuple[str, ...]) -> "_Written":
        key = (connection.dialect.name, names)
        if key not in self._written:
            self._written[key] = _write(self._statement, connection.dialect, names)
        return self._written[key]


Process = Callable[[Any], Any]


@dataclass(frozen=True)
class _Written:
    """SQL, with what turns values into the driver's parameters and its rows into ours."""

    sql: str
    is_positional: bool
    names: Sequence[str]
    binds: Sequence[tuple[str, Any, Process | None]]  # in order: name, fixed value, type
    row: Callable[[Iterable[Any]], Any]
    columns: Sequence[Process | None]

    def fill(self, values: Mapping[str, Any]) -> Any:
        filled = [
            fixed if name not in values else process(values[name]) if process else values[name]
            for name, fixed, process in self.binds
        ]
        return tuple(filled) if self.is_positional else dict(zip(self.names, filled, strict=True))

    def read(self, row: Iterable[Any]) -> Any:
        return self.row(
            process(value) if process else value
            for process, value in zip(self.columns, row, strict=True)
        )


def _write(statement: AnySelect | UpdateBase, dialect: Dialect, names: Sequence[str]) -> _Written:
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    assert isinstance(compiled, SQLCompiler)
    if compiled.post_compile_params:
        raise ValueError(f"a list has no place of its own: {compiled}")
    defaults = _defaults(compiled)
    binds = []
    for name in (compiled.positiontup if compiled.positional else compiled.binds) or ():
        bind = compiled.binds[name]
        process = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if bind.required and name not in names and name not in defaults:
            raise ValueError(f"no value is given for {name}")
        fixed = None if name in names else defaults.get(name, bind.value)
        binds.append((name, process(fixed) if process else fixed, process))
    columns = statement.exported_columns
    return _Written(
        compiled.string,
        compiled.positional,
        [name for name, _, _ in binds],
        binds,
        namedtuple("Row", [str(column.key) for column in columns])._make,  # type: ignore[attr-defined]
        [c.type.dialect_impl(dialect).result_processor(dialect, None) for c in columns],
    )


def _defaults(compiled: SQLCompiler) -> dict[str, Any]:
    """What is put into columns that nobody names; only a value that is always the same will do."""
    defaults: dict[str, Any] = {}
    for column in (*compiled.insert_prefetch, *compiled.update_prefetch):
        default = column.default if column in compiled.insert_prefetch else column.onupdate
        if not isinstance(default, ScalarElementColumnDefault):
            raise ValueError(f"the default of {column} is made anew each time: pass a value")
        defaults[column.key] = default.arg
    return defaults
