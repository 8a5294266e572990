"""A whole name in one cell, taken apart only by a rule the user has chosen for the file."""

import enum
import re
from dataclasses import dataclass

from app.directory.name_words import AFTER_NAMES, TITLES
from app.imports.planning.fields import plain
from app.imports.planning.values import BadValue


class NameRule(enum.Enum):
    LAST_WORD = "last word"
    COMMA = "comma"


RULES = {
    NameRule.LAST_WORD: (
        "The last word is the family name. “Dr Alex Jo Sample, OBE” is Dr · Alex Jo · Sample · OBE."
    ),
    NameRule.COMMA: "The family name comes first, then a comma. “Sample, Alex” is Alex · Sample.",
}

# Which word begins the family name cannot be told where one of these stands before the last.
_PARTICLES = """
de del della di da do dos das du des d la le les lo el al bin ibn ben bint abu van von der
den ter ten te af av zu zum zur mac mc o ni nic ui nig san santa st saint y e i dal dalla
""".split()  # noqa: SIM905 - read more easily


@dataclass(frozen=True)
class TakenApart:
    title: str = ""
    given_name: str = ""
    family_name: str = ""
    post_nominals: str = ""


def take_apart(text: str, rule: NameRule) -> TakenApart:
    """The parts of a name; a refusal wherever the rule does not settle it."""
    if "\n" in text or re.search(r"[;/&]| and ", text):
        raise BadValue(
            f"“{' '.join(text.split())}” looks like more than one person. Give each person a row of"
            " their own."
        )
    if re.search(r"[()\[\]\d@]", text):
        raise BadValue(f"“{text}” holds more than a name. Leave only the name in that cell.")
    if rule is NameRule.COMMA:
        family, comma, rest = (part.strip() for part in text.partition(","))
        if not comma or not family or not rest or "," in rest:
            raise _unsettled(text)
        title, given = _title_of(rest.split())
        return TakenApart(title, " ".join(given), family)
    name, _, letters = (part.strip() for part in text.partition(","))
    title, words = _title_of(name.split())
    if len(words) < 2 or any(_is_particle(word) for word in words[:-1]):
        raise _unsettled(text)
    if plain(words[-1]) in AFTER_NAMES:
        raise _unsettled(text)
    return TakenApart(title, " ".join(words[:-1]), words[-1], letters)


def _is_particle(word: str) -> bool:
    """“de” and “Ó” are; “D.” is an initial."""
    initial = len(word.rstrip(".")) == 1 and word[0].isascii() and word[0].isupper()
    return plain(word) in _PARTICLES and not initial


def _title_of(words: list[str]) -> tuple[str, list[str]]:
    """A title is taken as it stands in front; none is ever made up."""
    count = 0
    while count < len(words) - 1 and plain(words[count]) in TITLES:
        count += 1
    return " ".join(words[:count]), words[count:]


def _unsettled(text: str) -> BadValue:
    return BadValue(
        f"Which part of “{text}” is the family name cannot be told by the rule for this file. Put"
        " the given name and the family name in columns of their own."
    )
