"""Who signs in, for which member organisation, and what each may do."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, IntPk


class Permission(enum.Enum):
    """Ticked per user, several at once."""

    VIEW = "view"
    LOG = "log"
    COORDINATE = "coordinate"
    APPROVE = "approve"
    REVIEW = "review"
    ADMINISTER = "administer"


class MemberOrganisation(Base):
    """A member of the coalition; every user belongs to one."""

    __tablename__ = "member_organisation"
    __audit__ = "member_organisation"

    id: Mapped[IntPk]
    name: Mapped[str] = mapped_column(unique=True)


class User(Base):
    """A colleague who signs in. Flask-Login asks for the last four members, and no more."""

    __tablename__ = "user"
    __audit__ = "user"
    __audit_masked__ = ("password_hash",)

    id: Mapped[IntPk]
    email: Mapped[str] = mapped_column(unique=True)  # normalised: trimmed and lower case
    name: Mapped[str]
    member_organisation_id: Mapped[int] = mapped_column(ForeignKey("member_organisation.id"))
    permissions: Mapped[list[str]] = mapped_column(default=list)  # replaced whole, never mutated
    password_hash: Mapped[str | None]  # empty until the invitation is taken up
    password_version: Mapped[int] = mapped_column(default=0)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    all_ended_at: Mapped[datetime | None]  # whatever let them in without a password ended then
    theme: Mapped[str] = mapped_column(default="system")

    member_organisation: Mapped[MemberOrganisation] = relationship(lazy="raise_on_sql")

    def may(self, *permissions: Permission) -> bool:
        """Whether any of these is ticked; administrators have no other powers by that alone."""
        return any(permission.value in self.permissions for permission in permissions)

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None

    is_authenticated = True
    is_anonymous = False

    def get_id(self) -> str:
        return str(self.id)


class SignInSession(Base):
    """One browser signed in. The cookie holds a random token; only its hash is kept here."""

    __tablename__ = "sign_in_session"

    id: Mapped[IntPk]
    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    store: Mapped[dict[str, Any]] = mapped_column(default=dict)  # CSRF secret, messages to show
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    fresh_at: Mapped[datetime | None]  # when the password was last given
    ended_at: Mapped[datetime | None]
    ip: Mapped[str | None]
    agent: Mapped[str] = mapped_column(default="")


class LinkPurpose(enum.Enum):
    INVITATION = "invitation"
    PASSWORD_RESET = "password reset"
    FIRST_ADMINISTRATOR = "first administrator"
    DEMO_SIGN_IN = "demo sign-in"


class OneTimeLink(Base):
    """A secret link by mail or console; only its hash is kept. Dies when used, or with the
    password version it was made for."""

    __tablename__ = "one_time_link"

    id: Mapped[IntPk]
    token_hash: Mapped[str] = mapped_column(unique=True)
    purpose: Mapped[LinkPurpose]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    password_version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Throttle(Base):
    """A token bucket shared by all processes: how much of a limit is used up, and since when."""

    __tablename__ = "throttle"
    __table_args__ = (Index(None, "refilled_at"),)

    key: Mapped[str] = mapped_column(primary_key=True)  # e.g. "sign-in:account:<hash>"
    tokens: Mapped[float]
    refilled_at: Mapped[datetime]
