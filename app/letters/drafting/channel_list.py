"""The list of readers by the way their letter goes: its columns and filters."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.core.web.lists import Column, Filter, FilterKind, ListView
from app.letters.drafting.summary import WAYS, problems_of
from app.letters.models import Channel
from app.letters.queries import CheckedRow
from app.letters.recipients.audience import Audience


@dataclass(frozen=True)
class WayRow:
    row: CheckedRow
    is_decided: bool  # for this reader, whatever the rest do

    @property
    def id(self) -> int:
        return self.row.letter.id

    @property
    def to(self) -> str:
        return self.row.letter.to_name or self.row.about

    @property
    def way(self) -> str:
        return WAYS[Channel(self.row.letter.channel)]

    @property
    def window(self) -> str:
        return ", ".join(filter(None, self.row.letter.envelope.split("\n")))

    @property
    def wrong(self) -> str:
        """What has to be put right, or why no mail reaches this reader."""
        words = [str(problem["words"]) for problem in problems_of(self.row.letter)]
        left_out = self.row.letter.findings.get("only_by_mail") and not words
        return " ".join(words) or (self.row.letter.state_reason if left_out else "")


def rows_of(rows: Iterable[CheckedRow], audience: Audience) -> list[WayRow]:
    return [WayRow(row, (row.letter.addressee_key or "") in audience.sent_by) for row in rows]


def ways_view(name: str) -> ListView:
    return ListView(
        name=f"How the letters go, {name}",
        columns=(
            Column("to", "To", lambda row: row.to, lambda row: row.to.casefold()),
            Column("boards", "Boards", lambda row: row.row.about, lambda row: row.row.about),
            Column("way", "How", lambda row: row.way, lambda row: row.way),
            Column("email", "Email", lambda row: row.row.letter.to_email),
            Column("window", "Envelope", lambda row: row.window),
            Column("wrong", "To fix", lambda row: row.wrong, lambda row: not row.wrong),
        ),
        filters=(
            Filter(
                "way",
                "How",
                FilterKind.CHOICE,
                lambda value: lambda row: row.row.letter.channel == value,
                choices=[(one.value, WAYS[one].capitalize()) for one in Channel],
            ),
            Filter("wrong", "To fix", FilterKind.BOOL, lambda _: lambda row: bool(row.wrong)),
            Filter("q", "Reader or board", FilterKind.TEXT, _about),
        ),
        per_page=100,
    )


def _about(word: str) -> Callable[[WayRow], bool]:
    wanted = word.casefold()
    return lambda row: wanted in f"{row.to} {row.row.about} {row.row.letter.to_email}".casefold()
