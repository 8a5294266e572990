"""Two people at two desks, merging or writing at the same moment: one after the other, or told."""

import threading
from collections.abc import Callable

from sqlalchemy import create_engine, select
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.bin.models import Binned
from app.core.db import prepare
from app.core.errors import DomainError
from app.directory.models import Person
from app.followups.models import FollowUp
from app.merging import services
from app.merging.services import MergeChoices
from tests.factories import NOON, make_organisation, make_person, make_user
from tests.overview.briefed import make_follow_up


def at_once(database: str, *works: Callable[[Session], object]) -> list[object]:
    """Each in a transaction of its own, all beginning together; what each gave, or its refusal."""
    engine = create_engine(database)
    prepare(engine)
    ready = threading.Barrier(len(works))
    found: list[object] = [None] * len(works)

    def work(place: int) -> None:
        with Session(engine) as session:
            ready.wait()
            try:
                found[place] = works[place](session)
                session.commit()
            except (DomainError, IntegrityError, NoResultFound) as refusal:
                session.rollback()
                found[place] = refusal

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(works))]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=30)
    engine.dispose()
    return found


def two_people(database: str) -> tuple[int, int, int]:
    engine = create_engine(database)
    prepare(engine)
    with Session(engine) as session:
        one, other, by = make_person(session), make_person(session), make_user(session)
        session.commit()
        found = one.id, other.id, by.id
    engine.dispose()
    return found


def merge(stays: int, goes: int, by: int) -> Callable[[Session], object]:
    def work(session: Session) -> object:
        return services.merge(
            session,
            stays=session.get_one(Person, stays),
            goes=session.get_one(Person, goes),
            wanted=MergeChoices({}),
            by=session.get_one(User, by),
            at=NOON,
        ).id

    return work


def test_two_who_merge_the_same_two_each_their_own_way_make_one_record(live_database: str) -> None:
    one, other, by = two_people(live_database)

    found = at_once(live_database, merge(one, other, by), merge(other, one, by))

    refused = [one for one in found if isinstance(one, Exception)]
    assert len(refused) == 1
    engine = create_engine(live_database)
    with Session(engine) as session:
        assert len(session.scalars(select(Person)).all()) == 1
        assert len(session.scalars(select(Binned)).all()) == 1
    engine.dispose()


def test_what_is_written_down_about_somebody_meanwhile_is_not_lost(live_database: str) -> None:
    """Either it is there before and moves, or whoever writes it is told; it never hangs in air."""
    one, other, by = two_people(live_database)

    def write(session: Session) -> object:
        user = session.get_one(User, by)
        board = make_organisation(session)
        return make_follow_up(session, board, user, "Ring them", person_id=other).id

    merged, written = at_once(live_database, merge(one, other, by), write)

    assert isinstance(merged, int)
    engine = create_engine(live_database)
    with Session(engine) as session:
        kept = session.scalars(select(FollowUp.person_id)).all()
    engine.dispose()
    assert kept == ([] if isinstance(written, IntegrityError) else [one])
