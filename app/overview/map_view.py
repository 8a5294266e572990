"""The map as the page draws it: what each outline shows, says and leads to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.directory.queries import bodies
from app.directory.queries.bodies import TileRow
from app.overview.engagement import Engagement, EngagementStep, at_or_beyond, named_now
from app.overview.lists import step_key
from app.overview.status import SystemStatus
from app.overview.succession_tree import Families
from app.overview.tilemap import Area, TileMap, TilePlace, draw


@dataclass(frozen=True)
class DrawnArea:
    """One outline: its link, its whole meaning in words, its shade and its mark.

    The mark (the number of the step) says without colour what the shade says; a dashed edge
    says that no lead is known now.
    """

    area: Area
    system_id: int | None  # where it leads: the holder, or of a split tile the system it was
    says: str
    step: EngagementStep | None  # none where it is split
    lead_known_now: bool


@dataclass(frozen=True)
class MapDrawing:
    areas: tuple[DrawnArea, ...]
    width: float
    height: float
    label: str


def map_of(session: Session, rows: Sequence[SystemStatus], everybody: Families) -> MapDrawing:
    """The tiles shaded by engagement on the day of these rows. One statement."""
    tiles = bodies.tiles(session)
    by_board = {row.board.id: row for row in rows}
    was = {tile.abbreviation: tile for tile in tiles}
    tile_map = outlines(places_of(tiles), frozenset(by_board), everybody)
    return MapDrawing(
        areas=tuple(_drawn(area, by_board, was) for area in tile_map.areas),
        width=tile_map.width,
        height=tile_map.height,
        label=_label(rows, tile_map),
    )


def places_of(tiles: Sequence[TileRow]) -> tuple[TilePlace, ...]:
    return tuple(
        TilePlace(
            board_id=tile.board_id,
            abbreviation=tile.abbreviation,
            x=tile.x_centre,
            y=tile.y_centre_down,
            keeper_id=tile.holder_2026_id,
        )
        for tile in tiles
    )


def outlines(
    places: tuple[TilePlace, ...], existing: frozenset[int], everybody: Families
) -> TileMap:
    """Who holds which tiles, of the boards that exist on a day."""
    successors = tuple((before, tuple(after)) for before, after in everybody.successors.items())
    return _outlines(places, existing, successors)


@lru_cache(maxsize=16)
def _outlines(
    places: tuple[TilePlace, ...],
    existing: frozenset[int],
    successors: tuple[tuple[int, tuple[int, ...]], ...],
) -> TileMap:
    """Outlines change only with the boards, and take longer than all else on the page."""
    return draw(places, existing, dict(successors))


def _label(rows: Sequence[SystemStatus], tile_map: TileMap) -> str:
    tiles = sum(len(area.labels) for area in tile_map.areas)
    return f"{len(rows)} systems on {tiles} tiles, shaded by engagement"


def _drawn(
    area: Area, by_board: Mapping[int, SystemStatus], was: Mapping[str, TileRow]
) -> DrawnArea:
    held_by = [by_board[id_] for id_ in area.holder_ids]
    if len(held_by) == 1:
        row = held_by[0]
        return DrawnArea(
            area=area,
            system_id=row.system.id,
            says=f"{row.system.short_name}: {row.engagement.in_words}",
            step=row.engagement.step,
            lead_known_now=row.engagement.lead_known_now,
        )
    before = was[area.labels[0].text]
    between = ", ".join(row.system.short_name for row in held_by)
    return DrawnArea(
        area=area,
        system_id=before.system_id,
        says=f"{before.short_name}: split between {between}" if between else before.short_name,
        step=None,
        lead_known_now=True,
    )


@dataclass(frozen=True)
class Rung:
    """One bar beside the map: how many systems, and where they are listed."""

    label: str
    count: int
    step: int
    url: str


def rungs(rows: Sequence[SystemStatus], address: Callable[..., str]) -> list[Rung]:
    """Who has a lead now, and how many systems are at each further step or beyond it."""
    known = [row.engagement for row in rows]
    lead = EngagementStep.LEAD_NAMED
    return [
        Rung(f"{lead.words} now", named_now(known), int(lead), address(lead="known")),
        *(
            Rung(step.or_beyond, count, int(step), address(step=step_key(step)))
            for step in EngagementStep
            if step > lead
            and (
                (count := at_or_beyond(known, step)) or step is not EngagementStep.WORKING_TOGETHER
            )
        ),
    ]


class StepShown(NamedTuple):
    """One step of a system: "done", "now", "later", or "skipped" where a later one was reached
    and nothing records this one."""

    label: str
    state: str
    reached_on: date | None


def ladder_of(row: SystemStatus) -> list[StepShown]:
    """The steps of one system, each with the day it was first reached, if it was."""
    return [
        StepShown(step.words, _state(row.engagement, step), row.engagement.dates.get(step))
        for step in EngagementStep
        if step is not EngagementStep.NO_LEAD_KNOWN
    ]


def _state(known: Engagement, step: EngagementStep) -> str:
    if step >= known.step:
        return "now" if step is known.step else "later"
    return "done" if step in known.dates else "skipped"
