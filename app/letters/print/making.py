"""Making a file for the printer, step by step; the job ends a transaction between two of them.

Whoever claims a file first makes it. A job that dies loses its lease, and the next begins the file
again, with the same letters in the same order.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session, joinedload

from app.core import claims
from app.core.claims import Claim, NoLongerOurs
from app.core.mail.mime_message import sha256
from app.core.web.filters import plural
from app.letters.content.document import NotALetter, paper_of
from app.letters.delivery import by_post
from app.letters.models import Letter, PostalState, PrintRun, PrintRunLetter, PrintRunState
from app.letters.print import post_state, runs
from app.letters.print.pdf_of_run import Printed, ToPrint
from app.letters.print.runs import AGAIN, FIRST, NEVER, OBJECTED, CannotPrint, why_not_printed
from app.letters.recipients import final_check
from app.letters.transitions import PRINT_FILE

REPRINT = "Reprint"
LEASE = timedelta(minutes=2)
A_BATCH = 20  # letters between two reports of how far a file is


def due(session: Session, at: datetime) -> Sequence[int]:
    """Files nobody makes yet, and those whose job died."""
    return session.scalars(select(PrintRun.id).where(_is_due(at)).order_by(PrintRun.id)).all()


def _is_due(at: datetime) -> Any:
    died = (PrintRun.state == PrintRunState.MAKING) & (PrintRun.lease_until < at)
    return or_(PrintRun.state == PrintRunState.ASKED, died)


def claim(session: Session, run_id: int, *, at: datetime) -> Claim | None:
    """None where somebody else was first."""
    this = (PrintRun.id == run_id) & _is_due(at)
    open_, making, until = runs.OPEN, PrintRunState.MAKING, at + LEASE
    return claims.take(
        session, PRINT_FILE, this, leaving=open_, to=making, until=until, made_count=0
    )


def renew(session: Session, claim: Claim, *, made: int, at: datetime) -> None:
    """Say how far the file is, which keeps it ours."""
    making, until = PrintRunState.MAKING, at + LEASE
    claims.keep(
        session, PRINT_FILE, claim, leaving=(making,), to=making, until=until, made_count=made
    )


def give_back(session: Session, claim: Claim) -> None:
    """This process has to stop: the next one makes the file."""
    making, asked = (PrintRunState.MAKING,), PrintRunState.ASKED
    claims.let_go(session, PRINT_FILE, claim, leaving=making, to=asked, made_count=0)


@dataclass(frozen=True)
class RunLetter:
    """A letter of a run, ready to be set; or why it is left out after all."""

    letter_id: int
    to: str
    to_print: ToPrint | None
    left_out: str = ""
    for_good: bool = False  # found at the last look: it is not to go at all

    @property
    def is_reprint(self) -> bool:
        return self.to_print is not None and self.to_print.mark == REPRINT


def batches(session: Session, run: PrintRun) -> list[Sequence[int]]:
    """The letters of a run in the order of the file, a few at a time."""
    ids = session.scalars(
        select(PrintRunLetter.letter_id)
        .where(PrintRunLetter.print_run_id == run.id)
        .order_by(PrintRunLetter.position)
    ).all()
    return [ids[first : first + A_BATCH] for first in range(0, len(ids), A_BATCH)]


def has_reprints(session: Session, run: PrintRun) -> bool:
    """Whether some of its letters were in an earlier file."""
    printed = (
        select(PrintRunLetter.letter_id)
        .join(Letter, Letter.id == PrintRunLetter.letter_id)
        .where(PrintRunLetter.print_run_id == run.id, Letter.printed_at.is_not(None))
    )
    return bool(session.scalar(select(printed.exists())))


def sheets(
    session: Session, letter_ids: Sequence[int], *, answers_since: datetime | None
) -> list[RunLetter]:
    """As they are at this moment: whoever objected, or answered, meanwhile gets none."""
    rows = session.execute(
        select(
            *(Letter.id, Letter.to_name, Letter.stands_in_as, Letter.subject, Letter.html),
            *(Letter.envelope, Letter.state, Letter.post_state, Letter.printed_at),
            Letter.returned_on,
        )
        .where(Letter.id.in_(letter_ids))
        .order_by(Letter.id)
    )
    objected_to = final_check.objected_to(session, letter_ids)
    return [_sheet(session, row, objected_to, answers_since) for row in rows]


def _sheet(
    session: Session, row: Any, objected_to: Collection[int], answers_since: datetime | None
) -> RunLetter:
    to = row.to_name or row.stands_in_as
    if row.post_state in FIRST and row.state not in NEVER:
        found = final_check.reason_to_leave_out(session, row.id, answers_since, on_paper=True)
        if found:
            return RunLetter(row.id, to, None, found, for_good=True)
    why = OBJECTED if row.id in objected_to else ""
    why = why or why_not_printed(row.post_state, row.state, row.envelope, row.returned_on)
    if why:
        return RunLetter(row.id, to, None, why)
    try:
        paper = paper_of(subject=row.subject, html=row.html)
    except NotALetter:
        return RunLetter(row.id, to, None, "its words are not in the form of our letters")
    mark = REPRINT if row.printed_at else ""
    return RunLetter(row.id, to, ToPrint(to, paper, row.envelope.splitlines(), mark))


def finish(
    session: Session,
    claim: Claim,
    printed: Printed,
    sheets: Sequence[tuple[int, bool]],
    left_out: Sequence[RunLetter],
    *,
    at: datetime,
) -> PrintRun:
    """Keep the file; from now on its letters are printed. `sheets` are letters in its order, and
    whether each is a reprint."""
    run = session.get_one(
        PrintRun, claim.id, populate_existing=True, with_for_update={"of": PrintRun}
    )
    if run.state is not PrintRunState.MAKING or run.lease_until != claim.lease_until:
        raise NoLongerOurs
    ids = [letter_id for letter_id, _ in sheets]
    _refuse_if_changed(session, ids)
    session.execute(
        delete(PrintRunLetter).where(
            PrintRunLetter.print_run_id == run.id, PrintRunLetter.letter_id.not_in(ids)
        )
    )
    session.execute(
        update(PrintRunLetter),
        [
            {
                "print_run_id": run.id,
                "letter_id": letter_id,
                "position": place,
                "page_count": pages,
                "is_reprint": is_reprint,
            }
            for place, ((letter_id, is_reprint), pages) in enumerate(
                zip(sheets, printed.pages, strict=True), start=1
            )
        ],
    )
    said = " ".join(f"{one.to}: {one.left_out.rstrip('.')}." for one in left_out)
    PRINT_FILE.move_record(session, run, PrintRunState.READY)
    run.state_reason, run.lease_until, run.made_at = said, None, at
    run.made_count = run.letter_count = len(ids)
    run.cover_pages, run.page_count = printed.cover_pages, sum(printed.pages)
    run.content, run.sha256 = printed.content, sha256(printed.content)
    session.flush()
    again = [letter_id for letter_id, is_reprint in sheets if is_reprint]
    first = [letter_id for letter_id, is_reprint in sheets if not is_reprint]
    where = f"in print file {run.number}."
    by_id = run.asked_by_id
    post_state.move(
        session,
        first,
        leaving=FIRST,
        to=PostalState.PRINTED,
        values={"printed_at": at},
        note=f"Printed, {where}",
        at=at,
        by_id=by_id,
    )
    for one in left_out:
        if one.for_good:
            letter = session.get_one(Letter, one.letter_id)
            by_post.leave_out(session, letter, one.left_out, at=at, by_id=by_id)
    post_state.note(session, again, f"Printed again, as a reprint, {where}", at=at, by_id=by_id)
    return run


def _refuse_if_changed(session: Session, ids: Sequence[int]) -> None:
    """What was stopped, or objected to, while the file was being made must not be in it."""
    stopped = session.scalars(
        select(Letter.id).where(
            Letter.id.in_(ids),
            or_(
                Letter.post_state.not_in((*FIRST, *AGAIN)),
                (Letter.post_state.in_(FIRST)) & Letter.state.in_(NEVER),
            ),
        )
    )
    changed = len({*stopped, *final_check.objected_to(session, ids)})
    if not ids:
        raise CannotPrint("None of its letters may go by post any more, so there is no file.")
    if changed:
        raise CannotPrint(
            f"{plural(changed, 'letter')} changed while the file was being made, so it was not "
            "kept. Try again: those that may still go are printed."
        )


def fail(session: Session, claim: Claim, why: str) -> PrintRun | None:
    """The file was not made, for a reason people can read. Its letters stay as they were."""
    run = session.get_one(
        PrintRun,
        claim.id,
        populate_existing=True,
        with_for_update={"of": PrintRun},
        options=[joinedload(PrintRun.asked_by), joinedload(PrintRun.mailing)],
    )
    if run.state is not PrintRunState.MAKING or run.lease_until != claim.lease_until:
        return None
    PRINT_FILE.move_record(session, run, PrintRunState.FAILED)
    run.state_reason, run.lease_until = why, None
    return run
