"""Mentioning a colleague by keyboard, and the bell of whoever was mentioned."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app.accounts.models import User
from app.core import clock
from app.notifications.models import Event
from app.notifications.services import notify
from tests.browser.conftest import (
    PHONE,
    Site,
    Visit,
    check_no_sideways_scroll,
    check_with_axe,
    site_on,
)
from tests.databases import SqliteDatabases
from tests.factories import make_organisation, make_user


@pytest.fixture(scope="module")
def site(
    sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with site_on(sqlite_databases.copy(), tmp_path_factory.mktemp("mentions")) as site:
        yield site


@pytest.fixture(scope="module")
def author(site: Site) -> User:
    with site.session() as session:
        author = make_user(session, "Ann Author")
        make_user(session, "Nadia Example")
        make_user(session, "Nathan Sample")
        session.commit()
    return author


@pytest.fixture
def area(site: Site, author: User, visit: Visit) -> Page:
    """A page with a text area in which colleagues can be mentioned, and the caret in it."""
    with site.session() as session:
        body = make_organisation(session)
        session.commit()
    page = visit(author)
    page.goto(f"/organisations/{body.id}/log")
    page.locator("textarea[name=body]").focus()
    return page


def test_a_colleague_is_mentioned_by_keyboard_alone(area: Page) -> None:
    text = area.locator("textarea[name=body]")
    offer = area.get_by_role("listbox", name="Colleagues")

    area.keyboard.type("Ask @na")
    expect(offer.get_by_role("option")).to_have_count(2)
    expect(offer.get_by_role("option", selected=True)).to_contain_text("Nadia Example")
    check_with_axe(area)
    area.keyboard.press("ArrowDown")
    chosen = offer.get_by_role("option", selected=True)
    expect(chosen).to_contain_text("Nathan Sample")
    assert text.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    area.keyboard.press("Enter")

    expect(offer).to_have_count(0)
    expect(text).to_have_value("Ask Nathan Sample ".replace("Ask ", "Ask @"))
    expect(text).to_be_focused()
    area.keyboard.type("about it.\nAnd @nad")
    expect(offer).to_be_visible()
    area.keyboard.press("Tab")
    expect(text).to_have_value("Ask @Nathan Sample about it.\nAnd @Nadia Example ")
    expect(text).to_be_focused()


def test_escape_closes_the_offer_and_enter_is_a_new_line_again(area: Page) -> None:
    area.keyboard.type("@na")
    expect(area.get_by_role("listbox")).to_be_visible()
    area.keyboard.press("Escape")
    expect(area.get_by_role("listbox")).to_have_count(0)
    area.keyboard.press("Enter")
    expect(area.locator("textarea[name=body]")).to_have_value("@na\n")


def test_an_email_address_offers_nobody(area: Page) -> None:
    area.keyboard.type("write to lead@na")
    area.wait_for_timeout(400)
    expect(area.get_by_role("listbox")).to_have_count(0)


def test_on_a_phone_the_offer_fits_and_takes_a_finger(area: Page) -> None:
    area.set_viewport_size({"width": 320, "height": PHONE["height"]})
    area.keyboard.type("Somebody we met at the end of a rather long first line: @na")
    option = area.get_by_role("option").first
    expect(option).to_be_visible()
    check_no_sideways_scroll(area)
    box = option.bounding_box()
    assert box is not None
    assert box["height"] >= 24
    option.click()
    expect(area.locator("textarea[name=body]")).to_have_value(
        "Somebody we met at the end of a rather long first line: @Nadia Example "
    )


@pytest.mark.parametrize("scripts", [True, False])
def test_the_bell_leads_to_the_very_entry_and_goes_quiet(
    site: Site, author: User, visit: Visit, scripts: bool
) -> None:
    with site.session() as session:
        notify(
            session,
            user=author,
            event=Event.MENTION,
            key=f"mention:interaction:{scripts}",
            text=f"Nadia Example mentioned you in a note, {scripts}.",
            path="/people",
            at=clock.now(),
        )
        session.commit()
    page = visit(author, scripts=scripts)
    page.goto("/organisations")
    bell = page.get_by_role("link", name="Notifications 1 new")
    bell.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Notifications")
    if scripts:
        check_with_axe(page)
    page.get_by_role("button", name=f"Nadia Example mentioned you in a note, {scripts}").press(
        "Enter"
    )
    expect(page.get_by_role("heading", level=1)).to_have_text("People")
    expect(page.get_by_role("link", name="Notifications", exact=True)).to_be_visible()
