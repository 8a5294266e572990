"""Choosing bodies, people and colleagues by their names: what is offered, and what was meant."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.text.alphabet import alphabetical
from app.directory.labels import KIND_WORDS
from app.directory.models import Organisation, OrganisationKind, Person
from app.directory.queries.bodies import system_of
from app.directory.queries.name_search import where_named, where_person_named
from app.directory.queries.people import told_apart
from app.directory.queries.posts import people_at
from app.interactions.models import Interaction, InteractionOrganisation, Theme
from app.interactions.themes import in_order

AT_MOST = 12
MOST_PEOPLE = 40
LATELY = 5
# Of a board, its system and its partnership, which share a name, the board is the one that is met.
USUAL = {OrganisationKind.ICB: 0, OrganisationKind.ICS: 2, OrganisationKind.ICP: 3}


@dataclass(frozen=True)
class Suggestion:
    """Something one can choose, by its number and in words that tell it from its like."""

    id: int
    words: str
    name: str


def bodies_called(session: Session, words: str, day: date) -> list[Suggestion]:
    """Bodies of that day with such a name or code; those that begin so first, boards among them."""
    if not words.strip():
        return []
    begins = func.lower(Organisation.short_name).startswith(words.strip().lower(), autoescape=True)
    usual = case(*((Organisation.kind == kind, place) for kind, place in USUAL.items()), else_=1)
    rows = session.scalars(
        select(Organisation)
        .where(where_named(words.strip()), Organisation.where_exists_on(day))
        .order_by(begins.desc(), usual, alphabetical(Organisation.short_name), Organisation.id)
        .limit(AT_MOST)
    )
    return [_body(row) for row in rows]


def usual_body(session: Session, body: Organisation, day: date) -> Organisation:
    """Of a system, the board that looks after it."""
    if body.kind is not OrganisationKind.ICS:
        return body
    system = system_of(session, body, day)
    return system.board if system and system.board else body


def people_called(session: Session, words: str, day: date) -> list[Suggestion]:
    """People of such a name or address, with what they held that day."""
    if not words.strip():
        return []
    rows = session.scalars(
        select(Person)
        .where(where_person_named(words.strip()))
        .order_by(alphabetical(Person.family_name), alphabetical(Person.given_name), Person.id)
        .limit(AT_MOST)
    ).all()
    return _people(session, rows, day)


def meant(found: Sequence[Suggestion], words: str) -> Suggestion | None:
    """The one that was typed: the only one found, or the only one of exactly that name."""
    exact = [one for one in found if one.name.casefold() == words.strip().casefold()]
    if len(exact) == 1:
        return exact[0]
    return found[0] if len(found) == 1 else None


def bodies(session: Session, ids: Collection[int]) -> list[Suggestion]:
    rows = session.scalars(
        select(Organisation)
        .where(Organisation.id.in_(ids))
        .order_by(alphabetical(Organisation.short_name), Organisation.id)
    )
    return [_body(row) for row in rows]


def people(session: Session, ids: Collection[int], day: date) -> list[Suggestion]:
    rows = session.scalars(
        select(Person)
        .where(Person.id.in_(ids))
        .order_by(alphabetical(Person.family_name), alphabetical(Person.given_name), Person.id)
    ).all()
    return _people(session, rows, day)


def people_known_at(session: Session, body_ids: Collection[int], day: date) -> list[Suggestion]:
    """Who holds a post at these bodies, or at the parts of a system, on that day."""
    if not body_ids:
        return []
    within = session.scalars(
        select(Organisation.id).where(
            or_(Organisation.id.in_(body_ids), Organisation.part_of_id.in_(body_ids))
        )
    ).all()
    return _people(session, people_at(session, within, day)[:MOST_PEOPLE], day)


def bodies_lately(session: Session, user: User, day: date) -> list[Suggestion]:
    """Whom this user wrote about last: the likeliest to be meant again."""
    last = (
        select(
            InteractionOrganisation.organisation_id,
            func.max(Interaction.id).label("last"),
        )
        .join(Interaction, Interaction.id == InteractionOrganisation.interaction_id)
        .where(Interaction.author_id == user.id)
        .group_by(InteractionOrganisation.organisation_id)
        .subquery()
    )
    rows = session.scalars(
        select(Organisation)
        .join(last, last.c.organisation_id == Organisation.id)
        .where(Organisation.where_exists_on(day))
        .order_by(last.c.last.desc())
        .limit(LATELY)
    )
    return [_body(row) for row in rows]


def offered_themes(themes: Sequence[Theme], kept: Collection[int]) -> dict[int, str]:
    """Themes in use, each under its parent, and those retired that this entry already has."""
    return {
        theme.id: f"– {theme.name}" if theme.parent_id else theme.name
        for theme in in_order(themes)
        if theme.retired_on is None or theme.id in kept
    }


def _body(body: Organisation) -> Suggestion:
    return Suggestion(body.id, f"{body.short_name} ({KIND_WORDS[body.kind]})", body.short_name)


def _people(session: Session, rows: Sequence[Person], day: date) -> list[Suggestion]:
    words = told_apart(session, rows, day)
    return [Suggestion(row.id, words[row.id], row.name) for row in rows]
