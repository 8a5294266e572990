"""Who has their system choose the colours sees every control, every state and the focus."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser import furnished as furnishing
from tests.browser.conftest import Site, Visit, site_on
from tests.browser.furnished import Furnished
from tests.browser.hands import LOOK, MOST_STOPS
from tests.databases import SqliteDatabases

MAIN = (
    "/",
    "/systems",
    "/systems/{system_id}",
    "/organisations/{organisation_id}",
    "/people",
    "/organisations/{organisation_id}/log",
    "/letters/mailings/new",
    "/letters/mailings/{draft_id}/write",
    "/letters/mailings/{draft_id}/choose",
    "/letters/mailings/{draft_id}/check",
    "/letters/mailings/{mailing_id}/check",
    "/users",
    "/settings",
    "/milestones",
    "/milestones/{milestone_id}",
    "/style",
)
# The chosen one among its like, with the property of it that says so.
CHOSEN = (
    (".segments a[aria-current]", ".segments a:not([aria-current])", "backgroundColor"),
    (".tabs a[aria-current]", ".tabs a:not([aria-current])", "borderBottomColor"),
    ('.themes [aria-pressed="true"]', '.themes [aria-pressed="false"]', "backgroundColor"),
    (".steps .now", ".steps .later", "borderTopColor"),
    (".clash-side:has(:checked)", ".clash-side:not(:has(:checked))", "outlineStyle"),
)
LOOK_OF = "(e, property) => getComputedStyle(e)[property]"
# Where the controls are, once hidden ones and those only screen readers have are left out.
CONTROLS = """() => [
    ...document.querySelectorAll('a[href], button, input, select, textarea, summary')
  ]
  .filter(e => e.type !== 'hidden' && e.checkVisibility({visibilityProperty: true}))
  .map(e => ({what: e.outerHTML.slice(0, 120), box: e.getClientRects()[0]}))
  .filter(({box}) => box && box.width > 4 && box.height > 4)
  .map(({what, box}) => ({what, x: box.x + scrollX, y: box.y + scrollY,
                          width: box.width, height: box.height}))
  .filter(({x, y}) => x >= 0 && y >= 0)"""
# Which of them show nothing: no two spots of their picture differ as much as WCAG asks (3 to 1).
UNSEEN = """async ({picture, controls}) => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + picture;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const drawing = canvas.getContext('2d', {willReadFrequently: true});
  drawing.drawImage(image, 0, 0);
  const linear = c => (c /= 255) <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
  const isUnseen = ({x, y, width, height}) => {
    const {data} = drawing.getImageData(x, y, Math.ceil(width), Math.ceil(height));
    let darkest = 1, lightest = 0;
    for (let at = 0; at < data.length; at += 4) {
      const light = .2126 * linear(data[at]) + .7152 * linear(data[at + 1])
        + .0722 * linear(data[at + 2]);
      darkest = Math.min(darkest, light);
      lightest = Math.max(lightest, light);
    }
    return (lightest + .05) / (darkest + .05) < 3;
  };
  return controls.filter(isUnseen).map(one => one.what);
}"""
PILLS = """() => [...document.querySelectorAll('.pill')].filter(e => e.checkVisibility())
  .map(e => [e.className, e.innerText.trim()])"""
TILES = """() => [...document.querySelectorAll('.tiles a')].map(e => ({
  label: e.getAttribute('aria-label'), words: e.textContent,
  steps: [...e.querySelectorAll('.tile')].map(tile => tile.getAttribute('class')),
  isHatched: [...e.querySelectorAll('[fill^=url]')].length > 0
    || [...e.querySelectorAll('.tile')].some(tile => getComputedStyle(tile).fill.includes('url')),
}))"""


@pytest.fixture(scope="module")
def site(
    sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with site_on(sqlite_databases.copy(), tmp_path_factory.mktemp("forced_colours")) as site:
        yield site


@pytest.fixture(scope="module")
def furnished(site: Site) -> Furnished:
    return furnishing.furnish(site)


@pytest.fixture(params=[False, True], ids=["light", "dark"])
def page(request: pytest.FixtureRequest, furnished: Furnished, visit: Visit) -> Page:
    page = visit(furnished.user, dark=request.param)
    page.emulate_media(forced_colors="active")
    return page


def addresses(furnished: Furnished) -> list[str]:
    draft = next(path for path in furnished.further if "/check?" in path).split("/")[3]
    return [path.format(**{**furnished.values, "draft_id": draft}) for path in MAIN]


def unseen(page: Page, aside: Page) -> list[str]:
    """What of the controls nobody can see; looked at on another page, which has no policy."""
    controls: list[dict[str, Any]] = page.evaluate(CONTROLS)
    assert len(controls) > 10
    picture = base64.b64encode(page.screenshot(full_page=True, animations="disabled"))
    found: list[str] = aside.evaluate(UNSEEN, {"picture": picture.decode(), "controls": controls})
    return found


def test_no_control_disappears(page: Page, furnished: Furnished) -> None:
    aside = page.context.new_page()
    for address in addresses(furnished):
        page.goto(address)
        assert unseen(page, aside) == [], address


def test_a_control_in_the_colour_of_its_ground_would_be_noticed(page: Page) -> None:
    page.goto("/")
    page.evaluate("""() => {
      const e = document.querySelector('.ladder a');
      e.style.forcedColorAdjust = 'none';
      e.style.color = e.style.background = e.style.textDecorationColor = 'Canvas';
    }""")
    assert len(unseen(page, page.context.new_page())) == 1


def test_the_focus_is_seen_at_every_stop(page: Page, furnished: Furnished) -> None:
    for address in addresses(furnished):
        page.goto(address)
        end = page.evaluate_handle("() => document.body")
        for _ in range(MOST_STOPS):
            page.keyboard.press("Tab")
            stop = page.evaluate(LOOK, end)
            if stop["isThere"]:
                break
            assert stop["isVisible"], f"{address}: nobody sees the focus on {stop['what']}"
        else:
            raise AssertionError(f"{address} has no end")


def test_no_state_is_told_by_colour_alone(page: Page, furnished: Furnished) -> None:
    seen: set[str] = set()
    for address in addresses(furnished):
        page.goto(address)
        looks: dict[str, set[str]] = {}
        for look, words in page.evaluate(PILLS):
            looks.setdefault(words, set()).add(look)
        assert "" not in looks, f"{address} has a pill without words"
        assert not [words for words, found in looks.items() if len(found) > 1], address
        seen |= looks.keys()
    assert len(seen) > 5


def test_the_tiles_of_the_map_say_their_step_or_are_hatched(page: Page) -> None:
    page.goto("/")
    tiles = page.evaluate(TILES)
    assert len(tiles) == 38
    for tile in tiles:
        steps = {look.rpartition("fill-")[2] for look in tile["steps"] if "fill-" in look}
        is_told = steps and all(step in tile["words"] for step in steps)
        assert is_told or tile["isHatched"], tile


def test_what_is_chosen_differs_from_what_could_be(page: Page) -> None:
    page.goto("/style")
    for chosen, other, by in CHOSEN:
        marked = page.locator("main").locator(chosen).first.evaluate(LOOK_OF, by)
        assert marked != page.locator("main").locator(other).first.evaluate(LOOK_OF, by), chosen


def test_a_ticked_row_is_outlined(page: Page) -> None:
    page.goto("/style")
    tick = page.locator("main tbody .pick input").first
    row = page.locator("main tbody tr", has=page.locator(".pick")).first
    assert row.evaluate(LOOK_OF, "outlineStyle") == "none"
    tick.check()
    assert row.evaluate(LOOK_OF, "outlineStyle") == "solid"
