"""Planned meetings that somebody is to be at: today, and in the days to come."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, defer

from app.accounts.models import User
from app.accounts.visibility import Reader, Visibility
from app.core.db import remembered
from app.core.text.alphabet import alphabetical
from app.core.web.filters import clock_time
from app.digests.rules import DigestLine, Group, Link, Tone, near_day
from app.directory.models import Organisation
from app.interactions.entries.view_models import title_of
from app.interactions.models import (
    Interaction,
    InteractionKind,
    InteractionOrganisation,
    InteractionState,
    InteractionUser,
)
from app.notifications.models import Event

KEPT = "A meeting only some may read"
KINDS = (InteractionKind.MEETING, InteractionKind.CALL, InteractionKind.EVENT)


def lines(session: Session, user: User, on: date, *, until: date) -> Iterable[DigestLine]:
    """Mine are those I wrote down or am named for. One statement."""
    rows = session.execute(_mine(Reader.of(user), on, until))
    for meeting, its_rows in groupby(rows, lambda row: row.Interaction):
        bodies = [row.Organisation for row in its_rows if row.Organisation]
        yield _line(meeting, bodies, on)


def _line(meeting: Interaction, bodies: list[Organisation], on: date) -> DigestLine:
    is_today = meeting.happened_on == on
    time = f" {clock_time(meeting.starts_at)}" if meeting.starts_at else ""
    day = "Today" if is_today else near_day(meeting.happened_on)
    return DigestLine(
        Group.TODAY if is_today else Group.COMING,
        f"{day}{time}",
        Tone.WARN if is_today else Tone.PLAIN,
        Link(title_of(meeting, bodies), "interactions.read", {"interaction_id": meeting.id}),
        note=", ".join(body.short_name for body in bodies) if meeting.subject else "",
        in_mail="" if meeting.visible_to is Visibility.GROUP else KEPT,
        event=Event.DUE,
        day=meeting.happened_on,
        calls=is_today,
    )


@remembered
def _mine(me: Reader, on: date, until: date) -> Select[Interaction, Organisation]:
    there = select(InteractionUser.interaction_id).where(InteractionUser.user_id == me.id)
    return (
        select(Interaction, Organisation)
        .outerjoin(
            InteractionOrganisation, InteractionOrganisation.interaction_id == Interaction.id
        )
        .outerjoin(Organisation, Organisation.id == InteractionOrganisation.organisation_id)
        .where(
            Interaction.state == InteractionState.PLANNED,
            Interaction.kind.in_(KINDS),
            Interaction.happened_on.between(on, until),
            or_(Interaction.author_id == me.id, Interaction.id.in_(there)),
            Interaction.where_read_by(me),
        )
        .options(defer(Interaction.body), defer(Interaction.agenda))
        .order_by(
            Interaction.happened_on,
            Interaction.starts_at,
            Interaction.id,
            alphabetical(Organisation.short_name),
        )
    )
