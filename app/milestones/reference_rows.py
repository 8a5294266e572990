"""What a row of `milestones.csv` says, with no date more exact than it is written there."""

import re
from dataclasses import dataclass, replace
from datetime import date

from app.milestones.models import Comes, DateKind, Precision

Line = dict[str, str]

PRECISIONS = {"day": Precision.DAY, "month": Precision.MONTH, "approx": Precision.ABOUT}
COLUMNS = {
    "statutory": DateKind.STATUTORY,
    "announced": DateKind.ANNOUNCED,
    "actual": DateKind.ACTUAL,
}
# Words that name single bodies, by the keys of these bodies in the directory's files.
SINGLE_BODIES = {
    "DHSC": ("dhsc",),
    "Secretary of State": ("dhsc",),
    "NHS England, DHSC": ("nhs_england", "dhsc"),
}
# The planning framework asks for a plan and sets no day for it: its date is its own.
SETS_NO_DAY = frozenset({"M21"})
YEAR_OF_A_SERIES = re.compile(r"yearly \((R\d+)\)")


@dataclass(frozen=True)
class Dated:
    """A date as the file has it."""

    kind: DateKind
    falls_on: date
    until: date | None = None
    precision: Precision = Precision.DAY


def is_series(line: Line) -> bool:
    return line["date_precision"] == "rule"


def dates(line: Line) -> list[Dated]:
    """Its statutory, announced and actual dates; or the only one it has, which was the day of an
    event that is over, and otherwise is a deadline."""
    listed = [
        _with_months(_read(line[column], kind), line)
        for column, kind in COLUMNS.items()
        if line[column]
    ]
    if listed:
        return listed
    kind = DateKind.ACTUAL if _is_over(line) else DateKind.ENTERED
    return [replace(_read(line["date"], kind), precision=_precision(line))]


def asks_each(line: Line) -> bool:
    """Whether each body it binds has a document to show for it, or it comes about once."""
    own = line["binds"] in SINGLE_BODIES and is_series(line)
    return own or (bool(line["met_by_document_type"]) and line["id"] not in SETS_NO_DAY)


def comes(line: Line) -> Comes:
    if line["date"].endswith("yearly"):
        return Comes.YEARLY
    return Comes.ON_EVENT if line["date"].startswith("on ") else Comes.CONTINUING


def day_of_year(line: Line) -> tuple[int, int] | tuple[None, None]:
    """The month and day of "04-01 yearly"; none where a duty has no day."""
    found = re.match(r"(\d\d)-(\d\d) yearly$", line["date"])
    return (int(found[1]), int(found[2])) if found else (None, None)


def series_of(line: Line) -> str | None:
    found = YEAR_OF_A_SERIES.fullmatch(line["recurring"])
    return found[1] if found else None


def words(value: str) -> str:
    return "" if value == "none" else value


def _is_over(line: Line) -> bool:
    still_open = line["status_at_2026_11"] == "future" or _precision(line) is Precision.SEASON
    return not (still_open or asks_each(line))


def _precision(line: Line) -> Precision:
    return PRECISIONS.get(line["date_precision"], Precision.SEASON)


def _read(value: str, kind: DateKind) -> Dated:
    """Such as 2023-06-30, 2023-07, or 2022-12-14 to 2023-06-15."""
    first, _, last = value.partition(" to ")
    if len(first) == len("2023-07"):
        return Dated(kind, date.fromisoformat(f"{first}-01"), precision=Precision.MONTH)
    return Dated(kind, date.fromisoformat(first), date.fromisoformat(last) if last else None)


def _with_months(dated: Dated, line: Line) -> Dated:
    """By December 2022 stands in the file as its last day, beside the word month."""
    if _precision(line) is Precision.MONTH and dated.falls_on.isoformat() == line["date"]:
        return replace(dated, precision=Precision.MONTH)
    return dated
