"""Deleting by keyboard, with scripts and without, and both ways of taking it back."""

import pytest
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.directory.models import Person
from tests.browser.conftest import (
    PHONE,
    WIDE,
    Site,
    Visit,
    check_no_sideways_scroll,
    check_with_axe,
)
from tests.browser.hands import Keyboard
from tests.factories import make_person, make_user


def somebody(session: Session) -> tuple[User, int]:
    user = make_user(session, "Cory Coordinator")
    person = make_person(session, "Wrongly-Entered", email=None)
    session.commit()
    return user, person.id


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize(("size", "dark"), [(WIDE, False), (PHONE, True)])
def test_a_person_is_deleted_taken_back_deleted_again_and_restored_from_the_bin(
    site: Site, visit: Visit, size: dict[str, int], dark: bool, scripts: bool
) -> None:
    with site.session() as session:
        user, number = somebody(session)
    page, hands = visit(user, size=size, dark=dark, scripts=scripts), Keyboard()

    page.goto(f"/people/{number}")
    hands.press(page.get_by_role("button", name="Delete").first)
    expect(page.locator("#messages")).to_contain_text("has been deleted.")
    check_no_sideways_scroll(page)
    hands.press(page.get_by_role("button", name="Undo").first)
    expect(page.locator("#messages")).to_contain_text("has been restored.")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Wrongly-Entered")

    hands.press(page.get_by_role("button", name="Delete").first)
    expect(page.locator("#messages")).to_contain_text("has been deleted.")
    page.goto(f"/people/{number}")
    expect(page.locator("main")).to_contain_text("Deleted by Cory Coordinator")
    if scripts:
        check_with_axe(page)
    page.goto("/bin")
    check_no_sideways_scroll(page)
    if scripts:  # axe is one, and would wait for ever
        check_with_axe(page)
    hands.press(page.get_by_role("button", name="Restore").first)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Wrongly-Entered")
    with site.session() as session:
        assert session.get(Person, number) is not None
