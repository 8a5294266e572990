"""Writing notes: what is typed is kept, whoever else writes, and whatever the line does."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import update

from app.accounts.models import SignInSession, User
from app.core import clock
from tests.browser.conftest import (
    PHONE,
    Site,
    Visit,
    check_no_sideways_scroll,
    check_with_axe,
    site_on,
)
from tests.browser.hands import Keyboard
from tests.browser.writing import (
    BEGINNING,
    NO_CONNECTION,
    SAVED,
    Room,
    a_room,
    box_of,
    drafts_of,
    go_on,
    is_told,
    notes_of,
    open_notes,
)
from tests.databases import SqliteDatabases

SMALL = {"width": 320, "height": 640}


@pytest.fixture
def site(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Site]:
    with site_on(sqlite_databases.copy(), tmp_path) as site:
        yield site


@pytest.fixture
def room(site: Site) -> Room:
    return a_room(site)


def test_words_are_kept_within_three_seconds_of_a_pause(
    site: Site, visit: Visit, room: Room
) -> None:
    page = visit(room.anna)
    go_on(open_notes(page, room.meeting), "\nWe will send the pack.")
    began = time.monotonic()
    is_told(page, SAVED)

    assert time.monotonic() - began < 3.5
    assert drafts_of(site, room.anna)[0].body == f"{BEGINNING}\nWe will send the pack."
    assert notes_of(site, room.meeting) == BEGINNING


def test_saving_shows_them_to_everybody_and_leaves_no_draft(
    site: Site, visit: Visit, room: Room
) -> None:
    page = visit(room.anna)
    go_on(open_notes(page, room.meeting), "\nWe will send the pack.")
    is_told(page, SAVED)
    page.get_by_role("button", name="Save the notes").click()
    expect(page.locator("#messages")).to_contain_text("The notes are saved.")

    assert notes_of(site, room.meeting) == f"{BEGINNING}\nWe will send the pack."
    assert drafts_of(site, room.anna) == []


def test_a_draft_is_offered_on_another_device_to_keep_or_to_discard(
    site: Site, visit: Visit, room: Room
) -> None:
    page = visit(room.anna)
    go_on(open_notes(page, room.meeting), "\nHalf a thought")
    is_told(page, SAVED)

    phone = visit(room.anna, size=PHONE)
    box = open_notes(phone, room.meeting)
    expect(box).to_have_value(BEGINNING)
    offer = phone.locator(".unsaved")
    expect(offer).to_contain_text(
        re.compile(r"unsaved notes here: 11 words, last typed at \d\d:\d\d")
    )
    offer.get_by_role("link", name="Keep").click()
    expect(box).to_have_value(f"{BEGINNING}\nHalf a thought")
    go_on(box, " goes on")
    is_told(phone, SAVED)
    assert drafts_of(site, room.anna)[0].body == f"{BEGINNING}\nHalf a thought goes on"

    open_notes(phone, room.meeting)
    phone.get_by_role("button", name="Discard these words").click()
    expect(phone.locator(".unsaved")).to_have_count(0)
    phone.goto("/drafts")
    phone.get_by_role("button", name="Take it back").click()
    open_notes(phone, room.meeting)
    expect(phone.locator(".unsaved")).to_have_count(1)
    assert visit(room.ben).goto(f"{site.address}/drafts") is not None


def test_nothing_is_lost_while_there_is_no_connection(site: Site, visit: Visit, room: Room) -> None:
    page = visit(room.anna)
    box = open_notes(page, room.meeting)
    page.context.set_offline(True)
    go_on(box, "\nTyped in a tunnel.")
    is_told(page, NO_CONNECTION)
    go_on(box, "\nAnd on.")
    page.get_by_role("button", name="Save the notes").click()  # goes nowhere, takes nothing away
    expect(box).to_have_value(f"{BEGINNING}\nTyped in a tunnel.\nAnd on.")
    page.context.set_offline(False)
    is_told(
        page, re.compile(r"^Draft saved \d\d:\d\d\. Connected again\. Press the button to save\.$")
    )

    assert drafts_of(site, room.anna)[0].body == f"{BEGINNING}\nTyped in a tunnel.\nAnd on."
    kept_here = page.evaluate("JSON.stringify([localStorage, sessionStorage])")
    assert "tunnel" not in kept_here
    assert "interaction:" not in kept_here


def test_five_minutes_offline_are_tried_again_and_again(
    site: Site, visit: Visit, room: Room
) -> None:
    """By a clock that is wound on; the pauses between two tries grow to half a minute."""
    page = visit(room.anna)
    page.clock.install()
    box = open_notes(page, room.meeting)
    tries: list[str] = []
    page.on("requestfailed", lambda request: tries.append(request.url))
    page.context.set_offline(True)
    go_on(box, "\nTyped in a tunnel.")
    for _ in range(60):
        page.clock.run_for(5000)
        page.wait_for_timeout(20)
    assert 8 <= len([one for one in tries if one.endswith("/drafts")]) <= 20
    page.context.set_offline(False)
    page.clock.run_for(31_000)
    page.wait_for_timeout(500)
    page.clock.run_for(1000)

    assert drafts_of(site, room.anna)[0].body == f"{BEGINNING}\nTyped in a tunnel."


def sign_out_behind_their_back(site: Site, user: User) -> None:
    with site.session() as session:
        theirs = update(SignInSession).where(SignInSession.user_id == user.id)
        session.execute(theirs.values(ended_at=clock.now()))
        session.commit()


def take_over_sign_in(page: Page, other: Page) -> None:
    cookie = next(one for one in other.context.cookies() if one["name"] == "liaise")
    address = page.url.partition("/interactions")[0]
    page.context.add_cookies([{"name": "liaise", "value": cookie["value"], "url": address}])


def test_a_sign_in_that_ends_while_typing_takes_nothing(
    site: Site, visit: Visit, room: Room
) -> None:
    page = visit(room.anna)
    box = open_notes(page, room.meeting)
    sign_out_behind_their_back(site, room.anna)
    go_on(box, "\nTyped too late.")
    is_told(page, "Not saved yet: you have been signed out.")
    notice = page.locator("[data-notes-notice]")
    expect(notice).to_contain_text("Your words are still here.")
    assert notice.get_by_role("link").get_attribute("target") == "_blank"
    page.get_by_role("button", name="Save the notes").click()  # does not leave the page
    expect(box).to_have_value(f"{BEGINNING}\nTyped too late.")

    take_over_sign_in(page, visit(room.anna))  # as another tab of this browser would
    is_told(page, SAVED)
    expect(notice).to_be_empty()
    page.get_by_role("button", name="Save the notes").click()
    expect(page.locator("#messages")).to_contain_text("saved")
    assert notes_of(site, room.meeting) == f"{BEGINNING}\nTyped too late."


def test_words_are_never_kept_under_another_name(site: Site, visit: Visit, room: Room) -> None:
    page = visit(room.anna)
    box = open_notes(page, room.meeting)
    sign_out_behind_their_back(site, room.anna)
    take_over_sign_in(page, visit(room.ben))
    go_on(box, "\nHers alone.")
    expect(page.locator("[data-notes-notice]")).to_contain_text("Somebody else has signed in")

    assert drafts_of(site, room.ben) == []
    expect(box).to_have_value(f"{BEGINNING}\nHers alone.")


def test_typing_keeps_the_sign_in_alive(site: Site, visit: Visit, room: Room) -> None:
    """The warning of the idle limit is put off each time that words were kept."""
    page = visit(room.anna)
    box = open_notes(page, room.meeting)
    page.evaluate("document.dispatchEvent(new CustomEvent('liaise:seen', {detail: 100}))")
    expect(page.locator("#idle")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    go_on(box, "\nStill here.")
    is_told(page, SAVED)
    page.wait_for_timeout(500)
    expect(page.locator("#idle")).not_to_have_attribute("open", "")


def test_without_scripts_there_is_a_save_button_and_a_line_that_says_so(
    site: Site, visit: Visit, room: Room
) -> None:
    page = visit(room.anna, scripts=False)
    box = open_notes(page, room.meeting)
    expect(page.locator("main")).to_contain_text("Autosave is off without JavaScript.")
    expect(page.locator("[data-notes-tools]")).to_be_hidden()
    box.fill(f"{BEGINNING}\nBy hand.")
    page.get_by_role("button", name="Save the notes").click()
    expect(page.locator("#messages")).to_contain_text("saved")
    assert notes_of(site, room.meeting) == f"{BEGINNING}\nBy hand."


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_too_many_words_are_refused_in_a_sentence_and_stay_on_the_page(
    site: Site, visit: Visit, room: Room, scripts: bool
) -> None:
    page = visit(room.anna, scripts=scripts)
    box = open_notes(page, room.meeting)
    paste(box, 600)
    page.get_by_role("button", name="Save the notes").click()
    expect(page.locator("main")).to_contain_text("the most is 500 kB")
    length = len(box_of(page).input_value())
    assert length == 600_000
    paste(box_of(page), 499)
    page.get_by_role("button", name="Save the notes").click()
    expect(page.locator("#messages")).to_contain_text("saved")
    length = len(notes_of(site, room.meeting))
    assert length == 499_000


def paste(box: Locator, kilobytes: int) -> None:
    """As if so much had been pasted; typing it would take the browser minutes."""
    line = "x" * 999
    words = "\n".join([line] * kilobytes) + "x"
    box.evaluate(
        "(e, words) => { e.value = words; e.dispatchEvent(new Event('input', {bubbles: true})); }",
        words,
    )


def test_the_toolbar_and_its_keys_write_markdown_that_can_be_taken_back(
    site: Site, visit: Visit, room: Room
) -> None:
    page = visit(room.anna)
    box, keys = open_notes(page, room.meeting), page.keyboard
    box.fill("one")
    for key, marked in (("b", "**one**"), ("i", "_one_"), ("k", "[one](https://)")):
        box.press("ControlOrMeta+a")
        keys.press(f"ControlOrMeta+{key}")
        expect(box).to_have_value(marked)
        keys.press("ControlOrMeta+z")
        expect(box).to_have_value("one")
    for name, marked in (("Heading", "## one"), ("List", "- one"), ("Quote", "> one")):
        page.get_by_role("button", name=name).click()
        expect(box).to_have_value(marked)
        page.get_by_role("button", name=name).click()
        expect(box).to_have_value("one")
    box.fill("## Head\n\n<script>alert(1)</script> **bold**")
    page.get_by_role("button", name="Preview").click()
    shown = page.get_by_role("region", name="Preview")
    expect(shown.locator("strong")).to_have_text("bold")
    expect(shown).to_contain_text("<script>")
    page.get_by_role("button", name="Preview").click()
    expect(box).to_be_focused()


def test_notes_are_written_on_the_smallest_phone_and_by_keyboard(
    site: Site, visit: Visit, room: Room
) -> None:
    page = visit(room.anna, size=SMALL)
    box = open_notes(page, room.meeting)
    Keyboard().reach(box)
    go_on(box, "\nBy keyboard.")
    is_told(page, SAVED)
    check_no_sideways_scroll(page)
    check_with_axe(page)
    Keyboard().press(page.get_by_role("button", name="Save the notes"))
    expect(page.locator("#messages")).to_contain_text("saved")
