"""Facts changed where they stand: by keyboard, by mouse, and when something goes wrong."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from app.accounts.models import User
from app.core import clock
from app.directory.models import Person
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
from tests.factories import make_person, make_user

# False if the page asks its browser to ask.
LEAVING = "dispatchEvent(new Event('beforeunload', {cancelable: true}))"


@pytest.fixture
def known(site: Site) -> Iterator[tuple[User, Person]]:
    with site.session() as session:
        user, person = make_user(session), make_person(session, given_name="Alex", title="Dr")
        person.phone = "01392 1"
        session.commit()
        yield user, person


def now(site: Site, person: Person) -> Person:
    with site.session() as session:
        return session.get_one(Person, person.id)


def pencil(page: Page, words: str) -> Locator:
    return page.get_by_role("link", name=f"Change {words}:", exact=False)


def form(page: Page, words: str) -> Locator:
    return page.locator(f"form[data-one-fact='{words}']")


def said(page: Page) -> Locator:
    return page.locator("#announcer")


def test_by_keyboard_alone(site: Site, visit: Visit, known: tuple[User, Person]) -> None:
    user, person = known
    page = visit(user)
    page.goto(f"/people/{person.id}")

    pencil(page, "phone").focus()
    page.keyboard.press("Enter")
    box = form(page, "phone").get_by_label("Phone")
    expect(box).to_be_focused()
    page.keyboard.type("01392 2")
    page.keyboard.press("Enter")
    expect(pencil(page, "phone")).to_be_focused()
    expect(page.locator("dd", has_text="01392 2")).to_be_visible()
    expect(said(page)).to_have_text("Phone: Saved.")

    pencil(page, "note").focus()
    page.keyboard.press("Enter")
    area = form(page, "note").get_by_label("Note")
    expect(area).to_be_focused()
    page.keyboard.type("One line.")
    page.keyboard.press("Enter")
    page.keyboard.type("Another.")
    page.keyboard.press("Control+Enter")
    expect(pencil(page, "note")).to_be_focused()
    assert now(site, person).phone == "01392 2"
    assert now(site, person).note.split() == ["One", "line.", "Another."]


def test_escape_brings_back_what_stood_there(
    site: Site, visit: Visit, known: tuple[User, Person]
) -> None:
    user, person = known
    page = visit(user)
    page.goto(f"/people/{person.id}")
    pencil(page, "phone").focus()
    page.keyboard.press("Enter")
    form(page, "phone").get_by_label("Phone").fill("nothing of the kind")
    page.keyboard.press("Escape")
    expect(form(page, "phone")).to_have_count(0)
    expect(pencil(page, "phone")).to_be_focused()
    expect(page.locator("dd", has_text="01392 1")).to_be_visible()
    page.keyboard.press("Tab")
    expect(pencil(page, "postal address")).to_be_focused()
    assert now(site, person).phone == "01392 1"


def test_by_mouse_on_the_words_themselves_and_what_follows_from_them(
    visit: Visit, known: tuple[User, Person]
) -> None:
    user, person = known
    page = visit(user)
    page.goto(f"/people/{person.id}")
    expect(page.get_by_text("Dear Dr Sample,")).to_be_visible()
    page.locator("dd .is", has_text=re.compile("^Sample$")).click()
    form(page, "family name").get_by_label("Family name").fill("Example")
    form(page, "family name").get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", name="Dr Alex Example")).to_be_visible()
    expect(page.get_by_text("Dear Dr Example,")).to_be_visible()
    assert page.title().startswith("Dr Alex Example")


def test_clicking_elsewhere_neither_saves_nor_loses_and_several_stay_open(
    site: Site, visit: Visit, known: tuple[User, Person]
) -> None:
    user, person = known
    page = visit(user)
    page.goto(f"/people/{person.id}")
    pencil(page, "phone").click()
    phone = form(page, "phone").get_by_label("Phone")
    phone.fill("01392 2")
    page.locator("h1").click()
    pencil(page, "title").click()
    title = form(page, "title").get_by_label("Title")
    title.fill("Professor")
    title.press("Enter")
    expect(page.get_by_text("Dear Professor Sample,")).to_be_visible()
    assert phone.input_value() == "01392 2"
    assert now(site, person).phone == "01392 1"

    # Whoever leaves is asked by their browser, as long as something typed is not saved.
    assert not page.evaluate(LEAVING)
    phone.press("Escape")
    assert page.evaluate(LEAVING)


@pytest.mark.parametrize(("size", "dark"), [(WIDE, False), (PHONE, True)])
def test_a_refusal_stays_open_with_what_was_typed(
    site: Site, visit: Visit, known: tuple[User, Person], size: dict[str, int], dark: bool
) -> None:
    user, person = known
    page = visit(user, size=size, dark=dark)
    page.goto(f"/people/{person.id}")
    check_with_axe(page)
    pencil(page, "postal address").click()
    area = form(page, "postal address").get_by_label("Postal address")
    area.fill("Nowhere at all")
    area.press("Control+Enter")
    expect(form(page, "postal address").get_by_text("it has to be a postcode")).to_be_visible()
    again = form(page, "postal address").get_by_label("Postal address")
    expect(again).to_be_focused()
    assert again.input_value() == "Nowhere at all"
    expect(said(page)).to_contain_text("it has to be a postcode")
    check_with_axe(page)
    check_no_sideways_scroll(page)
    again.fill("1 High Street\nExeter\nEX1 1QT")
    again.press("Control+Enter")
    expect(form(page, "postal address")).to_have_count(0)
    assert "EX1 1QT" in now(site, person).postal_address


@pytest.mark.parametrize(("size", "dark"), [(WIDE, True), (PHONE, False)])
def test_a_clash_is_settled_in_its_place(
    site: Site, visit: Visit, known: tuple[User, Person], size: dict[str, int], dark: bool
) -> None:
    user, person = known
    page = visit(user, size=size, dark=dark)
    page.goto(f"/people/{person.id}")
    pencil(page, "phone").click()
    form(page, "phone").get_by_label("Phone", exact=True).fill("01392 2")
    with site.session() as session:
        session.get_one(Person, person.id).phone = "01392 3"
        session.commit()
    form(page, "phone").get_by_label("Phone", exact=True).press("Enter")
    clash = form(page, "phone")
    expect(clash.get_by_text("It was 01392 1.")).to_be_visible()
    expect(clash.get_by_role("radio", name="Keep yours")).to_be_focused()
    check_with_axe(page)
    check_no_sideways_scroll(page)
    clash.get_by_role("radio", name="Take what").check()
    page.keyboard.press("Control+Enter")
    expect(form(page, "phone")).to_have_count(0)
    expect(page.locator("dd", has_text="01392 3")).to_be_visible()
    assert now(site, person).phone == "01392 3"


def test_without_a_connection_the_words_stay(
    site: Site, visit: Visit, known: tuple[User, Person]
) -> None:
    user, person = known
    page = visit(user)
    page.goto(f"/people/{person.id}")
    pencil(page, "phone").click()
    box = form(page, "phone").get_by_label("Phone")
    box.fill("01392 2")
    page.context.set_offline(True)
    pencil(page, "title").click()
    trouble = page.locator(".fact-trouble")  # besides what is said to screen readers
    expect(trouble).to_have_text("There is no connection. Try again when it is back.")
    box.press("Enter")
    expect(form(page, "phone").get_by_text("Not saved: there is no connection.")).to_be_visible()
    assert box.input_value() == "01392 2"
    page.context.set_offline(False)
    box.press("Enter")
    expect(form(page, "phone")).to_have_count(0)
    assert now(site, person).phone == "01392 2"


def test_signed_out_meanwhile_the_words_stay(
    site: Site, visit: Visit, known: tuple[User, Person]
) -> None:
    user, person = known
    page = visit(user)
    page.goto(f"/people/{person.id}")
    pencil(page, "phone").click()
    box = form(page, "phone").get_by_label("Phone")
    box.fill("01392 2")
    page.context.clear_cookies()
    box.press("Enter")
    expect(form(page, "phone").get_by_text("You have been signed out.")).to_be_visible()
    assert box.input_value() == "01392 2"
    assert now(site, person).phone == "01392 1"


def test_a_double_save_is_one(site: Site, visit: Visit, known: tuple[User, Person]) -> None:
    user, person = known
    page = visit(user)
    sent = []
    page.on("request", lambda one: sent.append(one) if one.method == "POST" else None)
    page.goto(f"/people/{person.id}")
    pencil(page, "phone").click()
    box = form(page, "phone").get_by_label("Phone")
    box.fill("01392 2")
    form(page, "phone").evaluate("form => { form.requestSubmit(); form.requestSubmit(); }")
    expect(form(page, "phone")).to_have_count(0)
    assert len(sent) == 1


@pytest.mark.parametrize("size", [WIDE, {"width": 320, "height": 640}])
def test_without_scripts_the_pencil_leads_to_a_small_page(
    site: Site, visit: Visit, known: tuple[User, Person], size: dict[str, int]
) -> None:
    user, person = known
    page = visit(user, size=size, scripts=False)
    page.goto(f"/people/{person.id}")
    pencil(page, "phone").click()
    expect(page.get_by_role("heading", name="Change phone")).to_be_visible()
    check_no_sideways_scroll(page)
    page.get_by_label("Phone").fill("01392 2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Dr Alex Sample")).to_be_visible()
    assert now(site, person).phone == "01392 2"


def test_what_was_deleted_meanwhile_comes_back_with_what_was_typed(
    site: Site, visit: Visit, known: tuple[User, Person]
) -> None:
    user, person = known
    page, other = visit(user), visit(user)
    page.goto(f"/people/{person.id}")
    pencil(page, "phone").click()
    form(page, "phone").get_by_label("Phone").fill("01392 2")
    other.goto(f"/people/{person.id}")
    other.locator(f"form[action='/delete/person/{person.id}'] button").click()
    expect(other.locator("#messages")).to_contain_text("has been deleted")

    form(page, "phone").get_by_label("Phone").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("was deleted while you were")
    expect(page.locator(".facts")).to_contain_text("01392 2")
    page.get_by_role("button", name="Restore it and save my changes").click()
    expect(page.locator("#messages")).to_contain_text("has been restored")
    assert now(site, person).phone == "01392 2"


def test_in_the_list_of_follow_ups_the_owner_is_changed_in_its_row(
    site: Site, visit: Visit
) -> None:
    with site.session() as session:
        user, other = make_user(session), make_user(session, "Jo Sample")
        wanted = FollowUpDetails("Send the pack", user, clock.today())
        row = services.add(session, wanted, by=user, at=clock.now(), on=clock.today())
        session.commit()
    page = visit(user)
    page.goto("/follow-ups?show=all")
    page.get_by_label("Select Send the pack").check()
    pencil(page, "owner").click()
    form(page, "owner").get_by_label("Owner").select_option(label="Jo Sample")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".follow-ups tbody").get_by_text("Jo Sample")).to_be_visible()
    expect(page.get_by_label("Select Send the pack")).to_be_checked()
    with site.session() as session:
        kept = session.get_one(FollowUp, row.id)
        assert (kept.owner_id, kept.state) == (other.id, FollowUpState.OPEN)
