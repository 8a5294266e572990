"""Reading what happened."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import User
from app.core.text.alphabet import alphabetical
from app.directory.models import Organisation, Person
from app.interactions.models import (
    Interaction,
    InteractionOrganisation,
    InteractionPerson,
    InteractionTheme,
    InteractionUser,
    Theme,
)


def by_ids(session: Session, ids: Sequence[int]) -> dict[int, Interaction]:
    """These entries with their authors."""
    rows = session.scalars(
        select(Interaction).where(Interaction.id.in_(ids)).options(joinedload(Interaction.author))
    )
    return {row.id: row for row in rows}


def organisations_of(session: Session, interaction_id: int) -> Sequence[Organisation]:
    """The bodies an entry is about, by name, with their regions."""
    return session.scalars(
        select(Organisation)
        .options(joinedload(Organisation.region))
        .join(InteractionOrganisation, InteractionOrganisation.organisation_id == Organisation.id)
        .where(InteractionOrganisation.interaction_id == interaction_id)
        .order_by(alphabetical(Organisation.name))
    ).all()


def people_of(session: Session, interaction_ids: Sequence[int]) -> dict[int, list[Person]]:
    """Who was involved in each entry."""
    rows = session.execute(
        select(InteractionPerson.interaction_id, Person)
        .join(Person, Person.id == InteractionPerson.person_id)
        .where(InteractionPerson.interaction_id.in_(interaction_ids))
        .order_by(alphabetical(Person.family_name), alphabetical(Person.given_name))
    )
    people: dict[int, list[Person]] = {}
    for interaction_id, person in rows:
        people.setdefault(interaction_id, []).append(person)
    return people


def users_of(session: Session, interaction_id: int) -> Sequence[User]:
    """Our people who were there, by name."""
    return session.scalars(
        select(User)
        .join(InteractionUser, InteractionUser.user_id == User.id)
        .where(InteractionUser.interaction_id == interaction_id)
        .order_by(alphabetical(User.name), User.id)
    ).all()


def themes_of(session: Session, interaction_id: int) -> Sequence[Theme]:
    """What an entry is about, in the order of the tree."""
    return session.scalars(
        select(Theme)
        .join(InteractionTheme, InteractionTheme.theme_id == Theme.id)
        .where(InteractionTheme.interaction_id == interaction_id)
        .order_by(Theme.position, alphabetical(Theme.name))
    ).all()


def ours(session: Session) -> Sequence[User]:
    """Our people whose accounts are open, by name."""
    return session.scalars(
        select(User).where(User.disabled_at.is_(None)).order_by(alphabetical(User.name), User.id)
    ).all()


def users_by_ids(session: Session, ids: Sequence[int]) -> Sequence[User]:
    """These of our people, whether or not their accounts are still open."""
    return session.scalars(
        select(User).where(User.id.in_(ids)).order_by(alphabetical(User.name))
    ).all()


def themes(session: Session) -> Sequence[Theme]:
    """All themes, the retired among them, in the order of the tree."""
    return session.scalars(select(Theme).order_by(Theme.position, alphabetical(Theme.name))).all()
