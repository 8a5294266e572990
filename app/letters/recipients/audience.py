"""Whom a mailing is for, as its author chose; kept with the mailing as JSON."""

import enum
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any


class How(enum.Enum):
    """Everybody in a post at bodies of a kind; the same at bodies picked by hand; or people."""

    POSTS = "posts"
    BODIES = "bodies"
    PEOPLE = "people"


class LeadState(enum.Enum):
    ALL = "all"
    KNOWN = "known"
    UNKNOWN = "unknown"


class SendBy(enum.Enum):
    """How letters go unless something else is decided for one reader."""

    EMAIL = "email"
    EMAIL_OR_POST = "email or post"  # by post to those without an address that works
    POST = "post"
    BOTH = "both"

    @property
    def may_post(self) -> bool:
        return self is not SendBy.EMAIL


@dataclass(frozen=True)
class Audience:
    """The choice, and what the author decided row by row while checking it.

    Decisions are kept by addressee key, so they stay with the person when the rows are read anew.
    """

    how: How = How.POSTS
    post_type: str = "children"
    kind: str = "icb"
    region_id: int | None = None
    lead_state: LeadState = LeadState.ALL
    owner_id: int | None = None
    organisation_ids: tuple[int, ...] = ()
    person_ids: tuple[int, ...] = ()
    send_lead_stands_in: bool = False
    by: SendBy = SendBy.EMAIL
    left_out: Mapping[str, str] = field(default_factory=dict)  # key → reason
    include_anyway: Mapping[str, str] = field(default_factory=dict)  # key → reason
    greeting_is_right: Mapping[str, str] = field(default_factory=dict)  # key → that greeting
    to_vacant: Mapping[str, str] = field(default_factory=dict)  # id of the body → reason
    sent_by: Mapping[str, str] = field(default_factory=dict)  # key → a Channel, for this reader

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {
            "how": self.how.value,
            "lead_state": self.lead_state.value,
            "by": self.by.value,
            "organisation_ids": list(self.organisation_ids),
            "person_ids": list(self.person_ids),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Audience":
        if not kept:
            return cls()
        return cls(
            **{
                **kept,
                "how": How(kept["how"]),
                "lead_state": LeadState(kept["lead_state"]),
                "by": SendBy(kept.get("by", SendBy.EMAIL.value)),
                "organisation_ids": tuple(kept["organisation_ids"]),
                "person_ids": tuple(kept["person_ids"]),
            }
        )

    def chosen_like(self, other: "Audience") -> "Audience":
        """This choice with the other's decisions: they are about people, not about the choice."""
        return replace(
            self,
            left_out=other.left_out,
            include_anyway=other.include_anyway,
            greeting_is_right=other.greeting_is_right,
            to_vacant=other.to_vacant,
            sent_by=other.sent_by,
        )
