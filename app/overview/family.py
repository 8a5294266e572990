"""Which bodies' histories belong to which system: its parts, and its predecessors' parts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.statements import AnySelect, a_day
from app.directory.models import Organisation, OrganisationKind, Succession

FAMILY_KINDS = (OrganisationKind.ICS, OrganisationKind.ICB, OrganisationKind.ICP)


@dataclass(frozen=True)
class Body:
    id: int
    kind: OrganisationKind
    system_id: int | None  # the system a board or partnership is part of
    exists: bool


@dataclass(frozen=True)
class Families:
    """For a day: its systems, and for each body the systems whose story it is part of."""

    board_of: Mapping[int, int]  # system → its board
    systems_of: Mapping[int, tuple[int, ...]]  # any body → today's systems
    successors: Mapping[int, Sequence[int]]  # who had taken over from whom by then

    def bodies_of(self, system_id: int) -> list[int]:
        return [body for body, systems in self.systems_of.items() if system_id in systems]

    def of(self, system_id: int) -> "Families":
        """Of this system alone; of none if it does not exist that day."""
        if system_id not in self.board_of:
            return Families({}, {}, {})
        return Families(
            board_of={system_id: self.board_of[system_id]},
            systems_of={body: (system_id,) for body in self.bodies_of(system_id)},
            successors=self.successors,
        )


def families(bodies: Iterable[Body], successors: Mapping[int, Sequence[int]]) -> Families:
    """History stays with the body it happened to, and is read by every heir (pure)."""
    everybody = {body.id: body for body in bodies}
    board_of = {
        body.system_id: body.id
        for body in everybody.values()
        if body.kind is OrganisationKind.ICB and body.exists and body.system_id is not None
    }
    boards_of_system = {
        body.system_id: body.id
        for body in everybody.values()
        if body.kind is OrganisationKind.ICB and body.system_id is not None
    }

    def systems(body: Body) -> tuple[int, ...]:
        system_id = body.id if body.kind is OrganisationKind.ICS else body.system_id
        if system_id is None or system_id in board_of:
            return (system_id,) if system_id in board_of else ()
        board_id = boards_of_system.get(system_id)
        heirs = _heirs(board_id, everybody, successors) if board_id else []
        found = [everybody[heir].system_id for heir in heirs]
        return tuple(dict.fromkeys(id_ for id_ in found if id_ is not None))

    return Families(
        board_of=board_of,
        systems_of={body.id: systems(body) for body in everybody.values()},
        successors=successors,
    )


def _heirs(
    board_id: int, everybody: Mapping[int, Body], successors: Mapping[int, Sequence[int]]
) -> list[int]:
    found: dict[int, None] = {}
    seen: set[int] = set()
    waiting = [board_id]
    while waiting:
        current = waiting.pop(0)
        if current in seen or current not in everybody:
            continue
        seen.add(current)
        if everybody[current].exists:
            found[current] = None
        else:
            waiting.extend(successors.get(current, ()))
    return list(found)


def families_on(session: Session, day: date) -> Families:
    """Two statements, however many bodies."""
    return families(
        (Body(*row) for row in session.execute(_bodies(), {"day": day})),
        _successors_by(session, day),
    )


def _successors_by(session: Session, day: date) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for predecessor, successor in session.execute(_successions(), {"day": day}):
        found.setdefault(predecessor, []).append(successor)
    return found


@cache
def _bodies() -> AnySelect:
    return select(
        Organisation.id,
        Organisation.kind,
        Organisation.part_of_id,
        Organisation.where_exists_on(a_day()),
    ).where(Organisation.kind.in_(FAMILY_KINDS))


@cache
def _successions() -> AnySelect:
    return (
        select(Succession.predecessor_id, Succession.successor_id)
        .where(Succession.effective_on <= a_day())
        .order_by(Succession.id)
    )
