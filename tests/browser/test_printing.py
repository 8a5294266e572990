"""Letters by post from the file for the printer to the post, and one of them back again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.letters.models import Letter, Mailing, PostalState
from app.letters.print import runs
from tests.browser import journeys
from tests.browser.conftest import (
    PHONE,
    WIDE,
    Site,
    Visit,
    check_no_sideways_scroll,
    check_with_axe,
    site_on,
)
from tests.browser.hands import Hands, Keyboard, Mouse, Visitor
from tests.databases import SqliteDatabases
from tests.letters.by_post import approved_by_post
from tests.letters.conftest import set_up


@pytest.fixture
def site(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Site]:
    with site_on(sqlite_databases.copy(), tmp_path) as site:
        journeys.people_of_the_group(site)
        with site.session() as session:
            set_up(session)
            approved_by_post(session, 3)
        yield site


def mailing_id(site: Site) -> int:
    with site.session() as session:
        return session.scalars(select(Mailing.id)).one()


def states(site: Site) -> list[PostalState | None]:
    with site.session() as session:
        by_post = select(Letter.post_state).where(Letter.post_state.is_not(None))
        return list(session.scalars(by_post.order_by(Letter.id)))


@pytest.mark.parametrize(
    ("hands", "where"),
    [(Mouse(), (True, WIDE)), (Keyboard(), (True, PHONE)), (Mouse(), (False, PHONE))],
    ids=["mouse", "keyboard-phone", "phone-without-scripts"],
)
def test_a_file_is_made_printed_posted_and_a_letter_comes_back(
    site: Site,
    visit: Visit,
    hands: Hands,
    where: tuple[bool, dict[str, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scripts, size = where
    monkeypatch.setattr(runs, "AT_ONCE", 1)  # so that a job makes it
    coordinator = Visitor(visit(scripts=scripts, size=size), hands, check_no_sideways_scroll)
    journeys.sign_in(coordinator, "coordinator@example.org")
    coordinator.open(f"/letters/mailings/{mailing_id(site)}/print")
    coordinator.sees("the 3 letters not printed yet")
    coordinator.press("Make a print file")
    coordinator.sees("0 of 3 letters")
    site.run("print files")
    if not scripts:
        coordinator.follow("Refresh")
    coordinator.sees("Fetch the file for the printer")
    assert states(site) == [PostalState.PRINTED] * 3
    with coordinator.page.expect_download() as fetched:
        hands.press(coordinator.page.get_by_role("link", name="Fetch the file for the printer"))
    assert Path(fetched.value.path()).read_bytes().startswith(b"%PDF-")
    coordinator.press("Mark as posted")
    coordinator.sees("3 letters marked as posted on")
    coordinator.press("Undo")
    coordinator.sees("Undone: 3 letters still to be posted.")
    coordinator.press("Mark as posted")
    if scripts:
        check_with_axe(coordinator.page)
    coordinator.go(coordinator.page.get_by_role("link", name="Came back").first)
    coordinator.write("Why", "addressee gone away")
    coordinator.press("It came back")
    coordinator.sees("is marked as returned")
    if scripts:
        check_with_axe(coordinator.page)
    coordinator.go(
        coordinator.page.get_by_role("main").get_by_role("link", name="Dr Alex Lead0001").first
    )
    coordinator.sees("Post came back on")
    coordinator.press("It works after all")
    coordinator.sees("may be posted to")
    assert states(site) == [PostalState.RETURNED, PostalState.POSTED, PostalState.POSTED]
