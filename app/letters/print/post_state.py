"""The steps of letters on paper, several at once: the state, a line in each letter's story, and
one event in the histories of all."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.letters.models import Letter, PostalState
from app.letters.steps import tell
from app.letters.transitions import PAPER


def move(
    session: Session,
    letter_ids: Sequence[int],
    *,
    leaving: Sequence[PostalState],
    to: PostalState,
    values: Mapping[str, Any],
    note: str,
    at: datetime,
    by_id: int | None,
) -> list[int]:
    """Move those of the letters that are in one of the states `leaving`; returns which moved."""
    moved = PAPER.move(session, Letter.id.in_(letter_ids), leaving=leaving, to=to, **values)
    _tell(session, moved, note, at=at, by_id=by_id)
    return moved


def note(
    session: Session, letter_ids: Sequence[int], words: str, *, at: datetime, by_id: int | None
) -> None:
    """Something happened to these letters that leaves each in its state."""
    _tell(session, sorted(letter_ids), words, at=at, by_id=by_id)


def _tell(
    session: Session, ids: Sequence[int], words: str, *, at: datetime, by_id: int | None
) -> None:
    if not ids:
        return
    now = session.execute(
        select(Letter.id, Letter.state, Letter.post_state, Letter.mailing_id, Letter.person_id)
        .where(Letter.id.in_(ids))
        .order_by(Letter.id)
    ).all()
    tell(
        session,
        [
            {
                "letter_id": row.id,
                "at": at,
                "state": row.state,
                "post_state": row.post_state,
                "note": words,
                "by_id": by_id,
            }
            for row in now
        ],
    )
    mailings = {("mailing", row.mailing_id) for row in now if row.mailing_id}
    audit.record(
        session,
        action="changed",
        subjects=[*(("letter", row.id) for row in now), *sorted(mailings)],
        summary=words,
    )
