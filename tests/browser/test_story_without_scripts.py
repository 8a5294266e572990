"""The core journeys in a browser that runs no script at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import journeys
from tests.browser.conftest import Site, Visit, site_on
from tests.browser.hands import Mouse, Visitor
from tests.databases import SqliteDatabases


@pytest.fixture
def site(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Site]:
    with site_on(sqlite_databases.copy(), tmp_path) as site:
        journeys.people_of_the_group(site)
        journeys.three_leads_known(site)
        yield site


def test_a_letter_is_written_released_and_stopped_without_scripts(site: Site, visit: Visit) -> None:
    coordinator = Visitor(visit(scripts=False), Mouse())
    approver = Visitor(visit(scripts=False), Mouse())
    journeys.sign_in(coordinator, "coordinator@example.org")
    journeys.write_offer(coordinator, "Offer without scripts")
    journeys.choose_boards(coordinator, "Devon", "Essex", "Somerset")
    coordinator.sees("3 letters to 3 people at 3 boards")
    coordinator.unfold("Leave Alex Sample out")
    coordinator.write("Why", "Already talking to them")
    coordinator.press("Leave out")
    coordinator.sees("2 letters to 2 people at 2 boards")
    journeys.test_and_ask(coordinator)
    journeys.sign_in(approver, "approver@example.org")
    journeys.forget_password_was_given(site, "approver@example.org")
    journeys.release(approver, "Offer without scripts")
    approver.follow("Refresh")
    approver.sees("0 of 2 sent")
    approver.press("Stop this mailing")
    approver.sees("Stopped. Nothing more leaves.")


def test_the_register_is_filtered_and_kept_without_scripts(site: Site, visit: Visit) -> None:
    coordinator = Visitor(visit(scripts=False), Mouse())
    journeys.sign_in(coordinator, "coordinator@example.org")
    coordinator.open("/systems")
    coordinator.choose("Region", "South West")
    coordinator.press("Show matching")
    coordinator.sees("Devon", "Dorset")
    expect(coordinator.page.locator("tbody")).not_to_contain_text("Essex")
    coordinator.follow("Remove filter")
    coordinator.sees("Essex")
    journeys.open_system(coordinator, "Dorset")
    journeys.record_lead(coordinator, given="Robin", family="Made-Up", email="robin@example.org")
    coordinator.sees("Dr Robin Made-Up")
    journeys.open_system(coordinator, "Devon")
    journeys.note_a_call(coordinator, "Evidence on asthma")
    coordinator.sees("Evidence on asthma", "2 Nov 2026")
