"""What one person's record says after two have been merged: field by field, and post by post."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.directory.models import Appointment, Person, SubscriberType
from app.directory.name_matching import words_of


class Side(enum.Enum):
    """Whose value is kept."""

    STAYS = "stays"
    GOES = "goes"
    BOTH = "both"


@dataclass(frozen=True)
class MergeFact:
    """What is chosen as one: an address goes with what is known of post sent there."""

    label: str
    fields: tuple[str, ...]
    can_be_joined: bool = False

    @property
    def key(self) -> str:
        return self.fields[0]

    def of(self, person: Person) -> Any:
        return getattr(person, self.key)


FACTS = (
    MergeFact("Title", ("title",)),
    MergeFact("First name", ("given_name",)),
    MergeFact("Family name", ("family_name",)),
    MergeFact("Known as", ("known_as",)),
    MergeFact("Letters after the name", ("post_nominals",)),
    MergeFact("Dear …", ("salutation_override",)),
    MergeFact("Phone", ("phone",)),
    MergeFact("Postal address", ("postal_address", "post_returned_on", "post_returned_why")),
    MergeFact("Whose mailbox", ("subscriber_type",)),
    MergeFact("Lawful basis", ("lawful_basis",)),
    MergeFact("Where these details came from", ("details_source", "details_obtained_on")),
    MergeFact("Note", ("note",), can_be_joined=True),
)
OBJECTION = ("objected_on", "objection_note")


@dataclass(frozen=True)
class FactChoice:
    """A fact on which the two records differ, and whose value is proposed."""

    fact: MergeFact
    proposed: Side

    @property
    def sides(self) -> tuple[Side, ...]:
        return (
            (Side.STAYS, Side.GOES, Side.BOTH)
            if self.fact.can_be_joined
            else (
                Side.STAYS,
                Side.GOES,
            )
        )


def choices(stays: Person, goes: Person) -> list[FactChoice]:
    """What has to be chosen. What stays is proposed, unless the other says that and more."""
    return [
        FactChoice(fact, _proposed(fact, stays, goes))
        for fact in FACTS
        if fact.of(stays) != fact.of(goes)
    ]


def values(stays: Person, goes: Person, picked: Mapping[str, Side]) -> dict[str, Any]:
    """Every field of the record that stays, as it will be."""
    chosen = {choice.fact.key: choice.proposed for choice in choices(stays, goes)} | dict(picked)
    said: dict[str, Any] = {}
    for fact in FACTS:
        side = chosen.get(fact.key, Side.STAYS)
        if side is Side.BOTH and fact.can_be_joined:
            said[fact.key] = joined(fact.of(stays), fact.of(goes))
            continue
        kept, other = (goes, stays) if side is Side.GOES else (stays, goes)
        said |= {field: getattr(kept, field) for field in fact.fields}
        if fact.of(stays) == fact.of(goes) and not any(said[f] for f in fact.fields[1:]):
            said |= {field: getattr(other, field) for field in fact.fields[1:]}
    return said | objection(stays, goes) | {"is_demo": stays.is_demo and goes.is_demo}


def objection(stays: Person, goes: Person) -> dict[str, Any]:
    """Whoever objected on one record has objected, since the first day."""
    days = [one.objected_on for one in (stays, goes) if one.objected_on]
    return {
        "objected_on": min(days, default=None),
        "objection_note": joined(stays.objection_note, goes.objection_note),
    }


def joined(one: str, other: str) -> str:
    """Both texts, and neither twice."""
    if not one.strip() or one.strip() in other:
        return other
    return one if other.strip() in one else f"{one}\n\n{other}"


def has_a_name(said: Mapping[str, Any]) -> bool:
    return bool(said["given_name"] or said["family_name"] or said["known_as"])


def _proposed(fact: MergeFact, stays: Person, goes: Person) -> Side:
    mine, theirs = fact.of(stays), fact.of(goes)
    if fact.can_be_joined and mine.strip() and theirs.strip():
        return Side.BOTH
    if fact.key == "subscriber_type":
        return Side.GOES if _guards_more(theirs, mine) else Side.STAYS
    if fact.key == "postal_address" and mine and theirs:
        came_back = bool(stays.post_returned_on), bool(goes.post_returned_on)
        if came_back[0] != came_back[1]:
            return Side.GOES if came_back[0] else Side.STAYS
    return Side.GOES if _is_fuller(theirs, mine) else Side.STAYS


def _is_fuller(one: str, other: str) -> bool:
    """It says all that the other says, and more or better. Of two that say different things
    neither is."""
    words, theirs = "".join(words_of(one)), "".join(words_of(other))
    return theirs in words and _fullness(one) > _fullness(other)


def _guards_more(one: SubscriberType, other: SubscriberType) -> bool:
    """An individual's mailbox is protected; one not yet looked at says nothing."""
    order = (SubscriberType.CHECK, SubscriberType.CORPORATE, SubscriberType.INDIVIDUAL)
    return order.index(one) > order.index(other)


def _fullness(value: str) -> tuple[int, bool, bool]:
    """The longer; else the one with its accents; else the one not in capitals throughout."""
    return len(value.strip(" .")), not value.isascii(), not value.isupper()


def hold_together(one: Appointment, other: Appointment) -> bool:
    """Whether one person held one post twice at a time: then it was once."""
    return (
        one.post_id == other.post_id
        and (one.held_from or date.min) <= (other.ended_on or date.max)
        and (other.held_from or date.min) <= (one.ended_on or date.max)
    )


def one_holding(mine: Appointment, theirs: Appointment) -> dict[str, Any]:
    """Two spans of one person in one post, as one: what was looked at last is believed."""
    later, earlier = sorted(
        (mine, theirs), key=lambda one: (one.checked_on or date.min, one is mine), reverse=True
    )
    seen = [one.known_since for one in (mine, theirs) if one.known_since]
    return {
        "started_on": _first_day(mine, theirs),
        "ended_on": _last_day(mine, theirs),
        "known_since": min(seen, default=None),
        "is_acting": later.is_acting,
        "job_title": later.job_title or earlier.job_title,
        "source": later.source or earlier.source,
        "checked_on": later.checked_on,
        "checked_by_id": later.checked_by_id,
    }


def _first_day(mine: Appointment, theirs: Appointment) -> date | None:
    """Not known where they were found there before the first day that one of them gives."""
    known = [one.started_on for one in (mine, theirs) if one.started_on]
    if not known:
        return None
    first = min(known)
    found = [one.held_from for one in (mine, theirs) if not one.started_on and one.held_from]
    return None if any(day < first for day in found) else first


def _last_day(mine: Appointment, theirs: Appointment) -> date | None:
    """None where somebody found them there after the last day that the other one gives."""
    if mine.ended_on and theirs.ended_on:
        return max(mine.ended_on, theirs.ended_on)
    ended, going_on = (mine, theirs) if mine.ended_on else (theirs, mine)
    if ended.ended_on and (going_on.checked_on or date.min) > ended.ended_on:
        return None
    return ended.ended_on
