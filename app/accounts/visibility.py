"""Who may read what somebody wrote: the group, one member organisation, or the author alone."""

import enum
from typing import NamedTuple

from sqlalchemy import ColumnElement, ForeignKey, inspect, or_
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import User
from app.core.db import remembered


class Visibility(enum.Enum):
    GROUP = "group"
    MEMBER = "member"  # the author's member organisation
    AUTHOR = "author"

    @property
    def words(self) -> str:
        return {
            "group": "Everyone in the group",
            "member": "Only the author’s member organisation",
            "author": "Only the author",
        }[self.value]


class Reader(NamedTuple):
    """As much of a user as says what they may read."""

    id: int
    member_organisation_id: int

    @classmethod
    def of(cls, user: User) -> "Reader":
        return cls(user.id, user.member_organisation_id)


class Confidential:
    """A row that may be kept from others. What cannot be read by somebody does not exist for them:
    no page, list, count, export, feed, briefing, search, mention or history shows it."""

    visible_to: Mapped[Visibility] = mapped_column(default=Visibility.GROUP)
    # The member organisation the author belonged to when it was written, whatever comes later.
    member_organisation_id: Mapped[int | None] = mapped_column(ForeignKey("member_organisation.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    def may_be_read_by(self, user: User) -> bool:
        return (
            self.visible_to is Visibility.GROUP
            or self.author_id == user.id
            or (
                self.visible_to is Visibility.MEMBER
                and self.member_organisation_id == user.member_organisation_id
            )
        )

    @classmethod
    def where_read_by(cls, user: User | Reader | None) -> ColumnElement[bool]:
        """`may_be_read_by`, said in SQL; with nobody, what the whole group may read."""
        if user is None:
            return cls.visible_to == Visibility.GROUP
        return cls._where_read_by(user.id, user.member_organisation_id)

    @classmethod
    @remembered
    def _where_read_by(cls, user_id: int, member_organisation_id: int) -> ColumnElement[bool]:
        return or_(
            cls.visible_to == Visibility.GROUP,
            cls.author_id == user_id,
            (cls.visible_to == Visibility.MEMBER)
            & (cls.member_organisation_id == member_organisation_id),
        )

    def audit_readers(self) -> str:
        """Whose history pages may show a change of this row: empty for everybody's.

        When it is opened to more people, the change still tells what it said before: the history
        of that stays with the few.
        """
        was = inspect(self).attrs.visible_to.history.deleted
        levels = {self.visible_to, *was}
        if Visibility.AUTHOR in levels:
            return f"user:{self.author_id}"
        if Visibility.MEMBER in levels:
            return f"member:{self.member_organisation_id}"
        return ""
