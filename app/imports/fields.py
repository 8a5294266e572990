"""What a column of a file can hold, and which of these each column probably is."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz import fuzz, process

from app.imports.files.parts import column_letters
from app.imports.files.sheets import Row, Sheet, UnreadableFile

MOST_COLUMNS = 60
LOOKED_AT_FOR_HEADINGS = 40
SURE_ENOUGH = 88


@dataclass(frozen=True)
class Field:
    """`synonyms` are headings seen on real sheets, in the words of `plain`."""

    key: str
    label: str
    help: str
    synonyms: tuple[str, ...]


FIELDS = (
    Field(
        "board",
        "Board",
        "its name, short name or code",
        (
            "board",
            "board name",
            "icb",
            "icb name",
            "integrated care board",
            "nhs icb",
            "ics",
            "ics name",
            "integrated care system",
            "system",
            "system name",
            "organisation",
            "organisation name",
            "organization",
            "body",
            "trust or board",
            "name of icb",
            "name of board",
        ),
    ),
    Field(
        "board_code",
        "Board's code",
        "ODS or ONS code",
        (
            "ods",
            "ods code",
            "icb code",
            "icb ods code",
            "board code",
            "code",
            "ons code",
            "organisation code",
            "org code",
        ),
    ),
    Field(
        "post",
        "Post",
        "children’s executive lead where the file says nothing",
        ("post", "post held", "portfolio", "lead for", "lead area", "lead role", "type of lead"),
    ),
    Field(
        "title",
        "Title",
        "Dr, Ms, Professor …",
        ("title", "honorific", "salutation", "prefix", "mr mrs ms dr"),
    ),
    Field(
        "given_name",
        "Given name",
        "",
        ("given name", "given names", "first name", "first names", "forename", "christian name"),
    ),
    Field(
        "family_name",
        "Family name",
        "",
        ("family name", "surname", "last name", "second name", "family"),
    ),
    Field(
        "full_name",
        "Whole name",
        "given and family name in one cell",
        (
            "name",
            "full name",
            "contact",
            "contact name",
            "lead",
            "lead name",
            "name of lead",
            "executive lead",
            "exec lead",
            "children s lead",
            "childrens lead",
            "children s executive lead",
            "cyp lead",
            "cyp executive lead",
            "named lead",
            "person",
            "post holder",
            "postholder",
        ),
    ),
    Field(
        "post_nominals",
        "Letters after the name",
        "OBE, FRCPCH …",
        ("post nominals", "postnominals", "letters after name", "letters", "honours", "suffix"),
    ),
    Field(
        "job_title",
        "Job title",
        "",
        ("job title", "job", "role", "position", "designation", "job role", "role title"),
    ),
    Field(
        "email",
        "Email address",
        "",
        (
            "email",
            "e mail",
            "email address",
            "e mail address",
            "mail",
            "contact email",
            "lead email",
            "email of lead",
            "work email",
        ),
    ),
    Field(
        "phone",
        "Telephone",
        "",
        (
            "phone",
            "telephone",
            "tel",
            "tel no",
            "phone number",
            "telephone number",
            "contact number",
            "contact no",
            "contact tel",
            "mobile",
            "phone no",
            "direct line",
        ),
    ),
    Field(
        "state",
        "Vacant, not published or acting",
        "",
        (
            "status",
            "state",
            "post status",
            "vacant",
            "vacancy",
            "state of post",
            "acting or vacant",
        ),
    ),
    Field(
        "acting",
        "Acting?",
        "yes or no",
        ("acting", "is acting", "interim", "acting interim", "acting or interim", "interim acting"),
    ),
    Field(
        "started_on",
        "In post since",
        "",
        (
            "started on",
            "start date",
            "started",
            "in post since",
            "in post from",
            "since",
            "from",
            "date from",
            "appointed on",
            "appointed",
            "date appointed",
            "date of appointment",
        ),
    ),
    Field(
        "source",
        "Source",
        "a link, or in words where it was found",
        (
            "source",
            "source link",
            "link",
            "url",
            "web page",
            "webpage",
            "web link",
            "where found",
            "reference",
            "source url",
        ),
    ),
    Field(
        "checked_on",
        "Checked on",
        "",
        (
            "checked on",
            "checked",
            "date checked",
            "last checked",
            "verified",
            "verified on",
            "last verified",
            "date verified",
            "correct at",
            "as at",
            "last updated",
            "updated",
        ),
    ),
)
BY_KEY = {field.key: field for field in FIELDS}
NAMES = ("title", "given_name", "family_name", "full_name", "post_nominals")


@dataclass(frozen=True)
class Column:
    """A column of the file, and the first things that stand in it."""

    index: int
    heading: str
    samples: tuple[str, ...]

    @property
    def letters(self) -> str:
        return column_letters(self.index)


@dataclass(frozen=True)
class Table:
    """A sheet whose headings were found: what is above them is not read."""

    sheet: Sheet
    heading_row: int
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


Mapped = Mapping[str, int]  # field key to column index


def plain(heading: str) -> str:
    """A heading as it is compared: small letters and single spaces, nothing else."""
    folded = unicodedata.normalize("NFKD", heading.casefold())
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    return " ".join(re.sub(r"\([^)]*\)|[\W_]+", " ", bare).split())


@cache
def _every_synonym() -> tuple[list[str], list[str]]:
    pairs = [(synonym, field.key) for field in FIELDS for synonym in field.synonyms]
    return [synonym for synonym, _ in pairs], [key for _, key in pairs]


@lru_cache(maxsize=4096)
def likenesses(words: str) -> Mapping[str, float]:
    """For each field that a heading may mean, how surely: 0 to 100."""
    synonyms, keys = _every_synonym()
    scores: dict[str, float] = {}
    if not words or len(words) > 80:
        return scores
    for synonym, score, index in process.extract(
        words, synonyms, scorer=fuzz.ratio, limit=None, score_cutoff=60
    ):
        scores[keys[index]] = max(
            scores.get(keys[index], 0), score if score >= SURE_ENOUGH else score * 0.8
        )
        if synonym == words:
            return {keys[index]: 100.0}
    # "Work e-mail of the lead" holds a synonym whole; long synonyms held whole say more.
    padded = f" {words} "
    for synonym, key in zip(synonyms, keys, strict=True):
        if len(synonym) > 4 and f" {synonym} " in padded:
            scores[key] = max(scores.get(key, 0), 80 + min(len(synonym), 19) * 0.5)
    return scores


def suggest(columns: Sequence[Column]) -> dict[str, int]:
    """The likeliest column for each field, each used once; doubtful ones are left to the user."""
    pairs = sorted(
        (
            (-score, column.index, key)
            for column in columns
            for key, score in likenesses(plain(column.heading)).items()
        ),
    )
    mapped: dict[str, int] = {}
    for score, index, key in pairs:
        if -score < 80:
            break
        if key not in mapped and index not in mapped.values():
            mapped[key] = index
    if "email" not in mapped:
        _suggest_by_content(columns, mapped)
    if "family_name" in mapped and "given_name" in mapped:
        mapped.pop("full_name", None)
    return mapped


def _suggest_by_content(columns: Sequence[Column], mapped: dict[str, int]) -> None:
    for column in columns:
        if column.index in mapped.values() or not column.samples:
            continue
        if all("@" in sample for sample in column.samples):
            mapped["email"] = column.index
            return


def find_headings(sheet: Sheet, row_number: int | None = None) -> Table:
    """The table under its headings: those in the row named, or the likeliest row."""
    if row_number is None:
        index = _likeliest_heading(sheet.rows)
    else:
        index = next((i for i, row in enumerate(sheet.rows) if row.number == row_number), -1)
        if index < 0:
            raise UnreadableFile(f"There is nothing in row {row_number} of this sheet.")
    rows = sheet.rows[index + 1 :]
    columns, notes = _columns(sheet.rows[index], rows)
    return Table(sheet, sheet.rows[index].number, columns, rows, (*sheet.notes, *notes))


def _likeliest_heading(rows: Sequence[Row]) -> int:
    """The row with the most cells that read like headings; else the first with two words."""

    def recognised(row: Row) -> int:
        distinct = dict.fromkeys(plain(cell) for cell in row.cells[:200] if len(cell) < 60)
        best = (max(likenesses(words).values(), default=0) for words in distinct)
        return sum(score >= SURE_ENOUGH for score in best)

    looked_at = rows[:LOOKED_AT_FOR_HEADINGS]
    scores = [recognised(row) for row in looked_at]
    best = max(scores, default=0)
    if best >= 2:
        return scores.index(best)
    return next(
        (i for i, row in enumerate(looked_at) if sum(map(bool, row.cells)) >= 2),
        0,
    )


def _columns(headings: Row, rows: Sequence[Row]) -> tuple[tuple[Column, ...], list[str]]:
    """The columns worth showing. A heading that is repeated without end is shown a few times."""
    width = max((len(row.cells) for row in (headings, *rows)), default=0)
    samples: list[list[str]] = [[] for _ in range(width)]
    for row in rows:
        for index, cell in enumerate(row.cells):
            if cell and len(samples[index]) < 3 and cell not in samples[index]:
                samples[index].append(cell)
    seen: dict[str, int] = {}
    found: list[Column] = []
    for index in range(width):
        heading = headings.cell(index).replace("\n", " ")
        words = plain(heading)
        seen[words] = seen.get(words, 0) + 1
        if (heading and seen[words] <= 3) or (samples[index] and (heading == "" or not words)):
            found.append(Column(index, heading, tuple(samples[index])))
    if len(found) <= MOST_COLUMNS:
        kept = found
    else:
        likely = set(suggest(found).values())
        others = [column for column in found if column.index not in likely]
        kept = [column for column in found if column.index in likely]
        kept = sorted(kept + others[: MOST_COLUMNS - len(kept)], key=lambda column: column.index)
    left_out = sum(1 for i in range(width) if headings.cell(i)) - sum(1 for c in kept if c.heading)
    notes = [f"{left_out:,} further columns are not shown."] if left_out > 0 else []
    return tuple(kept), notes
