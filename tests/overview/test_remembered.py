"""What is remembered of a question is asked for nobody else, and of no other day (decision 17)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.models import MemberOrganisation, User
from app.accounts.visibility import Visibility
from app.followups import queries as follow_ups
from app.followups.models import FollowUp
from app.overview.status import standing_of, standings
from tests.factories import NOON, TODAY, make_appointment, make_system, make_user
from tests.overview.briefed import make_contact

SignIn = Callable[[User], FlaskClient]

KEPT = "Kestrelfeather"  # a word that stands nowhere else


def elsewhere(session: Session, user: User) -> User:
    """Somebody of ours who now belongs to another member organisation."""
    other = MemberOrganisation(name=f"Of {user.name}")
    session.add(other)
    session.flush()
    user.member_organisation_id = other.id
    session.commit()
    return user


@pytest.mark.parametrize("visible_to", [Visibility.AUTHOR, Visibility.MEMBER])
def test_readers_who_take_turns_see_their_own_each_time(
    visible_to: Visibility, session: Session, sign_in: SignIn
) -> None:
    system, board = make_system(session)
    author = make_user(session, "Ada")
    other = elsewhere(session, make_user(session, "Bea"))
    make_contact(session, board, author, subject=KEPT, visible_to=visible_to)
    follow_up = FollowUp(
        what=f"{KEPT}, next",
        organisation_id=board.id,
        owner_id=other.id,  # who may not read it: it is on nobody's list
        author_id=author.id,
        member_organisation_id=author.member_organisation_id,
        visible_to=visible_to,
        due_on=TODAY,
        created_at=NOON,
    )
    session.add(follow_up)
    session.commit()
    told = {author: sign_in(author), other: sign_in(other)}

    for reader in (author, other, author, other):
        is_theirs = reader is author
        for page, times in ((f"/systems/{system.id}", 2), ("/", 0)):
            found = told[reader].get(page).text.count(KEPT)
            assert found >= times if is_theirs else found == 0, (reader.name, page)
        for row in (
            standing_of(session, system.id, TODAY, reader=reader),
            *standings(session, TODAY, reader=reader),
        ):
            assert row is not None
            assert (row.last_contact_on is not None) is is_theirs
        assert follow_ups.mine_due(session, reader, TODAY, 9) == 0


def test_who_moves_to_another_member_organisation_reads_no_more_of_the_former(
    session: Session, sign_in: SignIn
) -> None:
    system, board = make_system(session)
    author, colleague = make_user(session, "Ada"), make_user(session, "Bea")
    make_contact(session, board, author, subject=KEPT, visible_to=Visibility.MEMBER)
    session.commit()
    browser = sign_in(colleague)
    assert KEPT in browser.get(f"/systems/{system.id}").text

    elsewhere(session, colleague)

    assert KEPT not in browser.get(f"/systems/{system.id}").text


def test_days_that_take_turns_tell_what_was_so_on_each(session: Session) -> None:
    system, board = make_system(session)
    owner, tomorrow = make_user(session), TODAY + timedelta(days=1)
    make_contact(session, board, owner, days_ago=-1)
    make_appointment(session, organisation=board, started_on=tomorrow)
    session.add(
        FollowUp(
            what="Send the pack",
            owner_id=owner.id,
            author_id=owner.id,
            member_organisation_id=owner.member_organisation_id,
            due_on=tomorrow,
            created_at=NOON,
        )
    )
    session.commit()

    for day in (TODAY, tomorrow, TODAY, tomorrow):
        has_come = day == tomorrow
        row = standing_of(session, system.id, day, reader=owner)
        assert row is not None
        assert (row.last_contact_on, bool(row.leads)) == (tomorrow if has_come else None, has_come)
        assert follow_ups.mine_due(session, owner, day, 9) == has_come
