"""Gathering what the side-by-side page shows."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.web.filters import on_day
from app.directory.labels import SUBSCRIBER_WORDS
from app.directory.models import Appointment, Person, PersonEmail, SubscriberType, spoken_name
from app.directory.queries import posts
from app.directory.services.people import emails
from app.merging import rules
from app.merging.queries import Hanging, hanging
from app.merging.rules import FACTS, FactChoice, MergeFact, Side


@dataclass(frozen=True)
class SideShown:
    person: Person
    appointments: Sequence[Appointment]
    emails: Sequence[PersonEmail]
    hanging: Sequence[Hanging]


@dataclass(frozen=True)
class TwoShown:
    """Both records, what differs, and a mark that tells whether one was changed meanwhile."""

    stays: SideShown
    goes: SideShown
    choices: Sequence[FactChoice]
    mark: str

    @property
    def emails(self) -> list[PersonEmail]:
        """Every address once, that of the one who stays first."""
        found: dict[str, PersonEmail] = {}
        for one in (*self.stays.emails, *self.goes.emails):
            found.setdefault(one.address_key, one)
        return list(found.values())

    @property
    def preferred(self) -> str:
        """The address letters go to unless another is chosen: one that works."""
        held = sorted(self.emails, key=lambda one: one.failed_on is not None)
        chosen = next((one for one in held if one.is_preferred), None)
        return (chosen or held[0]).address_key if held else ""

    @property
    def twice(self) -> list[Appointment]:
        """Posts both are recorded in at the same time: they were held once."""
        return [
            mine
            for mine in self.stays.appointments
            if any(rules.hold_together(mine, theirs) for theirs in self.goes.appointments)
        ]


@dataclass(frozen=True)
class Result:
    """The one record that comes of it."""

    name: str
    facts: Sequence[tuple[str, str]]
    objected_on: Any


def two(session: Session, stays: Person, goes: Person, *, reader: User) -> TwoShown:
    sides = [
        SideShown(
            one,
            posts.appointments_of_person(session, one.id),
            emails(session, one),
            hanging(session, one, reader=reader),
        )
        for one in (stays, goes)
    ]
    return TwoShown(sides[0], sides[1], rules.choices(stays, goes), _mark(sides))


def result(stays: Person, goes: Person, picked: Mapping[str, Side]) -> Result:
    said = rules.values(stays, goes, picked)
    becomes = Person(**said)
    return Result(
        spoken_name(said["title"], said["given_name"], said["known_as"], said["family_name"]),
        [(fact.label, words) for fact in FACTS if (words := words_of(fact, becomes))],
        said["objected_on"],
    )


def words_of(fact: MergeFact, person: Person) -> str:
    """What a record says of a fact, as a person reads it."""
    value = fact.of(person)
    if isinstance(value, SubscriberType):
        return SUBSCRIBER_WORDS[value]
    words = str(value or "")
    if fact.key == "postal_address" and person.post_returned_on:
        words += f"\n(post came back on {on_day(person.post_returned_on)})"
    if fact.key == "details_source" and person.details_obtained_on:
        words = f"{words}, {on_day(person.details_obtained_on)}".removeprefix(", ")
    return words


def _mark(sides: Sequence[SideShown]) -> str:
    said = [
        [side.person.id, *(getattr(side.person, field) for fact in FACTS for field in fact.fields)]
        + [(one.address_key, one.failed_on) for one in side.emails]
        for side in sides
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]
