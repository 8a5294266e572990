"""The map of 42 equal tiles: who holds each on a day, and the outline of those held together.

Tiles are hexagons standing on a point, one unit apart; coordinates come from
`ics_hex_grid.csv` (x to the right, y down, both in units of a tile's width).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

SIDE = 1 / sqrt(3)
CORNERS = (
    (0.0, -SIDE),
    (0.5, -SIDE / 2),
    (0.5, SIDE / 2),
    (0.0, SIDE),
    (-0.5, SIDE / 2),
    (-0.5, -SIDE / 2),
)
SCALE = 58.0
MARGIN = 8.0

Point = tuple[int, int]
"""A corner in thousandths of a tile, rounded so that neighbours' corners are the same point."""


@dataclass(frozen=True)
class TilePlace:
    """One tile: the board of July 2022 it stands for, and where it is."""

    board_id: int
    abbreviation: str
    x: float
    y: float
    keeper_id: int | None  # the successor that keeps a split board's tile


@dataclass(frozen=True)
class Label:
    text: str
    x: float
    y: float


@dataclass(frozen=True)
class Area:
    """Tiles drawn as one outline with one link. A split area has no single holder."""

    holder_ids: tuple[int, ...]
    path: str
    labels: tuple[Label, ...]

    @property
    def is_split(self) -> bool:
        return len(self.holder_ids) > 1


@dataclass(frozen=True)
class TileMap:
    areas: tuple[Area, ...]
    width: float
    height: float


def holders(
    tile: TilePlace, existing: frozenset[int], successors: Mapping[int, Sequence[int]]
) -> tuple[int, ...]:
    """The boards that hold a tile on a day: one, or several where it was split between them.

    `existing` are the boards of that day, `successors` those who took over from whom by then.
    """
    found = tuple(_heirs(tile.board_id, existing, successors))
    return (tile.keeper_id,) if tile.keeper_id in found else found


def _heirs(
    board_id: int, existing: frozenset[int], successors: Mapping[int, Sequence[int]]
) -> Iterable[int]:
    seen: dict[int, None] = {}
    waiting = [board_id]
    while waiting:
        body = waiting.pop(0)
        if body in existing:
            seen[body] = None
        else:
            waiting.extend(heir for heir in successors.get(body, ()) if heir not in seen)
    return seen


def draw(
    tiles: Sequence[TilePlace],
    existing: frozenset[int],
    successors: Mapping[int, Sequence[int]],
) -> TileMap:
    """The areas of the map, north to south; tiles of one board share an outline."""
    held: dict[tuple[int, ...], list[TilePlace]] = {}
    for tile in sorted(tiles, key=lambda tile: (tile.y, tile.x)):
        who = holders(tile, existing, successors)
        key = who if len(who) == 1 else (*who, -tile.board_id)
        held.setdefault(key, []).append(tile)
    return TileMap(
        areas=tuple(
            Area(
                holder_ids=tuple(id_ for id_ in who if id_ > 0),
                path=outline([(tile.x, tile.y) for tile in members]),
                labels=tuple(Label(t.abbreviation, *_on_page(t.x, t.y)) for t in members),
            )
            for who, members in held.items()
        ),
        width=_on_page(max((t.x for t in tiles), default=0) + 0.5, 0)[0] + MARGIN,
        height=_on_page(0, max((t.y for t in tiles), default=0) + SIDE)[1] + MARGIN,
    )


def outline(centres: Sequence[tuple[float, float]]) -> str:
    """An SVG path round the tiles: edges two of them share cancel out."""
    edges: dict[tuple[Point, Point], None] = {}
    for x, y in centres:
        corners = [(round(1000 * (x + dx)), round(1000 * (y + dy))) for dx, dy in CORNERS]
        for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
            shared = _near(edges, end, start)
            if shared:
                del edges[shared]
            else:
                edges[start, end] = None
    return " ".join(_loop(points) for points in _loops([*edges]))


def _near(
    edges: Mapping[tuple[Point, Point], None], a: Point, b: Point
) -> tuple[Point, Point] | None:
    """The edge from a to b, allowing for the rounding of the grid file to three places."""
    if (a, b) in edges:
        return a, b
    return next((e for e in edges if _close(e[0], a) and _close(e[1], b)), None)


def _close(a: Point, b: Point) -> bool:
    return abs(a[0] - b[0]) <= 2 and abs(a[1] - b[1]) <= 2


def _loops(edges: list[tuple[Point, Point]]) -> Iterable[list[Point]]:
    while edges:
        start, end = edges.pop(0)
        points = [start]
        while not _close(end, start):
            points.append(end)
            following = next(edge for edge in edges if _close(edge[0], end))
            edges.remove(following)
            end = following[1]
        yield points


def _loop(points: Sequence[Point]) -> str:
    on_page = [_on_page(x / 1000, y / 1000) for x, y in points]
    return "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in on_page) + " Z"


def _on_page(x: float, y: float) -> tuple[float, float]:
    return round((x + 0.5) * SCALE + MARGIN, 1), round((y + SIDE) * SCALE + MARGIN, 1)
