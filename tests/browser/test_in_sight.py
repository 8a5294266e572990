"""Whether it is saved is always in sight, and on a phone what is to be done comes first."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from app.accounts.models import User
from app.core import clock
from app.followups.models import FollowUp
from app.interactions.models import Draft, Interaction, Outcome
from tests.browser.conftest import (
    PHONE,
    WIDE,
    Site,
    Visit,
    check_no_sideways_scroll,
    check_with_axe,
    site_on,
)
from tests.browser.writing import NO_CONNECTION, SAVED, a_meeting, somebody
from tests.databases import SqliteDatabases
from tests.factories import make_organisation
from tests.overview.briefed import make_follow_up

IN_VAIN = re.compile("Not saved: no connection. Everything you typed is still here.")
KEYBOARD_OPEN = {"width": 390, "height": 400}
LOW = {"width": 1360, "height": 320}
AT = "one => { const box = one.getBoundingClientRect(); return [box.top, box.bottom]; }"


@dataclass
class Known:
    user: User
    meeting: Interaction
    body: str


@pytest.fixture(scope="module")
def site(
    sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with site_on(sqlite_databases.copy(), tmp_path_factory.mktemp("in_sight")) as site:
        yield site


@pytest.fixture(scope="module")
def known(site: Site) -> Known:
    with site.session() as session:
        user = somebody(session, "Anna Sample")
        meeting = a_meeting(session, user)
        body = make_organisation(session, short_name="Sampleshire")
        make_follow_up(session, body, user, "Send the pack", due_on=clock.today())
        session.commit()
        return Known(user, meeting, body.short_name)


def status_of(page: Page) -> Locator:
    return page.locator("[data-notes-status]")


def is_in_sight(one: Locator, height: int) -> None:
    top, bottom = one.evaluate(AT)
    assert 0 <= top < bottom <= height, (top, bottom, height)


def type_at_both_ends(page: Page, check: Locator, height: int) -> None:
    """Many lines: what one types is in sight too, and not behind the bar."""
    box = page.locator("textarea[name=body]")
    for key in ("ControlOrMeta+Home", "ControlOrMeta+End"):
        box.focus()
        page.keyboard.press(key)
        page.keyboard.type("More words. ")
        is_in_sight(check, height)


@pytest.mark.slow("it waits for words to be kept, which is done two seconds after the last key")
def test_whether_it_is_saved_is_in_sight_while_one_types(
    site: Site, known: Known, visit: Visit
) -> None:
    page = visit(known.user)
    said = status_of(page).locator("[data-notes-words]")
    for path in ("/log", f"/interactions/{known.meeting.id}/notes"):
        page.goto(path)
        page.locator("textarea[name=body]").fill("A line of the meeting.\n" * 40)
        expect(said).to_have_text(SAVED)
        for size in (PHONE, KEYBOARD_OPEN, WIDE, LOW):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            type_at_both_ends(page, status_of(page), size["height"])
            is_in_sight(page.locator("[data-save-bar] button"), size["height"])
            check_no_sideways_scroll(page)
        page.context.set_offline(True)
        page.keyboard.type("And more.")
        expect(said).to_have_text(NO_CONNECTION)
        for size in (PHONE, KEYBOARD_OPEN, WIDE, LOW):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            type_at_both_ends(page, status_of(page), size["height"])
        page.context.set_offline(False)
        expect(said).to_have_text(SAVED)
    check_with_axe(page)
    forget_drafts(site)


@pytest.mark.slow("it waits for words to be kept, which is done two seconds after the last key")
def test_it_is_in_sight_above_a_keyboard_that_lies_over_the_page(
    site: Site, known: Known, visit: Visit
) -> None:
    """As on an iPhone: the window keeps its height, and less of it is seen."""
    page = visit(known.user, size=PHONE)
    page.goto("/log")
    page.locator("textarea[name=body]").fill("A line.\n" * 40)
    expect(status_of(page).locator("[data-notes-words]")).to_have_text(SAVED)
    page.evaluate(
        "Object.defineProperty(visualViewport, 'height', { get: () => 430, configurable: true });"
        "visualViewport.dispatchEvent(new Event('resize'))"
    )
    is_in_sight(status_of(page), 430)
    page.evaluate("delete visualViewport.height; visualViewport.dispatchEvent(new Event('resize'))")
    is_in_sight(status_of(page), PHONE["height"])
    assert status_of(page).evaluate(AT)[1] > 700
    forget_drafts(site)


def test_the_button_pressed_without_a_connection_says_so_and_keeps_everything(
    site: Site, known: Known, visit: Visit
) -> None:
    page = visit(known.user, size=KEYBOARD_OPEN)
    page.goto("/log?kind=call")
    page.get_by_label("Add an organisation by its name").fill(known.body)
    page.get_by_role("option", name=f"{known.body} (Integrated care board)").click()
    page.locator("textarea[name=body]").fill("Words without a connection")
    page.locator("details#outcome > summary").click()
    page.get_by_role("radio", name="They promised").check()
    page.locator("#follow_what").fill("Send the draft")
    page.locator("#follow_due").fill(clock.today().isoformat())
    page.context.set_offline(True)
    button = page.locator("[data-save-bar] button")

    button.click()

    said = status_of(page).locator("[data-notes-words]")
    expect(said).to_have_text(IN_VAIN)
    for size in (KEYBOARD_OPEN, PHONE, WIDE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        is_in_sight(status_of(page), size["height"])
        assert status_of(page).evaluate(AT)[0] - button.evaluate(AT)[1] < 40  # at the button
    expect(page.locator("textarea[name=body]")).to_have_value("Words without a connection")
    expect(page.locator("#follow_what")).to_have_value("Send the draft")
    page.context.set_offline(False)
    expect(said).to_contain_text("Connected again. Press the button to save.")
    button.click()
    expect(page.get_by_role("status").first).to_contain_text("Call saved.")
    with site.session() as session:
        point = session.scalars(select(Outcome).order_by(Outcome.id.desc()).limit(1)).one()
        assert point.text == "Send the draft"
        entry = session.get_one(Interaction, point.interaction_id)
        assert entry.body == "Words without a connection"
        assert not session.scalars(select(Draft)).all()


def test_the_button_says_when_liaise_does_not_answer(
    site: Site, known: Known, visit: Visit
) -> None:
    page = visit(known.user, size=PHONE)
    page.goto(f"/interactions/{known.meeting.id}/notes")
    page.route("**/form-token", lambda route: route.fulfill(status=503))
    page.route("**/drafts", lambda route: route.fulfill(status=503))
    page.locator("textarea[name=body]").fill("Kept in the box")
    page.get_by_role("button", name="Save the notes").click()
    said = status_of(page).locator("[data-notes-words]")
    expect(said).to_have_text(re.compile("Not saved: Liaise does not answer."))
    is_in_sight(status_of(page), PHONE["height"])
    expect(page.locator("textarea[name=body]")).to_have_value("Kept in the box")
    page.unroute_all()
    page.get_by_role("button", name="Save the notes").click()
    expect(page.get_by_role("status").first).to_contain_text("The notes are saved.")
    forget_drafts(site)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_on_a_phone_the_work_is_on_the_first_screen(
    site: Site, known: Known, visit: Visit, scripts: bool
) -> None:
    page = visit(known.user, size=PHONE, scripts=scripts)
    for path, first in (
        ("/log?kind=meeting", "textarea[name=body]"),
        ("/meetings", "table.stacked tbody tr"),
        ("/follow-ups", "table.follow-ups tbody tr:not(.group)"),
        ("/follow-ups?about=Sample&priority=normal", "table.follow-ups tbody tr:not(.group)"),
    ):
        page.goto(path)
        top, _ = page.locator(first).first.evaluate(AT) if scripts else (box_top(page, first), 0)
        assert top < 740, (path, top)
    page.goto("/meetings")
    words = page.get_by_label("Words")
    expect(words).to_be_hidden()
    page.get_by_text("Filter this list").click()
    words.fill("programme")
    page.get_by_role("button", name="Show matching").click()
    expect(page.get_by_role("link", name="Remove filter Words")).to_be_visible()
    expect(page.get_by_role("link", name="Children’s programme").first).to_be_visible()
    wide = visit(known.user, scripts=scripts)
    wide.goto("/meetings")
    expect(wide.get_by_label("Words")).to_be_visible()
    expect(wide.get_by_text("Filter this list")).to_be_hidden()


def box_top(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box
    return box["y"]


def forget_drafts(site: Site) -> None:
    with site.session() as session:
        for draft in session.scalars(select(Draft)):
            session.delete(draft)
        assert session.scalars(select(FollowUp)).first()
        session.commit()
