"""A new member's first meeting, from logging a call to the briefing before the next one: by mouse,
by keyboard alone, without scripts, and on the smallest phone."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.accounts.visibility import Visibility
from app.core import clock, working_days
from app.directory.models import Organisation
from app.followups.models import FollowUp, FollowUpState
from app.interactions import queries
from app.interactions.models import (
    Draft,
    Interaction,
    InteractionKind,
    Outcome,
    OutcomeKind,
    PointState,
    PromisedBy,
)
from tests.browser import journeys, meetings
from tests.browser.conftest import Site, Visit, check_no_sideways_scroll
from tests.browser.hands import Keyboard, Mouse, Visitor

SMALLEST = {"width": 320, "height": 640}


def test_a_first_meeting_by_mouse(site: Site, visit: Visit) -> None:
    go_through(Visitor(visit(), Mouse()), site, visit)


def test_a_first_meeting_by_keyboard_alone(site: Site, visit: Visit) -> None:
    go_through(Visitor(visit(), Keyboard()), site, visit)


def test_a_first_meeting_without_scripts(site: Site, visit: Visit) -> None:
    go_through(Visitor(visit(scripts=False), Mouse(), has_scripts=False), site, visit)


def test_a_first_meeting_on_the_smallest_phone(site: Site, visit: Visit) -> None:
    """Nothing is wider than the window on any page of it."""
    go_through(Visitor(visit(size=SMALLEST), Mouse(), check_no_sideways_scroll), site, visit)


def go_through(member: Visitor, site: Site, visit: Visit) -> None:
    journeys.people_of_the_group(site)
    meetings.people_to_meet(site)
    meetings.new_member(site, visit, member)
    meetings.log_a_call(member)
    meetings.hold_a_meeting(member)
    meetings.take_notes(member)
    if member.has_scripts:
        assert kept_for_nobody_else(site) == meetings.NOTES
    meetings.make_a_promise_of_a_sentence(member)
    meetings.plan_a_follow_up(member)
    member.open("/follow-ups")
    meetings.tick_it_off_by_a_key(member)
    assert state_of_follow_up(site) is FollowUpState.DONE
    meetings.undo(member)
    assert state_of_follow_up(site) is FollowUpState.OPEN
    meetings.tick_it_off_by_a_key(member)
    meetings.read_the_briefing(member)
    with site.session() as session:
        all_is_written_down(session)


def kept_for_nobody_else(site: Site) -> str:
    """What a draft holds while the notes are not saved."""
    with site.session() as session:
        return session.scalars(select(Draft.body)).one()


def state_of_follow_up(site: Site) -> FollowUpState:
    with site.session() as session:
        wanted = select(FollowUp.state).where(FollowUp.what == meetings.FOLLOW_UP)
        return session.scalars(wanted).one()


def all_is_written_down(session: Session) -> None:
    member = session.scalars(select(User).where(User.email == meetings.EMAIL)).one()
    assert {Permission(one) for one in member.permissions} == {Permission.VIEW, Permission.LOG}
    call, meeting = session.scalars(select(Interaction).order_by(Interaction.id)).all()
    for entry in (call, meeting):
        assert entry.author_id == member.id
        assert entry.happened_on == clock.today()
        assert entry.visible_to is Visibility.GROUP
    assert (call.kind, call.subject, call.body) == (
        InteractionKind.CALL,
        meetings.CALL,
        meetings.CALLED,
    )
    assert (meeting.kind, meeting.subject, meeting.body) == (
        InteractionKind.MEETING,
        meetings.MEETING,
        meetings.NOTES,
    )
    assert session.scalars(select(Draft)).all() == []
    bodies = queries.organisations_of(session, meeting.id)
    assert {body.short_name for body in bodies} == set(meetings.BODIES)
    people = queries.people_of(session, [meeting.id])[meeting.id]
    assert {person.name for person in people} == set(meetings.PEOPLE)
    promise, planned = session.scalars(select(Outcome).order_by(Outcome.id)).all()
    came_out_of(session, meeting, promise, planned)


def came_out_of(session: Session, meeting: Interaction, promise: Outcome, planned: Outcome) -> None:
    """Their promise is open, with somebody to ask after it; what we planned is done."""
    assert {promise.interaction_id, planned.interaction_id} == {meeting.id}
    devon = session.get_one(Organisation, promise.organisation_id)
    due = working_days.add(clock.today(), 5).day
    assert (promise.kind, promise.promised_by, promise.text, promise.state, promise.due_on) == (
        OutcomeKind.COMMITMENT,
        PromisedBy.THEM,
        meetings.PROMISE,
        PointState.OPEN,
        due,
    )
    assert devon.short_name == "Devon ICB"
    chased = session.get_one(FollowUp, promise.follow_up_id)
    assert (chased.owner_id, chased.state, chased.due_on, chased.waiting_on_them) == (
        meeting.author_id,
        FollowUpState.OPEN,
        due,
        True,
    )
    done = session.get_one(FollowUp, planned.follow_up_id)
    assert (done.what, done.state, done.done_by_id) == (
        meetings.FOLLOW_UP,
        FollowUpState.DONE,
        meeting.author_id,
    )
    assert (planned.kind, planned.state, planned.settled_on) == (
        OutcomeKind.FOLLOW_UP,
        PointState.KEPT,
        clock.today(),
    )
