"""Reading points: only ever those the reader may read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import User
from app.directory.models import Organisation
from app.followups.models import FollowUp, FollowUpState
from app.interactions.models import Interaction, Outcome, OutcomeKind, PointState, PromisedBy
from app.interactions.outcomes.whom import where_about

AS_MUCH_AS_A_LINE = 100  # characters of a text


def one_of(
    session: Session, reader: User, point_id: int, *, to_change: bool = False
) -> Outcome | None:
    """The point with all its page says; none if it is not for this reader."""
    statement = _whole(select(Outcome)).where(Outcome.id == point_id)
    if to_change:
        statement = statement.with_for_update(of=Outcome)
    found = session.scalar(statement)
    return found if found and found.may_be_read_by(reader) else None


def of_interactions(
    session: Session, interaction_ids: Sequence[int], *, reader: User
) -> dict[int, list[Outcome]]:
    """What came out of each of these entries, in the order it was written down."""
    rows = session.scalars(
        select(Outcome)
        .where(Outcome.interaction_id.in_(interaction_ids), Outcome.where_read_by(reader))
        .options(
            joinedload(Outcome.organisation),
            joinedload(Outcome.follow_up).joinedload(FollowUp.owner),
        )
        .order_by(Outcome.id)
    )
    points: dict[int, list[Outcome]] = {}
    for point in rows:
        points.setdefault(point.interaction_id or 0, []).append(point)
    return points


def of_interaction(session: Session, interaction: Interaction, *, reader: User) -> list[Outcome]:
    return of_interactions(session, [interaction.id], reader=reader).get(interaction.id, [])


class CameOf(NamedTuple):
    """A promise, a decision or a question, as much of it as the line of its entry shows."""

    interaction_id: int
    kind: OutcomeKind
    promised_by: PromisedBy | None
    state: PointState
    due_on: date | None
    text: str
    organisation_id: int | None
    organisation: str


_CAME = (
    select(
        *(Outcome.interaction_id, Outcome.kind, Outcome.promised_by, Outcome.state, Outcome.due_on),
        func.substr(Outcome.text, 1, AS_MUCH_AS_A_LINE),
        *(Outcome.organisation_id, func.coalesce(Organisation.short_name, "")),
    )
    .outerjoin(Organisation, Organisation.id == Outcome.organisation_id)
    # What is to be followed up stands on its owner's list, and is nobody else's.
    .where(Outcome.kind != OutcomeKind.FOLLOW_UP)
    .order_by(Outcome.due_on.nulls_last(), Outcome.id)
)


def came_of(
    session: Session, interaction_ids: Sequence[int], *, reader: User | None
) -> dict[int, list[CameOf]]:
    """What came out of each of these entries, what is due first before the rest. One statement."""
    rows = session.execute(
        _CAME.where(Outcome.interaction_id.in_(interaction_ids), Outcome.where_read_by(reader))
    )
    found: dict[int, list[CameOf]] = {}
    for row in rows:
        found.setdefault(row.interaction_id, []).append(CameOf(*row))
    return found


@dataclass(frozen=True)
class OpenItem:
    """Something still open about a body, on somebody’s list; of a promise, who made it."""

    follow_up: FollowUp
    point_id: int | None
    is_promise: bool


_OPEN = (
    select(FollowUp, Outcome.id, Outcome.kind)
    .outerjoin(Outcome, Outcome.follow_up_id == FollowUp.id)
    .where(FollowUp.state == FollowUpState.OPEN)
    .options(joinedload(FollowUp.owner))
    .order_by(FollowUp.due_on, FollowUp.id)
)


def next_steps(
    session: Session, body_ids: Sequence[int], *, reader: User, most: int = 15
) -> list[OpenItem]:
    """What we owe these bodies and what we wait for, by day: the open promises on both sides,
    and what else is to be done. One statement."""
    rows = session.execute(
        _OPEN.where(where_about(FollowUp, body_ids), FollowUp.where_read_by(reader)).limit(most)
    )
    return [
        OpenItem(follow_up, point_id, kind is OutcomeKind.COMMITMENT)
        for follow_up, point_id, kind in rows
    ]


def _whole(statement: Select[Outcome]) -> Select[Outcome]:
    return statement.options(
        joinedload(Outcome.organisation),
        joinedload(Outcome.person),
        joinedload(Outcome.author),
        joinedload(Outcome.interaction),
        joinedload(Outcome.follow_up).joinedload(FollowUp.owner),
    )
