"""Finding people, and telling those of one name apart."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.text.alphabet import alphabetical
from app.directory.models import Person
from app.directory.queries.holdings import Holdings
from app.directory.queries.name_search import where_person_named

AT_MOST = 20


def called(session: Session, words: str) -> list[Person]:
    """People of this name or address, in the order of their names; at most twenty."""
    return list(
        session.scalars(
            select(Person)
            .where(where_person_named(words))
            .order_by(alphabetical(Person.family_name), alphabetical(Person.given_name), Person.id)
            .limit(AT_MOST)
        )
    )


def told_apart(session: Session, people: Sequence[Person], day: date) -> dict[int, str]:
    """Each with what they hold, or else their address."""
    holdings = Holdings(session, day).look_up(people)
    described = {}
    for person in people:
        aside = holdings.words(person) or holdings.address(person)
        objected = " – objected to contact" if person.objected_on else ""
        described[person.id] = f"{person.name}{f' ({aside})' if aside else ''}{objected}"
    return described
