"""Which bodies passed on what they had to which, for a page that shows one line of them."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.core.db import AnySelect, remembered
from app.directory.models import Organisation, Succession, SuccessionKind

WHOLE = (SuccessionKind.MERGER, SuccessionKind.RENAME)


class SuccessionBody(NamedTuple):
    id: int
    short_name: str


class PassingOn(NamedTuple):
    """One succession, with as much of both bodies as a list shows."""

    kind: SuccessionKind
    effective_on: date
    note: str
    source: str
    predecessor: SuccessionBody
    successor: SuccessionBody

    @property
    def predecessor_id(self) -> int:
        return self.predecessor.id

    @property
    def successor_id(self) -> int:
        return self.successor.id


_BEFORE, _AFTER = aliased(Organisation), aliased(Organisation)
_BY_DAY = (
    select(
        *(Succession.kind, Succession.effective_on, Succession.note, Succession.source),
        *(_BEFORE.id, _BEFORE.short_name, _AFTER.id, _AFTER.short_name),
    )
    .join(_BEFORE, _BEFORE.id == Succession.predecessor_id)
    .join(_AFTER, _AFTER.id == Succession.successor_id)
    .order_by(Succession.effective_on, Succession.id)
)


def passings_on(session: Session, line: Collection[int]) -> list[PassingOn]:
    """From and to any of these bodies, in the order of their days."""
    rows = session.execute(_of_line(tuple(line)))
    return [
        PassingOn._make((*row[0:4], SuccessionBody(*row[4:6]), SuccessionBody(*row[6:8])))
        for row in rows
    ]


@remembered
def _of_line(line: tuple[int, ...]) -> AnySelect:
    return _BY_DAY.where(Succession.predecessor_id.in_(line) | Succession.successor_id.in_(line))


def of_body(passings: Iterable[PassingOn], body_id: int) -> list[PassingOn]:
    """Both ways: whom it took over from, and who took over from it."""
    return [one for one in passings if body_id in (one.predecessor_id, one.successor_id)]


def merged_by(passings: Iterable[PassingOn], day: date) -> dict[int, int]:
    """Where everything a body had has gone by that day; after a split, a person has to say."""
    return {
        one.predecessor_id: one.successor_id
        for one in passings
        if one.kind in WHOLE and one.effective_on <= day
    }
