"""Work that one of several workers takes for itself, and holds by a lease.

Taking is a move like any other (`core.transitions`): of two who try, one has the row. It is its
holder's as long as it carries the end of lease that was given with it. A worker that dies loses it
once that is over; what becomes of the row then is for its feature to say.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import Session

from app.core.transitions import S, Transitions


class NoLongerOurs(Exception):
    """The lease ended, and another worker may have the row."""


@dataclass
class Claim:
    """A row in one worker's hands."""

    id: int
    lease_until: datetime


def take(
    session: Session,
    states: Transitions[S],
    which: ColumnElement[bool],
    *,
    leaving: Collection[S],
    to: S,
    until: datetime,
    **values: Any,
) -> Claim | None:
    """Claim the one row that is meant; None where somebody else was first."""
    taken = states.move(session, which, leaving=leaving, to=to, lease_until=until, **values)
    return Claim(taken[0], until) if taken else None


def keep(
    session: Session,
    states: Transitions[S],
    claim: Claim,
    *,
    leaving: Collection[S],
    to: S,
    until: datetime,
    **values: Any,
) -> None:
    """Take the next step, or none, and hold the row for longer."""
    held = _held(states, claim)
    if not states.move(session, held, leaving=leaving, to=to, lease_until=until, **values):
        raise NoLongerOurs
    claim.lease_until = until


def let_go(
    session: Session,
    states: Transitions[S],
    claim: Claim,
    *,
    leaving: Collection[S],
    to: S,
    **values: Any,
) -> bool:
    """Take the last step, or give the row back; False where it was not ours any more."""
    held = _held(states, claim)
    return bool(states.move(session, held, leaving=leaving, to=to, lease_until=None, **values))


def _held(states: Transitions[S], claim: Claim) -> ColumnElement[bool]:
    model = states.model
    return and_(model.id == claim.id, model.lease_until == claim.lease_until)
