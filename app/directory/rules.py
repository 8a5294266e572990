"""What a post's state is on a day, how fresh a fact is, and how much of a council a share is."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Generic, Protocol, TypeVar

from app.directory.models import PostState

DUE_AFTER_DAYS = 90
STALE_AFTER_DAYS = 180


class Freshness(enum.Enum):
    """How long ago somebody checked: what is due belongs on a list, what is stale is a warning."""

    FRESH = "fresh"
    DUE = "not checked for 90 days"
    STALE = "not checked for 180 days"
    NEVER = "never checked"


class Holding(Protocol):
    """An appointment, or as much of one as says who held a post when."""

    @property
    def id(self) -> int: ...
    @property
    def started_on(self) -> date | None: ...
    @property
    def ended_on(self) -> date | None: ...
    @property
    def held_from(self) -> date | None: ...
    @property
    def is_acting(self) -> bool: ...
    @property
    def source(self) -> str: ...
    @property
    def checked_on(self) -> date | None: ...
    def held_on(self, day: date, /) -> bool: ...


class Seen(Protocol):
    """An observation, or as much of one as says what was seen."""

    @property
    def id(self) -> int: ...
    @property
    def state(self) -> PostState: ...
    @property
    def observed_on(self) -> date: ...
    @property
    def source(self) -> str: ...


H = TypeVar("H", bound=Holding)
S = TypeVar("S", bound=Seen)


@dataclass(frozen=True)
class StateOnDay(Generic[H, S]):
    """What is known of a post on one day, and what says so."""

    state: PostState
    holders: tuple[H, ...] = ()
    observation: S | None = None
    first_seen_on: date | None = None  # the first of the observations that say the same
    left_on: date | None = None  # the last day of whoever held it last, where that is known

    @property
    def checked_on(self) -> date | None:
        """When all of this was last looked at: with several holders, the longest ago."""
        if self.holders:
            days = [holder.checked_on for holder in self.holders]
            return None if None in days else min(day for day in days if day)
        return self.observation.observed_on if self.observation else None

    @property
    def source(self) -> str:
        if self.holders:
            return next((holder.source for holder in self.holders if holder.source), "")
        return self.observation.source if self.observation else ""


AnyStateOnDay = StateOnDay[Any, Any]


def state_on(day: date, appointments: Iterable[H], observations: Iterable[S]) -> StateOnDay[H, S]:
    """A name beats every observation; an observation counts only while nobody came after it."""
    past = [a for a in appointments if a.held_from is None or a.held_from <= day]
    holders = tuple(sorted((a for a in past if a.held_on(day)), key=_longest_first))
    if holders:
        return StateOnDay(_named(holders), holders)
    ended_on = max((a.ended_on for a in past if a.ended_on), default=None)
    seen = sorted(
        (o for o in observations if o.observed_on <= day and _after(o.observed_on, ended_on)),
        key=lambda o: (o.observed_on, o.id or 0),
    )
    if not seen:
        return StateOnDay(PostState.UNKNOWN)
    return StateOnDay(
        seen[-1].state,
        observation=seen[-1],
        first_seen_on=_first_seen_on(seen),
        left_on=ended_on,
    )


def _named(holders: Sequence[Holding]) -> PostState:
    if len(holders) > 1:
        return PostState.SHARED
    return PostState.ACTING if holders[0].is_acting else PostState.NAMED


def _longest_first(appointment: Holding) -> tuple[bool, date, int]:
    return (appointment.is_acting, appointment.started_on or date.min, appointment.id or 0)


def _after(observed_on: date, ended_on: date | None) -> bool:
    return ended_on is None or observed_on >= ended_on


def _first_seen_on(seen: Sequence[Seen]) -> date:
    """When we first saw what we see now. Since when it is so, nobody told us."""
    first = seen[-1]
    for observation in reversed(seen):
        if observation.state is not seen[-1].state:
            break
        first = observation
    return first.observed_on


def freshness(checked_on: date | None, on: date) -> Freshness:
    if checked_on is None:
        return Freshness.NEVER
    days = (on - checked_on).days
    if days > STALE_AFTER_DAYS:
        return Freshness.STALE
    return Freshness.DUE if days > DUE_AFTER_DAYS else Freshness.FRESH


def due_before(on: date) -> date:
    """Facts checked before this day are on the list of what to check again."""
    return on - timedelta(days=DUE_AFTER_DAYS)


FRINGE = "fringe (<5%)"


def council_role(percent: float) -> str:
    """What a share of a council's small areas makes it to a board."""
    if percent >= 99.95:
        return "whole"
    if percent >= 50:
        return "principal"
    return "substantial part" if percent >= 5 else FRINGE
