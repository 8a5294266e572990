"""Secret links by mail or on the console. Looking at one does not use it up; using it does."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, joinedload

from app.accounts.authentication.sessions import new_token, token_hash
from app.accounts.models import LinkPurpose, OneTimeLink, User
from app.accounts.rules import DEMO_LASTS, FIRST_ADMINISTRATOR_LASTS, INVITATION_LASTS, RESET_LASTS
from app.core.errors import DomainError

LASTS: dict[LinkPurpose, timedelta] = {
    LinkPurpose.INVITATION: INVITATION_LASTS,
    LinkPurpose.PASSWORD_RESET: RESET_LASTS,
    LinkPurpose.FIRST_ADMINISTRATOR: FIRST_ADMINISTRATOR_LASTS,
    LinkPurpose.DEMO_SIGN_IN: DEMO_LASTS,
}
# Where each is opened; the pages in routes/links.py answer there.
PATHS: dict[LinkPurpose, str] = {
    LinkPurpose.INVITATION: "/invitation/",
    LinkPurpose.PASSWORD_RESET: "/new-password/",
    LinkPurpose.FIRST_ADMINISTRATOR: "/first-administrator/",
    LinkPurpose.DEMO_SIGN_IN: "/demo-sign-in/",
}


class DeadLink(DomainError):
    """Used, too old, replaced by a newer one, or never made."""

    def __init__(self) -> None:
        super().__init__(
            "This link has been used, is too old, or has been replaced by a newer one."
        )


def make(
    session: Session, purpose: LinkPurpose, *, user: User | None, base_url: str, at: datetime
) -> str:
    """A new link for one use; the earlier ones of its kind for this user die."""
    session.execute(
        update(OneTimeLink)
        .where(
            OneTimeLink.purpose == purpose,
            OneTimeLink.user_id == user.id if user else OneTimeLink.user_id.is_(None),
            OneTimeLink.expires_at > at,
        )
        .values(expires_at=at)
    )
    token = new_token()
    session.add(
        OneTimeLink(
            token_hash=token_hash(token),
            purpose=purpose,
            user_id=user.id if user else None,
            password_version=user.password_version if user else 0,
            created_at=at,
            expires_at=at + LASTS[purpose],
        )
    )
    session.flush()
    return f"{base_url.rstrip('/')}{PATHS[purpose]}{token}"


def find(
    session: Session, purpose: LinkPurpose, *, token: str, at: datetime
) -> tuple[OneTimeLink, User | None]:
    """The link and whom it is for, as long as it can be used."""
    link = session.scalar(
        select(OneTimeLink).where(
            OneTimeLink.token_hash == token_hash(token),
            OneTimeLink.purpose == purpose,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > at,
        )
    )
    if link is None:
        raise DeadLink
    if link.user_id is None:
        return link, None
    user = session.get_one(User, link.user_id, options=[joinedload(User.member_organisation)])
    if not user.is_active or user.password_version != link.password_version:
        raise DeadLink
    return link, user


def use(session: Session, link: OneTimeLink, *, at: datetime) -> None:
    """Use it up. Of two people who press at the same moment only one gets through."""
    used = session.scalar(
        update(OneTimeLink)
        .where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None))
        .values(used_at=at)
        .returning(OneTimeLink.id)
    )
    if used is None:
        raise DeadLink


def forget_old(session: Session, *, before: datetime) -> None:
    session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at < before))
