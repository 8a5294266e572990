"""The one list machinery: filters and sort in the address, paging, and the same rows as CSV.

A page declares columns and filters once. Whatever stands in the address is read through that
declaration, so an unknown name is a polite note and never reaches the database.
"""

import enum
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Enum, Select, String, func, select
from sqlalchemy.orm import Session

from app.core.from_outside import a_day_or_none, record_number_or_none
from app.core.text.alphabet import alphabetical, folded

PER_PAGE = 25
LONGEST_VALUE = 200


class FilterKind(enum.Enum):
    CHOICE = "choice"
    TEXT = "text"
    DATE = "date"
    BOOL = "bool"


@dataclass(frozen=True)
class Column:
    """One column. `cell` gives its plain text (page and CSV); `sort` makes its heading a link.

    `sort` is a database expression, or a function of a row when the rows are made in Python.
    """

    key: str
    label: str
    cell: Callable[[Any], object]
    sort: Any = None
    numeric: bool = False
    on_page: bool = True
    in_csv: bool = True


@dataclass(frozen=True)
class Filter:
    """One way to narrow the list. `clause` turns the value into a database condition.

    For rows made in Python it turns the value into a test of one row. The value is a string for
    text and choices, a date for dates, and True for a ticked box.
    """

    key: str
    label: str
    kind: FilterKind
    clause: Callable[[Any], Any]
    choices: Sequence[tuple[str, str]] = ()
    any_label: str = "Any"


@dataclass(frozen=True)
class Applied:
    """A filter in use, as the address has it and as a person reads it."""

    filter: Filter
    raw: str
    value: Any

    @property
    def shown(self) -> str:
        if self.filter.kind is FilterKind.BOOL:
            return self.filter.label
        words = dict(self.filter.choices).get(self.raw, self.raw)
        if self.filter.kind is FilterKind.DATE:
            words = f"{self.value.day} {self.value:%b %Y}"
        return f"{self.filter.label}: {words}"


@dataclass(frozen=True)
class Sort:
    column: Column
    descending: bool

    @property
    def raw(self) -> str:
        return f"-{self.column.key}" if self.descending else self.column.key


@dataclass(frozen=True)
class ListView:
    """What a list page declares.

    `tie_break` is the id column: it makes the order the same on every page. `keep` names further
    arguments of the page (an as-at day, say) that its links must carry along.
    """

    name: str
    columns: Sequence[Column]
    filters: Sequence[Filter] = ()
    tie_break: Any = None
    default_sort: str = ""
    keep: Sequence[str] = ()
    per_page: int = PER_PAGE

    def read(self, args: Mapping[str, str]) -> "Asked":
        """Understand an address. What is not understood is left out, with a note saying so."""
        notes: list[str] = []
        applied = [found for f in self.filters if (found := _applied(f, args, notes))]
        return Asked(
            view=self,
            applied=tuple(applied),
            sort=self._sort(_clean(args.get("sort", "")), notes),
            page=_page_number(args.get("page", "")),
            kept={key: kept for key in self.keep if (kept := _clean(args.get(key, "")))},
            notes=tuple(notes),
        )

    def _sort(self, raw: str, notes: list[str]) -> Sort | None:
        sortable = {column.key: column for column in self.columns if column.sort is not None}
        for wanted in (raw, self.default_sort):
            key = wanted.removeprefix("-")
            if key in sortable:
                return Sort(sortable[key], wanted.startswith("-"))
            if wanted and wanted == raw:
                notes.append("This list cannot be sorted that way, so it is in its usual order.")
        return None


@dataclass(frozen=True)
class Asked:
    """One reading of the address: the filters in use, the order, the page."""

    view: ListView
    applied: tuple[Applied, ...]
    sort: Sort | None
    page: int
    kept: Mapping[str, str]
    notes: tuple[str, ...]

    def value(self, key: str) -> str:
        """What the form shows for a filter."""
        return next((one.raw for one in self.applied if one.filter.key == key), "")

    def address(
        self, *, sort: str | None = None, page: int = 1, without: str = "", csv: bool = False
    ) -> str:
        """The address of this list with one thing changed."""
        args = dict(self.kept)
        args |= {one.filter.key: one.raw for one in self.applied if one.filter.key != without}
        order = self.sort.raw if sort is None and self.sort else sort or ""
        if order and order != self.view.default_sort:
            args["sort"] = order
        if page > 1:
            args["page"] = str(page)
        if csv:
            args["format"] = "csv"
        return "?" + urlencode(args)

    def hidden(self) -> dict[str, str]:
        """What the filter form must carry along unseen."""
        args = dict(self.kept)
        if self.sort and self.sort.raw != self.view.default_sort:
            args["sort"] = self.sort.raw
        return args

    def sort_address(self, column: Column) -> str:
        up = self.sort is None or self.sort.column.key != column.key or self.sort.descending
        return self.address(sort=column.key if up else f"-{column.key}")

    def aria_sort(self, column: Column) -> str:
        if self.sort is None or self.sort.column.key != column.key:
            return "none"
        return "descending" if self.sort.descending else "ascending"


@dataclass(frozen=True)
class Found:
    """One page of rows, and how it came about."""

    asked: Asked
    rows: Sequence[Any]
    total: int
    page: int
    pages: int
    # When nothing matches: each filter in use, and how many rows there would be without it.
    relaxations: Sequence[tuple[Applied, int]] = field(default=())

    @property
    def first(self) -> int:
        return (self.page - 1) * self.asked.view.per_page + 1 if self.total else 0

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1 if self.total else 0

    @property
    def columns(self) -> Sequence[Column]:
        return [column for column in self.asked.view.columns if column.on_page]


def find(session: Session, statement: Select[Any], asked: Asked) -> Found:
    """One page of a select: one statement to count, one to read."""
    total = _count(session, _narrowed(statement, asked))
    page, pages = _page_of(asked, total)
    wanted = _ordered(_narrowed(statement, asked), asked)
    size = asked.view.per_page
    rows = list(_rows(session, wanted.limit(size).offset((page - 1) * size))) if total else []
    relaxations = []
    if not total:
        relaxations = [
            (one, _count(session, _narrowed(statement, asked, without=one)))
            for one in asked.applied
        ]
    return Found(asked, rows, total, page, pages, relaxations)


def find_among(everything: Sequence[Any], asked: Asked) -> Found:
    """The same for rows that were made in Python."""
    rows = matching(everything, asked)
    page, pages = _page_of(asked, len(rows))
    start = (page - 1) * asked.view.per_page
    relaxations = []
    if not rows:
        relaxations = [
            (one, sum(_passes(row, asked, without=one) for row in everything))
            for one in asked.applied
        ]
    shown = rows[start : start + asked.view.per_page]
    return Found(asked, shown, len(rows), page, pages, relaxations)


def every(session: Session, statement: Select[Any], asked: Asked) -> Iterator[Any]:
    """All matching rows in order, read in small portions, for a CSV."""
    wanted = _ordered(_narrowed(statement, asked), asked)
    yield from _rows(session, wanted.execution_options(yield_per=500))


def matching(everything: Sequence[Any], asked: Asked) -> list[Any]:
    rows = [row for row in everything if _passes(row, asked)]
    if asked.sort is None:
        return rows
    # Blanks come last in either direction, as they do in the database.
    key, down = asked.sort.column.sort, asked.sort.descending
    known = sorted(
        (row for row in rows if key(row) is not None),
        key=lambda row: folded(key(row)),
        reverse=down,
    )
    return known + [row for row in rows if key(row) is None]


def count(session: Session, statement: Select[Any], asked: Asked) -> int:
    return _count(session, _narrowed(statement, asked))


def _applied(wanted: Filter, args: Mapping[str, str], notes: list[str]) -> Applied | None:
    raw = _clean(args.get(wanted.key, ""))
    if not raw:
        return None
    value = _value(wanted, raw)
    if value is None:
        notes.append(f"“{raw}” is not a value of “{wanted.label}”, so that filter was left out.")
        return None
    return Applied(wanted, raw, value)


def _value(wanted: Filter, raw: str) -> Any:
    if wanted.kind is FilterKind.CHOICE:
        return raw if raw in dict(wanted.choices) else None
    if wanted.kind is FilterKind.BOOL:
        return True if raw == "1" else None
    if wanted.kind is FilterKind.DATE:
        return a_day_or_none(raw)
    return raw


def _clean(raw: str) -> str:
    """A value as a person could have typed it: no control characters, not endless."""
    typed = raw.encode("utf-8", "ignore").decode("utf-8")
    return "".join(c for c in typed if c.isprintable())[:LONGEST_VALUE].strip()


def _page_number(raw: str) -> int:
    return record_number_or_none(raw) or 1


def _page_of(asked: Asked, total: int) -> tuple[int, int]:
    pages = max(1, math.ceil(total / asked.view.per_page))
    return min(asked.page, pages), pages


def _passes(row: Any, asked: Asked, without: Applied | None = None) -> bool:
    return all(one.filter.clause(one.value)(row) for one in asked.applied if one is not without)


def _narrowed(statement: Select[Any], asked: Asked, without: Applied | None = None) -> Select[Any]:
    clauses: list[ColumnElement[bool]] = [
        one.filter.clause(one.value) for one in asked.applied if one is not without
    ]
    return statement.where(*clauses)


def _ordered(statement: Select[Any], asked: Asked) -> Select[Any]:
    order = []
    if asked.sort is not None:
        by = asked.sort.column.sort
        if isinstance(by.type, String) and not isinstance(by.type, Enum):
            by = alphabetical(by)
        # The two databases disagree about where blanks go; here they come last.
        order = [(by.desc() if asked.sort.descending else by.asc()).nulls_last()]
    return statement.order_by(None).order_by(*order, asked.view.tie_break)


def _count(session: Session, statement: Select[Any]) -> int:
    matching = statement.order_by(None).subquery()
    return session.scalar(select(func.count()).select_from(matching)) or 0


def _rows(session: Session, statement: Select[Any]) -> Iterator[Any]:
    """Objects when the select asks for one thing, named rows when it asks for several."""
    result = session.execute(statement)
    if len(statement.column_descriptions) == 1:
        yield from result.scalars()
    else:
        yield from result
