"""What one cell says: a date, a telephone number, addresses, a post with nobody in it."""

import re
from datetime import date

from app.core.errors import DomainError
from app.core.from_outside import FIRST_DAY, LAST_DAY, DayBeyond, NotADay, a_day
from app.directory.addresses import BadAddress, checked_address
from app.directory.models import PostState
from app.imports.planning.fields import plain

LONGEST = {
    "title": 40,
    "given_name": 100,
    "family_name": 100,
    "full_name": 200,
    "post_nominals": 100,
    "job_title": 300,
    "source": 1000,
    "phone": 60,
}

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}
_SLASHED = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?: 0?0:00(?::00)?)?")
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?")
_WORDED = re.compile(
    r"(?:[a-z]{3,9},? )?(\d{1,2})(?:st|nd|rd|th)?(?: of)?[ \-]([a-z]{3,9})\.?,?[ \-](\d{4}|\d{2})",
    re.I,
)
_SERIAL = re.compile(r"[34]\d{4}(?:\.\d+)?")


class BadValue(DomainError):
    """A cell that cannot mean what its column is for; the sentence says what to write instead."""


def read_date(text: str) -> date:
    """A date as it is written in Britain; what could be another day is refused, not guessed."""
    flat = " ".join(text.split())
    if found := _SLASHED.fullmatch(flat):
        return _day(flat, found[3], int(found[2]), found[1])
    if found := _ISO.fullmatch(flat):
        return _day(flat, found[1], int(found[2]), found[3])
    if found := _WORDED.fullmatch(flat):
        month = _MONTHS.get(found[2].lower())
        if month:
            return _day(flat, found[3], month, found[1])
    if _SERIAL.fullmatch(flat):
        raise BadValue(
            f"“{flat}” is how a spreadsheet counts days. Format the cell as a date, or write the"
            " date out."
        )
    raise BadValue(f"“{flat}” is not a whole date. Write it like 12 November 2026.")


def _day(text: str, year: str, month: int, day: str) -> date:
    century = "20" if len(year) == 2 else ""
    try:
        return a_day(f"{century}{year}-{month}-{day}")
    except DayBeyond:
        raise BadValue(
            f"“{text}” is not a day from {FIRST_DAY.year} to {LAST_DAY.year}. Check the year."
        ) from None
    except NotADay:
        if month > 12 and int(day) <= 12:
            raise BadValue(
                f"“{text}” has the month first, as in America. Write it like 12 November 2026."
            ) from None
        raise BadValue(f"“{text}” is not a day in the calendar.") from None


def is_month_first(text: str) -> bool:
    """11/13/2026 can only be the American way."""
    found = _SLASHED.fullmatch(" ".join(text.split()))
    return found is not None and int(found[2]) > 12 >= int(found[1])


def could_be_two_days(text: str) -> bool:
    """03/04/2026 is 3 April, or 4 March to an American."""
    found = _SLASHED.fullmatch(" ".join(text.split()))
    return found is not None and found[1].lstrip("0") != found[2].lstrip("0") and int(found[1]) < 13


def read_phone(text: str) -> str:
    """As written; a number whose first zero a spreadsheet has eaten is refused."""
    flat = " ".join(text.split())
    digits = re.sub(r"\D", "", flat)
    if not digits:
        raise BadValue(f"“{flat}” is not a telephone number.")
    starts = flat.lstrip("( ")
    if not starts.startswith(("0", "+")) and not starts.lower().startswith(("tel", "ext", "m:")):
        raise BadValue(
            f"The telephone number “{flat}” begins with neither 0 nor +, so a spreadsheet has"
            " probably dropped its zero. Format the column as text and write the number in full."
        )
    return flat


def read_emails(text: str) -> list[str]:
    """Every address in the cell, the first one first."""
    found = re.findall(r"<([^<>]+)>", text) or re.split(r"[;,\s]+|\bor\b|\band\b", text)
    addresses = [part.removeprefix("mailto:").strip(" .<>()'\"") for part in found]
    if any(address and "@" not in address for address in addresses):
        raise BadValue(f"“{' '.join(text.split())}” is not an email address.")
    try:
        read = [checked_address(address) for address in addresses if address]
    except BadAddress as refusal:
        raise BadValue(str(refusal)) from refusal
    if not read:
        raise BadValue(f"“{' '.join(text.split())}” is not an email address.")
    return list(dict.fromkeys(read))


_YES = {
    *("yes", "y", "true", "1", "x", "acting", "interim", "temporary", "covering", "cover"),
    *("secondment", "seconded", "acting up", "acting interim", "interim acting"),
}
_NO = {"no", "n", "false", "0", "substantive", "permanent", "named"}


def read_yes_or_no(text: str) -> bool:
    words = plain(text) or text.strip()
    if words in _YES or words in {"✓", "✔", "☑"}:
        return True
    if words in _NO or words in {"-", "–", "✗", "✘", "☐"}:
        return False
    raise BadValue(f"“{' '.join(text.split())}” is neither yes nor no.")


_NOBODY = {
    PostState.VACANT: (
        "vacant vacancy void|post vacant|currently vacant|vacant post|position vacant|being"
        " recruited|recruiting|recruitment under way|recruitment underway|to be appointed|to be"
        " recruited|out to advert"
    ),
    PostState.NOT_PUBLISHED: (
        "not published|unpublished|not public|not on website|not on the website|not listed"
        "|withheld|not named|no name published|not disclosed"
    ),
    PostState.UNKNOWN: (
        "unknown|not known|tbc|tba|tbd|to be confirmed|to be announced|to be advised|n a|na|none"
        "|not found|none found|no lead|no lead identified|no lead known|nobody|not available"
    ),
}
_NOBODY_WORDS = {
    phrase: state for state, phrases in _NOBODY.items() for phrase in phrases.split("|")
} | dict.fromkeys(("vacant", "vacancy"), PostState.VACANT)


def nobody(text: str) -> PostState | None:
    """What a name cell says when it says that there is no name."""
    words = plain(text)
    if text.strip() and not words:
        return PostState.UNKNOWN if set(text.strip()) <= set("-–—?.*/ ") else None
    return _NOBODY_WORDS.get(words)


def mixes_nobody_with_a_name(text: str) -> bool:
    """“Vacant (was Alex Sample)” says two things at once."""
    return (
        re.search(r"\b(vacant|vacancy|tbc|to be confirmed|not published)\b", plain(text))
        is not None
    )


def read_state(text: str) -> tuple[PostState | None, bool | None]:
    """A status column: nobody and why, or somebody and whether acting."""
    state = nobody(text)
    if state is not None:
        return state, None
    if plain(text) in {"named", "in post", "filled", "known", "shared", "held", "confirmed"}:
        return None, None
    try:
        return None, read_yes_or_no(text)
    except BadValue:
        raise BadValue(
            f"“{' '.join(text.split())}” is not a state of a post. Write vacant, not published,"
            " unknown, acting or in post."
        ) from None


def read_source(text: str) -> str:
    flat = " ".join(text.split())
    if re.match(r"(?!https?:)[a-z][a-z0-9+.\-]*:(?! )", flat, re.I):
        raise BadValue(f"The source “{flat[:80]}” is not a web address that begins with https://.")
    return flat


def not_too_long(key: str, label: str, text: str) -> str:
    if len(text) > LONGEST.get(key, 1000):
        raise BadValue(
            f"{label} has {len(text):,} characters; at most {LONGEST.get(key, 1000):,} are kept."
        )
    if re.fullmatch(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!)", text):
        raise BadValue(f"{label} shows the error {text}. Correct the formula or type the value.")
    return text
