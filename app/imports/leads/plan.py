"""What an import of leads would do: to people, and to posts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.directory.models import (
    Appointment,
    Organisation,
    Person,
    Post,
    PostState,
    PostType,
)
from app.imports.leads.rows import LeadRow
from app.imports.planning.plan import Plan, PlannedRow


@dataclass
class PlannedLead(PlannedRow):
    """One row about a post and the person in it."""

    read: LeadRow
    body: Organisation | None = None
    post_type: PostType | None = None

    @property
    def lead(self) -> LeadRow:
        return self.read

    @property
    def who(self) -> str:
        return self.lead.who

    @property
    def where(self) -> str:
        return self.body.name if self.body else self.lead.board or self.lead.board_code

    @property
    def seat(self) -> tuple[int, int]:
        assert self.body is not None
        assert self.post_type is not None
        return self.body.id, self.post_type.id


@dataclass
class PersonPlan:
    """One person of the file: known to the register, or new."""

    rows: list[PlannedLead]
    person: Person | None
    values: dict[str, str] = field(default_factory=dict)  # fields to set
    new_emails: list[str] = field(default_factory=list)
    preferred: str | None = None  # the key of the address letters should go to, where it changes


@dataclass
class HolderPlan:
    """A person in a seat: an appointment to make, or what changes in the one there is."""

    row: PlannedLead
    person: PersonPlan
    appointment: Appointment | None
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Ending:
    appointment: Appointment
    last_day: date


@dataclass
class Sighting:
    """A post seen without a name."""

    row: PlannedLead
    state: PostState
    observed_on: date
    source: str


@dataclass
class SeatPlan:
    """One post at one body, with what the file does to it."""

    body: Organisation
    post_type: PostType
    holders: list[HolderPlan] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)
    sighting: Sighting | None = None


@dataclass
class LeadPlan(Plan):
    rows: Sequence[PlannedLead]
    people: list[PersonPlan] = field(default_factory=list)
    seats: list[SeatPlan] = field(default_factory=list)
    not_in_file: list[Appointment] = field(default_factory=list)
    posts: dict[tuple[int, int], Post] = field(default_factory=dict)  # the seats there are

    @property
    def without_source(self) -> int:
        return sum(row.is_good and bool(row.lead.name) and not row.lead.source for row in self.rows)

    @property
    def absent(self) -> Sequence[str]:
        return [
            f"{one.person.name}, {one.post.post_type.name}, {one.post.organisation.name}"
            for one in self.not_in_file
        ]
