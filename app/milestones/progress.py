"""How far the bodies have come with each milestone: counts for lists, states for one page."""

import enum
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.text.alphabet import folded
from app.directory.models import Organisation, OrganisationKind
from app.documents.models import DocumentType
from app.milestones import queries
from app.milestones.body_labels import nouns
from app.milestones.models import Compliance, Milestone, MilestoneDate
from app.milestones.rules import Recorded, Span, State, asked_kinds, is_assumed, span, state_of


class Stage(enum.Enum):
    """Where a milestone is in time."""

    COMING = "coming"
    PASSED = "passed"
    HAPPENED = "happened"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class MilestoneProgress:
    """How many bodies it binds, and how many of them are in each state."""

    bound: int = 0
    states: Mapping[State, int] | None = None

    def count(self, state: State) -> int:
        return (self.states or {}).get(state, 0)

    @property
    def met(self) -> int:
        return self.count(State.MET) + self.count(State.MET_LATE)

    @property
    def outstanding(self) -> int:
        return self.count(State.OUTSTANDING)

    @property
    def asked(self) -> int:
        """Those to whom it applies."""
        return self.bound - self.count(State.NOT_APPLICABLE)


@dataclass(frozen=True)
class BodyRow:
    """One bound body on the page of a milestone."""

    body: Organisation
    state: State
    standing: Compliance | None

    @property
    def id(self) -> int:
        return self.body.id


class _Body(NamedTuple):
    id: int
    kind: OrganisationKind
    established_on: date | None
    dissolved_on: date | None

    def exists_on(self, day: date) -> bool:
        begun = self.established_on is None or self.established_on <= day
        return begun and (self.dissolved_on is None or day < self.dissolved_on)


@dataclass(frozen=True)
class MilestoneRow:
    """One milestone in a list or on the timeline."""

    milestone: Milestone
    dates: Sequence[MilestoneDate]  # those it has now
    progress: MilestoneProgress
    stage: Stage
    noun: tuple[str, str]  # what one of its bodies is called, and several

    @property
    def id(self) -> int:
        return self.milestone.id

    @property
    def is_assumed(self) -> bool:
        return is_assumed([one.kind for one in self.dates])

    @property
    def shown_on(self) -> date:
        """The day it is put in order by: when it came about, or else when it is due."""
        return self.milestone.happened_on or self.milestone.due_on


def due_span(milestone: Milestone) -> Span:
    return span(milestone.due_on, milestone.precision)


def stage_of(milestone: Milestone, on: date) -> Stage:
    if milestone.cancelled_on:
        return Stage.CANCELLED
    if milestone.happened_on:
        return Stage.HAPPENED
    return Stage.COMING if due_span(milestone).last >= on else Stage.PASSED


def body_rows(session: Session, milestone: Milestone) -> list[BodyRow]:
    """Every bound body with its state, outstanding ones first."""
    standings, due = queries.standings_of(session, milestone.id), due_span(milestone)
    rows = [
        BodyRow(body, state_of(standings.get(body.id), due), standings.get(body.id))
        for body in queries.bound_to(session, milestone)
    ]
    order = list(State)
    return sorted(rows, key=lambda row: (order.index(row.state), folded(row.body.name)))


def progress_of(rows: Sequence[BodyRow]) -> MilestoneProgress:
    return MilestoneProgress(len(rows), Counter(row.state for row in rows))


def progress_of_each(
    session: Session, milestones: Sequence[Milestone]
) -> dict[int, tuple[MilestoneProgress, tuple[str, str]]]:
    """The same counts for many milestones, in three statements whatever their number; beside
    each, what its bodies are called."""
    from_types = {one.id: one for one in session.scalars(select(DocumentType))}
    recorded: dict[int, dict[int, Recorded]] = {}
    for milestone_id, body_id, state, met_on in session.execute(
        select(
            Compliance.milestone_id, Compliance.organisation_id, Compliance.state, Compliance.met_on
        )
    ):
        recorded.setdefault(milestone_id, {})[body_id] = Recorded(state, met_on)
    asked = {one.id: _asked(one, from_types) for one in milestones if one.asks_each}
    bodies = _bodies(session, {kind for kinds in asked.values() for kind in kinds})
    return {
        one.id: _progress(one, asked.get(one.id, ()), bodies, recorded.get(one.id, {}))
        for one in milestones
    }


def rows_of(session: Session, milestones: Sequence[Milestone], on: date) -> list[MilestoneRow]:
    dates = queries.present_dates(session)
    progress = progress_of_each(session, milestones)
    return [
        MilestoneRow(one, dates.get(one.id, ()), counts, stage_of(one, on), noun)
        for one in milestones
        for counts, noun in [progress[one.id]]
    ]


def _asked(milestone: Milestone, types: Mapping[int, DocumentType]) -> list[OrganisationKind]:
    made = types.get(milestone.document_type_id or 0)
    kinds = asked_kinds(milestone.binds_kinds, made.organisation_kinds if made else [])
    return [OrganisationKind(kind) for kind in kinds]


def _bodies(session: Session, kinds: set[OrganisationKind]) -> list[_Body]:
    columns = (
        Organisation.id,
        Organisation.kind,
        Organisation.established_on,
        Organisation.dissolved_on,
    )
    found = session.execute(select(*columns).where(Organisation.kind.in_(kinds)))
    return [_Body(*row) for row in found]


def _progress(
    milestone: Milestone,
    kinds: Sequence[OrganisationKind],
    bodies: Sequence[_Body],
    recorded: Mapping[int, Recorded],
) -> tuple[MilestoneProgress, tuple[str, str]]:
    due, only = due_span(milestone), set(milestone.binds_only)
    bound = [
        body
        for body in bodies
        if body.kind in kinds
        and body.exists_on(milestone.binds_as_on)
        and (not only or body.id in only)
    ]
    states = Counter(state_of(recorded.get(body.id), due) for body in bound)
    return MilestoneProgress(len(bound), states), nouns({body.kind for body in bound})
