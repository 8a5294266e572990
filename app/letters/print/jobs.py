"""The job that makes files for the printer. While letters are set, no transaction is open."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock, shutdown
from app.core.claims import Claim, NoLongerOurs
from app.core.db import reading
from app.core.errors import DomainError
from app.core.fault_points import fault_point
from app.letters.content.images import stationery_of
from app.letters.models import Mailing, PrintRun
from app.letters.notifying import tell_of_print_file
from app.letters.print import making, runs
from app.letters.print.making import REPRINT, RunLetter
from app.letters.print.pdf_of_run import Cover, PagesDiffer, ToPrint, print_run
from app.settings import pieces
from app.settings.pieces import Piece

DIFFERENT = "The file did not hold as many pages as its cover says, so it was not kept."
UNFORESEEN = "Something unforeseen happened while the file was being made, so there is none."


class ToldToStop(Exception):
    """The process ends; another makes the file."""


def make_print_files(session: Session, now: datetime) -> int:
    """Make every file that was asked for, or was left half made; returns how many became ready."""
    with reading():
        due = making.due(session, now)
        session.commit()
    return sum(make_print_file(session, run_id) for run_id in due if not shutdown.is_requested())


def forget_old_files(session: Session, now: datetime) -> int:
    with reading():
        anything = runs.is_anything_old(session, at=now)
        session.commit()
    if not anything:
        return 0
    forgotten = runs.forget_old_files(session, at=now)
    session.commit()
    return forgotten


def make_print_file(
    session: Session, run_id: int, *, now: Callable[[], datetime] = clock.now
) -> bool:
    """Whether the file is ready afterwards by this very call."""
    claim = making.claim(session, run_id, at=now())
    piece = _piece(session.scalars(select(PrintRun.mailing_id).where(PrintRun.id == run_id)).one())
    session.commit()
    if claim is None:
        return False
    fault_point("print file claimed")
    work = _Work(session, claim, now, piece)
    try:
        work.do()
    except NoLongerOurs:
        session.rollback()
    except ToldToStop:
        making.give_back(session, work.claim)
        session.commit()
    except PagesDiffer:
        pieces.failed(session, piece, at=now())
        _fail(work, DIFFERENT)
    except DomainError as refusal:
        _fail(work, str(refusal))
    except Exception:
        pieces.failed(session, piece, at=now())
        _fail(work, UNFORESEEN)
    else:
        return True
    return False


def _piece(mailing_id: int) -> Piece:
    """A file that fails is not tried again by itself: it is the next one of its mailing that tells
    whether letters can be printed."""
    return Piece(
        f"print file:{mailing_id}",
        "Files for the printer",
        lambda session: f"Files for the printer of “{session.get_one(Mailing, mailing_id).name}”",
        for_coordinators=True,
    )


def _fail(work: "_Work", why: str) -> None:
    session = work.session
    session.rollback()
    run = making.fail(session, work.claim, why)
    if run is not None:
        tell_of_print_file(session, run, why, at=work.now())
    session.commit()


@dataclass
class _Work:
    """One file in the making."""

    session: Session
    claim: Claim
    now: Callable[[], datetime]
    piece: Piece
    made: list[tuple[int, bool]] = field(default_factory=list)  # letter, whether a reprint
    left_out: list[RunLetter] = field(default_factory=list)
    said_of_them: list[str] = field(default_factory=list)  # on the cover

    def do(self) -> None:
        session, at = self.session, self.now()
        with reading():
            run = runs.run_with_mailing(session, self.claim.id)
            assert run is not None
            stationery = stationery_of(session, run.mailing)
            batches = list(making.batches(session, run))
            again = making.has_reprints(session, run)
            session.commit()
        title = f"{REPRINT}: {run.mailing.name}" if again else f"To print: {run.mailing.name}"
        printed = print_run(
            self._letters(batches, run.mailing.answers_count_from),
            stationery,
            cover=Cover(title, _cover_lines(run, again=again), self.said_of_them),
            both_sides=run.both_sides,
            at=at,
        )
        fault_point("print file made")
        making.finish(session, self.claim, printed, self.made, self.left_out, at=self.now())
        pieces.succeeded(session, self.piece.key)
        session.commit()

    def _letters(
        self, batches: Sequence[Sequence[int]], since: datetime | None
    ) -> Iterator[ToPrint]:
        for ids in batches:
            with reading():
                sheets = making.sheets(self.session, ids, answers_since=since)
                self.session.commit()
            for one in sheets:
                if one.to_print is None:
                    self.left_out.append(one)
                    self.said_of_them.append(f"{one.to}: {one.left_out}")
                else:
                    yield one.to_print
                    self.made.append((one.letter_id, one.is_reprint))
            self._report()

    def _report(self) -> None:
        if shutdown.is_requested():
            raise ToldToStop
        done = len(self.made) + len(self.left_out)
        making.renew(self.session, self.claim, made=done, at=self.now())
        self.session.commit()
        fault_point("print file half made")


def _cover_lines(run: PrintRun, *, again: bool) -> list[str]:
    lines = [
        f"Print file {run.number} of this mailing, asked for by {run.asked_by.name}. "
        "Addresses are those that were approved."
    ]
    if again:
        lines.append(
            "Letters marked “Reprint” were in an earlier file. Post them only if the first print "
            "was spoilt, or never arrived."
        )
    return lines
