"""Postal addresses of the United Kingdom: which an envelope can carry, and how they are written.

The checks are those of GOV.UK Notify, learnt from what its printers sent back. An address is kept
without the name above it; with the name it is three to seven lines, the postcode last.
"""

import re
import unicodedata
from dataclasses import dataclass

from app.core.errors import DomainError

FEWEST, MOST = 3, 7  # lines on the envelope, the name among them
LONGEST_LINE = 60  # what one line of a window holds
NOT_AT_START = '[]()@/\\<>",=~'
_POSTCODE = re.compile(
    r"(GIR ?0AA|(?:[A-PR-UWYZ][0-9][0-9A-HJKPSTUW]?|[A-PR-UWYZ][A-HK-Y][0-9][0-9ABEHMNPRVWXY]?)"
    r" ?[0-9][ABD-HJLNP-UW-Z]{2})"
)
_AT_END = re.compile(rf"^(.*?)[\s,]+{_POSTCODE.pattern}$")
_NO_ABODE = re.compile(
    r"\bno\s+fixed\s+(abode|address)\b|^\W*n\.?\s?f\.?\s?a\.?\W*$", re.IGNORECASE
)
_AT_HOME = {
    *("uk", "u.k.", "united kingdom", "gb", "great britain"),
    *("england", "wales", "scotland", "northern ireland"),
}


class BadPostalAddress(DomainError):
    """An address no letter could be posted to."""


@dataclass(frozen=True)
class PostalAddress:
    """The lines of an address as an envelope shows them, and what is wrong with them."""

    lines: tuple[str, ...]
    problem: str = ""

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def postal_address(text: str) -> PostalAddress:
    """Take an address apart: lines tidied, the postcode on the last as the Royal Mail writes it."""
    lines = [line for line in map(_tidy, text.splitlines()) if line]
    while len(lines) > 1 and lines[-1].casefold() in _AT_HOME:
        lines.pop()
    if lines and (found := _AT_END.match(lines[-1].upper())):
        lines[-1:] = [_tidy(lines[-1][: found.end(1)]), found[2]]
    if lines and (postcode := postcode_in(lines[-1])):
        lines[-1] = postcode
    return PostalAddress(tuple(lines), _problem(lines))


def checked_postal_address(text: str) -> str:
    """The address as it should be kept; refuses what could not be delivered."""
    found = postal_address(text)
    if found.lines and found.problem:
        raise BadPostalAddress(f"The postal address cannot be used: {found.problem}")
    return found.text


def as_kept(typed: str, before: str | None) -> str:
    """What a form said of an address: one that was kept before may stay as it is."""
    is_same = typed.split() == (before or "").split()
    return (before or "") if is_same else checked_postal_address(typed)


def postcode_in(line: str) -> str:
    """The postcode that the whole line is, with its one space; empty if it is none."""
    plain = re.sub(r"[\s.,]", "", line).upper()
    if not _POSTCODE.fullmatch(plain):
        return ""
    return f"{plain[:-3]} {plain[-3:]}"


def envelope(name_lines: tuple[str, ...], address: PostalAddress) -> PostalAddress:
    """Name and address as they stand in the window."""
    if address.problem:
        return address
    lines = (*(line for line in map(_tidy, name_lines) if line), *address.lines)
    if len(lines) > MOST:
        return PostalAddress(
            lines,
            f"name and address have {len(lines)} lines, and an envelope shows {MOST}. "
            "Put two short lines into one.",
        )
    if problem := _problem_of_lines(list(lines)):
        return PostalAddress(lines, problem)
    return PostalAddress(lines)


def _tidy(line: str) -> str:
    seen = "".join(c for c in line if c == "\t" or unicodedata.category(c)[0] != "C")
    return re.sub(r"\s+([,.])", r"\1", " ".join(seen.split())).strip(" ,;")


def _problem(lines: list[str]) -> str:
    if not lines:
        return "no postal address is recorded."
    if any(_NO_ABODE.search(line) for line in lines):
        return "“no fixed abode” is not an address the post can find."
    if not postcode_in(lines[-1]):
        return (
            f"the last line is “{lines[-1]}”, and it has to be a postcode of the United Kingdom, "
            "such as EX1 1QT."
        )
    if len(lines) < FEWEST - 1:
        return "there has to be at least a street or a town above the postcode."
    if len(lines) > MOST - 1:
        return (
            f"it has {len(lines)} lines, and {MOST - 1} fit below the name. "
            "Put two short lines into one."
        )
    return _problem_of_lines(lines)


def _problem_of_lines(lines: list[str]) -> str:
    for line in lines:
        if not any(character.isalnum() for character in line):
            return f"the line “{line}” holds no letter or number. Take it out."
        if line[0] in NOT_AT_START:
            return f"the line “{line}” begins with “{line[0]}”. Begin it with a letter or number."
        if len(line) > LONGEST_LINE:
            return (
                f"the line “{line[:30]}…” has {len(line)} characters, and {LONGEST_LINE} fit. "
                "Make two lines of it."
            )
    return ""
