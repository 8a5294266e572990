"""Reading a pasted list of attendees: names, addresses and what they are, as somebody wrote them.

Nothing is worked out: a name is never made of an address, and what cannot be read stays as text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.core.errors import DomainError

MOST_NAMES = 200
LONGEST_LIST = 20_000

PART = r"[^\s<>;,()\"\[\]@]+"
ADDRESS = re.compile(rf"(?:mailto:)?({PART}@{PART}\.{PART})", re.IGNORECASE)
LABEL = re.compile(
    r"^\s*(?:required|optional|organi[sz]er|attendees?|invitees?|present|from|to|cc)\s*:\s*",
    re.IGNORECASE,
)
CALENDAR = re.compile(r"^(?:ATTENDEE|ORGANIZER)\b(.*?):(?:mailto:)?(\S+)\s*$", re.IGNORECASE)
COMMON_NAME = re.compile(r"CN=(?:\"([^\"]*)\"|([^;:]*))", re.IGNORECASE)
CALENDAR_REST = re.compile(r"^(?:BEGIN|END|[A-Z-]+(?:;[^:]*)?):", re.MULTILINE)
# “EXAMPLE, Jane (NHS SAMPLESHIRE ICB)”: how NHSmail shows people.
SURNAME_FIRST = re.compile(r"^([^\W\d_a-zß-ÿ][^\W\d_a-zß-ÿ'’ -]*),\s*([^,(]+?)\s*(?:\((.*)\))?$")


class TooMany(DomainError):
    """More than one meeting has attendees."""


class NobodyNamed(DomainError):
    """A list in which nobody can be found."""


@dataclass(frozen=True)
class PastedAttendee:
    """One person of the list, as they were written."""

    text: str
    name: str = ""
    capacity: str = ""
    email: str = ""


def read(pasted: str) -> list[PastedAttendee]:
    """Whoever is named, each once, in the order of the list."""
    if len(pasted.encode()) > LONGEST_LIST:
        raise TooMany("This is too long for a list of attendees. Paste the names only.")
    found: dict[tuple[str, str], PastedAttendee] = {}
    for one in _each(pasted):
        found.setdefault((one.email.casefold(), "" if one.email else one.name.casefold()), one)
    if not found:
        raise NobodyNamed("Paste the names, one to a line or with semicolons between them.")
    if len(found) > MOST_NAMES:
        raise TooMany(f"These are {len(found)} names; the most is {MOST_NAMES} at a time.")
    return list(found.values())


def _each(pasted: str) -> Iterator[PastedAttendee]:
    unfolded = re.sub(r"\r?\n[ \t](?=\S)", "", pasted) if "ATTENDEE" in pasted else pasted
    is_calendar = "BEGIN:VEVENT" in unfolded.upper() or "ATTENDEE;" in unfolded.upper()
    for line in unfolded.splitlines():
        if match := CALENDAR.match(line.strip()):
            yield _of_calendar(line.strip(), match)
        elif not (is_calendar and CALENDAR_REST.match(line)):
            for piece in _pieces(LABEL.sub("", line)):
                yield _of_piece(piece)


def _of_calendar(line: str, match: re.Match[str]) -> PastedAttendee:
    name = COMMON_NAME.search(match.group(1))
    called = next((part for part in name.groups() if part), "") if name else ""
    email = match.group(2) if "@" in match.group(2) else ""
    if "@" in called:
        called = ""
    return PastedAttendee(line, called.strip(), "", email)


def _pieces(line: str) -> Iterator[str]:
    """Between semicolons; between commas where each piece has an address of its own."""
    for piece in line.split(";"):
        parts = piece.split(",")
        if len(parts) > 1 and all("@" in part for part in parts):
            yield from (part.strip() for part in parts)
        elif words := piece.strip(" \t•*-–·"):
            yield words


def _of_piece(piece: str) -> PastedAttendee:
    address = ADDRESS.search(piece)
    email = address.group(1).rstrip(".") if address else ""
    rest = ADDRESS.sub("", piece) if address else piece
    rest = re.sub(r"<\s*>|\(\s*\)|\[\s*\]|[\"<>]", " ", rest)
    rest = " ".join(rest.split()).strip(" ,;-–")
    if match := SURNAME_FIRST.match(rest):
        family, given, at = match.groups()
        return PastedAttendee(piece, f"{given} {family}", at or "", email)
    name, _, capacity = re.sub(r"\s+[–-]\s+|\s*\(", ", ", rest, count=1).partition(",")
    return PastedAttendee(piece, name.strip(), capacity.strip(" )"), email)
