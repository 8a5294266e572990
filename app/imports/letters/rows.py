"""What each row of a file says of one letter that went, before the register is asked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.directory.addresses import address_key
from app.imports.files.sheets import SheetRow
from app.imports.letters.fields import LETTER_FIELDS
from app.imports.planning.fields import Table, plain
from app.imports.planning.read_rows import CellReader, ReadRow
from app.imports.planning.values import BadValue, read_emails
from app.letters.models import LetterKind

UNNAMED = "A letter sent outside Liaise"

_CHANNEL_WORDS = {
    "email": "email|e mail|mail by email|emailed|electronic|electronically|by email|by e mail",
    "post": "post|posted|by post|letter|paper|royal mail|recorded delivery|signed for|special"
    " delivery|first class|second class|1st class|2nd class|mail|hard copy",
    "hand": "hand|by hand|hand delivered|handed over|delivered by hand|in person|courier",
    "portal": "portal|form|web form|website|online form|contact form|through a form or portal"
    "|online|through a form|via portal",
}
_KIND_WORDS = {
    LetterKind.LETTER: "letter|email|e mail",
    LetterKind.OPEN_LETTER: "open letter|public letter",
    LetterKind.CONSULTATION_RESPONSE: "consultation response|consultation|response to consultation"
    "|response to a consultation",
    LetterKind.WRITTEN_EVIDENCE: "written evidence|evidence|evidence submission|call for evidence",
    LetterKind.FOI_REQUEST: "freedom of information request|freedom of information|foi|foi request"
    "|foia request|freedom of information act request",
}
_KINDS = {words: kind for kind, many in _KIND_WORDS.items() for words in many.split("|")}
_CHANNELS = {words: code for code, many in _CHANNEL_WORDS.items() for words in many.split("|")}


@dataclass
class LetterRow(ReadRow):
    sent_on: date | None = None
    boards: tuple[str, ...] = ()
    board_code: str = ""
    addressee: str = ""
    emails: tuple[str, ...] = ()
    kind: LetterKind = LetterKind.LETTER
    kind_is_assumed: bool = False  # the row says nothing
    channel: str = ""
    channel_is_assumed: bool = False  # the row says nothing; the user said it of all such rows
    subject: str = ""
    reference: str = ""

    @property
    def email_keys(self) -> tuple[str, ...]:
        return tuple(address_key(email) for email in self.emails)


def read_channel(text: str) -> str:
    if found := _CHANNELS.get(plain(text)):
        return found
    raise BadValue(
        f"“{' '.join(text.split())}” is not a way a letter goes. Write email, post, by hand or"
        " portal."
    )


def read_kind(text: str) -> LetterKind:
    if found := _KINDS.get(plain(text)):
        return found
    kinds = [kind.value for kind in LetterKind]
    raise BadValue(
        f"“{' '.join(text.split())}” is not a kind of letter. Write {', '.join(kinds[:-1])} or"
        f" {kinds[-1]}."
    )


def read_letters(
    table: Table, mapped: Mapping[str, int], channel: str, *, on: date
) -> list[LetterRow]:
    cells = CellReader(table, mapped, LETTER_FIELDS, ("sent_on",), on)
    return [
        _read(cells, row, channel, on)
        for row in cells.rows()
        if not plain(row.cell(mapped.get("board", -1))).startswith("example row")
    ]


def _read(cells: CellReader, row: SheetRow, channel: str, on: date) -> LetterRow:
    said = cells.said(row)
    letter = LetterRow(number=row.number, cells=row.cells)
    letter.boards = tuple(
        " ".join(name.split()) for name in re.split(r"[;\n]", said.get("board", "")) if name.strip()
    )
    letter.board_code = " ".join(said.get("board_code", "").split())
    letter.sent_on = cells.day(letter, row, "sent_on", latest=on)
    for key in ("addressee", "subject", "reference"):
        setattr(letter, key, cells.line(letter, said, key))
    letter.subject = letter.subject or UNNAMED
    letter.emails = tuple(cells.value(letter, said, "email", read_emails, []))
    letter.kind = cells.value(letter, said, "kind", read_kind, LetterKind.LETTER)
    letter.kind_is_assumed = not said.get("kind")
    letter.channel = cells.value(letter, said, "channel", read_channel, channel)
    letter.channel_is_assumed = not said.get("channel")
    if not said.get("sent_on"):
        letter.problems.append("There is no date in this row: say when the letter went.")
    if not (letter.addressee or letter.emails):
        letter.problems.append("There is nobody in this row: say to whom the letter went.")
    return letter
