"""When two records may be one person: nearly the same name. Never more than a question.

A family name alone says nothing: a father and his daughter, or two strangers at one board, share
it. So the first names have to be the same too, or one the initial of the other, or the same but
for a slip in typing.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Protocol

from rapidfuzz.distance import OSA

from app.directory.name_words import AFTER_NAMES, TITLES

# Letters that Unicode does not take apart into a plain one and a mark.
_PLAIN_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ŧ": "t"}
)
_TOGETHER = re.compile("['’‘`\u00b4\u02bc.]")  # O’Brien is OBrien
_APART = re.compile(r"[\W_]+")

# One letter makes a slip of one name, and another name of these.
_NAMES_OF_THEIR_OWN = (
    frozenset({"frances", "francis"}),
    frozenset({"marian", "marion"}),
    frozenset({"tommy", "timmy"}),
)


class Named(Protocol):
    """A person's name in its parts."""

    @property
    def given_name(self) -> str: ...
    @property
    def family_name(self) -> str: ...
    @property
    def known_as(self) -> str: ...


@dataclass(frozen=True)
class Name:
    """A name as it is compared: plain small letters, without titles and letters behind it."""

    given: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    family: tuple[str, ...] = ()

    @property
    def firsts(self) -> list[tuple[str, ...]]:
        """What they may be called by."""
        return [words for words in (self.given, self.known) if words]

    @property
    def wholes(self) -> set[str]:
        """Given and family name in one, in the order in which they stand."""
        return {"".join(first + self.family) for first in self.firsts or [()]}

    @property
    def is_whole(self) -> bool:
        """More than one word: a family name by itself is nobody in particular."""
        return len(self.given or self.known) + len(self.family) > 1


def name_of(person: Named) -> Name:
    given = _without_titles(words_of(person.given_name))
    family = _without_letters(words_of(person.family_name))
    if not (given or person.known_as.strip()):
        family = _without_titles(family)
    return Name(given, _without_titles(words_of(person.known_as)), family)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a name without case, accents and signs: “Ó Brádaigh-Łuczak” is three."""
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN_LETTERS))
    bare = "".join(c for c in folded if not unicodedata.combining(c) and not _is_unseen(c))
    return tuple(_APART.sub(" ", _TOGETHER.sub("", bare)).split())


def are_alike(one: Name, other: Name) -> bool:
    """Whether both may be the name of one person. It does not matter which is asked about which."""
    if not (one.is_whole and other.is_whole):
        return bool(one.family or one.firsts) and one.wholes == other.wholes
    return (
        bool(one.wholes & other.wholes)
        or _is_swapped(one, other)
        or any(
            _are_alike(first, one.family, second, other.family)
            for first in one.firsts
            for second in other.firsts
        )
    )


def are_the_same(one: Name, other: Name) -> bool:
    """The very same name, however it is written: enough where nothing says who works where."""
    return one.is_whole and other.is_whole and bool(one.wholes & other.wholes)


def _are_alike(
    first: tuple[str, ...], family: tuple[str, ...], second: tuple[str, ...], other: tuple[str, ...]
) -> bool:
    if not (family and other):
        return False
    surname, theirs = "".join(family), "".join(other)
    if _is_same_first(first, second):
        return surname == theirs or _is_slip(surname, theirs) or _is_doubled(family, other)
    if surname != theirs:
        return False
    return _is_initial(first, second) or _is_slip_of_a_first_name("".join(first), "".join(second))


def _is_same_first(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Also where one has a middle name, and the other none or its initial."""
    if "".join(first) == "".join(second):
        return True
    if first[0] != second[0] or len(first[0]) == 1:
        return False
    return all(_are_one(a, b) for a, b in zip(first[1:], second[1:], strict=False))


def _are_one(a: str, b: str) -> bool:
    return a == b or (1 in (len(a), len(b)) and a[0] == b[0])


def _is_initial(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """“S.” of “Siân”, “A J” of “Alex Jo”, “AJ” of “Alex Jo”."""
    for short, long in ((first, second), (second, first)):
        letters = "".join(short)
        initials = "".join(word[0] for word in long)
        if all(len(word) == 1 for word in short) and (
            initials.startswith(letters) or letters.startswith(initials)
        ):
            return True
        if len(long) > 1 and len(short) == 1 and letters == initials:
            return True
    return False


def _is_swapped(one: Name, other: Name) -> bool:
    """The family name was written where the first name belongs."""
    return any(
        bool(one.family)
        and "".join(first) == "".join(other.family)
        and "".join(second) == "".join(one.family)
        for first in one.firsts
        for second in other.firsts
    )


def _is_slip(one: str, other: str) -> bool:
    """One letter in a long family name, two in a very long one; two letters changing places is
    one slip."""
    shortest = min(len(one), len(other))
    allowed = 2 if shortest >= 10 else 1 if shortest >= 6 else 0
    return one[0] == other[0] and OSA.distance(one, other, score_cutoff=allowed) <= allowed


def _is_slip_of_a_first_name(one: str, other: str) -> bool:
    """In the middle only: the last letter is what makes Daniel Daniela and Marie Maria."""
    return (
        min(len(one), len(other)) >= 5
        and one[0] == other[0]
        and one[-1] == other[-1]
        and frozenset((one, other)) not in _NAMES_OF_THEIR_OWN
        and OSA.distance(one, other, score_cutoff=1) <= 1
    )


def _is_doubled(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """“Jones-Evans” holds “Jones” whole; “Ó Brádaigh” and “Brádaigh” are one."""
    short, long = sorted((set(one), set(other)), key=len)
    return short < long and any(len(word) >= 4 for word in short)


def _without_titles(words: tuple[str, ...]) -> tuple[str, ...]:
    while len(words) > 1 and words[0] in TITLES:
        words = words[1:]
    return words


def _without_letters(words: tuple[str, ...]) -> tuple[str, ...]:
    while len(words) > 1 and words[-1] in AFTER_NAMES:
        words = words[:-1]
    return words


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) == "Cf"
