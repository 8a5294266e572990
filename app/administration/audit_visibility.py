"""Which events of the history somebody may see: those of what they may read, then and now.

What was kept from others when it happened stays with its readers of that time; what is kept from
them now hides its earlier history too.
"""

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, type_coerce

from app.accounts.models import User
from app.accounts.visibility import Confidential
from app.audit.models import AuditEvent
from app.bin.models import BinnedRow, BinnedStep
from app.bin.queries import readers_with
from app.core.db import Base
from app.interactions.models import Interaction, OfInteraction


def where_seen_by(user: User) -> ColumnElement[bool]:
    readers = readers_with(user)
    hidden = [
        and_(
            AuditEvent.kind.in_(kinds),
            or_(
                exists().where(model.id == AuditEvent.record_id, ~is_read_by(model, user)),
                # Deleted, it is kept from whom it was kept: its own row can no longer say so.
                exists().where(
                    BinnedRow.step == BinnedStep.TAKEN,
                    BinnedRow.kind == model.__audit__,
                    BinnedRow.record_id == AuditEvent.record_id,
                    BinnedRow.readers.not_in(readers),
                ),
            ),
        )
        for model, kinds in confidential_kinds().items()
    ]
    return and_(AuditEvent.readers.in_(readers), ~or_(*hidden))


@cache
def confidential_kinds() -> dict[Any, list[str]]:
    """What can be kept from others, each with the kinds of rows that are numbered after it."""
    audited: list[Any] = [
        one.class_ for one in Base.registry.mappers if hasattr(one.class_, "__audit__")
    ]
    kinds: dict[Any, list[str]] = {
        model: [model.__audit__] for model in audited if issubclass(model, Confidential)
    }
    kinds[Interaction] += [one.__audit__ for one in audited if issubclass(one, OfInteraction)]
    return kinds


def is_read_by(model: Any, user: User) -> ColumnElement[bool]:
    """Yes or no, also of a row that was never given a member organisation."""
    may: ColumnElement[bool] = model.where_read_by(user)
    return func.coalesce(may, type_coerce(False, may.type))
