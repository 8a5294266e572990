"""The April plan at a desk without a mouse, on a narrow phone, and without scripts."""

from datetime import date

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from app.documents import reference as document_types
from app.milestones import reference as milestones
from app.milestones.models import Milestone, MilestoneSeries
from tests.browser.conftest import Site, Visit
from tests.factories import NOON, TODAY, make_organisation, make_user

NARROW = {"width": 320, "height": 640}
BOARDS = ("NHS East ICB", "NHS North ICB", "NHS South ICB")


@pytest.fixture
def april(site: Site) -> tuple[object, str]:
    """Three boards bound by last April's milestone, and somebody who may mark them."""
    with site.session() as session:
        document_types.load(session)
        milestones.load(session, on=TODAY, at=NOON)
        for name in BOARDS:
            make_organisation(session, name)
        user = make_user(session)
        milestone = session.scalars(
            select(Milestone)
            .join(MilestoneSeries)
            .where(MilestoneSeries.code == "R01", Milestone.due_on == date(2026, 4, 1))
        ).one()
        session.commit()
        return user, f"/milestones/{milestone.id}"


def _press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.parametrize("scripts", [True, False])
def test_two_of_three_boards_are_marked_from_the_keyboard_and_taken_back(
    april: tuple[object, str], visit: Visit, scripts: bool
) -> None:
    user, path = april
    page = visit(user, scripts=scripts, size=NARROW)
    page.goto(path)
    for name in BOARDS[:2]:
        page.get_by_role("checkbox", name=f"Select {name}").focus()
        page.keyboard.press("Space")
    summary = page.get_by_text("Mark several at once")
    if scripts:
        assert page.get_by_text("2 ticked").is_visible()
    summary.focus()
    page.keyboard.press("Enter")
    page.get_by_label("Met on", exact=True).fill("2026-03-28")
    page.get_by_label("Note", exact=True).fill("Their pages")
    _press(page, "See what would change")
    assert page.get_by_text("2 boards would be met on time, on 28 March 2026").is_visible()
    _press(page, "Mark 2 boards")
    assert page.get_by_text("2 of 3 boards have met it; 1 has not").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    _press(page, "Undo")
    assert page.get_by_text("Nothing is recorded yet of the 3 boards it bound").is_visible()


def test_the_timeline_fits_a_narrow_phone_and_leads_on_by_keyboard(
    april: tuple[object, str], visit: Visit
) -> None:
    page = visit(april[0], size=NARROW)
    page.goto("/milestones?q=refreshed")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.get_by_role("link", name="DHSC guidance on integrated care").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    words = "It happened on 1 February 2024, 216 days later than announced"
    assert page.get_by_role("heading", name=words).is_visible()


def test_a_rule_asks_whom_to_tell_only_for_what_that_needs(
    april: tuple[object, str], visit: Visit
) -> None:
    page = visit(april[0], size=NARROW)
    page.goto("/reminders/new")
    person, permission = page.get_by_label("The person"), page.get_by_label("Those who")
    assert not person.is_visible()
    assert not permission.is_visible()
    page.get_by_label("One person").check()
    assert person.is_visible()
    assert not permission.is_visible()
    page.get_by_label("Everybody with a permission").check()
    assert not person.is_visible()
    assert permission.is_visible()
