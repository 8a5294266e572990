"""Gathering what the page of one meeting, call or note shows, in a fixed number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.text.alphabet import alphabetical
from app.directory.models import Organisation, Person
from app.directory.queries.holdings import Holdings
from app.interactions import queries
from app.interactions.entries.services import may_change
from app.interactions.models import Interaction, InteractionPerson, Outcome, Theme
from app.interactions.outcomes.outcome_queries import of_interaction


@dataclass(frozen=True)
class Attendee:
    """Somebody of theirs, as what they were on that day."""

    person: Person
    capacity: str
    body_ids: frozenset[int] = frozenset()  # of the bodies it was with, those they hold a post at


@dataclass(frozen=True)
class EntryPage:
    title: str
    organisations: Sequence[Organisation]
    people: Sequence[Attendee]
    ours: Sequence[User]
    themes: Sequence[Theme]
    points: Sequence[Outcome]
    may_change: bool


def shown(session: Session, interaction: Interaction, *, reader: User) -> EntryPage:
    organisations = queries.organisations_of(session, interaction.id)
    ours = queries.users_of(session, interaction.id)
    return EntryPage(
        title=title_of(interaction, organisations),
        organisations=organisations,
        people=attendees(session, interaction, organisations),
        ours=ours,
        themes=queries.themes_of(session, interaction.id),
        may_change=may_change(session, interaction, reader),
        points=of_interaction(session, interaction, reader=reader),
    )


def attendees(
    session: Session, interaction: Interaction, bodies: Sequence[Organisation]
) -> list[Attendee]:
    """Who was there, each with the posts they held that day unless something else was written.

    The posts at the bodies it was with are what they came as; of others the number is enough.
    """
    rows = session.execute(
        select(Person, InteractionPerson.capacity)
        .join(InteractionPerson, InteractionPerson.person_id == Person.id)
        .where(InteractionPerson.interaction_id == interaction.id)
        .order_by(alphabetical(Person.family_name), alphabetical(Person.given_name), Person.id)
    ).all()
    holdings = Holdings(session, interaction.happened_on).look_up([person for person, _ in rows])
    here = {body.id for body in bodies}
    return [
        Attendee(
            person,
            capacity or holdings.words_at(person, here),
            frozenset(holdings.bodies_at(person, here)),
        )
        for person, capacity in rows
    ]


def title_of(interaction: Interaction, organisations: Sequence[Organisation]) -> str:
    """Its own line, or what it was and with whom."""
    if interaction.subject:
        return interaction.subject
    names = ", ".join(organisation.short_name for organisation in organisations)
    return f"{interaction.kind.value.capitalize()} with {names}" if names else "Note"
