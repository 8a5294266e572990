"""Settling what the reference files say with what a person may have changed since."""

import enum
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app.core.db import Base
from app.directory.models import ReferenceFact

Row = TypeVar("Row", bound=Base)

# Not a field: which line of the files a record came from. Names and codes may be corrected.
KEY = "reference key"


@dataclass(frozen=True)
class ReferenceValue:
    """What a file says of one field, where it has it from, and how sure that is."""

    value: Any
    source: str = ""
    confidence: str = ""


@dataclass
class Loaded:
    """What a run did: each record counts once, and what people keep is named."""

    new: int = 0
    updated: int = 0
    kept: int = 0
    unchanged: int = 0
    by_kind: Counter[tuple[str, str]] = field(default_factory=Counter)
    kept_fields: list[str] = field(default_factory=list)

    def count(self, kind: str, outcome: str) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)
        self.by_kind[kind, outcome] += 1


class Reconciler:
    """Remembers what was loaded last, so that a run changes only what nobody else has.

    A field that still holds what was loaded last follows the files. A field that holds anything
    else was changed by a person and stays. A record that was loaded once and is gone was removed
    by a person and is not made again.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.loaded = Loaded()
        self.facts: dict[tuple[str, int], dict[str, ReferenceFact]] = {}
        self.ids: dict[tuple[str, str], int] = {}
        self.rows: dict[type[Base], dict[int, Any]] = {}
        self._unwritten: list[tuple[Base, str, Mapping[str, ReferenceValue]]] = []
        for fact in session.scalars(select(ReferenceFact)):
            self.facts.setdefault((fact.kind, fact.record_id), {})[fact.field] = fact
            if fact.field == KEY:
                self.ids[fact.kind, fact.value or ""] = fact.record_id

    def settle(
        self,
        model: type[Row],
        key: str,
        says: Mapping[str, ReferenceValue],
        *,
        same: Mapping[str, Any] | Callable[[Row], bool],
    ) -> Row | None:
        """The record of this key, made or brought up to date; None if a person removed it.

        `same`, the fields two such records would share, finds a record a person had already
        entered by hand, which is then adopted.
        """
        kind = model.__audit__  # type: ignore[attr-defined]
        record_id = self.ids.get((kind, key))
        if record_id is not None:
            row: Row | None = self._all(model).get(record_id)
            if row is None:
                self.loaded.count(kind, "kept")
                self.loaded.kept_fields.append(f"{kind} {key}: removed by a person")
                return None
            self._bring_up_to_date(row, kind, key, says)
            return row
        row = next((row for row in self._all(model).values() if _is_same(row, same)), None)
        if row is None:
            return self._make(model, key, says)
        self._note(row, key, {})
        self._bring_up_to_date(row, kind, key, says)
        return row

    def withdraw(self, model: type[Row], key: str) -> None:
        """Take away what the files said once and no longer do, unless a person changed it."""
        kind = model.__audit__  # type: ignore[attr-defined]
        row = self._all(model).get(self.ids.get((kind, key), 0))
        if row is None:
            return
        facts = self.facts[kind, _id(row)]
        said = {name: fact.value for name, fact in facts.items() if name != KEY}
        if any(text_of(getattr(row, name)) != value for name, value in said.items()):
            self.loaded.count(kind, "kept")
            self.loaded.kept_fields.append(
                f"{kind} {key}: stays, though the files no longer say it"
            )
            return
        for fact in facts.values():
            self.session.delete(fact)
        self.session.delete(row)
        self.loaded.count(kind, "updated")

    def flush(self) -> None:
        """Give new records their ids, and write down what was said of them."""
        self.session.flush()
        for row, key, says in self._unwritten:
            self._note(row, key, says)
            self._all(type(row))[_id(row)] = row
        self._unwritten.clear()
        self.session.flush()

    def _make(self, model: type[Row], key: str, says: Mapping[str, ReferenceValue]) -> Row:
        row = model(**{name: said.value for name, said in says.items()})
        self.session.add(row)
        self._unwritten.append((row, key, says))
        self.loaded.count(model.__audit__, "new")  # type: ignore[attr-defined]
        return row

    def _bring_up_to_date(
        self, row: Base, kind: str, key: str, says: Mapping[str, ReferenceValue]
    ) -> None:
        facts = self.facts.get((kind, _id(row)), {})
        outcomes = {self._settle_field(row, facts, key, name, said) for name, said in says.items()}
        for outcome in ("updated", "kept"):
            if outcome in outcomes:
                self.loaded.count(kind, outcome)
                return
        self.loaded.count(kind, "unchanged")

    def _settle_field(
        self, row: Base, facts: dict[str, ReferenceFact], key: str, name: str, said: ReferenceValue
    ) -> str:
        held, wanted = text_of(getattr(row, name)), text_of(said.value)
        fact = facts.get(name)
        untouched = held == fact.value if fact else held in {None, "", wanted}
        if not untouched:
            self.loaded.kept_fields.append(
                f"{key}: {name} stays “{held}”; the files say “{wanted}”"
            )
            return "kept"
        if fact is None:
            self._say(row, name, said)
        elif (fact.value, fact.source, fact.confidence) != (wanted, said.source, said.confidence):
            fact.value, fact.source, fact.confidence = wanted, said.source, said.confidence
        if held == wanted:
            return "unchanged"
        setattr(row, name, said.value)
        return "updated"

    def _note(self, row: Base, key: str, says: Mapping[str, ReferenceValue]) -> None:
        self.ids[row.__audit__, key] = _id(row)  # type: ignore[attr-defined]
        self._say(row, KEY, ReferenceValue(key))
        for name, said in says.items():
            self._say(row, name, said)

    def _say(self, row: Base, name: str, said: ReferenceValue) -> None:
        kind = row.__audit__  # type: ignore[attr-defined]
        fact = ReferenceFact(
            kind=kind,
            record_id=_id(row),
            field=name,
            value=text_of(said.value),
            source=said.source,
            confidence=said.confidence,
        )
        self.session.add(fact)
        self.facts.setdefault((kind, _id(row)), {})[name] = fact

    def _all(self, model: type[Row]) -> dict[int, Row]:
        if model not in self.rows:
            self.rows[model] = {_id(row): row for row in self.session.scalars(select(model))}
        return self.rows[model]


def text_of(value: Any) -> str | None:
    """A field's value as it is written down; files and columns of all types compare by it."""
    if value is None:
        return None
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, date):
        return value.isoformat()
    return ";".join(map(str, value)) if isinstance(value, list) else str(value)


def _id(row: Base) -> int:
    key: int = inspect(row).mapper.primary_key_from_instance(row)[0]
    return key


def _is_same(row: Row, same: Mapping[str, Any] | Callable[[Row], bool]) -> bool:
    if callable(same):
        return same(row)
    return all(getattr(row, name) == value for name, value in same.items())
