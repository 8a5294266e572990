"""What looks like data about a patient or a child, in words somebody typed (SEC-37). Pure.

It only ever warns: the writer decides. So it may be wrong now and then, and says what it saw.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

NUMBER = re.compile(r"(?<![\d-])(\d{3})[ \u00a0-]?(\d{3})[ \u00a0-]?(\d{4})(?![\d-])")
MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
DAY = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?[ ./-](?:\d{{1,2}}|(?:{MONTHS})[a-z]*)[ ./-]\d{{2,4}}"
    r"|\d{4}-\d{2}-\d{2})"
)
BIRTH = re.compile(
    rf"\b(?:d\.?\s?o\.?\s?b\b\.?|date of birth|born(?: on)?)[\s:=,-]*{DAY}", re.IGNORECASE
)
WHO = r"(?:child|patient|pupil|boy|girl|baby|infant|toddler|teenager|daughter|son)"
NAME = r"[A-Z][\w’'-]+(?:\s+[A-Z][\w’'-]*)*"
CALLED = re.compile(rf"\b(?i:{WHO})(?i:,?\s+(?:is\s+)?(?:called|named|known as))\s+{NAME}")
THE_CHILD = re.compile(rf"\b(?i:(?:the|a|this|our|my|her|his|their)\s+{WHO})\s+{NAME}")
# “The child Health Programme” is no child's name.
NO_NAMES = re.compile(
    r"(?i)(?:health|mental|death|protection|poverty|measurement|development|safeguarding|care|"
    r"services?|board|programme|commission|and|nhs|icb|ics|dfe|dhsc|send|safety|well)\b"
)


@dataclass(frozen=True)
class PatientDataHint:
    """Something that looks like patient data, in its own words."""

    what: str
    words: str


def findings(*texts: str) -> list[PatientDataHint]:
    """What a reader should look at again, each once, in the order it is read."""
    found: dict[PatientDataHint, None] = {}
    for text in texts:
        for finding in _in(text):
            found[finding] = None
    return list(found)


def digest(found: Iterable[PatientDataHint]) -> str:
    """What was seen when somebody said “save anyway”: more of it asks again."""
    words = "\n".join(sorted(f"{one.what}:{one.words}" for one in found))
    return hashlib.sha256(words.encode()).hexdigest()[:32] if words else ""


def is_nhs_number(digits: str) -> bool:
    """Ten digits of which the last is the check digit (modulus 11)."""
    if len(digits) != 10 or not digits.isascii() or not digits.isdigit():
        return False
    if len(set(digits)) == 1:
        return False
    weighed = zip(digits, range(10, 1, -1), strict=False)
    total = sum(int(digit) * weight for digit, weight in weighed)
    check = (11 - total % 11) % 11
    return check == int(digits[9])  # a remainder of 10 fits no digit: such numbers are not issued


def _in(text: str) -> Iterable[PatientDataHint]:
    for match in NUMBER.finditer(text):
        if is_nhs_number("".join(match.groups())):
            yield PatientDataHint("an NHS number", match.group())
    for match in BIRTH.finditer(text):
        yield PatientDataHint("a date of birth", " ".join(match.group().split()))
    for pattern in (CALLED, THE_CHILD):
        for match in pattern.finditer(text):
            if not any(NO_NAMES.match(word) for word in _names(match.group())):
                yield PatientDataHint(
                    "the name of a child or patient", " ".join(match.group().split())
                )


def _names(words: str) -> list[str]:
    """The words with capitals in what was found, after the one that says who."""
    return [word for word in words.split()[1:] if word[:1].isupper()]
