"""Which of our users looks after which body."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import User
from app.core.text.alphabet import alphabetical
from app.directory.models import Organisation, OrganisationKind, Ownership


def owners_on(session: Session, organisation_ids: Collection[int], on: date) -> dict[int, User]:
    """The owner of each of these bodies that has one; a system's owner is its board's."""
    board_of = {
        board.part_of_id: board.id
        for board in session.scalars(
            select(Organisation)
            .where(
                Organisation.kind == OrganisationKind.ICB,
                Organisation.part_of_id.in_(organisation_ids),
            )
            .order_by(Organisation.dissolved_on.is_(None))
        )
    }
    asked = {body_id: board_of.get(body_id, body_id) for body_id in organisation_ids}
    held = session.scalars(
        select(Ownership)
        .where(Ownership.organisation_id.in_(set(asked.values())), Ownership.where_held_on(on))
        .options(joinedload(Ownership.user))
        .order_by(Ownership.started_on, Ownership.id)
    )
    owner_of = {row.organisation_id: row.user for row in held}
    return {body: owner_of[holder] for body, holder in asked.items() if holder in owner_of}


def where_owned_on(on: date) -> ColumnElement[bool]:
    """A body that has an owner on that day, said in SQL."""
    return exists().where(
        and_(Ownership.organisation_id == Organisation.id, Ownership.where_held_on(on))
    )


def owners_of(session: Session, organisation_id: int) -> Sequence[Ownership]:
    """Who has looked after a body, the latest first."""
    return session.scalars(
        select(Ownership)
        .where(Ownership.organisation_id == organisation_id)
        .options(joinedload(Ownership.user))
        .order_by(Ownership.started_on.desc(), Ownership.id.desc())
    ).all()


def possible_owners(session: Session) -> Sequence[User]:
    """Colleagues who can still sign in."""
    return session.scalars(
        select(User).where(User.disabled_at.is_(None)).order_by(alphabetical(User.name), User.id)
    ).all()
