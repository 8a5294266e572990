"""What came out of a meeting, and what becomes of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import MemberOrganisation, User
from app.accounts.visibility import Visibility
from app.core.errors import DomainError
from app.followups import services as followups
from app.followups.models import FollowUp, FollowUpState
from app.followups.services import FollowUpDetails, Readers
from app.interactions.models import (
    Interaction,
    InteractionKind,
    Outcome,
    OutcomeKind,
    PointState,
    PromisedBy,
)
from app.interactions.outcomes import outcomes, promises
from app.interactions.outcomes.outcomes import OutcomeDetails
from tests.factories import NOON, TODAY, make_organisation, make_user

NEXT_WEEK = TODAY + timedelta(days=7)
LAST_WEEK = TODAY - timedelta(days=7)


def make_meeting(
    session: Session, author: User, *, visible_to: Visibility = Visibility.GROUP
) -> Interaction:
    meeting = Interaction(
        kind=InteractionKind.MEETING,
        happened_on=LAST_WEEK,
        subject="Children’s programme",
        visible_to=visible_to,
        member_organisation_id=author.member_organisation_id,
        author_id=author.id,
        written_at=NOON,
    )
    session.add(meeting)
    session.flush()
    return meeting


def promise(session: Session, user: User, **changes: object) -> OutcomeDetails:
    said = OutcomeDetails(
        OutcomeKind.COMMITMENT,
        "Send the asthma evidence pack",
        promised_by=PromisedBy.US,
        organisation=make_organisation(session),
        owner=user,
        due_on=NEXT_WEEK,
    )
    return replace(said, **changes)  # type: ignore[arg-type]


def write(
    session: Session, said: OutcomeDetails, by: User, interaction: Interaction | None = None
) -> Outcome:
    return outcomes.add(session, said, interaction=interaction, by=by, at=NOON, on=TODAY)


def test_our_promise_stands_on_its_owners_list(session: Session) -> None:
    user = make_user(session)
    meeting = make_meeting(session, user)
    point = write(session, promise(session, user), user, meeting)
    follow_up = session.scalars(select(FollowUp)).one()

    assert (point.made_on, point.state, point.follow_up_id) == (
        *(LAST_WEEK, PointState.OPEN),
        follow_up.id,
    )
    assert (follow_up.what, follow_up.owner_id, follow_up.due_on, follow_up.waiting_on_them) == (
        *("Send the asthma evidence pack", user.id, NEXT_WEEK),
        False,
    )
    assert (follow_up.record_kind, follow_up.record_id) == ("interaction", meeting.id)


def test_on_their_promise_one_of_us_waits(session: Session) -> None:
    user = make_user(session)
    write(session, promise(session, user, promised_by=PromisedBy.THEM), user)

    assert session.scalars(select(FollowUp)).one().waiting_on_them


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"owner": None}, "Choose who of us does it, and by when"),
        ({"due_on": None}, "Choose who of us does it, and by when"),
        ({"owner": None, "promised_by": PromisedBy.THEM}, "Choose who of us asks about it"),
        ({"promised_by": None}, "Say who promised"),
        ({"organisation": None}, "Choose the organisation we promised"),
        ({"text": " "}, "Say it in a line"),
        ({"text": "x" * 2_001}, "2,000 characters"),
        ({"kind": OutcomeKind.DECISION}, "only a promise"),
    ],
)
def test_half_a_promise_is_refused_with_a_sentence(
    session: Session, change: dict[str, object], sentence: str
) -> None:
    user = make_user(session)
    with pytest.raises(DomainError, match=sentence):
        write(session, promise(session, user, **change), user)


def test_a_decision_is_settled_when_made_and_a_question_when_answered(session: Session) -> None:
    user = make_user(session)
    meeting = make_meeting(session, user)
    decision = write(
        session, OutcomeDetails(OutcomeKind.DECISION, "Meet each quarter"), user, meeting
    )
    question = write(
        session, OutcomeDetails(OutcomeKind.QUESTION, "Who holds SEND?"), user, meeting
    )

    assert (decision.state, decision.settled_on) == (PointState.KEPT, LAST_WEEK)
    assert question.state is PointState.OPEN
    outcomes.settle(
        session, question, PointState.KEPT, evidence="The chief nurse", by=user, at=NOON, on=TODAY
    )
    assert (question.settled_on, question.evidence) == (TODAY, "The chief nurse")


def test_a_finished_follow_up_keeps_its_promise_and_undoing_opens_both(session: Session) -> None:
    user = make_user(session)
    point = write(session, promise(session, user), user)
    follow_up = session.scalars(select(FollowUp)).one()
    promises.finish(session, follow_up, by=user, at=NOON, on=TODAY)

    assert (point.state, point.settled_on) == (PointState.KEPT, TODAY)
    promises.reopen(session, follow_up)
    assert (point.state, point.settled_on) == (PointState.OPEN, None)
    assert follow_up.state is FollowUpState.OPEN


def test_dropping_a_promise_asks_what_became_of_it(session: Session) -> None:
    user = make_user(session)
    point = write(session, promise(session, user), user)
    follow_up = session.scalars(select(FollowUp)).one()
    with pytest.raises(DomainError, match="broken or withdrawn"):
        promises.drop(session, follow_up, reason="No time", on=TODAY)
    promises.drop(session, follow_up, reason="No time", became=PointState.BROKEN, on=TODAY)

    assert (point.state, point.evidence) == (PointState.BROKEN, "No time")


@pytest.mark.parametrize(
    ("state", "becomes"),
    [
        (PointState.KEPT, FollowUpState.DONE),
        (PointState.BROKEN, FollowUpState.DROPPED),
        (PointState.WITHDRAWN, FollowUpState.DROPPED),
    ],
)
def test_settling_a_promise_settles_its_follow_up(
    session: Session, state: PointState, becomes: FollowUpState
) -> None:
    user = make_user(session)
    point = write(session, promise(session, user), user)
    outcomes.settle(session, point, state, evidence="She wrote", by=user, at=NOON, on=TODAY)
    follow_up = session.scalars(select(FollowUp)).one()

    assert follow_up.state is becomes
    outcomes.reopen(session, point)
    assert (point.state, follow_up.state) == (PointState.OPEN, FollowUpState.OPEN)


def test_a_broken_promise_says_how_we_know(session: Session) -> None:
    user = make_user(session)
    point = write(session, promise(session, user), user)
    with pytest.raises(DomainError, match="how we know"):
        outcomes.settle(session, point, PointState.BROKEN, by=user, at=NOON, on=TODAY)


@pytest.mark.parametrize(
    ("days", "is_possible"), [(-8, False), (-7, True), (-6, True), (0, True), (1, False)]
)
def test_a_promise_is_settled_from_the_day_it_was_made_up_to_today(
    session: Session, days: int, is_possible: bool
) -> None:
    user = make_user(session)
    point = write(session, promise(session, user), user, make_meeting(session, user))
    assert point.made_on == TODAY - timedelta(days=7)
    day = TODAY + timedelta(days=days)

    def settle() -> None:
        outcomes.settle(session, point, PointState.KEPT, settled_on=day, by=user, at=NOON, on=TODAY)

    if is_possible:
        settle()
        assert (point.state, point.settled_on) == (PointState.KEPT, day)
        return
    with pytest.raises(outcomes.NotKept, match="on which day up to today"):
        settle()
    assert (point.state, point.settled_on) == (PointState.OPEN, None)
    assert session.scalars(select(FollowUp)).one().state is FollowUpState.OPEN


def test_another_day_for_a_promise_is_another_day_for_its_follow_up(session: Session) -> None:
    user = make_user(session)
    said = promise(session, user)
    point = write(session, said, user)
    follow_up = session.scalars(select(FollowUp)).one()
    outcomes.change(session, point, replace(said, due_on=TODAY), by=user, at=NOON, on=TODAY)
    assert follow_up.due_on == TODAY
    promises.move(session, [follow_up], NEXT_WEEK, by=user, at=NOON, on=TODAY)
    assert point.due_on == NEXT_WEEK


def test_what_came_out_of_a_private_note_is_read_by_nobody_else(session: Session) -> None:
    author, other = make_user(session), make_user(session, "Jo")
    note = make_meeting(session, author, visible_to=Visibility.AUTHOR)
    with pytest.raises(DomainError, match="Jo may not read"):
        write(session, promise(session, other), author, note)
    point = write(session, promise(session, author), author, note)
    follow_up = session.get_one(FollowUp, point.follow_up_id)

    assert not point.may_be_read_by(other)
    assert not follow_up.may_be_read_by(other)


def test_points_and_follow_ups_follow_the_entry_they_came_from(session: Session) -> None:
    author = make_user(session)
    note = make_meeting(session, author, visible_to=Visibility.AUTHOR)
    point = write(session, promise(session, author), author, note)
    note.visible_to = Visibility.GROUP
    outcomes.follow_visibility(session, note)

    assert point.visible_to is Visibility.GROUP
    assert session.get_one(FollowUp, point.follow_up_id).visible_to is Visibility.GROUP


def test_points_and_follow_ups_are_read_by_the_member_organisation_their_entry_is_for(
    session: Session,
) -> None:
    """Also the follow-up that stands for no point, and what is open still to its old colleagues."""
    author, colleague, newcomer = (make_user(session, name) for name in ("Sam", "Kim", "Jo"))
    elsewhere = MemberOrganisation(name="Another Sample Charity")
    session.add(elsewhere)
    session.flush()
    newcomer.member_organisation_id = elsewhere.id
    meeting = make_meeting(session, author)
    point = write(session, promise(session, author), author, meeting)
    alone = followups.add(
        session,
        FollowUpDetails("Ask again", author, NEXT_WEEK),
        by=author,
        at=NOON,
        on=TODAY,
        about=("interaction", meeting.id),
        readers=Readers.of(meeting),
    )
    assert point.may_be_read_by(newcomer)
    assert alone.may_be_read_by(newcomer)

    meeting.visible_to, meeting.member_organisation_id = Visibility.MEMBER, elsewhere.id
    outcomes.follow_visibility(session, meeting)

    for row in (point, session.get_one(FollowUp, point.follow_up_id), alone):
        assert row.may_be_read_by(newcomer)
        assert not row.may_be_read_by(colleague)


def test_an_entry_cannot_be_hidden_from_whoever_works_on_it(session: Session) -> None:
    author, other = make_user(session), make_user(session, "Jo Sample")
    meeting = make_meeting(session, author)
    write(session, promise(session, other), author, meeting)
    meeting.visible_to = Visibility.AUTHOR
    with pytest.raises(DomainError, match="Jo Sample’s follow-up"):
        outcomes.follow_visibility(session, meeting)


def test_a_member_organisations_entry_stays_with_its_people(session: Session) -> None:
    author, colleague, stranger = (make_user(session, name) for name in ("Sam", "Kim", "Jo"))
    elsewhere = MemberOrganisation(name="Another Sample Charity")
    session.add(elsewhere)
    session.flush()
    stranger.member_organisation_id = elsewhere.id
    meeting = make_meeting(session, author, visible_to=Visibility.MEMBER)
    point = write(session, promise(session, colleague), author, meeting)

    assert point.may_be_read_by(colleague)
    assert not point.may_be_read_by(stranger)
    with pytest.raises(DomainError, match="Jo may not read"):
        write(session, promise(session, stranger), author, meeting)
