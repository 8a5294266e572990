"""What hangs on a record: what goes with it, what lets go of it, and what keeps it from going.

Each foreign key says so itself, in its column's `info` (core.db); so does a column that holds the
number of a record of any kind. A table that is added later can therefore not be forgotten.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Column, Table, inspect, select
from sqlalchemy.orm import Mapper, Session

from app.core.db import Base


@dataclass(frozen=True)
class Obstacle:
    """Records of one table that need the record, and so keep it from being deleted."""

    table: str
    column: str
    keys: Sequence[tuple[Any, ...]]

    @property
    def count(self) -> int:
        return len(self.keys)


@dataclass(frozen=True)
class Taking:
    row: Any


@dataclass(frozen=True)
class LettingGo:
    row: Any
    values: dict[str, Any]


@dataclass
class RemovalPlan:
    """What has to be done, in this order, to take a record out; and what forbids it."""

    steps: list[Taking | LettingGo] = field(default_factory=list)
    obstacles: list[Obstacle] = field(default_factory=list)


@cache
def models() -> dict[str, Mapper[Any]]:
    """The mapper of each table."""
    return {
        mapper.local_table.name: mapper
        for mapper in Base.registry.mappers
        if isinstance(mapper.local_table, Table)
    }


def key_of(row: Any) -> tuple[Any, ...]:
    return tuple(inspect(row).mapper.primary_key_from_instance(row))


def plan_of(session: Session, row: Any, along: Sequence[Any] = ()) -> RemovalPlan:
    """The way out for this record, and after it for those that go `along` by a rule of the field.

    Whatever is found is locked: nothing can begin to point at it meanwhile.
    """
    plan, seen = RemovalPlan(), set[Any]()
    waiting: list[Obstacle] = []
    for one in (row, *along):
        _walk(session, one, plan, waiting, seen)
    taken = {(step.row.__tablename__, key_of(step.row)) for step in plan.steps if _takes(step)}
    for obstacle in waiting:
        keys = [key for key in obstacle.keys if (obstacle.table, key) not in taken]
        if keys:
            plan.obstacles.append(Obstacle(obstacle.table, obstacle.column, keys))
    return plan


def _takes(step: Taking | LettingGo) -> bool:
    return isinstance(step, Taking)


def _walk(
    session: Session, row: Any, plan: RemovalPlan, waiting: list[Obstacle], seen: set[Any]
) -> None:
    name = (row.__tablename__, key_of(row))
    if name in seen:
        return
    seen.add(name)
    for column in pointing_at(row.__tablename__):
        when = column.info.get("when_binned")
        if when is None:
            waiting += _obstacles(session, column, row)
            continue
        for found in rows_with(session, column, row):
            if when == "goes along":
                _walk(session, found, plan, waiting, seen)
            else:
                plan.steps.append(LettingGo(found, _nothing(column)))
    plan.steps.append(Taking(row))


def _obstacles(session: Session, column: Column[Any], row: Any) -> list[Obstacle]:
    found = session.execute(select(*column.table.primary_key).where(column == key_of(row)[0]))
    keys = [tuple(key) for key in found]
    return [Obstacle(column.table.name, column.name, keys)] if keys else []


@cache
def pointing_at(table: str) -> tuple[Column[Any], ...]:
    """Every column of the database that may hold the number of a record of this table."""
    kind = getattr(models()[table].class_, "__audit__", None) if table in models() else None
    found = []
    for other in Base.metadata.sorted_tables:
        for column in other.columns:
            is_key = any(key.column.table.name == table for key in column.foreign_keys)
            if is_key or (kind and "kind in" in column.info):
                found.append(column)
    return tuple(found)


def rows_with(session: Session, column: Column[Any], row: Any) -> Iterator[Any]:
    """The rows of which this column holds the number of that record."""
    mapper = models()[column.table.name]
    wanted = select(mapper.class_).where(column == key_of(row)[0])
    if "kind in" in column.info:
        wanted = wanted.where(column.table.c[column.info["kind in"]] == type(row).__audit__)
    yield from session.scalars(
        wanted.order_by(*mapper.primary_key)
        .with_for_update(of=mapper.class_)
        .execution_options(populate_existing=True)
    ).all()


def _nothing(column: Column[Any]) -> dict[str, Any]:
    """The column empty, and the kind with it where it says one."""
    empty: dict[str, Any] = {column.name: None}
    if kind := column.info.get("kind in"):
        empty[kind] = ""
    return empty
