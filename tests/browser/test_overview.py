"""The map and the systems, as people meet them."""

import pytest

from app.core import clock
from app.demo import services
from tests.browser.conftest import (
    PHONE,
    WIDE,
    Site,
    Visit,
    check_no_sideways_scroll,
    check_with_axe,
)


@pytest.mark.parametrize(("size", "dark"), [(WIDE, False), (PHONE, True)])
def test_england_is_a_map_whose_every_tile_is_a_link_with_its_meaning_in_words(
    site: Site, visit: Visit, size: dict[str, int], dark: bool
) -> None:
    with site.session() as session:
        users = services.fill(session, on=clock.today(), at=clock.now(), base_url=site.address)
        session.commit()
    page = visit(users.coordinator, size=size, dark=dark)

    page.goto("/")
    tiles = page.locator(".tiles a")
    assert tiles.count() == 38  # 36 systems, and two tiles that were split
    labels = [tiles.nth(number).get_attribute("aria-label") or "" for number in range(38)]
    assert sum("split between" in label for label in labels) == 2
    assert all(":" in label for label in labels)
    check_with_axe(page)
    check_no_sideways_scroll(page)

    tiles.first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/systems/*")
    assert page.locator("h1").inner_text() == labels[0].split(":")[0]
    check_with_axe(page)
    check_no_sideways_scroll(page)
