"""On a phone: nothing is wider than the window, the menu opens, and a mailing can be stopped."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import journeys
from tests.browser.conftest import PHONE, Site, Visit, check_no_sideways_scroll, site_on
from tests.browser.hands import Mouse, Visitor
from tests.databases import SqliteDatabases


@pytest.fixture
def site(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Site]:
    with site_on(sqlite_databases.copy(), tmp_path) as site:
        journeys.people_of_the_group(site)
        journeys.three_leads_known(site)
        yield site


def on_a_phone(page: Page) -> Visitor:
    return Visitor(page, Mouse(), check_no_sideways_scroll)


def test_a_letter_is_written_released_and_stopped_on_a_phone(site: Site, visit: Visit) -> None:
    coordinator, approver = on_a_phone(visit(size=PHONE)), on_a_phone(visit(size=PHONE))
    journeys.sign_in(coordinator, "coordinator@example.org")
    journeys.write_offer(coordinator, "Offer by phone")
    journeys.choose_boards(coordinator, "Devon", "Essex", "Somerset")
    for way in ("As it will go", "Plain text", "Table", "What differs"):
        coordinator.follow(way)
    journeys.test_and_ask(coordinator)
    journeys.sign_in(approver, "approver@example.org")
    journeys.forget_password_was_given(site, "approver@example.org")
    journeys.release(approver, "Offer by phone")
    stop = approver.page.get_by_role("button", name="Stop this mailing")
    box = stop.bounding_box()
    assert box
    assert box["height"] >= 44
    assert box["y"] + box["height"] <= PHONE["height"]
    approver.press("Stop this mailing")
    approver.sees("Stopped. Nothing more leaves.")


def test_the_menu_leads_everywhere_on_a_phone(site: Site, visit: Visit) -> None:
    coordinator = on_a_phone(visit(size=PHONE))
    journeys.sign_in(coordinator, "coordinator@example.org")
    menu = coordinator.page.get_by_role("navigation", name="Main")
    expect(menu).to_be_hidden()
    for name in ("Systems", "Organisations", "People", "Letters", "Templates", "Imports"):
        coordinator.page.get_by_role("button", name="Menu").click()
        with coordinator.page.expect_navigation():
            menu.get_by_role("link", name=name).click()
        check_no_sideways_scroll(coordinator.page)
        coordinator.is_at(name)
    coordinator.page.get_by_role("button", name="Menu").click()
    expect(menu).to_be_visible()
    coordinator.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()


def test_a_call_is_noted_in_a_meeting_on_a_phone(site: Site, visit: Visit) -> None:
    coordinator = on_a_phone(visit(size=PHONE))
    journeys.sign_in(coordinator, "coordinator@example.org")
    journeys.open_system(coordinator, "Devon")
    journeys.note_a_call(coordinator, "Evidence on asthma")
    coordinator.sees("Evidence on asthma")
