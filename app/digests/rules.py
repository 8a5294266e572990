"""What one of our people has before them, in groups; and what a mail about it is called. Pure."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.followups.models import FollowUp
from app.notifications.models import Event


class Group(enum.Enum):
    """In the order in which they are listed."""

    BY_LAW = "Due by law"
    TODAY = "Due today"
    OVERDUE = "Overdue"
    MISSED = "Missed"
    APPROVAL = "Needs your approval"
    WAITS = "Waiting for you"
    COMING = "Coming up"
    SOME_TIME = "When there is time"  # on Home alone

    @property
    def in_a_subject(self) -> str:
        """After a number: "3 due today"."""
        return "to approve" if self is Group.APPROVAL else self.value.lower()


class Tone(enum.Enum):
    """The colour of a pill; its words say the same."""

    BAD = "bad"
    WARN = "warn"
    PLAIN = "none"


@dataclass(frozen=True)
class Link:
    """A page and the words that lead there."""

    words: str
    endpoint: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DigestLine:
    """One thing: a word or two for its pill, what it is, and where to see to it."""

    group: Group
    pill: str
    tone: Tone
    link: Link  # what it is, and the page of it
    act: str = ""  # what one does there, for a button
    note: str = ""
    bodies: tuple[Link, ...] = ()  # those it is about, where it is about several
    in_mail: str = ""  # instead of words that only few may read: a mail may lie open elsewhere
    tick: FollowUp | None = None  # one that is ticked off on the spot
    event: Event | None = None  # whoever wants no mail of these has no such line in the mail
    day: date | None = None  # of what has one; the earliest stands first in its group
    calls: bool = True  # it makes a mail by itself; what is only coming goes along with others
    stands_for: int = 1  # "and 260 more"
    in_subject: str = ""  # what the subject of the mail says of it, instead of counting it


@dataclass(frozen=True)
class DigestSection:
    """One group with its lines, in their order."""

    group: Group
    lines: tuple[DigestLine, ...]

    @property
    def count(self) -> int:
        return sum(line.stands_for for line in self.lines)


def sections(lines: Iterable[DigestLine]) -> list[DigestSection]:
    """Each group that has a line; within it by day, and otherwise in the order they came."""
    by_group: dict[Group, list[DigestLine]] = {}
    for line in lines:
        by_group.setdefault(line.group, []).append(line)
    return [
        DigestSection(group, tuple(sorted(by_group[group], key=lambda line: line.day or date.max)))
        for group in Group
        if group in by_group
    ]


def near_day(day: date) -> str:
    """Wed 25 Nov: of a day so near that nobody asks for the year."""
    return f"{day:%a} {day.day} {day:%b}"
