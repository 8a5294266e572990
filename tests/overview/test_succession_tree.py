"""Whose history one system reads: found for all at once, and by the database for one."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.directory.models import Organisation, OrganisationKind
from app.overview.succession_tree import families_on, family_of_system
from tests.factories import make_organisation, make_succession, make_system

FIRST, SECOND = date(2025, 4, 1), date(2026, 4, 1)


@pytest.mark.parametrize("day", [date(2025, 3, 31), FIRST, date(2026, 3, 31), SECOND])
def test_the_database_finds_for_one_system_what_is_found_for_all(
    session: Session, day: date
) -> None:
    grandmother, first = make_system(session, "Grandmother", dissolved_on=FIRST)
    mother, second = make_system(session, "Mother", dissolved_on=SECOND)
    _, north = make_system(session, "North")
    _, south = make_system(session, "South")
    going_on, ended = make_system(session, "Going on")
    ended.dissolved_on = SECOND
    make_organisation(session, kind=OrganisationKind.ICB, name="Its new board", part_of=going_on)
    make_organisation(session, kind=OrganisationKind.ICP, name="Partnership", part_of=grandmother)
    make_succession(session, first, second, FIRST)
    make_succession(session, second, north, SECOND)
    make_succession(session, second, south, SECOND)
    make_succession(session, ended, south, SECOND)
    # What a board had from another stays with it when it gives something away and goes on.
    _, gone = make_system(session, "Gone", dissolved_on=FIRST)
    _, giving = make_system(session, "Giving")
    make_succession(session, gone, giving, FIRST)
    make_succession(session, giving, north, SECOND)
    everybody = families_on(session, day)

    assert {north.part_of_id, south.part_of_id, going_on.id} <= everybody.board_of.keys()
    for system in session.scalars(
        select(Organisation).where(Organisation.kind == OrganisationKind.ICS)
    ):
        wanted = everybody.bodies_of(system.id) if system.id in everybody.board_of else []
        found = session.scalars(family_of_system(system.id, day))
        assert sorted(found) == sorted(wanted), system.name
    assert (mother.id in everybody.board_of) == (day < SECOND)
