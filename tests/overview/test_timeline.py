"""The story of a body or a person, newest first."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.visibility import Visibility
from app.core.clock import LONDON
from app.core.web.filters import short_day
from app.directory.models import Organisation, OrganisationKind, Person, PostObservation, PostState
from app.directory.queries.bodies import lineage
from app.interactions.entries.services import write_down
from app.interactions.models import Interaction, InteractionKind, OutcomeKind
from app.overview.entries import Subject
from app.overview.timeline import of_bodies, of_person
from tests.conftest import CountStatements
from tests.factories import (
    NOON,
    TODAY,
    make_answer,
    make_appointment,
    make_organisation,
    make_person,
    make_post,
    make_sent_letter,
    make_succession,
    make_system,
    make_user,
)
from tests.overview.briefed import make_promise


def note(session: Session, board: Organisation, on: date, body: str = "Spoke in passing.") -> None:
    write_down(
        session,
        kind=InteractionKind.NOTE,
        happened_on=on,
        body=body,
        organisations=[board],
        by=make_user(session),
        at=NOON,
        today=TODAY,
    )


def test_everything_that_happened_stands_in_order_of_the_days_it_happened(session: Session) -> None:
    _, board = make_system(session)
    person = make_person(session)
    make_appointment(session, organisation=board, person=person, started_on=date(2026, 1, 5))
    letter = make_sent_letter(session, board, person=person, sent_on=date(2026, 3, 1))
    make_answer(session, letter, on=date(2026, 3, 9), by=make_user(session))
    note(session, board, date(2026, 2, 1))

    told = [(entry.what, entry.on) for entry in of_bodies(session, [board.id]).entries]

    assert told == [
        ("answer", date(2026, 3, 9)),
        ("letter", date(2026, 3, 1)),
        ("note", date(2026, 2, 1)),
        ("began", date(2026, 1, 5)),
    ]


def test_a_timeline_can_be_narrowed_to_one_kind(session: Session) -> None:
    _, board = make_system(session)
    make_sent_letter(session, board)
    note(session, board, TODAY)
    session.add(
        PostObservation(
            post_id=make_post(session, board).id, state=PostState.VACANT, observed_on=TODAY
        )
    )
    session.flush()

    def kinds(subject: Subject) -> list[str]:
        return [entry.what for entry in of_bodies(session, [board.id], subject=subject).entries]

    assert kinds(Subject.LETTERS) == ["letter"]
    assert kinds(Subject.NOTES) == ["note"]
    assert kinds(Subject.PEOPLE) == ["observed"]


def test_a_letter_naming_two_boards_stands_once_on_a_timeline_of_both(session: Session) -> None:
    _, north = make_system(session, "North")
    _, south = make_system(session, "South")
    make_sent_letter(session, north, south)

    (entry,) = of_bodies(session, [north.id, south.id]).entries

    assert entry.names == ("North", "South")


@pytest.mark.date_sensitive
def test_a_merger_is_told_on_both_sides(session: Session) -> None:
    _, old = make_system(session, "Old")
    _, new = make_system(session, "New")
    make_succession(session, old, new)

    for board in (old, new):
        assert [entry.what for entry in of_bodies(session, [board.id]).entries] == ["succession"]


def test_a_person_has_a_timeline_too(session: Session) -> None:
    _, board = make_system(session)
    person = make_person(session)
    make_appointment(session, organisation=board, person=person)
    make_sent_letter(session, board, person=person)
    make_sent_letter(session, board, person=make_person(session, "Other"))

    assert [entry.what for entry in of_person(session, person.id).entries] == ["letter", "began"]


def test_a_long_story_is_read_a_page_at_a_time_for_the_same_number_of_statements(
    session: Session, count_statements: CountStatements
) -> None:
    _, board = make_system(session)
    for days in range(60):
        note(session, board, TODAY - timedelta(days=days))

    with count_statements() as counted:
        last = of_bodies(session, [board.id], page=3)

    assert (last.pages, last.total, len(last.entries)) == (3, 60, 10)
    assert last.entries[-1].on == TODAY - timedelta(days=59)
    assert len(counted) == 3
    assert of_bodies(session, [board.id], page=99).number == 3


def meet(
    session: Session,
    *bodies: Organisation,
    people: Sequence[Person] = (),
    happened_on: date = TODAY,
    by: User | None = None,
    visible_to: Visibility = Visibility.GROUP,
) -> Interaction:
    return write_down(
        session,
        kind=InteractionKind.MEETING,
        happened_on=happened_on,
        body="We met.",
        organisations=bodies,
        people=people,
        visible_to=visible_to,
        by=by or make_user(session),
        at=NOON,
        today=TODAY,
    )


@pytest.mark.date_sensitive
def test_a_meeting_of_many_stands_once_with_each_of_them_and_with_the_successor(
    session: Session,
) -> None:
    _, north = make_system(session, "North", dissolved_on=date(2026, 4, 1))
    _, south = make_system(session, "South")
    _, heir = make_system(session, "Heir")
    department = make_organisation(
        session, "Department for Education", kind=OrganisationKind.GOVERNMENT_DEPARTMENT
    )
    people = [make_person(session, name) for name in ("Able", "Baker", "Carr", "Dale", "Eden")]
    make_succession(session, north, heir)
    meet(session, north, south, department, people=people, happened_on=date(2026, 3, 2))

    for body in (north, south, department):
        assert [one.what for one in of_bodies(session, [body.id]).entries].count("meeting") == 1
    heirs = of_bodies(session, sorted(lineage(session, [heir.id]))).entries
    assert [one.what for one in heirs].count("meeting") == 1
    for person in people:
        (entry,) = of_person(session, person.id).entries
        assert len(entry.names) == 5


def test_what_is_kept_from_somebody_is_on_no_timeline_of_theirs(session: Session) -> None:
    _, board = make_system(session)
    person, author = make_person(session), make_user(session)
    meet(session, board, people=[person], by=author, visible_to=Visibility.AUTHOR)

    for other in (None, make_user(session, "Other Sample")):
        assert of_bodies(session, [board.id], reader=other).total == 0
        assert of_person(session, person.id, reader=other).total == 0
        assert of_bodies(session, [board.id], people=[person.id], reader=other).total == 0
    assert of_bodies(session, [board.id], reader=author).total == 1
    assert of_person(session, person.id, reader=author).total == 1
    assert of_bodies(session, [board.id], people=[person.id], reader=author).total == 1


@pytest.mark.date_sensitive
def test_what_came_out_of_a_meeting_stands_with_it_for_those_who_may_read_it(
    session: Session, client: FlaskClient, count_statements: CountStatements
) -> None:
    _, board = make_system(session, "North")
    author = make_user(session)
    meeting = meet(session, board, by=author)
    meeting.starts_at = datetime.combine(TODAY, time(14), LONDON)
    meeting.ends_at = meeting.starts_at + timedelta(minutes=45)
    make_promise(session, board, author, "Send a draft", interaction=meeting)
    make_promise(session, board, author, "Hush", interaction=meeting, visible_to=Visibility.AUTHOR)
    to_do = OutcomeKind.FOLLOW_UP  # on its owner's list, and nobody else's
    make_promise(session, board, author, "Thank them", interaction=meeting, kind=to_do)
    session.commit()

    with count_statements() as counted:
        (entry,) = of_bodies(session, [board.id], reader=make_user(session, "Other")).entries
    assert [one.text for one in entry.came] == ["Send a draft"]
    assert len([one for one in counted if one.startswith("WITH") or "point" in one]) == 2
    (own,) = of_bodies(session, [board.id], reader=author).entries
    assert [one.text for one in own.came] == ["Send a draft", "Hush"]
    page = client.get(f"/organisations/{board.id}/timeline").text
    assert f"{short_day(TODAY)}, 14:00</time> to 14:45" in page
    assert f"They promised: Send a draft by {short_day(TODAY + timedelta(days=10))}" in page
    assert "Hush" not in page


def test_a_timeline_can_be_narrowed_to_some_people(session: Session) -> None:
    _, board = make_system(session)
    person, other = make_person(session), make_person(session, "Other")
    make_appointment(session, organisation=board, person=person)
    make_sent_letter(session, board, person=other)
    meet(session, board, people=[person, other])

    narrowed = of_bodies(session, [board.id], people=[person.id])

    assert [one.what for one in narrowed.entries] == ["meeting", "began"]
