"""Statements put together once, with places for what differs from one run to the next.

Putting a statement together takes SQLAlchemy longer than the database needs to answer it, so what
every page asks is kept: a function under `functools.cache` returns the statement, and whoever runs
it passes the values by name.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Integer,
    String,
    bindparam,
    cast,
    literal_column,
    null,
)

from app.core.db import AnySelect, UtcDateTime

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
