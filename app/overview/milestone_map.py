"""The map of 42 tiles shaded by how each board, partnership or system stands to a milestone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.core.db import db
from app.directory.models import OrganisationKind
from app.directory.queries import bodies
from app.directory.queries.bodies import TileRow
from app.milestones.labels import STATE_WORDS
from app.milestones.models import Milestone
from app.milestones.progress import BodyRow
from app.milestones.rules import State
from app.overview.map_view import outlines, places_of
from app.overview.routes import bp
from app.overview.succession_tree import Families, families_on
from app.overview.tilemap import Area

# The mark on a tile says without colour what its shade says.
MARKS = {
    State.OUTSTANDING: "○",
    State.MET_LATE: "◐",
    State.MET: "●",
    State.NOT_APPLICABLE: "–",
}
ON_THE_MAP = (OrganisationKind.ICS, OrganisationKind.ICB, OrganisationKind.ICP)


@dataclass(frozen=True)
class Drawn:
    """One outline: the body it leads to, its meaning in words, and its state."""

    area: Area
    body_id: int | None
    says: str
    state: State | None  # none where it is split, or where nobody is bound


@dataclass(frozen=True)
class MilestoneMapDrawing:
    areas: tuple[Drawn, ...]
    width: float
    height: float
    label: str
    marks: Mapping[State, str] = field(default_factory=lambda: MARKS)
    words: Mapping[State, str] = field(default_factory=lambda: STATE_WORDS)


@bp.app_template_global()
def milestone_map(milestone: Milestone, rows: Sequence[BodyRow]) -> MilestoneMapDrawing | None:
    """The map for a milestone's page; none where it binds nobody who has a tile."""
    return _drawing(db.session, milestone, rows)


def _drawing(
    session: Session, milestone: Milestone, rows: Sequence[BodyRow]
) -> MilestoneMapDrawing | None:
    everybody = families_on(session, milestone.binds_as_on)
    by_board = _by_board(everybody, rows)
    if not by_board:
        return None
    tiles = bodies.tiles(session)
    was = {tile.abbreviation: tile for tile in tiles}
    boards = frozenset(everybody.board_of.values())
    tile_map = outlines(places_of(tiles), boards, everybody)
    return MilestoneMapDrawing(
        areas=tuple(_drawn(area, by_board, was) for area in tile_map.areas),
        width=tile_map.width,
        height=tile_map.height,
        label=f"{len(by_board)} bodies on {len(tiles)} tiles, shaded by how they stand",
    )


def _by_board(everybody: Families, rows: Sequence[BodyRow]) -> Mapping[int, BodyRow]:
    """The row of a tile's holder: the board itself, or the partnership or system it is of."""
    found = {}
    for row in rows:
        if row.body.kind not in ON_THE_MAP:
            continue
        if row.body.kind is OrganisationKind.ICB:
            found[row.body.id] = row
            continue
        is_system = row.body.kind is OrganisationKind.ICS
        system_id = row.body.id if is_system else row.body.part_of_id
        board_id = everybody.board_of.get(system_id or 0)
        if board_id is not None:
            found[board_id] = row
    return found


def _drawn(area: Area, by_board: Mapping[int, BodyRow], was: Mapping[str, TileRow]) -> Drawn:
    held_by = [by_board[id_] for id_ in area.holder_ids if id_ in by_board]
    if len(held_by) == 1 and not area.is_split:
        row = held_by[0]
        return Drawn(area, row.body.id, f"{row.body.short_name}: {_how(row)}", row.state)
    before = was[area.labels[0].text]
    between = "; ".join(f"{row.body.short_name} {_how(row)}" for row in held_by)
    if between:
        return Drawn(area, None, f"{before.short_name}, split: {between}", None)
    return Drawn(area, None, f"{before.short_name}: not bound", None)


def _how(row: BodyRow) -> str:
    words = STATE_WORDS[row.state].lower()
    met_on = row.standing.met_on if row.standing else None
    return f"{words}, {met_on:%-d %B %Y}" if met_on else words
