from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import Session

from app.accounts.models import MemberOrganisation, SignInSession, User
from app.core.text.alphabet import alphabetical


def members(session: Session) -> Sequence[MemberOrganisation]:
    return session.scalars(
        select(MemberOrganisation).order_by(alphabetical(MemberOrganisation.name))
    ).all()


def last_seen() -> ScalarSelect[datetime]:
    """When the user of the row was last seen in any browser."""
    return (
        select(func.max(SignInSession.seen_at))
        .where(SignInSession.user_id == User.id)
        .correlate(User)
        .scalar_subquery()
    )


def users() -> Select[Any]:
    """Every account, with the name of its member organisation and when it was last seen."""
    columns: tuple[Any, ...] = (
        User,
        MemberOrganisation.name.label("member"),
        last_seen().label("seen_at"),
    )
    return select(*columns).join(
        MemberOrganisation, MemberOrganisation.id == User.member_organisation_id
    )


def member_sizes() -> Select[Any]:
    """Every member organisation, with how many of its people have an account that is open."""
    people = (
        select(func.count())
        .select_from(User)
        .where(User.member_organisation_id == MemberOrganisation.id, User.disabled_at.is_(None))
        .correlate(MemberOrganisation)
        .scalar_subquery()
    )
    columns: tuple[Any, ...] = (MemberOrganisation, people.label("people"))
    return select(*columns)
