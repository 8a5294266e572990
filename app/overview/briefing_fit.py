"""How many lines each part of a briefing may have, so that it fills one page and no more (pure).

What a page holds depends on its type: that of the PDF is known, and for the page that is printed
from a browser the widest is taken that a machine may have.
"""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

Facts = tuple[tuple[str, str], ...]
# How wide each sign from the space to the tilde is, in thousandths of the size.
SOURCE_SANS = """
200 289 425 497 497 824 609 249 303 303 418 497 249 311 249 350 497 497 497 497 497 497 497 497
497 497 249 249 497 497 497 425 847 544 588 571 615 527 494 617 652 263 480 579 486 727 647 664
566 664 569 534 536 645 515 786 513 476 539 303 350 303 497 500 542 504 553 456 555 496 292 504
544 246 247 495 255 829 547 542 555 555 347 419 338 544 467 718 446 467 425 303 241 303 497"""
DEJAVU_SANS = """
318 401 460 838 636 950 780 275 390 390 500 838 318 361 318 337 636 636 636 636 636 636 636 636
636 636 337 337 838 838 838 531 1000 684 686 698 770 632 575 775 752 295 295 656 557 863 748 787
603 787 695 635 611 732 684 989 685 611 685 390 337 390 838 500 500 613 635 550 635 615 352 635
634 278 278 579 278 974 634 612 635 635 411 521 392 634 592 818 592 592 525 636 337 636 838"""
LIKE = str.maketrans("‘’·–“”", "''.n__")
WIDEST = 1000  # whatever is in no table


class TypeFace:
    """A type in one size: how wide words run in it."""

    def __init__(self, widths: str, size: float) -> None:
        self._widths = dict(enumerate(map(int, widths.split()), start=ord(" ")))
        self._size = size

    def width(self, words: str) -> float:
        bare = unicodedata.normalize("NFD", words.translate(LIKE))
        signs = (sign for sign in bare if not unicodedata.combining(sign))
        return sum(self._widths.get(ord(sign), WIDEST) for sign in signs) * self._size / 1000

    def lines(self, words: str, room: float) -> int:
        """How many lines it takes, broken between words."""
        lines, taken, space = 1, 0.0, self.width(" ")
        for word in words.split():
            needed = self.width(word)
            if taken and taken + space + needed > room:
                lines, taken = lines + 1, 0.0
            taken += needed + (space if taken else 0)
            if taken > room:  # a long address goes on in the next line
                lines, taken = lines + math.ceil(taken / room) - 1, room
        return lines


@dataclass(frozen=True)
class Paper:
    """What there is room for between the head and the foot of a page, in points."""

    room: float
    title: TypeFace
    face: TypeFace
    width: float
    title_line: float  # more, for each further line of the title
    line: float  # from one line of an entry to the next
    between: float  # more, from one entry to the next
    plain: float  # a line of its own: a fact, "and 4 more"
    heading: float  # with the gap above
    facts: float  # how wide a fact is,
    beside_dates: float  # what stands beside a date,
    beside_names: float  # what stands beside the name of a post,
    names: float  # and that name


SCREEN = Paper(
    room=690,
    title=TypeFace(DEJAVU_SANS, 15 * 1.15),  # it is bold
    face=TypeFace(DEJAVU_SANS, 8.6),
    width=512,
    title_line=20,
    line=11.05,
    between=1.5,
    plain=11.05,
    heading=18.2,
    facts=420,
    beside_dates=425,
    beside_names=318,
    names=185,
)
PDF = Paper(
    room=734,
    title=TypeFace(SOURCE_SANS, 16 * 1.08),
    face=TypeFace(SOURCE_SANS, 9.4),
    width=508,
    title_line=19,
    line=10.95,
    between=0.5,
    plain=12.1,
    heading=17.5,
    facts=480,
    beside_dates=426,
    beside_names=310,
    names=191,
)


@dataclass(frozen=True)
class BriefingRow:
    """One entry: a date or the name of a post, what it is, and what to know about it."""

    label: str
    text: str
    note: str = ""
    is_late: bool = False


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

    def lines(self, row: BriefingRow, paper: Paper) -> int:
        """How many of them one of its rows takes."""
        said = f"{row.text} · {row.note}" if row.note else row.text
        if not self.wide_labels:  # a date stands on one line
            return paper.face.lines(said, paper.beside_dates)
        beside = paper.face.lines(said, paper.beside_names)
        return max(beside, paper.face.lines(row.label, paper.names))


@dataclass(frozen=True)
class Head:
    """What a page begins with. There is room for a line of title and of lede besides `room`."""

    title: str
    lede: str
    facts: Facts

    def taken(self, paper: Paper) -> float:
        """Of the room below it."""
        facts = (paper.face.lines(f"{name}: {value}", paper.facts) for name, value in self.facts)
        plain = sum(facts) + paper.face.lines(self.lede, paper.width) - 1
        titles = paper.title.lines(self.title, paper.width) - 1
        return plain * paper.plain + titles * paper.title_line


def on_one_page(
    head: Head, sections: Sequence[BriefingSection | None], paper: Paper
) -> tuple[BriefingSection, ...]:
    """The parts there are, as much of each as a page with that head holds."""
    there = [section for section in sections if section]
    return fitted(there, paper, paper.room - head.taken(paper))


def fitted(
    sections: Sequence[BriefingSection], paper: Paper, room: float
) -> tuple[BriefingSection, ...]:
    """Each part gets a row, then its least; the room left goes round, a row at a time."""
    lines = [[section.lines(row, paper) for row in section.rows] for section in sections]
    shown = [0] * len(sections)
    left = room - sum(paper.heading + (0 if section.rows else paper.plain) for section in sections)
    # Where there is more than one row, or more than was read, to say how many more.
    says_more = [section.more > 0 or len(section.rows) > 1 for section in sections]
    left -= sum(says_more) * paper.plain

    def grow(place: int) -> bool:
        nonlocal left
        section = sections[place]
        if shown[place] == len(section.rows):
            return False
        cost = lines[place][shown[place]] * paper.line + paper.between
        if len(section.rows) > 1 and shown[place] + 1 == len(section.rows) and not section.more:
            cost -= paper.plain
        if cost > left:
            return False
        left -= cost
        shown[place] += 1
        return True

    for place in range(len(sections)):
        grow(place)
    for place, section in enumerate(sections):
        while sum(lines[place][: shown[place]]) < section.least:
            if not grow(place):
                break
    while any([grow(place) for place in range(len(sections))]):
        pass
    return tuple(
        replace(section, rows=section.rows[:count], more=section.more + len(section.rows) - count)
        for section, count in zip(sections, shown, strict=True)
    )
