"""The steps of letters, several at once: the state, and a line in each letter's own story."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.letters.models import Letter, LetterEvent, LetterState, PostalState
from app.letters.transitions import LETTER

NOBODYS = {"claimed_by": None, "lease_until": None, "next_attempt_at": None}


def move(
    session: Session,
    letter_ids: Collection[int],
    *,
    leaving: Collection[LetterState],
    to: LetterState,
    reason: str = "",
    note: str = "",
    at: datetime,
    by_id: int | None = None,
    post_state: PostalState | None = None,
    **values: Any,
) -> list[int]:
    """Move those of the letters that are in one of the states `leaving`; returns which moved.

    Their story tells the `reason`, or a `note` where the letter needs none; and `post_state`, where
    the step is one of the paper too.
    """
    if not letter_ids:
        return []
    told = {"state": to, "post_state": post_state, "note": reason or note, "at": at, "by_id": by_id}
    which = Letter.id.in_(letter_ids)
    also = NOBODYS | {"state_reason": reason} | values
    moved = LETTER.move(session, which, leaving=leaving, to=to, **also)
    tell(session, [{"letter_id": letter_id} | told for letter_id in moved])
    return moved


def tell(session: Session, lines: Sequence[Mapping[str, Any]]) -> None:
    if lines:
        session.execute(insert(LetterEvent), list(lines))
