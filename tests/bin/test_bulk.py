"""A change of many records is undone as one step, and what was changed since is left."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.bin.change_capture import noting
from app.bin.models import Binned, BinnedHow
from app.bin.services import restore
from app.directory.models import Organisation, Ownership, SuccessionKind
from app.directory.services import organisations, owners
from tests.bin.everything import everything
from tests.factories import NOON, TODAY, make_appointment, make_organisation, make_user
from tests.security.world import World

SignIn = Callable[[User], FlaskClient]


def boards_of(session: Session, owner: User) -> list[Organisation]:
    """One looked after for long, one since today, one by nobody."""
    found = [make_organisation(session, f"Board {number}") for number in range(3)]
    owners.set_owner(session, organisation=found[0], owner=owner, on=date(2026, 1, 1))
    owners.set_owner(session, organisation=found[1], owner=owner, on=TODAY)
    session.flush()
    return found


def test_owners_given_to_many_are_given_back_in_one_step(session: Session) -> None:
    sam, jo = make_user(session, "Sam"), make_user(session, "Jo")
    boards = boards_of(session, sam)
    before = everything(session)
    with noting(session, kind="ownership", by=sam, at=NOON) as change:
        owners.set_owner_of_many(session, organisations=boards, owner=jo, on=TODAY)
        change.name = "3 bodies given to Jo"
    session.commit()
    assert change.how is BinnedHow.CHANGED
    assert everything(session) != before
    session.expunge_all()
    restored = restore(session, session.get_one(Binned, change.id), by=sam, at=NOON)
    assert not restored.left
    assert everything(session) == before


def test_a_body_given_to_somebody_else_since_stays_with_them(session: Session) -> None:
    sam, jo, kim = (make_user(session, name) for name in ("Sam", "Jo", "Kim"))
    boards = boards_of(session, sam)
    with noting(session, kind="ownership", by=sam, at=NOON) as change:
        owners.set_owner_of_many(session, organisations=boards[2:], owner=jo, on=TODAY)
    row = session.scalars(select(Ownership).where(Ownership.user_id == jo.id)).one()
    row.user_id = kim.id
    session.flush()
    restored = restore(session, change, by=sam, at=NOON)
    assert restored.left == [("ownership", "")]
    assert session.get_one(Ownership, row.id).user_id == kim.id


@pytest.mark.parametrize("is_taken", [False, True])
def test_what_changed_step_by_step_goes_back_to_how_it_was_before_the_first(
    session: Session, is_taken: bool
) -> None:
    sam, body = make_user(session, "Sam"), make_organisation(session, "Board")
    body.note = "As it was."
    session.flush()
    with noting(session, kind="organisation", by=sam, at=NOON) as change:
        for words in ("At first.", "At last."):
            body.note = words
            session.flush()
        if is_taken:
            session.delete(body)
    session.expunge_all()

    assert not restore(session, session.get_one(Binned, change.id), by=sam, at=NOON).left
    assert session.get_one(Organisation, body.id).note == "As it was."


def test_what_was_made_and_taken_out_within_one_change_is_nothing_to_undo(session: Session) -> None:
    sam = make_user(session, "Sam")
    with noting(session, kind="organisation", by=sam, at=NOON):
        by_mistake = make_organisation(session, "Board")
        session.delete(by_mistake)

    assert session.scalars(select(Binned)).all() == []


def test_a_merger_of_boards_recorded_wrongly_is_undone_with_all_that_came_of_it(
    session: Session,
) -> None:
    sam = make_user(session, "Sam")
    old, new = make_organisation(session, "Old"), make_organisation(session, "New")
    owners.set_owner(session, organisation=old, owner=sam, on=date(2026, 1, 1))
    make_appointment(session, organisation=old)
    before = everything(session)
    with noting(session, kind="organisation", record_id=new.id, by=sam, at=NOON) as change:
        organisations.record_succession(
            session,
            predecessor=old,
            successor=new,
            effective_on=TODAY,
            kind=SuccessionKind.MERGER,
        )
    assert everything(session) != before
    restore(session, change, by=sam, at=NOON)
    assert everything(session) == before


def test_it_is_undone_from_the_next_page_and_from_the_bin(
    session: Session, world: World, sign_in: SignIn
) -> None:
    boards = boards_of(session, world.me)
    session.commit()
    browser = sign_in(world.me)
    ids = [str(board.id) for board in boards]
    wanted = {"ids": ids, "user_id": str(world.colleague.id)}
    asked = re.search(
        r'name="confirmed"[^>]*value="(\w+)"', browser.post("/owners", data=wanted).text
    )
    assert asked
    landed = browser.post("/owners", data={**wanted, "confirmed": asked[1]}, follow_redirects=True)
    assert "3 of 3 changed owner." in landed.text
    assert "3 bodies given to Cory Colleague" in browser.get("/bin").text
    change = session.scalars(select(Binned).where(Binned.how == BinnedHow.CHANGED)).one()
    assert f'action="/bin/{change.id}/restore"' in landed.text
    undone = browser.post(f"/bin/{change.id}/restore", follow_redirects=True)
    assert "has been undone." in undone.text
    session.expire_all()
    theirs = select(Ownership).where(Ownership.user_id == world.colleague.id)
    assert not session.scalars(theirs).all()
    assert browser.get(f"/organisations/{boards[0].id}").status_code == 200
