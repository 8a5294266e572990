"""The words of the morning mail, as text and as what its HTML is filled with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from textwrap import fill
from typing import Any

from app.core.web.filters import cut, weekday
from app.digests.morning import Morning
from app.digests.rules import DigestLine, Link, Tone

LONGEST_WORDS = 160  # of one line; its page has the rest
MOST_NEWS = 25
WIDTH = 76

Address = Callable[[str, Mapping[str, Any]], str]


@dataclass(frozen=True)
class MailLine:
    """A line with its address."""

    words: str
    address: str
    pill: str = ""
    tone: str = Tone.PLAIN.value
    note: str = ""
    bodies: tuple["MailLine", ...] = ()


@dataclass(frozen=True)
class Part:
    heading: str
    count: int
    lines: tuple[MailLine, ...]


@dataclass(frozen=True)
class Mail:
    """All that both forms of the mail say."""

    subject: str
    greeting: str
    day: str
    finding: str
    late: str
    parts: tuple[Part, ...]
    home: str
    settings: str


def mail_of(morning: Morning, *, base_url: str, address: Address) -> Mail:
    def link(target: Link) -> str:
        return base_url + address(target.endpoint, target.values)

    parts = [
        Part(
            section.group.value,
            section.count,
            tuple(_said(line, link) for line in section.lines),
        )
        for section in morning.sections
    ]
    if morning.news:
        parts.append(_news(morning, base_url, link))
    return Mail(
        subject=("Late: " if morning.late else "") + cut(morning.finding, LONGEST_WORDS),
        greeting=f"Dear {morning.user.name},",
        day=weekday(morning.day),
        finding=f"{morning.finding}.",
        late=morning.late.words if morning.late else "",
        parts=tuple(parts),
        home=link(Link("", "overview.home")),
        settings=link(Link("", "notifications.how_told")),
    )


def as_text(mail: Mail) -> str:
    """For programs, and people, that want no HTML; the outbox signs it."""
    blocks = [mail.greeting, fill(mail.late, WIDTH), f"{mail.day}: {mail.finding}"]
    for part in mail.parts:
        heading = f"{part.heading.upper()} ({part.count})"
        blocks.append("\n\n".join((heading, *map(_as_text, part.lines))))
    blocks.append(f"You can see this list on Home:\n{mail.home}")
    blocks.append(f"Choose what we tell you, how and when:\n{mail.settings}")
    return "\n\n".join(block for block in blocks if block) + "\n"


def _as_text(said: MailLine) -> str:
    pill = f"{said.pill}: " if said.pill else ""
    note = f" ({said.note})" if said.note else ""
    bodies = f"  {' · '.join(body.words for body in said.bodies)}" if said.bodies else ""
    lines = [
        fill(f"- {pill}{said.words}{note}", WIDTH, subsequent_indent="  "),
        fill(bodies, WIDTH, subsequent_indent="  "),
        f"  {said.address}",
    ]
    return "\n".join(line for line in lines if line)


def _said(line: DigestLine, link: Callable[[Link], str]) -> MailLine:
    return MailLine(
        cut(line.in_mail or line.link.words, LONGEST_WORDS),
        link(line.link),
        line.pill,
        line.tone.value,
        "" if line.in_mail else cut(line.note, LONGEST_WORDS),
        tuple(MailLine(body.words, link(body)) for body in line.bodies),
    )


def _news(morning: Morning, base_url: str, link: Callable[[Link], str]) -> Part:
    shown = morning.news[:MOST_NEWS]
    lines = [MailLine(cut(one.text, LONGEST_WORDS), base_url + one.path) for one in shown]
    if more := len(morning.news) - len(shown):
        lines.append(MailLine(f"and {more} more", link(Link("", "notifications.notifications"))))
    return Part("New", len(morning.news), tuple(lines))
