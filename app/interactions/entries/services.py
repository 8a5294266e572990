"""Writing down what happened or will, and what becomes of it."""

from collections.abc import Iterable
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.accounts.visibility import Visibility
from app.core.clock import LONDON
from app.core.errors import DomainError, NoReason
from app.directory.models import Organisation, Person
from app.interactions import rules
from app.interactions.entries.details import Details
from app.interactions.models import (
    Interaction,
    InteractionKind,
    InteractionOrganisation,
    InteractionPerson,
    InteractionState,
    InteractionTheme,
    InteractionUser,
)
from app.interactions.outcomes.outcomes import follow_visibility
from app.interactions.participants import ids_of, involve

NOT_YOURS = (
    "Only the person who wrote this, or somebody of ours who was there, can change it. "
    "Add a note of your own."
)
LINKS = {
    "organisations": InteractionOrganisation,
    "people": InteractionPerson,
    "ours": InteractionUser,
    "themes": InteractionTheme,
}


class NotYours(DomainError):
    """People's words are theirs to change."""


class NotPlanned(DomainError):
    """Only what is planned can be held or cancelled."""


def write_down(
    session: Session,
    *,
    kind: InteractionKind,
    happened_on: date,
    body: str,
    organisations: Iterable[Organisation],
    people: Iterable[Person] = (),
    subject: str = "",
    state: InteractionState = InteractionState.HELD,
    visible_to: Visibility = Visibility.GROUP,
    by: User,
    at: datetime,
    today: date,
    form_token: str | None = None,
) -> Interaction:
    """Put an entry on the timelines of these bodies and people, in the fewest words."""
    details = Details(
        kind=kind,
        state=state,
        happened_on=happened_on,
        subject=subject,
        visible_to=visible_to,
        organisations=frozenset(body.id for body in organisations),
        people=frozenset(person.id for person in people),
        ours=frozenset([by.id]),
    )
    return log(session, details, body=body, by=by, at=at, today=today, form_token=form_token)


def log(
    session: Session,
    details: Details,
    *,
    body: str,
    by: User,
    at: datetime,
    today: date,
    form_token: str | None = None,
) -> Interaction:
    """Put an entry on the timelines of its bodies and people.

    The same form sent twice (a double click) writes one entry, and both get it back.
    """
    if written := logged_with(session, form_token, by=by):
        return written
    rules.refuse_wrong_day(details.kind, details.state, details.happened_on, today)
    rules.refuse_no_words(details.kind, body)
    rules.refuse_too_long(body)
    interaction = Interaction(
        body=body.strip(),
        author_id=by.id,
        member_organisation_id=by.member_organisation_id,
        written_at=at,
        form_token=form_token,
    )
    _say(interaction, details)
    session.add(interaction)
    session.flush()
    for name, link in LINKS.items():
        involve(session, link, interaction, getattr(details, name))
    return interaction


def logged_with(session: Session, form_token: str | None, *, by: User) -> Interaction | None:
    """What this form has made already."""
    if not form_token:
        return None
    return session.scalar(
        select(Interaction).where(
            Interaction.form_token == form_token, Interaction.author_id == by.id
        )
    )


def details_of(session: Session, interaction: Interaction) -> Details:
    """What a form would show of it."""
    return Details(
        kind=interaction.kind,
        state=interaction.state,
        happened_on=interaction.happened_on,
        starts=_clock(interaction.starts_at),
        ends=_clock(interaction.ends_at),
        subject=interaction.subject,
        place=interaction.place,
        link=interaction.link,
        agenda=interaction.agenda,
        others=interaction.others,
        visible_to=interaction.visible_to,
        **{name: ids_of(session, link, interaction) for name, link in LINKS.items()},
    )


def may_change(session: Session, interaction: Interaction, user: User) -> bool:
    """Whoever wrote it and those of our people who were there; of a meeting, coordinators too."""
    return interaction.may_be_read_by(user) and (
        interaction.author_id == user.id
        or (interaction.kind in rules.ARRANGED and user.may(Permission.COORDINATE))
        or session.get(InteractionUser, (interaction.id, user.id)) is not None
    )


def refuse_others(session: Session, interaction: Interaction, *, by: User) -> None:
    if not may_change(session, interaction, by):
        raise NotYours(NOT_YOURS)


def rewrite(
    session: Session, interaction: Interaction, wanted: Details, *, by: User, today: date
) -> None:
    """Put its details right. Its history keeps what they were."""
    refuse_others(session, interaction, by=by)
    now = details_of(session, interaction)
    if wanted.visible_to is not now.visible_to and interaction.author_id != by.id:
        raise NotYours("Only the person who wrote this can change who may read it. Ask them.")
    if (wanted.kind, wanted.state, wanted.happened_on) != (now.kind, now.state, now.happened_on):
        rules.refuse_wrong_day(wanted.kind, wanted.state, wanted.happened_on, today)
    rules.refuse_no_words(wanted.kind, interaction.body)
    if wanted == now:
        return
    _say(interaction, wanted)
    interaction.version += 1
    session.flush()
    for name, link in LINKS.items():
        involve(session, link, interaction, getattr(wanted, name))
    if wanted.visible_to is not now.visible_to:
        follow_visibility(session, interaction)


def mark_held(session: Session, interaction: Interaction, *, by: User, today: date) -> None:
    """It took place. Doing so twice is no mistake."""
    refuse_others(session, interaction, by=by)
    if interaction.state is InteractionState.HELD:
        return
    _refuse_unplanned(interaction)
    if interaction.happened_on > today:
        raise rules.NotYet(
            f"It is planned for {_day(interaction.happened_on)}. When it has taken place, mark it "
            "held; if it took place earlier, change its date first."
        )
    interaction.state = InteractionState.HELD
    interaction.version += 1
    session.flush()


def cancel(
    session: Session, interaction: Interaction, *, reason: str, by: User, today: date
) -> None:
    """It will not take place; the reason stands first in its notes."""
    refuse_others(session, interaction, by=by)
    if interaction.state is InteractionState.CANCELLED:
        return
    _refuse_unplanned(interaction)
    if not reason.strip():
        raise NoReason("Say why it is cancelled, in a few words.")
    said = f"**Cancelled, {_day(today)}:** {reason.strip()}"
    interaction.body = f"{said}\n\n{interaction.body}".strip()
    interaction.state = InteractionState.CANCELLED
    interaction.version += 1
    session.flush()


def _refuse_unplanned(interaction: Interaction) -> None:
    if interaction.state is not InteractionState.PLANNED:
        raise NotPlanned(
            f"This {interaction.kind.value} is {interaction.state.value}, not planned. "
            "Change its details if that is wrong."
        )


def _say(interaction: Interaction, details: Details) -> None:
    if not details.organisations:
        raise rules.NobodyInvolved("Choose the organisation this was with.")
    rules.refuse_too_long(details.agenda, "The agenda")
    rules.refuse_too_long(details.others, "The list of who else was there", rules.LONGEST_OTHERS)
    rules.refuse_no_web_address(details.link.strip())
    starts_at, ends_at = rules.moments(details.happened_on, details.starts, details.ends)
    interaction.kind = details.kind
    interaction.state = details.state
    interaction.happened_on = details.happened_on
    interaction.starts_at, interaction.ends_at = starts_at, ends_at
    for name in ("subject", "place", "link", "agenda", "others"):
        setattr(interaction, name, getattr(details, name).strip())
    interaction.visible_to = details.visible_to


def _clock(at: datetime | None) -> time | None:
    return at.astimezone(LONDON).time().replace(second=0, microsecond=0) if at else None


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
