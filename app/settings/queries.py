"""Reading what the group keeps in its settings besides the one row of them."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.settings.models import ClosedDay


def closed_days(session: Session) -> frozenset[date]:
    """The days on which our own offices are shut: what working days are counted without."""
    return frozenset(session.scalars(select(ClosedDay.day)))


def closed_days_listed(session: Session) -> Sequence[ClosedDay]:
    """With the reason of each, in order of days."""
    return session.scalars(select(ClosedDay).order_by(ClosedDay.day)).all()
