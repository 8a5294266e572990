"""Which letters of a mailing can be printed, and what the envelope of each shows.

A copy on paper, for reading or for the file, can be had of every letter. What is posted comes from
a print file alone (`runs`), so that nobody posts a letter twice without knowing.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, defer, joinedload

from app.core.text.alphabet import alphabetical
from app.directory.models import Organisation
from app.directory.postal import PostalAddress, envelope, postal_address
from app.letters.content.document import Document, NotALetter, paper_of
from app.letters.models import Letter, LetterBoard, LetterState, Mailing
from app.letters.print.pdf_of_run import ToPrint

NEVER_SENT = "Not sent"
NOT_APPROVED = "Draft, not approved"
COPY = "Copy, not for the post"
MARKS = {
    LetterState.DRAFT: NOT_APPROVED,
    LetterState.READY: NOT_APPROVED,
    LetterState.EXCLUDED: NEVER_SENT,
    LetterState.STOPPED: NEVER_SENT,
    LetterState.EXPIRED: NEVER_SENT,
}


def mark_of(letter: Letter) -> str:
    """What stands above every page of a copy of this letter."""
    return MARKS.get(letter.state) or (COPY if letter.post_state else "")


@dataclass(frozen=True)
class PrintableLetter:
    """One letter of a mailing, with its envelope; or why it is not printed."""

    letter: Letter
    paper: Document | None
    address: PostalAddress
    body: Organisation | None  # whose address it is, where it is not the reader's own
    left_out: str = ""

    @property
    def to(self) -> str:
        return self.letter.to_name or self.letter.stands_in_as

    @property
    def window(self) -> Sequence[str]:
        return () if self.address.problem else self.address.lines

    def to_print(self) -> ToPrint:
        assert self.paper is not None
        return ToPrint(self.to, self.paper, self.window, mark_of(self.letter))


def sheets_of(session: Session, mailing: Mailing) -> list[PrintableLetter]:
    """Every letter of the mailing once, in the order of its list."""
    letters = session.scalars(
        select(Letter)
        .where(Letter.mailing_id == mailing.id)
        .options(joinedload(Letter.person), defer(Letter.text))
        .order_by(Letter.id)
    ).all()
    newest = {letter.addressee_key: letter.series for letter in letters}
    boards = _boards(session, mailing)
    return [
        _sheet(letter, boards[letter.id])
        for letter in letters
        if letter.series == newest[letter.addressee_key]
    ]


def _boards(session: Session, mailing: Mailing) -> Mapping[int, list[Organisation]]:
    found: dict[int, list[Organisation]] = defaultdict(list)
    rows = session.scalars(
        select(LetterBoard)
        .join(LetterBoard.letter)
        .join(LetterBoard.organisation)
        .where(Letter.mailing_id == mailing.id)
        .options(contains_eager(LetterBoard.organisation))
        .order_by(alphabetical(Organisation.short_name))
    )
    for row in rows:
        found[row.letter_id].append(row.organisation)
    return found


def _sheet(letter: Letter, boards: Sequence[Organisation]) -> PrintableLetter:
    if why := _why_not(letter):
        return PrintableLetter(letter, None, PostalAddress(()), None, left_out=why)
    try:
        paper = paper_of(subject=letter.subject, html=letter.html)
    except NotALetter:
        why = "its words are not in the form of our letters"
        return PrintableLetter(letter, None, PostalAddress(()), None, left_out=why)
    if letter.envelope:
        return PrintableLetter(
            letter, paper, PostalAddress(tuple(letter.envelope.splitlines())), None
        )
    own = letter.person.postal_address if letter.person else ""
    body = None if own else next((one for one in boards if one.postal_address), None)
    address = postal_address(own or (body.postal_address if body else "") or "")
    # Of an office, the post and by whose way it goes; of a person, the name alone.
    names = tuple(paper.to[: 1 if letter.person_id else 2])
    if body:
        names += (body.name,)
    return PrintableLetter(letter, paper, envelope(names, address), body)


def _why_not(letter: Letter) -> str:
    if letter.person is not None and letter.person.objected_on:
        return "asked not to be contacted"
    if MARKS.get(letter.state) == NEVER_SENT:
        return f"{letter.state.value}. {letter.state_reason}".rstrip(". ")
    return "" if letter.html else "there are no words yet"
