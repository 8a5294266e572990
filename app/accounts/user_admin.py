"""What an administrator does with the accounts of others, and with member organisations."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import rules
from app.accounts.authentication import sessions
from app.accounts.models import MemberOrganisation, Permission, User
from app.audit import services as audit
from app.core.errors import DomainError, NameTaken


class LastAdministrator(DomainError):
    """Somebody must remain who can look after the accounts."""


class NotYourself(DomainError):
    pass


def edit_user(
    session: Session,
    user: User,
    *,
    name: str,
    member: MemberOrganisation,
    permissions: Collection[Permission],
    by: User,
    at: datetime,
    but: int | None = None,
) -> bool:
    """Change what is known of a user; True when what they may do changed.

    Then they are signed out everywhere, save in the browser `but`, whose token the caller renews.
    """
    ticked = rules.granted(permissions)
    if Permission.ADMINISTER not in permissions:
        _keep_an_administrator(session, without=user, by=by)
    changed = set(ticked) != set(user.permissions)
    user.name = " ".join(name.split())
    user.member_organisation_id, user.member_organisation = member.id, member
    if changed:
        user.permissions = ticked
        sessions.end_all(session, user=user, at=at, because="permissions were changed", but=but)
        audit.record(
            session,
            action="permissions changed",
            subjects=[("user", user.id)],
            summary=f"Now: {', '.join(ticked) or 'none'}",
        )
    return changed


def disable(session: Session, user: User, *, by: User, at: datetime) -> None:
    """Close the account and sign its owner out; what they did stays theirs."""
    if user.id == by.id:
        raise NotYourself("You cannot disable your own account. Ask another administrator.")
    _keep_an_administrator(session, without=user, by=by)
    user.disabled_at = at
    sessions.end_everything(session, user=user, at=at, because="the account was disabled")


def enable(user: User) -> None:
    """Open the account again. A link sent before it was closed does not work again."""
    user.disabled_at = None
    user.password_version += 1


def add_member(session: Session, name: str) -> MemberOrganisation:
    member = MemberOrganisation(name=_free_name(session, name))
    session.add(member)
    session.flush()
    return member


def rename_member(session: Session, member: MemberOrganisation, name: str) -> None:
    member.name = _free_name(session, name, but=member)


def _free_name(session: Session, name: str, but: MemberOrganisation | None = None) -> str:
    name = " ".join(name.split())
    same = select(MemberOrganisation).where(func.lower(MemberOrganisation.name) == name.lower())
    if any(member is not but for member in session.scalars(same)):
        raise NameTaken(f"There is a member organisation called {name} already.")
    return name


def _keep_an_administrator(session: Session, *, without: User, by: User) -> None:
    """Locked and read anew, so that two administrators cannot remove each other at once.

    Who has not taken up their invitation does not count; whoever is doing this plainly has.
    """
    active = select(User).where(
        User.disabled_at.is_(None), User.password_hash.is_not(None) | (User.id == by.id)
    )
    locked = active.order_by(User.id).with_for_update().execution_options(populate_existing=True)
    others = [
        user
        for user in session.scalars(locked)
        if user.may(Permission.ADMINISTER) and user.id != without.id
    ]
    if not others and without.may(Permission.ADMINISTER):
        raise LastAdministrator(
            f"{without.name} is the only active administrator. Make somebody else one first."
        )
