"""Two people, or two tabs of one, write the same notes: nothing that either typed is gone."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site, Visit
from tests.browser.writing import (
    BEGINNING,
    SAVED,
    Room,
    a_room,
    box_of,
    drafts_of,
    go_on,
    is_told,
    notes_of,
    open_notes,
)


@pytest.fixture
def room(site: Site) -> Room:
    return a_room(site)


def test_two_people_who_write_in_different_places_both_keep_their_words(
    site: Site, visit: Visit, room: Room
) -> None:
    anna, ben = visit(room.anna), visit(room.ben)
    hers, his = open_notes(anna, room.meeting), open_notes(ben, room.meeting)
    hers.fill(BEGINNING.replace("Draft in December.", "Draft in December, to all."))
    go_on(his, "\nInhalers at school.")
    anna.get_by_role("button", name="Save the notes").click()
    expect(anna.locator("#messages")).to_contain_text("saved")
    go_on(his, "\nAnd spacers.")
    expect(ben.locator("[data-notes-notice]")).to_contain_text("Anna Sample saved these notes")
    ben.get_by_role("button", name="Save the notes").click()
    expect(ben.locator("#messages")).to_contain_text("words and yours were put together")

    hers_too = BEGINNING.replace("December", "December, to all")
    assert notes_of(site, room.meeting) == f"{hers_too}\nInhalers at school.\nAnd spacers."


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_two_people_who_change_the_same_line_see_both_and_make_one_text(
    site: Site, visit: Visit, room: Room, scripts: bool
) -> None:
    anna, ben = visit(room.anna, scripts=scripts), visit(room.ben, scripts=scripts)
    hers, his = open_notes(anna, room.meeting), open_notes(ben, room.meeting)
    hers.fill(BEGINNING.replace("December", "January"))
    his.fill(BEGINNING.replace("December", "March"))
    anna.get_by_role("button", name="Save the notes").click()
    expect(anna.locator("#messages")).to_contain_text("saved")
    ben.get_by_role("button", name="Save the notes").click()
    expect(ben.get_by_role("heading", level=1)).to_contain_text("Both of you changed")

    sides = ben.locator(".settle-sides").first
    expect(sides).to_contain_text("Draft in January.")
    expect(sides).to_contain_text("Draft in March.")
    expect(box_of(ben)).to_have_value(
        "## Plan refresh\n\nDraft in January.\nDraft in March.\n\n## Asthma"
    )
    assert [draft.body for draft in drafts_of(site, room.ben)] == [
        BEGINNING.replace("December", "March")
    ]
    box_of(ben).fill(BEGINNING.replace("December", "January or March"))
    ben.get_by_role("button", name="Save the notes").click()
    expect(ben.locator("#messages")).to_contain_text("saved")
    assert notes_of(site, room.meeting) == BEGINNING.replace("December", "January or March")
    assert drafts_of(site, room.ben) == []


KEPT_BY = {
    "Put both in the box": {"one", "two"},
    "Keep what is in the box": {"two"},
    "Use the other words": {"one"},
}


@pytest.mark.parametrize("button", KEPT_BY)
def test_a_second_tab_is_told_before_anything_is_overwritten(
    site: Site, visit: Visit, room: Room, button: str
) -> None:
    kept = KEPT_BY[button]
    discarded = {"one", "two"} - kept
    first, second = visit(room.anna), visit(room.anna)
    one, two = open_notes(first, room.meeting), open_notes(second, room.meeting)
    go_on(one, "\nFrom tab one.")
    is_told(first, SAVED)
    go_on(two, "\nFrom tab two.")
    notice = second.locator("[data-notes-notice]")
    expect(notice).to_contain_text("You typed other words here in another tab")
    expect(notice.locator("[data-theirs]")).to_contain_text("From tab one.")
    is_told(second, SAVED)
    bodies = {draft.body for draft in drafts_of(site, room.anna)}
    assert bodies == {f"{BEGINNING}\nFrom tab one.", f"{BEGINNING}\nFrom tab two."}

    notice.get_by_role("button", name=button).click()
    expect(notice).to_be_empty()
    waiting = [one for one in drafts_of(site, room.anna) if one.discarded_at is None]
    assert len(waiting) == 1
    for name in kept:
        assert f"From tab {name}." in waiting[0].body
    for name in discarded:
        assert f"From tab {name}." not in waiting[0].body
        gone = [one.body for one in drafts_of(site, room.anna) if one.discarded_at]
        assert any(f"From tab {name}." in body for body in gone)
