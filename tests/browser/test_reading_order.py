"""On the way of a letter, Tab goes where the eye goes: line by line, and column by column."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser import furnished as furnishing
from tests.browser.conftest import PHONE, WIDE, Site, Visit, site_on
from tests.browser.furnished import Furnished
from tests.browser.hands import MOST_STOPS
from tests.databases import SqliteDatabases

FLOW = (
    "/letters/",
    "/letters/mailings/new",
    "/letters/mailings/{draft_id}/write",
    "/letters/mailings/{draft_id}/choose",
    "/letters/mailings/{draft_id}/check",
    "/letters/mailings/{mailing_id}/check",
    "/letters/mailings/{holding_id}/truth",
)
NEAR = 4.0  # pixels by which neighbours may stand askew
# Where everything is before Tab moves anything into view.
MEASURE = """() => {
  window.places = new Map([...document.querySelectorAll('body *')]
    .map(e => [e, e.getBoundingClientRect()]));
}"""
STOP = """() => {
  const e = document.activeElement, box = window.places.get(e);
  return box ? {
    what: e.outerHTML.slice(0, 120), left: box.left, top: box.top,
    right: box.right, bottom: box.bottom,
  } : null;
}"""


@dataclass(frozen=True)
class Stop:
    """Where Tab stopped, measured from the corner of the page."""

    what: str
    left: float
    top: float
    right: float
    bottom: float

    def is_on_a_line_with(self, other: "Stop") -> bool:
        shared = min(self.bottom, other.bottom) - max(self.top, other.top)
        return shared > min(self.bottom - self.top, other.bottom - other.top) / 2


@dataclass
class Reader:
    """Goes through the stops as the eye would: on along a line, down, or up to the next column."""

    read: list[Stop] = field(default_factory=list)

    def goes_on_to(self, stop: Stop) -> bool:
        before = self.read[-1] if self.read else None
        if before is None or stop.top >= before.bottom - NEAR:
            follows = True
        elif stop.is_on_a_line_with(before):
            follows = stop.left >= before.left - NEAR
        else:
            beside = [one for one in self.read if one.bottom > stop.top + NEAR]
            follows = all(stop.left >= one.right - NEAR for one in beside)
        self.read.append(stop)
        return follows


@pytest.fixture(scope="module")
def site(
    sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with site_on(sqlite_databases.copy(), tmp_path_factory.mktemp("reading_order")) as site:
        yield site


@pytest.fixture(scope="module")
def furnished(site: Site) -> Furnished:
    return furnishing.furnish(site)


def addresses(furnished: Furnished) -> list[str]:
    draft = next(path for path in furnished.further if "/check?" in path).split("/")[3]
    holding = next(path for path in furnished.further if path.endswith("/truth")).split("/")[3]
    values = {**furnished.values, "draft_id": draft, "holding_id": holding}
    return [path.format(**values) for path in FLOW]


def stops(page: Page) -> list[Stop]:
    found: list[Stop] = []
    page.evaluate(MEASURE)
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop: dict[str, Any] | None = page.evaluate(STOP)
        if stop is None:
            return found
        found.append(Stop(**stop))
    raise AssertionError(f"{page.url} has no end")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_tab_follows_the_eye(size: dict[str, int], furnished: Furnished, visit: Visit) -> None:
    page = visit(furnished.user, size=size)
    astray = []
    for address in addresses(furnished):
        page.goto(address)
        reader = Reader()
        found = [stop for stop in stops(page) if 'class="skip"' not in stop.what]
        assert len(found) > 5
        astray += [f"{address}: {one.what}" for one in found if not reader.goes_on_to(one)]
    assert not astray, "\n".join(astray)


def test_a_stop_out_of_order_would_be_noticed() -> None:
    name, address = Stop("name", 0, 0, 100, 20), Stop("address", 0, 40, 100, 60)
    aside, footer = Stop("aside", 120, 0, 220, 20), Stop("footer", 0, 80, 100, 100)

    def follow(*order: Stop) -> list[bool]:
        reader = Reader()
        return [reader.goes_on_to(one) for one in order]

    assert follow(name, address, aside, footer) == [True] * 4
    assert follow(name, aside, address, footer) == [True] * 4
    assert follow(address, name) == [True, False]
    assert follow(aside, name) == [True, False]
    assert follow(name, footer, address) == [True, True, False]
