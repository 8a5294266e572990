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

ALLOWED_FOR_WORD = 5


def word_figure(
    app: Flask, board_ids: Sequence[int], *, staff: Staff, at: datetime, rounds: int
) -> Figure:
    """A Word file of every letter of a checked mailing to these boards."""
    with app.app_context():
        mailing = begin(db.session, "On paper", board_ids, staff=staff, at=at)
        checking.check(db.session, mailing, by=staff.author, at=at, base_url=BASE_URL)
        db.session.commit()
        mailing_id = mailing.id
    wanted = len(board_ids)
    seconds = processor_seconds(_writing(app, mailing_id, wanted), rounds)
    return Figure(
        what=f"{wanted:,} letters as Word files",
        measured=f"{seconds:.2f} s of processor time",
        against=f"{ALLOWED_FOR_WORD} s allowed",
        ratio=seconds / ALLOWED_FOR_WORD,
        target=1.0,
    )


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
