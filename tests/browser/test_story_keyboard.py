"""The core journeys by keyboard alone: Tab goes everywhere, and everybody sees where it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import journeys
from tests.browser.conftest import Site, Visit, site_on
from tests.browser.hands import Keyboard, Visitor
from tests.databases import SqliteDatabases


@pytest.fixture
def site(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Site]:
    with site_on(sqlite_databases.copy(), tmp_path) as site:
        journeys.people_of_the_group(site)
        journeys.three_leads_known(site)
        yield site


def test_a_letter_is_written_released_and_stopped_by_keyboard(site: Site, visit: Visit) -> None:
    coordinator, approver = Visitor(visit(), Keyboard()), Visitor(visit(), Keyboard())
    journeys.sign_in(coordinator, "coordinator@example.org")
    journeys.write_offer(coordinator, "Offer by keyboard")
    journeys.choose_boards(coordinator, "Devon", "Essex", "Somerset")
    coordinator.sees("3 letters to 3 people at 3 boards")
    coordinator.follow("Next letter")
    coordinator.sees("Letter 2 of 3")
    journeys.test_and_ask(coordinator)
    journeys.sign_in(approver, "approver@example.org")
    journeys.forget_password_was_given(site, "approver@example.org")
    journeys.release(approver, "Offer by keyboard")
    approver.press("Stop this mailing")
    approver.sees("Stopped. Nothing more leaves.")


def test_a_lead_and_a_call_are_recorded_by_keyboard(site: Site, visit: Visit) -> None:
    coordinator = Visitor(visit(), Keyboard())
    journeys.sign_in(coordinator, "coordinator@example.org")
    journeys.open_system(coordinator, "Kent and Medway")
    journeys.record_lead(coordinator, given="Robin", family="Made-Up", email="robin@example.org")
    coordinator.sees("Dr Robin Made-Up")
    journeys.open_system(coordinator, "Dorset")
    journeys.record_vacant(coordinator)
    coordinator.sees("Vacant")
    journeys.open_system(coordinator, "Devon")
    journeys.note_a_call(coordinator, "Evidence on asthma")
    coordinator.sees("Evidence on asthma", "2 Nov 2026")
    coordinator.open("/systems")
    coordinator.choose("Region", "South West")
    coordinator.press("Show matching")
    coordinator.sees("Devon", "Dorset")
