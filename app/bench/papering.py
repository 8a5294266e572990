"""How much processor time letters take on paper."""

from collections.abc import Callable, Sequence
from datetime import datetime
from secrets import token_hex
from typing import Any

from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.bench.clocks import processor_seconds
from app.bench.filling import BASE_URL, Staff, begin
from app.bench.merging import NotAsMeant
from app.bench.report import Figure
from app.core.db import db
from app.letters.content.document import paper_of
from app.letters.content.images import stationery_of
from app.letters.drafting import checking
from app.letters.models import Letter, LetterState, Mailing, MailingState, PostalState, PrintRun
from app.letters.print import jobs, runs, word

ALLOWED_FOR_WORD = 5
ENVELOPE = ("The Executive Lead", "An Integrated Care Board", "1 Sample Street", "EX1 1EX")


def print_figure(
    app: Flask,
    board_ids: Sequence[int],
    *,
    staff: Staff,
    at: datetime,
    allowed: float,
    rounds: int,
) -> Figure:
    """One file for the printer of a checked mailing to these boards, on both sides."""
    wanted = len(board_ids)
    mailing_id = _checked(app, f"Print run of {wanted}", board_ids, staff=staff, at=at)
    seconds = processor_seconds(_printing(app, mailing_id, wanted, at), rounds)
    with app.app_context():
        _set_letters(db.session, mailing_id, state=LetterState.EXCLUDED, post_state=None)
        db.session.commit()
    return Figure(
        what=f"Print run of {wanted:,} letters",
        measured=f"{seconds:.2f} s of processor time",
        against=f"{allowed:g} s allowed",
        ratio=seconds / allowed,
        target=1.0,
    )


def _printing(app: Flask, mailing_id: int, wanted: int, at: datetime) -> Callable[[], None]:
    """From asking for the file to having it: what the page and the job do."""

    def make() -> None:
        with app.app_context():
            run = _ask(db.session, mailing_id, at)
            is_made = jobs.make_print_file(db.session, run.id)
            made = db.session.get_one(PrintRun, run.id, populate_existing=True)
        if not is_made or made.letter_count != wanted:
            raise NotAsMeant(f"{made.letter_count} letters of {wanted} were printed.")

    with app.app_context():
        _approve_by_post(db.session, mailing_id)
    return make


def _approve_by_post(session: Session, mailing_id: int) -> None:
    """As if somebody had approved all of it for the post."""
    session.execute(
        update(Mailing).where(Mailing.id == mailing_id).values(state=MailingState.SENDING)
    )
    paper = {"post_state": PostalState.APPROVED, "envelope": "\n".join(ENVELOPE)}
    _set_letters(session, mailing_id, state=LetterState.BY_POST, **paper)
    session.commit()


def _set_letters(session: Session, mailing_id: int, **values: Any) -> None:
    session.execute(update(Letter).where(Letter.mailing_id == mailing_id).values(**values))


def _ask(session: Session, mailing_id: int, at: datetime) -> PrintRun:
    mailing = session.get_one(Mailing, mailing_id, populate_existing=True)
    run = runs.ask(
        session,
        mailing,
        letter_ids=session.scalars(select(Letter.id).where(Letter.mailing_id == mailing_id)).all(),
        both_sides=True,
        form_token=token_hex(8),
        by=session.get_one(User, mailing.created_by_id),
        at=at,
    )
    session.commit()
    return run


def word_figure(
    app: Flask, board_ids: Sequence[int], *, staff: Staff, at: datetime, rounds: int
) -> Figure:
    """A Word file of every letter of a checked mailing to these boards."""
    mailing_id = _checked(app, "On paper", board_ids, staff=staff, at=at)
    wanted = len(board_ids)
    seconds = processor_seconds(_writing(app, mailing_id, wanted), rounds)
    return Figure(
        what=f"{wanted:,} letters as Word files",
        measured=f"{seconds:.2f} s of processor time",
        against=f"{ALLOWED_FOR_WORD} s allowed",
        ratio=seconds / ALLOWED_FOR_WORD,
        target=1.0,
    )


def _checked(app: Flask, name: str, board_ids: Sequence[int], *, staff: Staff, at: datetime) -> int:
    with app.app_context():
        mailing = begin(db.session, name, board_ids, staff=staff, at=at)
        checking.check(db.session, mailing, by=staff.author, at=at, base_url=BASE_URL)
        db.session.commit()
        return mailing.id


def _writing(app: Flask, mailing_id: int, wanted: int) -> Callable[[], None]:
    def write() -> None:
        with app.app_context():
            made = sum(len(content) > 0 for content in _files(db.session, mailing_id))
        if made != wanted:
            raise NotAsMeant(f"{made} letters of {wanted} became Word files.")

    return write


def _files(session: Session, mailing_id: int) -> list[bytes]:
    stationery = stationery_of(session, session.get_one(Mailing, mailing_id))
    letters = session.scalars(select(Letter).where(Letter.mailing_id == mailing_id))
    return [
        word.docx_of(paper_of(subject=one.subject, html=one.html), stationery) for one in letters
    ]
