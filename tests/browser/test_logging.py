"""Logging a call takes at most three interactions before one types, from any page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.accounts.models import User
from app.interactions.models import Interaction
from tests.browser.conftest import Site, Visit, check_no_sideways_scroll, check_with_axe, site_on
from tests.databases import SqliteDatabases
from tests.factories import make_appointment, make_system, make_user


@dataclass
class Hands:
    """Counts what somebody does with the mouse or a key, before and besides typing."""

    page: Page
    interactions: int = 0

    def click(self, role: str, name: str) -> None:
        self.interactions += 1
        self.page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]

    def press(self, key: str) -> None:
        self.interactions += 1
        self.page.keyboard.press(key)


@dataclass
class Known:
    user: User
    system_id: int
    board_id: int
    person_id: int


@pytest.fixture(scope="module")
def site(
    sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with site_on(sqlite_databases.copy(), tmp_path_factory.mktemp("logging")) as site:
        yield site


@pytest.fixture(scope="module")
def known(site: Site) -> Known:
    with site.session() as session:
        user = make_user(session, "Ann Author")
        system, board = make_system(session, "Sampleshire")
        make_system(session, "Sampleton")
        lead = make_appointment(session, organisation=board).person
        session.commit()
        return Known(user, system.id, board.id, lead.id)


def newest(site: Site) -> str:
    with site.session() as session:
        body = session.scalar(select(Interaction.body).order_by(Interaction.id.desc()).limit(1))
    return body or ""


@pytest.mark.parametrize("where", ["/systems/{0.system_id}", "/people/{0.person_id}"])
def test_on_a_record_one_writes_after_two_interactions(
    site: Site, known: Known, visit: Visit, where: str
) -> None:
    page = visit(known.user)
    page.goto(where.format(known))
    hands = Hands(page)

    hands.click("link", "Log a meeting, call or note")
    expect(page.locator("textarea[name=body]")).to_be_focused()
    page.keyboard.type(f"They will send the draft. {where}")
    page.get_by_role("radio", name="A call").check()
    page.get_by_role("button", name="Save", exact=True).last.click()

    expect(page.get_by_role("status").first).to_contain_text("Call saved.")
    assert hands.interactions <= 3
    assert newest(site) == f"They will send the draft. {where}"


def test_from_anywhere_a_call_is_begun_in_three_interactions(
    site: Site, known: Known, visit: Visit
) -> None:
    page = visit(known.user)
    page.goto("/")
    hands = Hands(page)

    hands.click("link", "Log a meeting, call or note")
    hands.click("radio", "A call")
    hands.click("combobox", "Add an organisation by its name")
    page.keyboard.type("samp")
    offers = page.get_by_role("listbox", name="With which organisations")
    expect(offers.get_by_role("option", name="Sampleshire (Integrated care board)")).to_be_visible()
    check_with_axe(page)

    assert hands.interactions <= 3
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(offers).to_be_hidden()
    expect(page.locator("input[name=organisations]:checked")).to_have_count(1)


def test_a_name_typed_faster_than_it_is_offered_does_not_send_the_form(
    known: Known, visit: Visit
) -> None:
    page = visit(known.user)
    page.goto("/log?kind=call")
    page.keyboard.type("Sampleton")
    page.keyboard.press("Enter")
    page.get_by_role("option", name="Sampleton (Integrated care board)").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("input[name=organisations]:checked")).to_have_count(1)
    expect(page).to_have_url(re.compile("/log"))


def test_a_body_chosen_brings_its_people_to_tick(known: Known, visit: Visit) -> None:
    page = visit(known.user)
    page.goto("/log?kind=call")
    page.keyboard.type("sampleshire")
    page.get_by_role("option", name="Sampleshire (Integrated care board)").click()

    person = page.get_by_role("checkbox", name="Alex Sample (Executive lead")
    expect(person).to_be_visible()
    expect(person).not_to_be_checked()


@pytest.mark.parametrize("width", [320, 390, 1360])
def test_the_form_fits_and_can_be_read(known: Known, visit: Visit, width: int) -> None:
    page = visit(known.user)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"/organisations/{known.board_id}/log?kind=meeting")
    for more in page.locator("details.more").all():
        more.evaluate("part => { part.open = true }")

    check_no_sideways_scroll(page)
    check_with_axe(page)
