"""Which of our users looks after which body."""

from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.errors import DomainError
from app.core.web.filters import on_day
from app.directory.models import Organisation, OrganisationKind, Ownership

A_DAY = timedelta(days=1)


def set_owner(
    session: Session, *, organisation: Organisation, owner: User | None, on: date
) -> Ownership | None:
    """Who looks after a body from `on`; None for nobody. A system's owner is its board's."""
    body = _board_of(session, organisation) or organisation
    if body.dissolved_on and body.dissolved_on <= on:
        raise DomainError(
            f"{body.name} ended on {on_day(body.dissolved_on - A_DAY)}. Set the owner of its "
            "successor instead."
        )
    if owner is not None and not owner.is_active:
        raise DomainError(f"{owner.name} can no longer sign in. Choose somebody else.")
    current = _held(session, body, on)
    if current is not None:
        if owner is not None and current.user_id == owner.id:
            return current
        if current.started_on == on:
            session.delete(current)
        else:
            current.ended_on = on - A_DAY
        session.flush()
    return _begin(session, body, owner, on) if owner else None


def set_owner_of_many(
    session: Session, *, organisations: Collection[Organisation], owner: User | None, on: date
) -> int:
    """The same for many bodies at once; how many have a new owner, or none, from now on."""
    changed = 0
    for organisation in organisations:
        body = _board_of(session, organisation) or organisation
        before = _held(session, body, on)
        after = set_owner(session, organisation=body, owner=owner, on=on)
        changed += (before.user_id if before else None) != (after.user_id if after else None)
    return changed


def carry_owner(
    session: Session, *, before: Organisation, after: Organisation, on: date
) -> Ownership | None:
    """What was looked after before a merger is looked after by the same person after it."""
    last = _held(session, before, on - A_DAY)
    if last is None or _held(session, after, on):
        return None
    if last.ended_on is None or last.ended_on >= on:
        last.ended_on = on - A_DAY
    return _begin(session, after, session.get_one(User, last.user_id), on)


def _begin(session: Session, body: Organisation, owner: User, on: date) -> Ownership:
    row = Ownership(organisation_id=body.id, user_id=owner.id, started_on=on)
    session.add(row)
    session.flush()
    return row


def _held(session: Session, body: Organisation, on: date) -> Ownership | None:
    return session.scalar(
        select(Ownership)
        .where(Ownership.organisation_id == body.id, Ownership.where_held_on(on))
        .order_by(Ownership.id.desc())
    )


def _board_of(session: Session, organisation: Organisation) -> Organisation | None:
    if organisation.kind is not OrganisationKind.ICS:
        return None
    return session.scalar(
        select(Organisation)
        .where(
            Organisation.part_of_id == organisation.id, Organisation.kind == OrganisationKind.ICB
        )
        .order_by(Organisation.dissolved_on.is_(None).desc())
    )
