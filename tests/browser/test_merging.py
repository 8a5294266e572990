"""Two records become one, and two again: by keyboard, and without any script."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.accounts.models import User
from tests.browser.conftest import (
    Site,
    Visit,
    check_no_sideways_scroll,
    check_with_axe,
    site_on,
)
from tests.browser.hands import Hands, Keyboard, Mouse, Visitor
from tests.databases import SqliteDatabases
from tests.factories import make_appointment, make_organisation, make_person, make_user

PHONE = {"width": 390, "height": 800}


@pytest.fixture
def coordinator(site: Site) -> User:
    with site.session() as session:
        user = make_user(session, "Casey Coordinator")
        board = make_organisation(session, "NHS Devon Integrated Care Board", short_name="Devon")
        for given, email in (("Siân", "sian@example.org"), ("S.", "s.luczak@example.org")):
            person = make_person(session, "Łuczak", given_name=given, email=email)
            make_appointment(session, person=person, organisation=board)
        session.commit()
    return user


@pytest.fixture
def site(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Site]:
    with site_on(sqlite_databases.copy(), tmp_path) as site:
        yield site


def test_the_list_of_people_keeps_its_title_when_it_learns_who_may_be_there_twice(
    visit: Visit, coordinator: User
) -> None:
    page = visit(coordinator)
    page.goto("/people")
    expect(page.locator("#twice")).to_be_visible()
    assert page.title().startswith("People ")
    assert "twice" not in page.title()


@pytest.mark.parametrize(
    ("hands", "scripts"),
    [pytest.param(Keyboard(), True, id="keyboard"), pytest.param(Mouse(), False, id="no scripts")],
)
def test_somebody_recorded_twice_is_found_merged_and_taken_apart_again(
    visit: Visit, coordinator: User, hands: Hands, scripts: bool
) -> None:
    one = Visitor(visit(coordinator, scripts=scripts), hands)
    one.open("/people/twice")
    one.sees("nearly the same name at Devon")
    one.follow("Merge…")
    one.sees("Are these one person?")
    if scripts:
        check_with_axe(one.page)
    expect(one.page.locator("#result")).to_contain_text("Siân Łuczak")
    one.page.get_by_label("s.luczak@example.org").check()
    one.page.locator("#given_name-1").check()
    if not scripts:
        one.press("Show what comes of it")
    expect(one.page.locator("#result")).to_contain_text("S. Łuczak")
    expect(one.page.get_by_label("s.luczak@example.org")).to_be_checked()
    one.press("Merge into one record")
    one.sees("S. Łuczak was merged into this record.", "s.luczak@example.org")
    one.page.get_by_role("status").get_by_role("button", name="Undo").press("Enter")
    one.sees("S. Łuczak is a person of their own again.")


@pytest.mark.parametrize("scripts", [True, False])
def test_who_is_added_a_second_time_is_asked_about_and_nothing_typed_is_lost(
    visit: Visit, coordinator: User, scripts: bool
) -> None:
    one = Visitor(visit(coordinator, scripts=scripts), Mouse())
    one.open("/people/new")
    one.write("First name", "Sian")
    one.write("Family name", "Luczak")
    one.write("Note", "Met in June")
    one.page.get_by_label("Family name").press("Enter")
    one.sees("Is this somebody you have already?", "the same name")
    if scripts:
        expect(one.page.locator("#doubt")).to_be_focused()
        check_with_axe(one.page)
    one.page.get_by_label("Family name").press("Enter")
    one.sees("Is this somebody you have already?")
    expect(one.page.get_by_label("Note")).to_have_value("Met in June")
    one.page.get_by_role("button", name="Add anyway").last.click()
    one.sees("Sian Luczak has been added.")


@pytest.mark.parametrize("dark", [False, True])
def test_both_records_fit_a_phone(visit: Visit, coordinator: User, dark: bool) -> None:
    page = visit(coordinator, size=PHONE, dark=dark)
    page.goto("/people/twice")
    check_no_sideways_scroll(page)
    page.get_by_role("link", name="Merge…").click()
    page.wait_for_load_state()
    check_no_sideways_scroll(page)
    check_with_axe(page)
