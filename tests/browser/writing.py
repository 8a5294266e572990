"""A meeting of today, two people who write its notes, and their hands on the box."""

import re
import time
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.core import clock
from app.interactions.entries import services
from app.interactions.models import Draft, Interaction, InteractionKind
from tests.browser.conftest import Site
from tests.factories import make_organisation, make_user

BEGINNING = "## Plan refresh\n\nDraft in December.\n\n## Asthma"
NO_CONNECTION = "Not saved yet: no connection. Keep this tab open; it is tried again."
SAVED = re.compile(r"^Draft saved \d\d:\d\d$")


def somebody(session: Session, name: str) -> User:
    may = (Permission.VIEW, Permission.LOG, Permission.COORDINATE)
    return make_user(session, name, permissions=may)


def a_meeting(session: Session, author: User, body: str = BEGINNING) -> Interaction:
    meeting = services.write_down(
        session,
        kind=InteractionKind.MEETING,
        happened_on=clock.today(),
        subject="Children’s programme",
        body=body,
        organisations=[make_organisation(session)],
        by=author,
        at=clock.now(),
        today=clock.today(),
    )
    session.flush()
    return meeting


@dataclass(frozen=True)
class Room:
    """A meeting of today, and two who write its notes."""

    anna: User
    ben: User
    meeting: Interaction


def a_room(site: Site) -> Room:
    with site.session() as session:
        anna, ben = somebody(session, "Anna Sample"), somebody(session, "Ben Sample")
        room = Room(anna, ben, a_meeting(session, anna))
        session.commit()
        return room


def notes_of(site: Site, meeting: Interaction) -> str:
    with site.session() as session:
        return session.scalars(select(Interaction.body).where(Interaction.id == meeting.id)).one()


def drafts_of(site: Site, user: User) -> list[Draft]:
    with site.session() as session:
        mine = select(Draft).where(Draft.author_id == user.id).order_by(Draft.id)
        return list(session.scalars(mine))


def box_of(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Notes")


def open_notes(page: Page, meeting: Interaction) -> Locator:
    page.goto(f"/interactions/{meeting.id}/notes")
    return box_of(page)


def go_on(box: Locator, words: str) -> None:
    box.focus()
    box.page.keyboard.press("ControlOrMeta+End")
    box.page.keyboard.type(words)


def type_for(box: Locator, seconds: float, *, word: str = "word") -> list[float]:
    """Numbered words without any pause; returns when each was typed."""
    box.focus()
    box.page.keyboard.press("ControlOrMeta+End")
    typed: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        box.page.keyboard.type(f" {word}{len(typed)}", delay=25)
        typed.append(time.monotonic())
    return typed


def seconds_missing(kept: str, typed: list[float], *, word: str = "word") -> float:
    """How much of the typing before the end is not among the words that were kept."""
    found = [number for number in range(len(typed)) if f" {word}{number} " in f" {kept} "]
    assert found == list(range(len(found))), "words are missing in the middle"
    last = typed[len(found) - 1] if found else typed[0]
    return typed[-1] - last


def is_told(page: Page, words: "str | re.Pattern[str]", seconds: float = 12) -> None:
    """By the status line, for those who see it and for those who hear it."""
    pill = page.locator("[data-notes-status]")
    expect(pill.locator("[data-notes-words]")).to_have_text(words, timeout=seconds * 1000)
    expect(pill.get_by_role("status")).to_have_text(words)
