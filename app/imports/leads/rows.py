"""What each row of a file says of one post and the person in it, before the register is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.directory.addresses import address_key
from app.directory.models import PostState
from app.imports.files.sheets import SheetRow
from app.imports.leads.fields import LEAD_FIELDS, NAMES
from app.imports.planning.fields import Table, name_key, plain
from app.imports.planning.read_rows import CellReader, ReadRow
from app.imports.planning.values import (
    BadValue,
    mixes_nobody_with_a_name,
    nobody,
    not_too_long,
    read_emails,
    read_phone,
    read_source,
    read_state,
    read_yes_or_no,
)
from app.imports.planning.whole_names import NameRule, take_apart

EXAMPLE_BOARD = "EXAMPLE ROW – not imported"
DATES = ("started_on", "checked_on")
ABOUT_THE_PERSON = ("title", "given_name", "family_name", "post_nominals", "phone")


@dataclass
class LeadRow(ReadRow):
    """One row as it was understood. Whatever it leaves empty changes nothing."""

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
    file_source: str = ""  # what was said of the whole file, where the row says nothing
    checked_on: date | None = None
    nobody: PostState | None = None
    says_nothing: bool = False

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
    def found_at(self) -> str:
        return self.source or self.file_source

    @property
    def who(self) -> str:
        """The person, or what the row says instead of one."""
        if self.nobody is not None:
            return self.nobody.value.capitalize()
        return self.name or ", ".join(self.emails)


def read_leads(
    table: Table,
    mapped: Mapping[str, int],
    name_rule: NameRule | None,
    *,
    on: date,
    file_source: str = "",
) -> list[LeadRow]:
    cells = CellReader(table, mapped, LEAD_FIELDS, DATES, on)
    reader = _Reader(cells, name_rule, on, file_source)
    return [
        reader.read(row)
        for row in cells.rows()
        if not plain(row.cell(mapped.get("board", -1))).startswith("example row")
    ]


class _Reader:
    def __init__(
        self, cells: CellReader, name_rule: NameRule | None, on: date, file_source: str
    ) -> None:
        self.cells, self.name_rule, self.on = cells, name_rule, on
        self.file_source = file_source

    def read(self, row: SheetRow) -> LeadRow:
        said = self.cells.said(row)
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
        lead.started_on = self.cells.day(lead, row, "started_on")
        lead.checked_on = self.cells.day(lead, row, "checked_on", latest=self.on)
        lead.job_title = self.cells.line(lead, said, "job_title")
        lead.source = self.cells.value(lead, said, "source", read_source, "")
        if not said.get("source"):
            lead.file_source = self.file_source
        if lead.is_acting is None:
            lead.is_acting = self.cells.value(lead, said, "acting", read_yes_or_no, None)
        return lead

    def _nobody(self, lead: LeadRow, said: Mapping[str, str]) -> None:
        """Vacant, not published or unknown: in a status column, or in place of the name."""
        unsaid: tuple[PostState | None, bool | None] = (None, None)
        state, acting = self.cells.value(lead, said, "state", read_state, unsaid)
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
            setattr(lead, key, self.cells.line(lead, said, key))
        if not lead.problems:
            self._whole_name(lead, said)
        lead.phone = self.cells.value(lead, said, "phone", read_phone, "")
        lead.emails = tuple(self.cells.value(lead, said, "email", read_emails, []))
        if len(lead.emails) > 1:
            lead.notes.append(
                f"{len(lead.emails)} addresses: letters go to the first, {lead.emails[0]}."
            )
        several = [key for key in ("given_name", "family_name") if "\n" in said.get(key, "")]
        if several:
            lead.problems.append(
                "The name is on several lines, so there may be several people. Give each a row"
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
