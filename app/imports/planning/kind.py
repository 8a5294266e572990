"""What one kind of file brings to the one way of importing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.db import Base
from app.imports.models import FileSubject
from app.imports.planning.choices import Choices
from app.imports.planning.fields import FieldSet, Mapped, Table
from app.imports.planning.plan import Plan


class MakeRecords(Protocol):
    """Puts new records into the database at once, with what their histories say besides."""

    def __call__(self, rows: Sequence[Base], *, summaries: Sequence[str] = ()) -> None: ...


@dataclass(frozen=True)
class ImportOrigin:
    """Where what is imported comes from: the file, who brings it, and when.

    `make` puts new records into the database at once; all that are many are made by it.
    """

    file_name: str
    by: User | None
    on: date
    make: MakeRecords


@dataclass(frozen=True)
class Example:
    """The sheet to start from; its first row shows how it is filled in."""

    sheet: str
    columns: Sequence[tuple[str, int]]  # heading and width
    rows: Callable[[Session, date], Iterator[tuple[str, ...]]]
    explained: Sequence[str]


@dataclass(frozen=True, eq=False)
class ImportKind:
    kind: FileSubject
    fields: FieldSet
    missing: Callable[
        [Mapped, Choices], list[str]
    ]  # sentences about columns nothing can do without
    make_plan: Callable[[Session, Table, Mapped, Choices, date], Plan]
    apply: Callable[[Session, Any, ImportOrigin], None]  # the plan is of this kind
    example: Example
    in_short: Sequence[str]  # how a file of this kind is read, for whoever brings one
    questions: frozenset[str]  # of the columns page: what else must be known of such a file

    @property
    def things(self) -> str:
        return self.kind.value

    @property
    def thing(self) -> str:
        return self.things.removesuffix("s")
