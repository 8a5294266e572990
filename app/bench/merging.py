"""How much processor time letters take, from the audience to the bytes a mail server gets."""

from collections.abc import Callable, Sequence
from datetime import datetime

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.bench.clocks import processor_seconds
from app.bench.filling import Staff, begin, check_and_seal
from app.bench.report import Figure
from app.core.db import db
from app.letters.models import Letter


class NotAsMeant(Exception):
    """The bench did not measure what it says it measures."""


def merging_figure(
    app: Flask,
    board_ids: Sequence[int],
    *,
    staff: Staff,
    at: datetime,
    allowed: float,
    rounds: int,
) -> Figure:
    """A mailing to these boards, from its choice to sealed bytes, against the seconds allowed."""
    wanted = len(board_ids)
    with app.app_context():
        mailing_id = begin(db.session, f"Merging {wanted}", board_ids, staff=staff, at=at).id
        db.session.commit()
    seconds = processor_seconds(_sealing(app, mailing_id, wanted, staff, at), rounds)
    return Figure(
        what=f"{wanted:,} letters checked, merged, as mail bytes",
        measured=f"{seconds:.2f} s of processor time",
        against=f"{allowed:g} s allowed",
        ratio=seconds / allowed,
        target=1.0,
    )


def _sealing(
    app: Flask, mailing_id: int, wanted: int, staff: Staff, at: datetime
) -> Callable[[], None]:
    def seal() -> None:
        with app.app_context():
            check_and_seal(db.session, mailing_id, staff=staff, at=at)
            _make_sure(db.session, mailing_id, wanted)
            db.session.rollback()  # so that the next round finds the same

    return seal


def _make_sure(session: Session, mailing_id: int, wanted: int) -> None:
    sealed = session.scalar(
        select(func.count()).where(Letter.mailing_id == mailing_id, Letter.mime.is_not(None))
    )
    if sealed != wanted:
        raise NotAsMeant(f"{sealed} letters of {wanted} have their bytes.")
