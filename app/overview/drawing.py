"""The map as the page draws it: what each outline shows, says and leads to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.directory.models import Tile
from app.overview.engagement import Step
from app.overview.family import successors_by
from app.overview.standing import Standing
from app.overview.tilemap import Area, TileMap, TilePlace, draw


@dataclass(frozen=True)
class DrawnArea:
    """One outline: its link, its whole meaning in words, its shade and its mark.

    The mark (the number of the step) says without colour what the shade says; a dashed edge
    says that no lead is known now.
    """

    area: Area
    system_id: int | None  # of the one system that holds it; none where it is split
    predecessor_board_id: int | None
    says: str
    step: Step | None
    lead_known_now: bool


@dataclass(frozen=True)
class Drawing:
    areas: tuple[DrawnArea, ...]
    width: float
    height: float
    tile_count: int
    label: str


def map_of(session: Session, rows: Sequence[Standing], day: date) -> Drawing:
    """The tiles shaded by engagement on that day. Two statements."""
    tiles = session.scalars(select(Tile).options(joinedload(Tile.board)))
    places = [
        TilePlace(
            board_id=tile.board_id,
            abbreviation=tile.abbreviation,
            x=tile.x_centre,
            y=tile.y_centre_down,
            keeper_id=tile.holder_2026_id,
        )
        for tile in tiles
    ]
    by_board = {row.board.id: row for row in rows}
    names = {tile.abbreviation: tile for tile in places}
    tile_map = draw(places, frozenset(by_board), successors_by(session, day))
    return Drawing(
        areas=tuple(_drawn(area, by_board, names) for area in tile_map.areas),
        width=tile_map.width,
        height=tile_map.height,
        tile_count=len(places),
        label=_label(rows, tile_map),
    )


def _label(rows: Sequence[Standing], tile_map: TileMap) -> str:
    tiles = sum(len(area.labels) for area in tile_map.areas)
    return f"{len(rows)} systems on {tiles} tiles, shaded by engagement"


def _drawn(
    area: Area, by_board: Mapping[int, Standing], places: Mapping[str, TilePlace]
) -> DrawnArea:
    held_by = [by_board[id_] for id_ in area.holder_ids]
    if len(held_by) == 1:
        row = held_by[0]
        return DrawnArea(
            area=area,
            system_id=row.system.id,
            predecessor_board_id=None,
            says=f"{row.system.short_name}: {row.engagement.in_words}",
            step=row.engagement.step,
            lead_known_now=row.engagement.lead_known_now,
        )
    tile = places[area.labels[0].text]
    between = ", ".join(row.system.short_name for row in held_by)
    says = f"{tile.abbreviation}, split between {between}" if between else tile.abbreviation
    return DrawnArea(
        area=area,
        system_id=None,
        predecessor_board_id=tile.board_id,
        says=says,
        step=None,
        lead_known_now=True,
    )


def rungs(rows: Sequence[Standing], address: Callable[[Step], str]) -> list[dict[str, object]]:
    """How many systems ever reached each step, for the ladder beside the map."""
    return [
        {
            "label": step.words,
            "count": sum(1 for row in rows if row.engagement.step >= step),
            "step": int(step),
            "url": address(step),
        }
        for step in Step
        if step not in (Step.NO_LEAD_KNOWN, Step.MET, Step.WORKING_TOGETHER)
        or any(row.engagement.step >= step for row in rows if step is not Step.NO_LEAD_KNOWN)
    ]
