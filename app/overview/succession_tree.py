"""Which bodies' histories belong to which system: its parts, and its predecessors' parts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.core.db import AnySelect, remembered
from app.directory.models import Organisation, OrganisationKind, Succession

FAMILY_KINDS = (OrganisationKind.ICS, OrganisationKind.ICB, OrganisationKind.ICP)


class TreeBody(NamedTuple):
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


def families(bodies: Iterable[TreeBody], successors: Mapping[int, Sequence[int]]) -> Families:
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

    def systems(body: TreeBody) -> tuple[int, ...]:
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
    board_id: int, everybody: Mapping[int, TreeBody], successors: Mapping[int, Sequence[int]]
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


@remembered
def _bodies(day: date) -> AnySelect:
    return select(
        *(Organisation.id, Organisation.kind, Organisation.part_of_id),
        Organisation.where_exists_on(day),
    ).where(Organisation.kind.in_(FAMILY_KINDS))


_SUCCESSIONS = select(Succession.predecessor_id, Succession.successor_id).order_by(Succession.id)


def families_on(session: Session, day: date) -> Families:
    """Two statements, however many bodies."""
    bodies = session.execute(_bodies(day))
    passed_on = session.execute(_SUCCESSIONS.where(Succession.effective_on <= day))
    successors: dict[int, list[int]] = {}
    for predecessor, successor in passed_on:
        successors.setdefault(predecessor, []).append(successor)
    return families(map(TreeBody._make, bodies), successors)


def family_of_system(system_id: int, day: date) -> Select[int]:
    """The bodies whose story one system's is; `Families.bodies_of`, said in SQL.

    From the board it has on the day back to all who handed over to it and have ended, then to the
    systems those were the boards of, save such as went on with another board.
    """
    is_board, exists = Organisation.kind == OrganisationKind.ICB, Organisation.where_exists_on(day)
    line = (
        select(Organisation.id, Organisation.part_of_id)
        .where(is_board, Organisation.part_of_id == system_id, exists)
        .cte("line", recursive=True)
    )
    line = line.union(
        select(Organisation.id, Organisation.part_of_id)
        .join(Succession, Succession.predecessor_id == Organisation.id)
        .join(line, line.c.id == Succession.successor_id)
        .where(Succession.effective_on <= day, ~exists)
    )
    going_on = select(Organisation.part_of_id).where(
        is_board, exists, Organisation.part_of_id.is_not(None), Organisation.part_of_id != system_id
    )
    systems = select(line.c.part_of_id).where(line.c.part_of_id.not_in(going_on))
    is_system = Organisation.kind == OrganisationKind.ICS
    return select(Organisation.id).where(
        Organisation.kind.in_(FAMILY_KINDS),
        (is_system & Organisation.id.in_(systems))
        | (~is_system & Organisation.part_of_id.in_(systems)),
    )
