"""What a column of a file can hold, and which of these each column probably is."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rapidfuzz import fuzz, process

from app.imports.files.parts import column_letters
from app.imports.files.sheets import Sheet, SheetRow, UnreadableFile

MOST_COLUMNS = 60
LOOKED_AT_FOR_HEADINGS = 40
SURE_ENOUGH = 88


@dataclass(frozen=True)
class ColumnField:
    """`synonyms` are headings seen on real sheets, in the words of `plain`."""

    key: str
    label: str
    help: str
    synonyms: tuple[str, ...]


@dataclass(frozen=True, eq=False)  # itself, so that it can be a key of what was worked out
class FieldSet:
    """What the columns of one kind of file can hold."""

    fields: tuple[ColumnField, ...]

    def __iter__(self) -> Iterator[ColumnField]:
        return iter(self.fields)

    @cached_property
    def by_key(self) -> Mapping[str, ColumnField]:
        return {field.key: field for field in self.fields}

    @cached_property
    def synonyms(self) -> tuple[list[str], list[str]]:
        pairs = [(synonym, field.key) for field in self.fields for synonym in field.synonyms]
        return [synonym for synonym, _ in pairs], [key for _, key in pairs]


@dataclass(frozen=True)
class FileColumn:
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
    columns: tuple[FileColumn, ...]
    rows: tuple[SheetRow, ...]
    notes: tuple[str, ...] = ()


Mapped = Mapping[str, int]  # field key to column index


def plain(heading: str) -> str:
    """A heading as it is compared: small letters and single spaces, nothing else."""
    folded = unicodedata.normalize("NFKD", heading.casefold())
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    return " ".join(re.sub(r"\([^)]*\)|[\W_]+", " ", bare).split())


def name_key(given_name: str, family_name: str) -> str:
    """Names as they are compared: accents and case do not make another person."""
    return f"{plain(given_name)}|{plain(family_name)}".strip("|")


@lru_cache(maxsize=4096)
def likenesses(words: str, fields: FieldSet) -> Mapping[str, float]:
    """For each field that a heading may mean, how surely: 0 to 100."""
    synonyms, keys = fields.synonyms
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


def suggest(columns: Sequence[FileColumn], fields: FieldSet) -> dict[str, int]:
    """The likeliest column for each field, each used once; doubtful ones are left to the user."""
    pairs = sorted(
        (
            (-score, column.index, key)
            for column in columns
            for key, score in likenesses(plain(column.heading), fields).items()
        ),
    )
    mapped: dict[str, int] = {}
    for score, index, key in pairs:
        if -score < 80:
            break
        if key not in mapped and index not in mapped.values():
            mapped[key] = index
    if "email" in fields.by_key and "email" not in mapped:
        _suggest_by_content(columns, mapped)
    if "family_name" in mapped and "given_name" in mapped:
        mapped.pop("full_name", None)
    return mapped


def _suggest_by_content(columns: Sequence[FileColumn], mapped: dict[str, int]) -> None:
    for column in columns:
        if column.index in mapped.values() or not column.samples:
            continue
        if all("@" in sample for sample in column.samples):
            mapped["email"] = column.index
            return


def find_headings(sheet: Sheet, fields: FieldSet, row_number: int | None = None) -> Table:
    """The table under its headings: those in the row named, or the likeliest row."""
    if row_number is None:
        index = _likeliest_heading(sheet.rows, fields)
    else:
        index = next((i for i, row in enumerate(sheet.rows) if row.number == row_number), -1)
        if index < 0:
            raise UnreadableFile(f"There is nothing in row {row_number} of this sheet.")
    rows = sheet.rows[index + 1 :]
    columns, notes = _columns(sheet.rows[index], rows, fields)
    return Table(sheet, sheet.rows[index].number, columns, rows, (*sheet.notes, *notes))


def _likeliest_heading(rows: Sequence[SheetRow], fields: FieldSet) -> int:
    """The row with the most cells that read like headings; else the first with two words."""

    def recognised(row: SheetRow) -> int:
        distinct = dict.fromkeys(plain(cell) for cell in row.cells[:200] if len(cell) < 60)
        best = (max(likenesses(words, fields).values(), default=0) for words in distinct)
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


def _columns(
    headings: SheetRow, rows: Sequence[SheetRow], fields: FieldSet
) -> tuple[tuple[FileColumn, ...], list[str]]:
    """The columns worth showing. A heading that is repeated without end is shown a few times."""
    width = max((len(row.cells) for row in (headings, *rows)), default=0)
    samples: list[list[str]] = [[] for _ in range(width)]
    for row in rows:
        for index, cell in enumerate(row.cells):
            if cell and len(samples[index]) < 3 and cell not in samples[index]:
                samples[index].append(cell)
    seen: dict[str, int] = {}
    found: list[FileColumn] = []
    for index in range(width):
        heading = headings.cell(index).replace("\n", " ")
        words = plain(heading)
        seen[words] = seen.get(words, 0) + 1
        if (heading and seen[words] <= 3) or (samples[index] and (heading == "" or not words)):
            found.append(FileColumn(index, heading, tuple(samples[index])))
    if len(found) <= MOST_COLUMNS:
        kept = found
    else:
        likely = set(suggest(found, fields).values())
        others = [column for column in found if column.index not in likely]
        kept = [column for column in found if column.index in likely]
        kept = sorted(kept + others[: MOST_COLUMNS - len(kept)], key=lambda column: column.index)
    left_out = sum(1 for i in range(width) if headings.cell(i)) - sum(1 for c in kept if c.heading)
    notes = [f"{left_out:,} further columns are not shown."] if left_out > 0 else []
    return tuple(kept), notes
