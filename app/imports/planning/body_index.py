"""Every body the register knows, by all its names and codes, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.directory.models import (
    Organisation,
    OrganisationCode,
    OrganisationKind,
    OrganisationName,
    PostType,
    Succession,
    Tile,
)
from app.directory.queries.posts import post_types


@dataclass(frozen=True)
class BodyIndex:
    """Every body with all its names and codes, and what became of those that are no more."""

    organisations: dict[int, Organisation]
    names: list[tuple[int, str]]
    codes: list[tuple[int, str]]
    successors: dict[int, list[Organisation]]
    post_types: Sequence[PostType]


def read_bodies(session: Session) -> BodyIndex:
    organisations = {body.id: body for body in session.scalars(select(Organisation))}
    names = [(body.id, name) for body in organisations.values() for name in _own_names(body)]
    names += [(row.organisation_id, row.name) for row in session.scalars(select(OrganisationName))]
    # A system's names are used for its board, which is no guess: it has one.
    names += [
        (board.id, name)
        for board in organisations.values()
        if board.kind is OrganisationKind.ICB
        if board.part_of_id
        for name in _own_names(organisations[board.part_of_id])
    ]
    names += [(tile.board_id, tile.abbreviation) for tile in session.scalars(select(Tile))]
    codes = [
        (body.id, code)
        for body in organisations.values()
        for code in (body.ods_code, body.ons_code)
        if code
    ]
    codes += [(row.organisation_id, row.code) for row in session.scalars(select(OrganisationCode))]
    successors: dict[int, list[Organisation]] = {}
    for succession in session.scalars(select(Succession).order_by(Succession.successor_id)):
        successors.setdefault(succession.predecessor_id, []).append(
            organisations[succession.successor_id]
        )
    return BodyIndex(organisations, names, codes, successors, post_types(session))


def _own_names(body: Organisation) -> set[str]:
    return {body.name, body.short_name}
