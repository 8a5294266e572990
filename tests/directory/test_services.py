from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent, AuditSubject
from app.core.errors import DomainError
from app.directory.models import (
    Appointment,
    Organisation,
    OrganisationKind,
    OrganisationName,
    Ownership,
    Person,
    Post,
    PostState,
    Succession,
    SuccessionKind,
)
from app.directory.queries import bodies, owners, people, posts, seats
from app.directory.queries.name_search import where_named
from app.directory.services import organisations as organisation_services
from app.directory.services import owners as owner_services
from app.directory.services import people as people_services
from app.directory.services import posts as post_services
from app.directory.services.organisations import OrganisationDetails
from tests.factories import (
    TODAY,
    make_appointment,
    make_organisation,
    make_person,
    make_post,
    make_post_type,
    make_user,
)

APRIL = date(2026, 4, 1)
LAST_OF_MARCH = date(2026, 3, 31)


def loaded(session: Session, post: Post) -> Post:
    found = posts.post_with_body(session, post.id)
    assert found is not None
    return found


# -- appointments ---------------------------------------------------------------------------------


def test_whoever_follows_ends_the_time_of_the_one_before(session: Session) -> None:
    before = make_appointment(session, started_on=date(2024, 1, 1))

    after = post_services.appoint(
        session,
        post=loaded(session, before.post),
        person=make_person(session, "Next"),
        by=make_user(session),
        on=TODAY,
        started_on=APRIL,
        checked_on=TODAY,
    )

    assert before.ended_on == LAST_OF_MARCH
    known = seats.posts_of(session, [before.post.organisation_id], TODAY)[0]
    assert known.state is PostState.NAMED
    assert [holder.id for holder in known.holders] == [after.id]


def test_a_shared_post_is_held_by_both(session: Session) -> None:
    before = make_appointment(session, started_on=date(2024, 1, 1))

    post_services.appoint(
        session,
        post=loaded(session, before.post),
        person=make_person(session, "Second"),
        by=make_user(session),
        on=TODAY,
        started_on=APRIL,
        shared=True,
    )

    assert before.ended_on is None
    known = seats.posts_of(session, [before.post.organisation_id], TODAY)[0]
    assert known.state is PostState.SHARED


def test_without_a_first_day_the_one_before_left_before_this_was_checked(session: Session) -> None:
    before = make_appointment(session, started_on=None)

    post_services.appoint(
        session,
        post=loaded(session, before.post),
        person=make_person(session),
        by=make_user(session),
        on=TODAY,
        checked_on=date(2026, 11, 20),
    )

    assert before.ended_on == date(2026, 11, 19)


def test_the_same_person_is_not_appointed_twice(session: Session) -> None:
    held = make_appointment(session)

    with pytest.raises(post_services.AlreadyHeld, match="already holds this post"):
        post_services.appoint(
            session,
            post=loaded(session, held.post),
            person=held.person,
            by=make_user(session),
            on=TODAY,
            started_on=TODAY,
        )


def test_somebody_who_started_later_is_not_ended_before_they_began(session: Session) -> None:
    later = make_appointment(session, started_on=date(2026, 6, 1))

    with pytest.raises(post_services.AlreadyHeld, match="Tick “shared”"):
        post_services.appoint(
            session,
            post=loaded(session, later.post),
            person=make_person(session),
            by=make_user(session),
            on=TODAY,
            started_on=APRIL,
        )

    assert later.ended_on is None


def test_history_before_the_present_holder_can_be_added(session: Session) -> None:
    now = make_appointment(session, started_on=APRIL)

    post_services.appoint(
        session,
        post=loaded(session, now.post),
        person=make_person(session, "Earlier"),
        by=make_user(session),
        on=TODAY,
        started_on=date(2023, 1, 1),
        ended_on=LAST_OF_MARCH,
    )

    assert now.ended_on is None
    known = seats.posts_of(session, [now.post.organisation_id], date(2024, 1, 1))[0]
    assert [holder.person.name for holder in known.holders] == ["Alex Earlier"]


def test_one_person_holds_posts_at_many_bodies(session: Session) -> None:
    person = make_person(session)
    bodies = [make_organisation(session, name) for name in ("Board A", "Board B", "Board C")]
    for body in bodies:
        make_appointment(session, person=person, organisation=body)

    held = seats.posts_of(session, [body.id for body in bodies], TODAY)

    assert {one.post.organisation.id for one in held} == {body.id for body in bodies}
    assert all([holder.person.id for holder in one.holders] == [person.id] for one in held)


def test_nobody_is_appointed_at_a_body_that_has_ended(session: Session) -> None:
    body = make_organisation(session, dissolved_on=APRIL)
    post = make_post(session, body)

    with pytest.raises(post_services.BadDates, match="its last day was 31 March 2026"):
        post_services.appoint(
            session,
            post=loaded(session, post),
            person=make_person(session),
            by=make_user(session),
            on=TODAY,
        )


def test_a_post_is_not_vacant_while_somebody_holds_it(session: Session) -> None:
    held = make_appointment(session)

    with pytest.raises(post_services.AlreadyHeld, match="End that appointment"):
        post_services.record_state(
            session,
            post=held.post,
            state=PostState.VACANT,
            observed_on=TODAY,
            by=make_user(session),
            on=TODAY,
        )


def test_ending_an_appointment_can_leave_the_post_vacant(session: Session) -> None:
    held = make_appointment(session)

    post_services.end_appointment(
        session,
        appointment=held,
        ended_on=date(2026, 10, 31),
        by=make_user(session),
        on=TODAY,
        state=PostState.VACANT,
        source="Board papers",
    )

    known = seats.posts_of(session, [held.post.organisation_id], TODAY)[0]
    assert (known.state, known.known.left_on) == (PostState.VACANT, date(2026, 10, 31))
    before = seats.posts_of(session, [held.post.organisation_id], date(2026, 10, 31))[0]
    assert before.state is PostState.NAMED


def test_what_was_checked_says_by_whom_and_where(session: Session) -> None:
    held = make_appointment(session, checked_on=APRIL, source="Board page")
    sam = make_user(session)

    post_services.confirm(session, appointment=held, checked_on=TODAY, by=sam, on=TODAY)

    assert (held.checked_on, held.checked_by_id, held.source) == (TODAY, sam.id, "Board page")
    with pytest.raises(post_services.BadDates):
        post_services.confirm(session, appointment=held, checked_on=APRIL, by=sam, on=TODAY)
    tomorrow = TODAY + timedelta(days=1)
    with pytest.raises(post_services.BadDates):
        post_services.confirm(session, appointment=held, checked_on=tomorrow, by=sam, on=TODAY)


def test_a_body_added_later_has_the_posts_of_its_kind(session: Session) -> None:
    make_post_type(session, "children")

    board = organisation_services.add_organisation(
        session, kind=OrganisationKind.ICB, described=OrganisationDetails("NHS New Board"), on=TODAY
    )

    assert [one.post_type.code for one in seats.posts_of(session, [board.id], TODAY)] == [
        "children"
    ]


# -- people ---------------------------------------------------------------------------------------


def test_an_address_is_the_same_however_it_is_typed(session: Session) -> None:
    person = make_person(session, email=None)
    people_services.add_email(session, person=person, address="Lead@Board.example.org")

    with pytest.raises(people_services.AlreadyThere):
        people_services.add_email(session, person=person, address=" lead@board.example.org\u200b")
    with pytest.raises(DomainError, match="accented"):
        people_services.add_email(session, person=person, address="siân@board.example.org")


def test_exactly_one_address_is_preferred(session: Session) -> None:
    person = make_person(session, email=None)
    first = people_services.add_email(
        session, person=person, address="a@example.org", preferred=False
    )
    second = people_services.add_email(session, person=person, address="b@example.org")

    assert (first.is_preferred, second.is_preferred) == (False, True)
    people_services.prefer_email(session, email=first)
    assert (first.is_preferred, second.is_preferred) == (True, False)
    assert people_services.next_preferred(session, first) is second
    assert people_services.next_preferred(session, second) is None


def test_a_person_needs_a_name_and_keeps_it_as_given(session: Session) -> None:
    with pytest.raises(DomainError, match="at least one name"):
        people_services.add_person(session, details={"title": "Dr"})
    session.rollback()

    person = people_services.add_person(
        session, details={"given_name": " Siân ", "family_name": "Ó Brádaigh-Łuczak"}
    )

    assert (person.title, person.name) == ("", "Siân Ó Brádaigh-Łuczak")


def test_an_objection_is_withdrawn_only_with_a_reason_that_stays(session: Session) -> None:
    person = make_person(session)
    people_services.record_objection(
        session, person=person, objected_on=APRIL, note="By phone", on=TODAY
    )
    with pytest.raises(DomainError, match="already recorded"):
        people_services.record_objection(
            session, person=person, objected_on=TODAY, note="", on=TODAY
        )
    with pytest.raises(DomainError, match="Say why"):
        people_services.withdraw_objection(session, person=person, reason=" ")

    people_services.withdraw_objection(session, person=person, reason="Wrote to us on Friday")

    assert person.objected_on is None
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "withdrew objection")
    ).one()
    assert event.summary == "Wrote to us on Friday"


def test_who_changed_what_is_on_the_history_of_the_body(session: Session) -> None:
    held = make_appointment(session)
    post_services.end_appointment(
        session, appointment=held, ended_on=TODAY, by=make_user(session), on=TODAY
    )

    told = session.scalars(
        select(AuditEvent.action)
        .join(AuditSubject, AuditSubject.event_id == AuditEvent.id)
        .where(
            AuditSubject.kind == "organisation",
            AuditSubject.record_id == held.post.organisation_id,
            AuditEvent.kind == "appointment",
        )
        .order_by(AuditEvent.id)
    ).all()

    assert told == ["created", "changed"]


# -- successions ----------------------------------------------------------------------------------


def make_system(
    session: Session, name: str, established_on: date = date(2022, 7, 1)
) -> tuple[Organisation, Organisation]:
    ics = make_organisation(session, name, kind=OrganisationKind.ICS, established_on=established_on)
    board = make_organisation(
        session,
        f"NHS {name} Integrated Care Board",
        part_of=ics,
        established_on=established_on,
    )
    return ics, board


def test_a_system_ends_with_its_board_and_its_partnership_does_not(session: Session) -> None:
    ics, board = make_system(session, "Sampleshire")
    partnership = make_organisation(
        session, "Sampleshire Partnership", kind=OrganisationKind.ICP, part_of=ics
    )
    held = make_appointment(session, organisation=board)
    owner_services.set_owner(session, organisation=ics, owner=make_user(session), on=APRIL)

    organisation_services.dissolve(session, organisation=board, dissolved_on=TODAY)

    assert (board.dissolved_on, ics.dissolved_on) == (TODAY, TODAY)
    assert partnership.dissolved_on is None
    assert held.ended_on == TODAY - timedelta(days=1)
    assert owners.owners_on(session, [ics.id], TODAY) == {}


def test_after_a_merger_the_owner_looks_after_the_successor(session: Session) -> None:
    old_ics, old = make_system(session, "Old")
    new_ics, new = make_system(session, "New", established_on=APRIL)
    sam = make_user(session)
    owner_services.set_owner(session, organisation=old, owner=sam, on=date(2025, 1, 1))

    organisation_services.record_succession(
        session,
        predecessor=old,
        successor=new,
        effective_on=APRIL,
        kind=SuccessionKind.MERGER,
    )

    assert (old.dissolved_on, old_ics.dissolved_on) == (APRIL, APRIL)
    assert owners.owners_on(session, [old_ics.id], LAST_OF_MARCH) == {old_ics.id: sam}
    assert owners.owners_on(session, [new_ics.id], APRIL) == {new_ics.id: sam}
    pairs = session.execute(select(Succession.predecessor_id, Succession.successor_id)).all()
    assert {tuple(pair) for pair in pairs} == {(old.id, new.id), (old_ics.id, new_ics.id)}


def test_after_a_split_the_successors_need_an_owner(session: Session) -> None:
    _, old = make_system(session, "Old")
    parts = [make_system(session, name, established_on=APRIL)[1] for name in ("East", "West")]
    owner_services.set_owner(session, organisation=old, owner=make_user(session), on=LAST_OF_MARCH)

    for part in parts:
        organisation_services.record_succession(
            session,
            predecessor=old,
            successor=part,
            effective_on=APRIL,
            kind=SuccessionKind.SPLIT,
        )

    assert old.dissolved_on == APRIL
    assert owners.owners_on(session, [part.id for part in parts], TODAY) == {}
    assert bodies.lineage(session, [parts[0].id]) == {parts[0].id, old.id}


def test_an_owner_of_the_successor_is_not_replaced(session: Session) -> None:
    _, old = make_system(session, "Old")
    _, new = make_system(session, "New")
    sam, alex = make_user(session, "Sam"), make_user(session, "Alex")
    owner_services.set_owner(session, organisation=old, owner=sam, on=date(2025, 1, 1))
    owner_services.set_owner(session, organisation=new, owner=alex, on=date(2025, 1, 1))

    organisation_services.record_succession(
        session, predecessor=old, successor=new, effective_on=APRIL, kind=SuccessionKind.MERGER
    )

    assert owners.owners_on(session, [new.id], TODAY) == {new.id: alex}


def test_successions_that_cannot_be_are_refused_with_the_reason(session: Session) -> None:
    ics, old = make_system(session, "Old")
    _, new = make_system(session, "New", established_on=APRIL)

    def succeed(before: Organisation, after: Organisation, day: date) -> None:
        organisation_services.record_succession(
            session,
            predecessor=before,
            successor=after,
            effective_on=day,
            kind=SuccessionKind.MERGER,
        )

    with pytest.raises(DomainError, match="succeed itself"):
        succeed(old, old, APRIL)
    with pytest.raises(DomainError, match="does not exist on 31 March 2026"):
        succeed(old, new, LAST_OF_MARCH)
    with pytest.raises(DomainError, match="one of its own kind"):
        succeed(ics, new, APRIL)
    succeed(old, new, APRIL)
    with pytest.raises(DomainError, match="did not exist on the day before"):
        succeed(old, new, TODAY)


def test_an_end_can_be_taken_back(session: Session) -> None:
    ics, board = make_system(session, "Sampleshire")
    organisation_services.dissolve(session, organisation=board, dissolved_on=APRIL)

    organisation_services.take_back_end(session, organisation=board)

    assert (board.dissolved_on, ics.dissolved_on) == (None, None)


def test_another_name_is_not_added_twice(session: Session) -> None:
    body = make_organisation(session, "One")
    organisation_services.add_name(session, organisation=body, name="Uno")

    with pytest.raises(DomainError, match="already one of its names"):
        organisation_services.add_name(session, organisation=body, name="UNO")
    assert len(session.scalars(select(OrganisationName)).all()) == 1


def test_a_body_is_not_part_of_itself(session: Session) -> None:
    whole = make_organisation(session, "Whole")
    part = make_organisation(session, "Part", part_of=whole)

    with pytest.raises(DomainError, match="part of itself"):
        organisation_services.edit_organisation(
            session, organisation=whole, described=OrganisationDetails("Whole", part_of_id=part.id)
        )


def test_the_address_of_an_office_is_one_that_can_be_written_to(session: Session) -> None:
    with pytest.raises(DomainError, match="not an email address"):
        organisation_services.add_organisation(
            session,
            kind=OrganisationKind.ICB,
            described=OrganisationDetails("NHS New Board", office_email="the office"),
            on=TODAY,
        )


# -- owners ---------------------------------------------------------------------------------------


def test_owners_change_with_their_days(session: Session) -> None:
    body = make_organisation(session)
    sam, alex = make_user(session, "Sam"), make_user(session, "Alex")
    owner_services.set_owner(session, organisation=body, owner=sam, on=APRIL)
    owner_services.set_owner(session, organisation=body, owner=alex, on=TODAY)
    owner_services.set_owner(session, organisation=body, owner=alex, on=TODAY)

    assert owners.owners_on(session, [body.id], TODAY - timedelta(days=1)) == {body.id: sam}
    assert owners.owners_on(session, [body.id], TODAY) == {body.id: alex}
    assert len(session.scalars(select(Ownership)).all()) == 2


def test_a_second_thought_on_the_same_day_leaves_no_trace_of_an_owner(session: Session) -> None:
    body = make_organisation(session)
    sam, alex = make_user(session, "Sam"), make_user(session, "Alex")
    owner_services.set_owner(session, organisation=body, owner=sam, on=TODAY)
    owner_services.set_owner(session, organisation=body, owner=alex, on=TODAY)
    owner_services.set_owner(session, organisation=body, owner=None, on=TODAY)

    assert session.scalars(select(Ownership)).all() == []


def test_many_get_an_owner_at_once_and_only_changes_count(session: Session) -> None:
    boards = [make_organisation(session, f"Board {n}") for n in range(3)]
    sam = make_user(session)
    owner_services.set_owner(session, organisation=boards[0], owner=sam, on=APRIL)

    changed = owner_services.set_owner_of_many(session, organisations=boards, owner=sam, on=TODAY)

    assert changed == 2
    looked_after = owners.owners_on(session, [board.id for board in boards], TODAY)
    assert looked_after == {board.id: sam for board in boards}


def test_a_body_that_ended_gets_no_owner(session: Session) -> None:
    body = make_organisation(session, dissolved_on=APRIL)

    with pytest.raises(DomainError, match="owner of its successor"):
        owner_services.set_owner(session, organisation=body, owner=make_user(session), on=TODAY)


# -- statements -----------------------------------------------------------------------------------


def test_python_and_sql_agree_on_who_holds_a_post_and_which_bodies_exist(session: Session) -> None:
    days = [None, LAST_OF_MARCH, APRIL, TODAY]
    for first in days:
        for last in days:
            if first is None or last is None or first <= last:
                make_appointment(session, started_on=first, ended_on=last)
            if first is None or last is None or first < last:
                make_organisation(session, established_on=first, dissolved_on=last)
    session.flush()

    for day in (LAST_OF_MARCH - timedelta(days=1), LAST_OF_MARCH, APRIL, TODAY):
        held = session.scalars(select(Appointment).where(Appointment.where_held_on(day)))
        everybody = session.scalars(select(Appointment))
        assert set(held) == {one for one in everybody if one.held_on(day)}
        there = session.scalars(select(Organisation).where(Organisation.where_exists_on(day)))
        every_body = session.scalars(select(Organisation))
        assert set(there) == {one for one in every_body if one.exists_on(day)}


def test_a_made_up_lead_is_a_person_like_any_other(session: Session) -> None:
    person = people_services.add_person(
        session, details={"family_name": "Sample"}, email="made-up@board.test", is_demo=True
    )

    assert session.scalars(select(Person)).one() is person


@pytest.mark.parametrize("typed", ["O’Sample", "o'sample"])
@pytest.mark.parametrize("kept", ["O’Sample", "O'Sample"])
def test_a_name_is_found_with_either_apostrophe(session: Session, kept: str, typed: str) -> None:
    person = make_person(session, kept)
    body = make_organisation(session, f"Ofsted, {kept} Services")

    assert people.called(session, typed) == [person]
    assert session.scalars(select(Organisation).where(where_named(typed))).all() == [body]
