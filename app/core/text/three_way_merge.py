"""Two people changed the same words: what goes together by itself, and what they must settle.

Pure functions. Nothing that either typed is ever dropped: it is in the text that comes out, or in
a clash that shows both.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile
from typing import NamedTuple

# Comparing takes time by the product of both lengths; above this, what differs is one clash.
MOST_COMPARED = 4_000_000
# Around what differs, so many alike lines are shown; fewer than so many are never left out.
LINES_AROUND = 3
LEAST_LEFT_OUT = 4

Lines = tuple[str, ...]


@dataclass(frozen=True)
class TextClash:
    """A stretch that both changed, each in their own way."""

    was: Lines
    mine: Lines
    theirs: Lines


@dataclass(frozen=True)
class TextMerge:
    """The text from top to bottom: lines that are settled, and clashes between them."""

    parts: tuple[Lines | TextClash, ...]

    @property
    def clashes(self) -> list[TextClash]:
        return [part for part in self.parts if isinstance(part, TextClash)]

    @property
    def text(self) -> str:
        """All of it as one text; where they clash, their words and then mine."""
        lines: list[str] = []
        for part in self.parts:
            lines += (*part.theirs, *part.mine) if isinstance(part, TextClash) else part
        return "\n".join(lines)


class Edit(NamedTuple):
    """Lines `start` to `end` of the base became `lines`."""

    start: int
    end: int
    lines: Lines


def plain_lines(text: str) -> str:
    """Forms send the ends of lines as two characters; everything else knows them as one."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def merge_texts(base: str, mine: str, theirs: str) -> TextMerge:
    """Three-way, by lines. Both may add at one place: then theirs stand first, and mine after."""
    was, ours, others = _lines(base), _lines(mine), _lines(theirs)
    parts: list[Lines | TextClash] = []
    place = 0
    for start, end, by_me, by_them in _stretches(_edits(was, ours), _edits(was, others)):
        parts.append(was[place:start])
        parts.append(_settled(was, start, end, by_me, by_them))
        place = end
    parts.append(was[place:])
    return TextMerge(tuple(part for part in parts if part))


def differences(one: str, other: str) -> list[tuple[str, bool]]:
    """`one` in pieces, each with whether `other` has it: for marking what differs."""
    words, others = re.findall(r"\s+|\S+", one), re.findall(r"\s+|\S+", other)
    if len(words) * len(others) > MOST_COMPARED:
        return [(one, True)]
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    return [
        ("".join(words[start:end]), kind != "equal")
        for kind, start, end, _, _ in matcher.get_opcodes()
        if start < end
    ]


def shortened(pieces: list[tuple[str, bool]]) -> list[tuple[str, bool | None]]:
    """The same, with long alike stretches left out: for None, the words say how many lines.

    Whoever is to choose sees what differs, however far down a long letter it stands.
    """
    short: list[tuple[str, bool | None]] = []
    for place, (words, is_other) in enumerate(pieces):
        lines = plain_lines(words).split("\n")
        first = LINES_AROUND if place else 0
        last = len(lines) - (LINES_AROUND if place < len(pieces) - 1 else 0)
        if is_other or last - first < LEAST_LEFT_OUT:
            short.append((words, is_other))
            continue
        short.append(("\n".join([*lines[:first], ""]) if first else "", False))
        short.append((f"{last - first} lines alike", None))
        short.append(("\n".join(["", *lines[last:]]) if lines[last:] else "", False))
    return [piece for piece in short if piece[0]]


def _lines(text: str) -> Lines:
    return tuple(plain_lines(text).split("\n")) if text else ()


def _edits(was: Lines, now: Lines) -> list[Edit]:
    """What changed, with the alike beginning and end set aside before anything is compared."""
    before = _alike(was, now)
    after = _alike(was[before:][::-1], now[before:][::-1])
    old, new = was[before : len(was) - after], now[before : len(now) - after]
    if not old and not new:
        return []
    if len(old) * len(new) > MOST_COMPARED:
        return [Edit(before, before + len(old), new)]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [
        Edit(before + start, before + end, new[new_start:new_end])
        for kind, start, end, new_start, new_end in matcher.get_opcodes()
        if kind != "equal"
    ]


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _stretches(
    by_me: list[Edit], by_them: list[Edit]
) -> Iterator[tuple[int, int, list[Edit], list[Edit]]]:
    """Edits that overlap belong to one stretch; those that only touch do not."""
    waiting = sorted([*((edit, 0) for edit in by_me), *((edit, 1) for edit in by_them)])
    while waiting:
        edit, side = waiting.pop(0)
        start, end = edit.start, edit.end
        sides: tuple[list[Edit], list[Edit]] = ([], [])
        sides[side].append(edit)
        while waiting and _overlaps(start, end, waiting[0][0]):
            edit, side = waiting.pop(0)
            end = max(end, edit.end)
            sides[side].append(edit)
        yield start, end, *sides


def _overlaps(start: int, end: int, edit: Edit) -> bool:
    both_only_add = start == end == edit.start == edit.end
    return both_only_add or edit.start < end


def _settled(
    was: Lines, start: int, end: int, by_me: list[Edit], by_them: list[Edit]
) -> Lines | TextClash:
    mine, theirs = _applied(was, start, end, by_me), _applied(was, start, end, by_them)
    if not by_them or mine == theirs:
        return mine
    if not by_me:
        return theirs
    if start == end:
        return (*theirs, *mine)
    return TextClash(was[start:end], mine, theirs)


def _applied(was: Lines, start: int, end: int, edits: list[Edit]) -> Lines:
    lines: list[str] = []
    for edit in edits:
        lines += [*was[start : edit.start], *edit.lines]
        start = edit.end
    return (*lines, *was[start:end])
