"""The map of 42 tiles, as at a day."""

import csv
from pathlib import Path

import pytest

from app.overview.tilemap import TilePlace, draw, outline

REFERENCE = Path(__file__).parents[2] / "app" / "directory" / "reference"


def ids() -> dict[str, int]:
    codes = [row["ods_code"] for row in read("icbs.csv")] + [
        row["ods_code"] for row in read("icbs_2026.csv")
    ]
    return {code: number for number, code in enumerate(dict.fromkeys(codes), start=1)}


def read(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def tiles() -> list[TilePlace]:
    number = ids()
    return [
        TilePlace(
            board_id=number[row["ods_code"]],
            abbreviation=row["abbr"],
            x=float(row["x_centre"]),
            y=float(row["y_centre_down"]),
            keeper_id=number.get(row["tile_holder_2026"]),
        )
        for row in read("ics_hex_grid.csv")
    ]


def existing(file: str) -> frozenset[int]:
    number = ids()
    return frozenset(number[row["ods_code"]] for row in read(file))


def successors() -> dict[int, list[int]]:
    number = ids()
    found: dict[int, list[int]] = {}
    for row in read("icb_successions_2026.csv"):
        found.setdefault(number[row["predecessor_ods"]], []).append(number[row["successor_ods"]])
    return found


def test_before_april_2026_every_board_has_its_own_tile(tiles: list[TilePlace]) -> None:
    areas = draw(tiles, existing("icbs.csv"), {}).areas

    assert len(areas) == 42
    assert all(area.path.count("L") == 5 and not area.is_split for area in areas)


def test_since_april_2026_the_42_tiles_show_36_boards_and_two_split_tiles(
    tiles: list[TilePlace],
) -> None:
    areas = draw(tiles, existing("icbs_2026.csv"), successors()).areas

    assert sum(len(area.labels) for area in areas) == 42
    assert len({area.holder_ids for area in areas if not area.is_split}) == 36
    split = {area.labels[0].text: area.holder_ids for area in areas if area.is_split}
    number = ids()
    assert split == {
        "SNEE": (number["D7T5G"], number["T6Y0W"]),
        "FRIM": (number["S0E4D"], number["S9B9J"], number["QRL"]),
    }


def test_tiles_of_one_board_share_one_outline(tiles: list[TilePlace]) -> None:
    areas = draw(tiles, existing("icbs_2026.csv"), successors()).areas
    central_east = next(area for area in areas if area.holder_ids == (ids()["S1Y5D"],))

    assert {label.text for label in central_east.labels} == {"CP", "BLMK", "HWE"}
    assert central_east.path.count("M") == 1


def test_two_neighbours_lose_the_edge_between_them() -> None:
    assert outline([(0, 0), (1, 0)]).count("L") == 9
    assert outline([(0, 0), (3, 0)]).count("M") == 2
