"""How many lines each part of a briefing may have, so that it keeps to one page (pure)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

ROOM = 60  # lines of text between the head and the foot of the page
HEADING = 1.6  # what a heading and the gap above it take
IN_A_LINE = 78  # characters that fit beside a label, in the widest type a machine may have
LABEL_IN_A_LINE = 34  # of the names of posts; a date is never longer

Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class BriefingRow:
    """One entry: a date or the name of a post, what it is, and what to know about it."""

    label: str
    text: str
    note: str = ""
    is_late: bool = False

    @property
    def lines(self) -> int:
        beside = math.ceil((len(self.text) + len(self.note) + 2) / IN_A_LINE)
        return max(beside, math.ceil(len(self.label) / LABEL_IN_A_LINE))


@dataclass(frozen=True)
class BriefingSection:
    """A part of the page. `least` are the lines it may have however full the page is."""

    heading: str
    rows: tuple[BriefingRow, ...]
    least: int
    none: str  # what stands there when there is nothing
    more: int = 0
    wide_labels: bool = False

    @property
    def more_words(self) -> str:
        """“and 4 more”, or nothing."""
        return f"and {self.more:,} more" if self.more else ""


def on_one_page(
    facts: Facts, sections: Sequence[BriefingSection | None]
) -> tuple[BriefingSection, ...]:
    """The parts there are, as much of each as a page holds below these facts."""
    taken = sum(math.ceil(len(value) / IN_A_LINE) for _, value in facts)
    return fitted([section for section in sections if section], ROOM - taken)


def fitted(sections: Sequence[BriefingSection], room: int) -> tuple[BriefingSection, ...]:
    """Each part gets a row, then its least; the room left goes round, a row at a time (pure)."""
    shown = [0] * len(sections)
    left = room - sum(HEADING + (0 if section.rows else 1) for section in sections)
    left -= sum(1 for section in sections if len(section.rows) > 1)  # to say how many more

    def grow(place: int) -> bool:
        nonlocal left
        rows = sections[place].rows
        if shown[place] == len(rows):
            return False
        nothing_more = len(rows) > 1 and shown[place] + 1 == len(rows)
        cost = rows[shown[place]].lines - nothing_more
        if cost > left:
            return False
        left -= cost
        shown[place] += 1
        return True

    for place in range(len(sections)):
        grow(place)
    for place, section in enumerate(sections):
        while sum(row.lines for row in section.rows[: shown[place]]) < section.least:
            if not grow(place):
                break
    while any([grow(place) for place in range(len(sections))]):
        pass
    return tuple(
        replace(section, rows=section.rows[:count], more=section.more + len(section.rows) - count)
        for section, count in zip(sections, shown, strict=True)
    )
