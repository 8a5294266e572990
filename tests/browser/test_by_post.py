"""A mailing that goes by email, and by post to those without an address: from choosing it, over an
envelope that the post would refuse, to what a second person approved."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.directory.models import Appointment, Organisation, PersonEmail, Post
from app.letters.models import Letter, LetterState, PostalState
from tests.browser import journeys
from tests.browser.conftest import (
    WIDE,
    Site,
    Visit,
    check_no_sideways_scroll,
    check_with_axe,
    site_on,
)
from tests.browser.hands import Hands, Keyboard, Mouse, Visitor
from tests.databases import SqliteDatabases

NARROW = {"width": 320, "height": 640}
OFFER = "Offer to three"
WITHOUT_POSTCODE = "1 Example Street\nExampleton"


@pytest.fixture
def site(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Site]:
    with site_on(sqlite_databases.copy(), tmp_path) as site:
        journeys.people_of_the_group(site)
        journeys.three_leads_known(site)
        two_without_email(site)
        yield site


def two_without_email(site: Site) -> None:
    """The leads at Devon and Essex can be reached at the body alone; Devon’s has no postcode."""
    with site.session() as session:
        for name, address in (("Devon", WITHOUT_POSTCODE), ("Essex", "2 Made-up Road\nZA99 9ZZ")):
            body = session.scalars(
                select(Organisation).where(
                    Organisation.short_name == f"{name} ICB", Organisation.dissolved_on.is_(None)
                )
            ).one()
            body.postal_address = address
            held = select(Appointment.person_id).join(Post).where(Post.organisation_id == body.id)
            for email in session.scalars(
                select(PersonEmail).where(PersonEmail.person_id.in_(held))
            ):
                session.delete(email)
        session.commit()


@pytest.mark.parametrize(
    ("hands", "scripts", "size"),
    [(Mouse(), True, WIDE), (Keyboard(), True, WIDE), (Mouse(), False, NARROW)],
    ids=["mouse", "keyboard", "narrow-without-scripts"],
)
def test_a_letter_goes_by_post_to_whoever_has_no_address_that_works(
    site: Site, visit: Visit, hands: Hands, scripts: bool, size: dict[str, int]
) -> None:
    coordinator, approver = (
        Visitor(visit(scripts=scripts, size=size), hands, check_no_sideways_scroll)
        for _ in range(2)
    )
    journeys.sign_in(coordinator, "coordinator@example.org")
    journeys.write_offer(coordinator, OFFER)
    coordinator.pick("The role at particular organisations")
    coordinator.tick("Devon", "Essex", "Somerset")
    coordinator.pick("By email, and by post to those without a working address")
    coordinator.press("Check the letters")

    coordinator.sees("1 row needs you", "The envelope: the last line is “Exampleton”")
    assert coordinator.page.get_by_role("button", name="Ask for approval").count() == 0
    if scripts:
        check_with_axe(coordinator.page)
    check = coordinator.page.url
    coordinator.follow("Fix the address")
    coordinator.write("Postal address", f"{WITHOUT_POSTCODE}\nZA99 9ZZ")
    coordinator.press("Save")
    coordinator.open(check)
    coordinator.press("Check again")
    coordinator.sees("3 letters ready, 1 by email and 2 by post")
    coordinator.follow("Send some of them another way")
    coordinator.is_at("How each letter goes")
    coordinator.sees("2 Made-up Road, ZA99 9ZZ")
    if scripts:
        check_with_axe(coordinator.page)
    coordinator.follow("Back to the check")
    journeys.test_and_ask(coordinator)
    journeys.sign_in(approver, "approver@example.org")
    journeys.release(approver, OFFER)
    journeys.make_hold_end(site)
    site.run("letters")

    approver.open("/letters/")
    approver.follow(OFFER)
    approver.sees("2 by post: approved", "2 letters by post wait to be printed")
    if scripts:
        check_with_axe(approver.page)
    with site.session() as session:
        letters = session.scalars(select(Letter).order_by(Letter.channel, Letter.id)).all()
    assert [(one.state, one.post_state) for one in letters] == [
        (LetterState.SENT, None),
        (LetterState.BY_POST, PostalState.APPROVED),
        (LetterState.BY_POST, PostalState.APPROVED),
    ]
