"""Writing down what happened."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.errors import DomainError
from app.directory.models import Organisation, Person
from app.interactions.models import (
    Interaction,
    InteractionKind,
    InteractionOrganisation,
    InteractionPerson,
)

LONGEST_BODY = 500_000  # bytes of UTF-8


class NotYet(DomainError):
    """A note or a call is about something that has happened."""


class NothingWritten(DomainError):
    """An entry without words helps nobody."""


class TooLong(DomainError):
    """More than a page can carry."""


class NobodyInvolved(DomainError):
    """An entry stands on the timeline of at least one body."""


class NotTheAuthor(DomainError):
    """People's words are theirs to change."""


def write_down(
    session: Session,
    *,
    kind: InteractionKind,
    happened_on: date,
    body: str,
    organisations: Iterable[Organisation],
    people: Iterable[Person] = (),
    subject: str = "",
    by: User,
    at: datetime,
    today: date,
    form_token: str | None = None,
) -> Interaction:
    """Put a note or a call on the timelines of these bodies and people.

    The same form sent twice (a double click) writes one entry, and both get it back.
    """
    if form_token and (
        written := session.scalar(select(Interaction).where(Interaction.form_token == form_token))
    ):
        return written
    bodies = list(organisations)
    _refuse_nonsense(body, happened_on, today)
    if not bodies:
        raise NobodyInvolved("Choose the organisation this was with.")
    interaction = Interaction(
        kind=kind,
        happened_on=happened_on,
        subject=subject.strip(),
        body=body.strip(),
        author_id=by.id,
        written_at=at,
        form_token=form_token,
    )
    session.add(interaction)
    session.flush()
    session.add_all(
        InteractionOrganisation(interaction_id=interaction.id, organisation_id=organisation.id)
        for organisation in bodies
    )
    session.add_all(
        InteractionPerson(interaction_id=interaction.id, person_id=person.id) for person in people
    )
    session.flush()
    return interaction


def rewrite(
    session: Session,
    *,
    interaction: Interaction,
    kind: InteractionKind,
    happened_on: date,
    body: str,
    people: Iterable[Person],
    subject: str = "",
    by: User,
    today: date,
) -> None:
    """Correct an entry. Its history keeps what it said before."""
    if interaction.author_id != by.id:
        raise NotTheAuthor("Only the person who wrote this can change it. Add a note of your own.")
    _refuse_nonsense(body, happened_on, today)
    interaction.kind = kind
    interaction.happened_on = happened_on
    interaction.body = body.strip()
    interaction.subject = subject.strip()
    _set_people(session, interaction, {person.id for person in people})


def _set_people(session: Session, interaction: Interaction, wanted: set[int]) -> None:
    present = {
        row.person_id: row
        for row in session.scalars(
            select(InteractionPerson).where(InteractionPerson.interaction_id == interaction.id)
        )
    }
    for person_id in present.keys() - wanted:
        session.delete(present[person_id])  # row by row, so that the history notes each
    session.add_all(
        InteractionPerson(interaction_id=interaction.id, person_id=person_id)
        for person_id in sorted(wanted - present.keys())
    )
    session.flush()


def _refuse_nonsense(body: str, happened_on: date, today: date) -> None:
    if not body.strip():
        raise NothingWritten("Write what happened, in a line or more.")
    if (size := len(body.encode())) > LONGEST_BODY:
        raise TooLong(
            f"This text takes {size // 1000 + 1:,} kB; the most is {LONGEST_BODY // 1000:,} kB. "
            "Shorten it, or split it into two notes."
        )
    if happened_on > today:
        raise NotYet("Give today's date or an earlier one: this is for what has happened.")
