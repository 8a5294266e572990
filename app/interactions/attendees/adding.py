"""Adding the people of a pasted list to a meeting, as somebody decided about each."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.errors import DomainError
from app.core.from_outside import record_number_or_none
from app.directory.services.people import add_person as add_to_directory
from app.interactions import queries, rules
from app.interactions.attendees.matching import Decision, Match
from app.interactions.entries.services import refuse_others
from app.interactions.models import Interaction, InteractionUser
from app.interactions.participants import add_person


class NoName(DomainError):
    """Somebody new has a name."""


class NotOffered(DomainError):
    """A choice that the list did not offer."""


def attend(
    session: Session,
    interaction: Interaction,
    matches: Sequence[Match],
    decisions: Sequence[Decision],
    *,
    by: User,
    on: date,
) -> int:
    """Put them in the room; returns how many."""
    refuse_others(session, interaction, by=by)
    added, as_text = 0, []
    for match, decision in zip(matches, decisions, strict=True):
        kind, _, number = decision.choice.partition(":")
        if kind == "skip":
            continue
        added += 1
        if kind == "person" and (id_ := record_number_or_none(number)) in match.people:
            add_person(session, interaction, id_)
        elif kind == "user" and match.user and number == str(match.user.id):
            _add_user(session, interaction, match.user)
        elif kind == "new":
            _add_new(session, interaction, match, decision, on)
        elif kind == "text":
            as_text.append(match.named.text)
        else:
            raise NotOffered("Choose again who each of them is.")
    others = "\n".join([*interaction.others.splitlines(), *as_text])
    rules.refuse_too_long(others, "The list of who else was there", rules.LONGEST_OTHERS)
    interaction.others = others
    interaction.version += 1
    session.flush()
    return added


def _add_user(session: Session, interaction: Interaction, user: User) -> None:
    if session.get(InteractionUser, (interaction.id, user.id)) is None:
        session.add(InteractionUser(interaction_id=interaction.id, user_id=user.id))
        session.flush()


def _add_new(
    session: Session, interaction: Interaction, match: Match, decision: Decision, on: date
) -> None:
    """Somebody who was not known, as what they were said to be at that body."""
    if not (decision.given_name.strip() or decision.family_name.strip()):
        raise NoName(f"Give “{match.named.text}” a name to add them, or leave them as text.")
    day = interaction.happened_on
    person = add_to_directory(
        session,
        details={
            "given_name": decision.given_name,
            "family_name": decision.family_name,
            "details_source": f"Attended our {interaction.kind.value} of {day.day} {day:%B %Y}",
        },
        email=match.named.email,
        details_obtained_on=on,
    )
    bodies = queries.organisations_of(session, interaction.id)
    body = bodies[0].short_name if len(bodies) == 1 else ""
    capacity = ", ".join(part for part in (match.named.capacity, body) if part)
    add_person(session, interaction, person.id, capacity=capacity)
