"""How much processor time letters take on paper."""

from collections.abc import Callable, Sequence
from datetime import datetime

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bench.clocks import processor_seconds
from app.bench.filling import BASE_URL, Staff, begin
from app.bench.merging import NotAsMeant
from app.bench.report import Figure
from app.core.db import db
from app.letters import checking, word
from app.letters.models import Letter, Mailing
from app.letters.paper import paper_of
from app.letters.pictures import stationery_of
from app.letters.print_run import Cover, print_run
from app.letters.printable import sheets_of

ALLOWED_FOR_WORD = 5


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
    return Figure(
        what=f"Print run of {wanted:,} letters",
        measured=f"{seconds:.2f} s of processor time",
        against=f"{allowed:g} s allowed",
        ratio=seconds / allowed,
        target=1.0,
    )


def _printing(app: Flask, mailing_id: int, wanted: int, at: datetime) -> Callable[[], None]:
    def make() -> None:
        with app.app_context():
            mailing = db.session.get_one(Mailing, mailing_id)
            sheets = [one.to_print() for one in sheets_of(db.session, mailing)]
            printed = print_run(
                sheets,
                stationery_of(db.session, mailing),
                cover=Cover(mailing.name),
                both_sides=True,
                at=at,
            )
        if len(printed.pages) != wanted:
            raise NotAsMeant(f"{len(printed.pages)} letters of {wanted} were printed.")

    return make


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
