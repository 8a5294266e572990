"""What a new member does around a meeting, step by step. Any hands can do it; where a page without
scripts asks for another way, the step says so."""

from playwright.sync_api import expect
from sqlalchemy import select

from app.core import clock
from app.directory.models import Organisation
from tests.browser import journeys
from tests.browser.conftest import Site, Visit
from tests.browser.hands import Keyboard, Mouse, Visitor
from tests.browser.writing import SAVED, box_of, is_told
from tests.factories import make_appointment, make_person

EMAIL = "mo@example.org"
BODIES = {
    "Devon ICB": "Devon ICB (Integrated care board)",
    "Essex ICB": "Essex ICB (Integrated care board)",
    "DfE": "DfE (Government department)",
}
PEOPLE = {
    "Asha Sample": "Devon ICB",
    "Bola Sample": "Devon ICB",
    "Carys Sample": "Essex ICB",
    "Dilip Sample": "Essex ICB",
    "Edie Sample": "DfE",
}
CALL, CALLED = "First call on the plan", "They will have us in for a meeting."
MEETING = "Plan refresh, with the department"
PROMISE = "They will send the draft plan by Friday."
NOTES = f"{PROMISE}\nAsthma: schools ask for inhalers.\nWe send the evidence."
FOLLOW_UP = "Send the asthma evidence pack"
BEFORE_TYPING = 3  # interactions, at most


def people_to_meet(site: Site) -> None:
    """Two boards and a department, and five people who hold posts there."""
    with site.session() as session:
        for number, (name, body) in enumerate(PEOPLE.items()):
            there = select(Organisation).where(
                Organisation.short_name == body, Organisation.dissolved_on.is_(None)
            )
            given, family = name.split()
            make_appointment(
                session,
                organisation=session.scalars(there).one(),
                person=make_person(session, family, given_name=given),
                code=("children", "chair", "children", "chair", "director")[number],
            )
        session.commit()


def new_member(site: Site, visit: Visit, member: Visitor) -> None:
    """Invited by a colleague to read and to log, and signed in for the first time."""
    inviting = Visitor(visit(), Mouse())
    journeys.sign_in(inviting, "coordinator@example.org")
    journeys.invite(inviting, "Mo Member", EMAIL, "View", "Log")
    journeys.accept_invitation(member, site, EMAIL)


def log_a_call(member: Visitor) -> None:
    """From home, with three interactions at most before the first letter is typed."""
    member.open("/")
    begun = member.acts
    member.follow("Log a meeting, call or note")
    member.pick("A call")
    member.write("Add an organisation by its name", "Devon ICB")
    assert member.acts - begun <= BEFORE_TYPING
    take_body(member, "Devon ICB")
    member.write("Summary", CALL)
    member.write("What happened", CALLED)
    member.press("Save")
    member.sees("Call saved.", CALL)


def take_body(member: Visitor, name: str) -> None:
    """Once its name is typed: the one that is offered, or what the button finds."""
    if member.has_scripts:
        member.hands.take(member.page.get_by_role("option", name=BODIES[name]))
    else:
        member.press("Add to: With which organisations")
    expect(member.page.get_by_role("checkbox", name=BODIES[name])).to_be_checked()
    member.on_each_page(member.page)


def hold_a_meeting(member: Visitor) -> None:
    """Two boards, the department and five people; nothing is said yet."""
    member.open("/meetings")
    member.follow("Log a meeting, call or note")
    for name in BODIES:
        member.write("Add an organisation by its name", name)
        take_body(member, name)
    member.tick(*PEOPLE)
    member.write("Summary", MEETING)
    member.press("Save")
    member.is_at(MEETING)
    member.sees(*PEOPLE, "Devon ICB", "Essex ICB", "DfE")


def take_notes(member: Visitor) -> None:
    """With scripts they are kept by themselves; without, by the button."""
    member.hands.write(box_of(member.page), NOTES)
    if member.has_scripts:
        is_told(member.page, SAVED)
    else:
        member.sees("Autosave is off without JavaScript.")
        member.press("Save the notes")
        member.sees("The notes are saved.")


def make_a_promise_of_a_sentence(member: Visitor) -> None:
    what = member.page.get_by_role("textbox", name="What", exact=True)
    if member.has_scripts:
        member.hands.mark_first_line(box_of(member.page), PROMISE)
        member.page.get_by_role("button", name="promise").wait_for()
        member.on_each_page(member.page)
        member.press("promise")
        expect(what).to_have_value(PROMISE)
    else:
        member.go(member.page.locator("section:has(#points) > header a"))
        member.hands.write(what, PROMISE)
    member.is_at("What came out of it")
    member.pick("They did")
    member.choose("Which organisation", "NHS Devon Integrated Care Board")
    member.write("Or in … working days", "5")
    member.press("Save")
    member.sees("Saved.", PROMISE)


def plan_a_follow_up(member: Visitor) -> None:
    """On the page of the meeting."""
    came_out = member.page.get_by_role("region", name="What came out of it")
    member.go(came_out.get_by_role("link", name="Add", exact=True))
    member.pick("Something to follow up")
    member.hands.write(member.page.get_by_role("textbox", name="What", exact=True), FOLLOW_UP)
    member.write("Due on", clock.today().isoformat())
    member.press("Save")
    member.sees("Saved.", FOLLOW_UP)


def tick_it_off_by_a_key(member: Visitor) -> None:
    """Whatever hands somebody has: one key on the tick in the list."""
    tick = member.page.get_by_role("button", name=f"Tick off: {FOLLOW_UP}")
    Keyboard().reach(tick)
    with member.page.expect_navigation():
        member.page.keyboard.press("Space")
    member.on_each_page(member.page)
    member.sees(f"Done: {FOLLOW_UP}.")


def undo(member: Visitor) -> None:
    member.press("Undo")
    member.sees(f"Open again: {FOLLOW_UP}.")


def read_the_briefing(member: Visitor) -> None:
    """From the meeting: what was said, what they promised, and whom we met."""
    member.open("/meetings")
    member.follow(MEETING)
    member.follow("Briefing on Devon ICB")
    member.is_at("Briefing: Devon ICB")
    member.sees(f"Call: {CALL}", f"Meeting: {MEETING}", PROMISE, "Asha Sample", "by Mo Member")
