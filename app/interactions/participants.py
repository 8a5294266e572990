"""Setting who and what an entry is about, row by row, so that the history notes each."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.interactions.models import (
    Interaction,
    InteractionOrganisation,
    InteractionPerson,
    InteractionTheme,
    InteractionUser,
)

OTHER_END = {
    InteractionOrganisation: "organisation_id",
    InteractionPerson: "person_id",
    InteractionUser: "user_id",
    InteractionTheme: "theme_id",
}


def ids_of(session: Session, link: type[Any], interaction: Interaction) -> frozenset[int]:
    end = getattr(link, OTHER_END[link])
    return frozenset(
        session.scalars(select(end).where(link.interaction_id == interaction.id)).all()
    )


def involve(
    session: Session, link: type[Any], interaction: Interaction, wanted: Iterable[int]
) -> None:
    """Make these, and no others, the bodies, people, colleagues or themes of an entry."""
    end = OTHER_END[link]
    present = {
        getattr(row, end): row
        for row in session.scalars(select(link).where(link.interaction_id == interaction.id))
    }
    ids = frozenset(wanted)
    for gone in sorted(present.keys() - ids):
        session.delete(present[gone])
    session.add_all(
        link(interaction_id=interaction.id, **{end: new}) for new in sorted(ids - present.keys())
    )
    session.flush()


def add_person(
    session: Session, interaction: Interaction, person_id: int, *, capacity: str = ""
) -> None:
    """Somebody else of theirs was there; who is there already stays as they are."""
    if session.get(InteractionPerson, (interaction.id, person_id)) is None:
        session.add(
            InteractionPerson(interaction_id=interaction.id, person_id=person_id, capacity=capacity)
        )
        session.flush()
