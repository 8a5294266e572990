"""Ticking follow-ups off by keyboard alone, and taking that back."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import clock
from app.followups import services
from app.followups.models import FollowUp, FollowUpState
from app.followups.services import FollowUpDetails
from tests.browser.conftest import (
    PHONE,
    WIDE,
    Site,
    Visit,
    check_no_sideways_scroll,
    check_with_axe,
)
from tests.factories import make_user

NARROW = {"width": 320, "height": 640}


def three_due(session: Session) -> tuple[User, list[FollowUp]]:
    user, on = make_user(session), clock.today()
    rows = [
        services.add(
            session,
            FollowUpDetails(what, user, on + timedelta(days=number - 1)),
            by=user,
            at=clock.now(),
            on=on,
        )
        for number, what in enumerate(("Send the pack", "Ask again", "Thank them"))
    ]
    session.commit()
    return user, rows


def names(page: Page) -> list[str]:
    return page.locator(".follow-ups tbody th[scope=row] > a").all_inner_texts()


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize(("size", "dark"), [(WIDE, False), (NARROW, True)])
def test_one_key_ticks_a_follow_up_off_stands_on_the_next_and_is_undone(
    site: Site, visit: Visit, size: dict[str, int], dark: bool, scripts: bool
) -> None:
    with site.session() as session:
        user, rows = three_due(session)
    page = visit(user, size=size, dark=dark, scripts=scripts)
    page.goto("/follow-ups")
    assert names(page) == ["Send the pack", "Ask again", "Thank them"]
    check_no_sideways_scroll(page)

    page.locator(f"#tick-{rows[0].id}").focus()
    page.keyboard.press("Space")
    page.wait_for_url("**#tick-*")
    assert names(page) == ["Ask again", "Thank them"]
    assert page.locator(f"#tick-{rows[1].id}:focus").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_url(f"**#tick-{rows[2].id}")
    assert names(page) == ["Thank them"]

    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/follow-ups#tick-{rows[1].id}")
    page.get_by_text("Open again: Ask again.").wait_for()
    assert names(page) == ["Ask again", "Thank them"]
    page.goto("/follow-ups?show=done")
    page.locator(f"form[action$='/{rows[0].id}/reopen'] button").click()
    page.goto("/follow-ups")
    assert names(page) == ["Send the pack", "Ask again", "Thank them"]


def test_ctrl_and_enter_anywhere_in_a_row_ticks_it_off(site: Site, visit: Visit) -> None:
    with site.session() as session:
        user, rows = three_due(session)
    page = visit(user, size=PHONE)
    page.goto("/follow-ups")
    check_with_axe(page)
    page.get_by_role("link", name="Ask again", exact=True).focus()
    page.keyboard.press("Control+Enter")
    page.locator(".flash", has_text="Done: Ask again.").wait_for()

    with site.session() as session:
        assert session.get_one(FollowUp, rows[1].id).state is FollowUpState.DONE
