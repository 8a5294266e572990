"""What each row of a file says of one post and the person in it, before the register is asked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from app.directory.addresses import address_key
from app.directory.models import PostState
from app.imports.fields import BY_KEY, NAMES, Table, plain
from app.imports.files.sheets import MOST_ROWS, Row, UnreadableFile
from app.imports.names import NameRule, take_apart
from app.imports.values import (
    BadValue,
    could_be_two_days,
    is_month_first,
    mixes_nobody_with_a_name,
    nobody,
    not_too_long,
    read_date,
    read_emails,
    read_phone,
    read_source,
    read_state,
    read_yes_or_no,
)

EXAMPLE_BOARD = "EXAMPLE ROW – not imported"
DATES = ("started_on", "checked_on")
ABOUT_THE_PERSON = ("title", "given_name", "family_name", "post_nominals", "phone")

Value = TypeVar("Value")


@dataclass
class LeadRow:
    """One row as it was understood. Whatever it leaves empty changes nothing."""

    number: int
    cells: tuple[str, ...]
    board: str = ""
    board_code: str = ""
    post: str = ""
    title: str = ""
    given_name: str = ""
    family_name: str = ""
    post_nominals: str = ""
    phone: str = ""
    emails: tuple[str, ...] = ()
    job_title: str = ""
    is_acting: bool | None = None
    started_on: date | None = None
    source: str = ""
    checked_on: date | None = None
    nobody: PostState | None = None
    says_nothing: bool = False
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.title, self.given_name, self.family_name) if part)

    @property
    def name_key(self) -> str:
        return name_key(self.given_name, self.family_name)

    @property
    def email_keys(self) -> tuple[str, ...]:
        return tuple(address_key(email) for email in self.emails)

    @property
    def who(self) -> str:
        """The person, or what the row says instead of one."""
        if self.nobody is not None:
            return self.nobody.value.capitalize()
        return self.name or ", ".join(self.emails)


def name_key(given_name: str, family_name: str) -> str:
    """Names as they are compared: accents and case do not make another person."""
    return f"{plain(given_name)}|{plain(family_name)}".strip("|")


def read_rows(
    table: Table, mapped: Mapping[str, int], name_rule: NameRule | None, *, on: date
) -> list[LeadRow]:
    if len(table.rows) > MOST_ROWS:
        raise UnreadableFile(
            f"The file has {len(table.rows):,} rows; at most {MOST_ROWS:,} can be imported at once."
            " Split it into several files and import them one after the other."
        )
    american = {key: _first_american(table, mapped, key) for key in DATES if key in mapped}
    reader = _Reader(mapped, name_rule, american, on)
    return [
        reader.read(row)
        for row in table.rows
        if not plain(row.cell(mapped.get("board", -1))).startswith("example row")
        and _says_anything(row, mapped.values())
    ]


def _says_anything(row: Row, columns: Iterable[int]) -> bool:
    return any(row.cell(index) for index in columns)


def _first_american(table: Table, mapped: Mapping[str, int], key: str) -> tuple[int, str] | None:
    """The first row of a date column that can only be month first; then all of it is in doubt."""
    index = mapped[key]
    return next(
        (
            (row.number, row.cell(index))
            for row in table.rows
            if index not in row.dates and is_month_first(row.cell(index))
        ),
        None,
    )


class _Reader:
    def __init__(
        self,
        mapped: Mapping[str, int],
        name_rule: NameRule | None,
        american: Mapping[str, tuple[int, str] | None],
        on: date,
    ) -> None:
        self.mapped, self.name_rule, self.american, self.on = mapped, name_rule, american, on

    def read(self, row: Row) -> LeadRow:
        said = {key: row.cell(index) for key, index in self.mapped.items()}
        lead = LeadRow(number=row.number, cells=row.cells)
        for key in ("board", "board_code", "post"):
            setattr(lead, key, " ".join(said.get(key, "").split()))
        if not any(
            text for key, text in said.items() if key not in {"board", "board_code", "post"}
        ):
            lead.says_nothing = True
            return lead
        self._nobody(lead, said)
        if lead.nobody is None:
            self._person(lead, said)
        self._dates(lead, row, said)
        self._flat(lead, said, "job_title")
        lead.source = self._value(lead, said, "source", read_source, "")
        if lead.is_acting is None:
            lead.is_acting = self._value(lead, said, "acting", read_yes_or_no, None)
        return lead

    def _value(
        self,
        lead: LeadRow,
        said: Mapping[str, str],
        key: str,
        read: Callable[[str], Value],
        empty: Value,
    ) -> Value:
        text = said.get(key, "")
        if not text:
            return empty
        try:
            return read(not_too_long(key, BY_KEY[key].label, text))
        except BadValue as refusal:
            lead.problems.append(str(refusal))
            return empty

    def _flat(self, lead: LeadRow, said: Mapping[str, str], key: str) -> None:
        setattr(lead, key, self._value(lead, said, key, lambda text: " ".join(text.split()), ""))

    def _nobody(self, lead: LeadRow, said: Mapping[str, str]) -> None:
        """Vacant, not published or unknown: in a status column, or in place of the name."""
        unsaid: tuple[PostState | None, bool | None] = (None, None)
        state, acting = self._value(lead, said, "state", read_state, unsaid)
        lead.is_acting = acting
        names = [said[key] for key in NAMES if said.get(key)]
        instead = [found for text in names if (found := nobody(text)) is not None]
        lead.nobody = state or (instead[0] if instead else None)
        real = [text for text in names if nobody(text) is None]
        if lead.nobody is not None and (real or said.get("email")):
            lead.problems.append(
                f"The row says {lead.nobody.value} and also gives"
                f" {' '.join(real) or said['email']}. Leave one of the two."
            )
        elif lead.nobody is None and any(mixes_nobody_with_a_name(text) for text in real):
            lead.problems.append(
                f"“{' '.join(real)}” says both that there is nobody and a name. Leave one of the"
                " two."
            )

    def _person(self, lead: LeadRow, said: Mapping[str, str]) -> None:
        for key in ("title", "given_name", "family_name", "post_nominals"):
            self._flat(lead, said, key)
        if not lead.problems:
            self._whole_name(lead, said)
        lead.phone = self._value(lead, said, "phone", read_phone, "")
        lead.emails = tuple(self._value(lead, said, "email", read_emails, []))
        if len(lead.emails) > 1:
            lead.notes.append(
                f"{len(lead.emails)} addresses: letters go to the first, {lead.emails[0]}."
            )
        several = [key for key in ("given_name", "family_name") if "\n" in said.get(key, "")]
        if several:
            lead.problems.append(
                "The name stands on several lines, so there may be several people. Give each a row"
                " of their own."
            )
        if not lead.family_name and not lead.problems:
            lead.problems.append("There is no family name in this row.")

    def _whole_name(self, lead: LeadRow, said: Mapping[str, str]) -> None:
        text = said.get("full_name", "")
        if not text or self.name_rule is None or lead.family_name:
            return
        try:
            parts = take_apart(not_too_long("full_name", "The name", text), self.name_rule)
        except BadValue as refusal:
            lead.problems.append(str(refusal))
            return
        lead.given_name, lead.family_name = parts.given_name, parts.family_name
        lead.title = lead.title or parts.title
        lead.post_nominals = lead.post_nominals or parts.post_nominals

    def _dates(self, lead: LeadRow, row: Row, said: Mapping[str, str]) -> None:
        for key in DATES:
            text = said.get(key, "")
            if not text:
                continue
            label = BY_KEY[key].label
            try:
                day = row.dates.get(self.mapped[key]) or self._written_date(row, key, text)
            except BadValue as refusal:
                lead.problems.append(f"{label}: {refusal}")
                continue
            if key == "checked_on" and day > self.on:
                lead.problems.append(f"{label}: {text} is still to come.")
            elif not 1948 <= day.year <= self.on.year + 5:
                lead.problems.append(f"{label}: {text} cannot be right.")
            else:
                setattr(lead, key, day)

    def _written_date(self, row: Row, key: str, text: str) -> date:
        american = self.american.get(key)
        if american and american[0] != row.number and could_be_two_days(text):
            raise BadValue(
                f"“{text}” could be two days, because row {american[0]} has the month first"
                f" ({american[1]}). Write it like 12 November 2026."
            )
        return read_date(text)


def numbers(rows: Sequence[LeadRow]) -> str:
    """“row 7”, “rows 5 and 9”, “rows 5, 7 and 9”."""
    found = [f"{row.number}" for row in sorted(rows, key=lambda row: row.number)]
    if len(found) == 1:
        return f"row {found[0]}"
    return f"rows {', '.join(found[:-1])} and {found[-1]}"
