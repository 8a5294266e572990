"""The busiest pages ask the database as much for three systems or letters as for many."""

from collections.abc import Callable
from datetime import timedelta
from time import perf_counter

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.bench.filling import BASE_URL, begin, make_boards, tell_story
from app.core import clock
from app.documents import reference as document_types
from app.followups.services import FollowUpDetails
from app.followups.services import add as add_follow_up
from app.interactions.models import (
    Interaction,
    InteractionKind,
    InteractionOrganisation,
    InteractionPerson,
)
from app.letters.drafting import checking
from app.milestones import reference as milestones
from app.milestones.models import Milestone
from tests.conftest import CountStatements
from tests.factories import (
    NOON,
    TODAY,
    make_appointment,
    make_person,
    make_sent_letter,
    make_system,
    make_user,
)

SignIn = Callable[[User], FlaskClient]


def grow(session: Session, count: int) -> int:
    """So many more systems, each with a lead who was written to; returns the first one's id."""
    made = []
    for number in range(count):
        system, board = make_system(session)
        person = make_person(session, f"Sample{number}")
        make_appointment(session, organisation=board, person=person)
        make_sent_letter(session, board, person=person, sent_on=TODAY)
        made.append(system.id)
    session.commit()
    return made[0]


@pytest.mark.parametrize(("address", "most"), [("/", 22), ("/systems", 9), ("/systems/{}", 20)])
def test_a_page_about_systems_costs_the_same_for_three_and_for_thirty_six(
    address: str,
    most: int,
    session: Session,
    client: FlaskClient,
    count_statements: CountStatements,
) -> None:
    page = address.format(grow(session, 3))
    client.get(page)
    with count_statements() as for_three:
        assert client.get(page).status_code == 200
    grow(session, 33)

    with count_statements() as for_many:
        assert client.get(page).status_code == 200

    assert len(for_many) == len(for_three) <= most


@pytest.mark.parametrize(("address", "most"), [("/milestones", 10), ("/milestones/{}", 19)])
def test_milestones_cost_the_same_for_three_boards_and_for_thirty_six(
    address: str,
    most: int,
    session: Session,
    client: FlaskClient,
    count_statements: CountStatements,
) -> None:
    document_types.load(session)
    milestones.load(session, on=TODAY, at=NOON)
    grow(session, 3)
    april = session.scalars(select(Milestone).where(Milestone.code == "M08")).one()
    page = address.format(april.id)
    client.get(page)
    with count_statements() as for_three:
        assert client.get(page).status_code == 200
    grow(session, 33)

    with count_statements() as for_many:
        assert client.get(page).status_code == 200

    assert len(for_many) == len(for_three) <= most


def test_a_story_of_five_hundred_entries_asks_as_much_as_one_of_a_single_page(
    session: Session, client: FlaskClient, count_statements: CountStatements
) -> None:
    author = make_user(session)
    systems = []
    for count in (25, 500):
        system, board = make_system(session, f"With {count}")
        person = make_person(session)
        meetings = [
            Interaction(
                kind=InteractionKind.MEETING,
                happened_on=TODAY,
                subject=f"Meeting {number}",
                body="We met.",
                written_at=NOON,
                author_id=author.id,
            )
            for number in range(count)
        ]
        session.add_all(meetings)
        session.flush()
        for one in meetings:
            session.add(InteractionOrganisation(interaction_id=one.id, organisation_id=board.id))
            session.add(InteractionPerson(interaction_id=one.id, person_id=person.id))
        systems.append(system.id)
    session.commit()
    counts, seconds = [], []

    for system_id in systems:
        client.get(f"/systems/{system_id}")
        with count_statements() as statements:
            assert client.get(f"/systems/{system_id}").status_code == 200
        counts.append(len(statements))
        seconds.append(min(_seconds(client, f"/systems/{system_id}") for _ in range(9)))

    assert counts[0] == counts[1]
    # 1.3 is the aim, which the benchmark measures; a busy machine is allowed more here.
    assert seconds[1] < 2 * seconds[0]


def _seconds(client: FlaskClient, page: str) -> float:
    begun = perf_counter()
    client.get(page)
    return perf_counter() - begun


@pytest.mark.slow("checks a mailing to all boards")
def test_the_check_page_costs_the_same_for_three_letters_and_for_forty_two(
    app: Flask, session: Session, sign_in: SignIn, count_statements: CountStatements
) -> None:
    staff = tell_story(session, on=clock.today(), at=clock.now())
    boards = make_boards(session, 42, staff=staff, on=clock.today())
    few = begin(session, "Few", boards[:3], staff=staff, at=clock.now())
    many = begin(session, "Many", boards, staff=staff, at=clock.now())
    for mailing in (few, many):
        checking.check(session, mailing, by=staff.author, at=clock.now(), base_url=BASE_URL)
    session.commit()
    browser = sign_in(staff.author)
    counts = []

    for mailing in (few, many):
        page = f"/letters/mailings/{mailing.id}/check"
        browser.get(page)
        with count_statements() as statements:
            assert browser.get(page).status_code == 200
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 15


def test_the_list_of_follow_ups_costs_the_same_for_thirty_and_for_three_hundred(
    session: Session, sign_in: SignIn, count_statements: CountStatements
) -> None:
    """As many as it takes to fill a page, then ten times that."""
    user, day = make_user(session), clock.today()

    def add(count: int) -> None:
        for number in range(count):
            wanted = FollowUpDetails("Send the pack", user, day + timedelta(days=number % 20 - 10))
            add_follow_up(session, wanted, by=user, at=clock.now(), on=day)
        session.commit()

    browser, counts = sign_in(user), []
    for count in (30, 270):
        add(count)
        browser.get("/follow-ups?show=all")
        with count_statements() as statements:
            assert browser.get("/follow-ups?show=all").status_code == 200
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 9
