"""Pieces of a job's work, each done apart: one that fails stops no other, and is not forgotten.

A piece that fails twice in a row is told of on Home and /readyz, and in the exit code of `tick`,
until it succeeds.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import delete, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from app.core.db import reading
from app.core.logs import log
from app.settings.models import FailingPiece

T = TypeVar("T")

TWICE = 2
# What has not been tried for so long is wanted no more: its user has left, say.
FORGOTTEN_AFTER = timedelta(days=7)


@dataclass(frozen=True)
class Piece:
    """One piece of work, and what to call it. Its name is asked for only when it has failed."""

    key: str
    kind: str
    name: Callable[[Session], str] | None = None
    for_coordinators: bool = False


def alone(session: Session, piece: Piece, work: Callable[[], T], *, at: datetime) -> T | None:
    """Do it and commit. What fails leaves nothing behind, is noted and gives None."""
    try:
        done = work()
        succeeded(session, piece.key)
        session.commit()
    except Exception:
        failed(session, piece, at=at)
        return None
    return done


def failed(session: Session, piece: Piece, *, at: datetime) -> None:
    """Undo what it had begun, log the exception being handled, and note that it failed."""
    _roll_back(session)
    with suppress(OSError):  # the log may be on a full disk
        log.exception("piece of work failed", piece=piece.key)
    try:
        _note(session, piece, at)
        session.commit()
    except SQLAlchemyError:  # another process noted it first, or nothing can be written
        _roll_back(session)
        with suppress(OSError):
            log.warning("failure not noted", piece=piece.key)


def succeeded(session: Session, key: str) -> None:
    """In the transaction of the piece itself."""
    session.execute(
        delete(FailingPiece).where(FailingPiece.key == key),
        execution_options={"synchronize_session": False},
    )


def whole_again(session: Session, piece: Piece) -> None:
    """It succeeded, in transactions of its own. Without a failure nobody is kept from writing."""
    with reading():
        has_failed = noted(session, piece.key)
        session.commit()
    if has_failed:
        succeeded(session, piece.key)
        session.commit()


def noted(session: Session, prefix: str) -> Sequence[str]:
    """The keys of those beginning so that failed when they were last tried."""
    return session.scalars(
        select(FailingPiece.key).where(FailingPiece.key.startswith(prefix, autoescape=True))
    ).all()


def no_longer_wanted(session: Session, keys: Collection[str]) -> None:
    """What nobody asks for any more fails no more."""
    session.execute(
        delete(FailingPiece).where(FailingPiece.key.in_(keys)),
        execution_options={"synchronize_session": False},
    )


def failing(session: Session, *, at: datetime, prefix: str = "") -> Sequence[FailingPiece]:
    """Those that failed twice in a row, the longest failing first."""
    return session.scalars(
        select(FailingPiece)
        .where(
            FailingPiece.times >= TWICE,
            FailingPiece.tried_at > at - FORGOTTEN_AFTER,
            FailingPiece.key.startswith(prefix, autoescape=True),
        )
        .order_by(FailingPiece.since, FailingPiece.key)
    ).all()


def _roll_back(session: Session) -> None:
    """SQLite on a full disk has rolled back already, and says so by another error."""
    try:
        session.rollback()
    except OperationalError:
        session.invalidate()


def _note(session: Session, piece: Piece, at: datetime) -> None:
    name = piece.name(session) if piece.name else piece.kind
    there = session.get(FailingPiece, piece.key, populate_existing=True, with_for_update=True)
    if there is None:
        there = FailingPiece(key=piece.key, since=at, times=0)
        session.add(there)
    elif at - there.tried_at > FORGOTTEN_AFTER:
        there.since, there.times = at, 0
    there.kind, there.name = piece.kind, name
    there.for_coordinators = piece.for_coordinators
    there.tried_at, there.times = at, there.times + 1
