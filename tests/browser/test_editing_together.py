"""Two people have one record open, in two browsers, in every order of saving."""

from dataclasses import dataclass
from itertools import permutations

import pytest
from playwright.sync_api import Locator, Page, expect

from app.accounts.models import User
from app.directory.models import Person
from tests.browser.conftest import PHONE, Site, Visit, check_no_sideways_scroll, check_with_axe
from tests.factories import make_person, make_user

FIELDS = {"Phone": "phone", "Title": "title", "Letters after the name": "post_nominals"}


@dataclass(frozen=True)
class Desk:
    anna: User
    ben: User
    cara: User
    path: str
    person_id: int


@pytest.fixture
def desk(site: Site) -> Desk:
    with site.session() as session:
        anna, ben, cara = (
            make_user(session, name) for name in ("Anna Sample", "Ben Example", "Cara Test")
        )
        person = make_person(session, given_name="Robin", family_name="Sample")
        person.phone, person.note = "01392 100", "Met at the conference."
        session.commit()
        return Desk(anna, ben, cara, f"/people/{person.id}/edit", person.id)


def kept(site: Site, desk: Desk) -> Person:
    with site.session() as session:
        return session.get_one(Person, desk.person_id)


def field(page: Page, label: str) -> Locator:
    return page.get_by_label(label, exact=False).and_(page.locator(f"[name={FIELDS[label]}]"))


def save(page: Page) -> None:
    page.get_by_role("button", name="Save the changes").click()


def is_saved(page: Page) -> None:
    expect(page.locator("#messages")).to_contain_text("Saved.")


with_and_without_scripts = pytest.mark.parametrize(
    "scripts", [True, False], ids=["scripts", "no scripts"]
)


@with_and_without_scripts
@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_three_people_change_three_things_and_all_are_kept_in_whatever_order_they_save(
    site: Site, visit: Visit, desk: Desk, scripts: bool, order: tuple[int, ...]
) -> None:
    pages = [visit(user, scripts=scripts) for user in (desk.anna, desk.ben, desk.cara)]
    typed = [("Phone", "01392 200"), ("Title", "Dr"), ("Letters after the name", "OBE")]
    for page, (label, words) in zip(pages, typed, strict=True):
        page.goto(desk.path)
        field(page, label).fill(words)
    for number in order:
        save(pages[number])
        is_saved(pages[number])

    expect(pages[order[-1]].locator("#messages")).to_contain_text("is kept too")
    now = kept(site, desk)
    assert (now.phone, now.title, now.post_nominals) == ("01392 200", "Dr", "OBE")


@with_and_without_scripts
@pytest.mark.parametrize(
    ("first", "choice"),
    [(first, choice) for first in ("anna", "ben") for choice in ("Keep yours", "Take what")],
)
def test_whoever_saves_second_is_asked_and_nothing_they_typed_is_gone(  # noqa: PLR0917
    site: Site, visit: Visit, desk: Desk, scripts: bool, first: str, choice: str
) -> None:
    anna, ben = visit(desk.anna, scripts=scripts), visit(desk.ben, scripts=scripts)
    for page, words in ((anna, "01392 200"), (ben, "01392 300")):
        page.goto(desk.path)
        field(page, "Phone").fill(words)
    one, other = (anna, ben) if first == "anna" else (ben, anna)
    hers, theirs = field(one, "Phone").input_value(), field(other, "Phone").input_value()
    save(one)
    is_saved(one)
    field(other, "Title").fill("Dr")
    save(other)

    clash = other.locator(".clash")
    expect(clash).to_contain_text("It was 01392 100.")
    expect(clash).to_contain_text(hers)
    expect(clash).to_contain_text(theirs)
    expect(clash.get_by_role("radio", name="Keep yours")).to_be_checked()
    expect(field(other, "Phone")).to_have_value(theirs)
    expect(field(other, "Title")).to_have_value("Dr")
    assert kept(site, desk).phone == hers
    if scripts:
        expect(other.locator(".clashes")).to_be_focused()

    clash.get_by_role("radio", name=choice).check()
    other.get_by_role("button", name="Save with these choices").click()
    is_saved(other)
    now = kept(site, desk)
    assert (now.phone, now.title) == (theirs if choice == "Keep yours" else hers, "Dr")


def test_a_third_save_while_somebody_chooses_is_told_too(
    site: Site, visit: Visit, desk: Desk
) -> None:
    anna, ben, cara = visit(desk.anna), visit(desk.ben), visit(desk.cara)
    for page, words in ((anna, "01392 200"), (ben, "01392 300")):
        page.goto(desk.path)
        field(page, "Phone").fill(words)
    save(anna)
    is_saved(anna)
    save(ben)
    expect(ben.locator(".clash")).to_be_visible()
    cara.goto(desk.path)
    field(cara, "Phone").fill("01392 400")
    save(cara)
    is_saved(cara)
    ben.get_by_role("button", name="Save with these choices").click()

    clash = ben.locator(".clash")
    expect(clash).to_contain_text("changed once more since you chose")
    expect(clash).to_contain_text("Cara Test")
    expect(clash).to_contain_text("01392 400")
    expect(field(ben, "Phone")).to_have_value("01392 300")
    ben.get_by_role("button", name="Save with these choices").click()
    is_saved(ben)
    assert kept(site, desk).phone == "01392 300"


@pytest.mark.parametrize("size", [None, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_choice_can_be_read_and_made_by_keyboard(
    visit: Visit, desk: Desk, size: dict[str, int] | None, dark: bool
) -> None:
    more = {"size": size} if size else {}
    anna, ben = visit(desk.anna), visit(desk.ben, dark=dark, **more)
    for page, words in ((anna, "01392 200"), (ben, "01392 300")):
        page.goto(desk.path)
        field(page, "Phone").fill(words)
        page.locator("[name=note]").fill(f"Met at the conference in {words}.")
    save(anna)
    is_saved(anna)
    save(ben)
    expect(ben.locator(".clash")).to_have_count(2)
    check_with_axe(ben)
    check_no_sideways_scroll(ben)
    ben.keyboard.press("Tab")
    expect(ben.get_by_role("radio", name="Keep yours").first).to_be_focused()
    ben.keyboard.press("ArrowDown")
    expect(ben.get_by_role("radio", name="Take what Anna Sample").first).to_be_checked()


@with_and_without_scripts
def test_what_was_deleted_while_somebody_wrote_comes_back_with_what_they_wrote(
    site: Site, visit: Visit, desk: Desk, scripts: bool
) -> None:
    anna, ben = visit(desk.anna, scripts=scripts), visit(desk.ben, scripts=scripts)
    ben.goto(desk.path)
    field(ben, "Phone").fill("01392 300")
    ben.locator("[name=note]").fill("Two\nlines.")
    anna.goto(f"/people/{desk.person_id}")
    anna.locator(f"form[action='/delete/person/{desk.person_id}'] button").click()
    expect(anna.locator("#messages")).to_contain_text("has been deleted")
    save(ben)

    expect(ben.get_by_role("heading", level=1)).to_contain_text("was deleted while you were")
    expect(ben.locator(".lede")).to_contain_text("Anna Sample deleted it on")
    expect(ben.locator(".facts")).to_contain_text("01392 300")
    check_no_sideways_scroll(ben)
    if scripts:
        check_with_axe(ben)
    ben.get_by_role("button", name="Restore it and save my changes").click()
    is_saved(ben)
    expect(ben.locator("#messages")).to_contain_text("has been restored")
    now = kept(site, desk)
    assert (now.phone, now.note.splitlines()) == ("01392 300", ["Two", "lines."])
