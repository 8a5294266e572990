"""From a letter that nobody answered to its chaser: set, prepared, checked, released, and stopped
for whoever answers in between."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.core import clock
from app.letters.models import Letter, LetterState, Mailing
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


@pytest.fixture
def site(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Site]:
    with site_on(sqlite_databases.copy(), tmp_path) as site:
        journeys.people_of_the_group(site)
        journeys.three_leads_known(site)
        yield site


def three_weeks_pass(site: Site) -> None:
    """As if a mail server had taken the letters then, and nobody had answered."""
    with site.session() as session:
        for letter in session.scalars(select(Letter)):
            assert letter.sent_on, letter.state
            letter.server_reply = "250 taken"
            letter.sent_on -= timedelta(days=21)
            letter.sent_at = clock.now() - timedelta(days=21)
        session.commit()


def letter_ids(site: Site, name: str) -> list[int]:
    with site.session() as session:
        wanted = select(Letter.id).join(Mailing, Mailing.id == Letter.mailing_id)
        return list(session.scalars(wanted.where(Mailing.name == name).order_by(Letter.id)))


def they_answer(coordinator: Visitor, letter_id: int) -> None:
    coordinator.open(f"/letters/letters/{letter_id}")
    coordinator.follow("Log a reply")
    coordinator.write("Who answered", "the lead’s assistant")
    coordinator.press("Save")


def send(site: Site) -> None:
    journeys.make_hold_end(site)
    site.run("letters")


@pytest.mark.parametrize(
    ("hands", "scripts", "size"),
    [(Mouse(), True, WIDE), (Keyboard(), True, WIDE), (Mouse(), False, NARROW)],
    ids=["mouse", "keyboard", "narrow-without-scripts"],
)
def test_those_who_are_silent_are_reminded_and_nobody_who_answered(
    site: Site, visit: Visit, hands: Hands, scripts: bool, size: dict[str, int]
) -> None:
    coordinator, approver = (
        Visitor(visit(scripts=scripts, size=size), hands, check_no_sideways_scroll)
        for _ in range(2)
    )
    journeys.sign_in(coordinator, "coordinator@example.org")
    journeys.write_offer(coordinator, OFFER)
    journeys.choose_boards(coordinator, "Devon", "Essex", "Somerset")
    coordinator.follow("Write")
    coordinator.follow("Remind those who are silent")
    if scripts:
        check_with_axe(coordinator.page)
    coordinator.choose("Words of the chaser", "Chaser")
    coordinator.write("Working days without a reply", "10")
    coordinator.press("Save")
    coordinator.sees("If there is no reply after 10 working days, a chaser is prepared")
    coordinator.open("/letters/")
    coordinator.follow(OFFER)
    journeys.test_and_ask(coordinator)
    journeys.sign_in(approver, "approver@example.org")
    journeys.release(approver, OFFER)
    send(site)
    three_weeks_pass(site)
    letters = letter_ids(site, OFFER)
    they_answer(coordinator, letters[0])

    site.run("chasers")

    coordinator.open("/")
    coordinator.sees("Chaser ready")
    coordinator.follow(f"“Chaser of {OFFER}”")
    coordinator.is_at("Check before approval")
    coordinator.sees(
        "2 letters to 2 people at 2 boards", "Answered on", "the letter of", "Drop this chaser"
    )
    if scripts:
        check_with_axe(coordinator.page)
    journeys.test_and_ask(coordinator)
    journeys.release(approver, f"Chaser of {OFFER}")
    they_answer(coordinator, letters[1])
    send(site)

    with site.session() as session:
        wanted = select(Letter.state).where(Letter.id.in_(letter_ids(site, f"Chaser of {OFFER}")))
        states = session.scalars(wanted.order_by(Letter.id)).all()
    assert states == [LetterState.EXCLUDED, LetterState.EXCLUDED, LetterState.SENT]
    approver.open("/letters/")
    approver.follow(f"Chaser of {OFFER}")
    approver.sees("the lead’s assistant has answered since it was approved.")
    coordinator.open(f"/letters/letters/{letters[2]}")
    coordinator.sees("Chaser", "Our letter about children and young people in")
