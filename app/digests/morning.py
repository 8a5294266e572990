"""One person’s morning: what their mail says, if it says anything. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.accounts.models import User
from app.digests.missed import Late
from app.digests.rules import DigestLine, DigestSection, Group
from app.notifications.models import Event, MailedBy, Notification, NotificationChoice

# The list says these itself while they hold; afterwards they are no news any more.
RESTATED = (Event.REMINDER, Event.DUE, Event.APPROVAL)


@dataclass(frozen=True)
class Morning:
    user: User
    day: date
    sections: tuple[DigestSection, ...]
    told: tuple[Notification, ...]  # since the last mail; read or not, restated or not
    late: Late | None = None

    @property
    def news(self) -> list[Notification]:
        """What they were told, have not read, and find nowhere else in the mail."""
        return [one for one in self.told if one.event not in RESTATED and one.seen_at is None]

    @property
    def says_something(self) -> bool:
        """What is only coming says nothing, unless they were reminded of it since."""
        is_reminded = any(one.event is Event.REMINDER for one in self.told)
        return bool(self.news) or any(
            line.calls or (is_reminded and line.event is Event.REMINDER) for line in self.lines
        )

    @property
    def lines(self) -> list[DigestLine]:
        return [line for section in self.sections for line in section.lines]

    @property
    def count(self) -> int:
        return sum(section.count for section in self.sections) + len(self.news)

    @property
    def finding(self) -> str:
        """3 of your boards have no joint forward plan; due in 28 working days; 2 overdue"""
        by_law = [line.in_subject for line in self.lines if line.group is Group.BY_LAW]
        said = [one for one in self.sections if one.group not in (Group.BY_LAW, Group.COMING)]
        parts = [f"{len(by_law) - 1} more due by law"] if len(by_law) > 1 else []
        parts += [f"{section.count} {section.group.in_a_subject}" for section in said]
        parts += [f"{len(self.news)} new"] if self.news else []
        if not by_law and not parts:
            parts = [f"{section.count} coming up" for section in self.sections]
        return "; ".join([*by_law[:1], *([", ".join(parts)] if parts else [])])


def wanted(
    sections: Sequence[DigestSection], choices: Mapping[Event, NotificationChoice]
) -> tuple[DigestSection, ...]:
    """Without the lines of events of which they want no mail."""
    off = {event for event, choice in choices.items() if choice.mail is MailedBy.OFF}
    left = (
        DigestSection(section.group, tuple(line for line in section.lines if line.event not in off))
        for section in sections
    )
    return tuple(section for section in left if section.lines)
