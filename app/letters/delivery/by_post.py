"""Letters on paper after their release: what can still be stopped, and what a lapse leaves behind.

A letter may be on two tracks. By mail its `state` says how far it is; on paper its `post_state`
does. A letter by post alone has the state *by post* from its release on.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.letters.delivery.queue import TO_GO
from app.letters.models import Letter, LetterState, Mailing, PostalState
from app.letters.steps import tell
from app.letters.transitions import LETTER, PAPER

TO_PRINT = (PostalState.APPROVED,)
TO_POST = (PostalState.APPROVED, PostalState.PRINTED)
# What each state of the paper means to whoever reads the page, and what to do next.
MEANING: Mapping[PostalState, tuple[str, str]] = {
    PostalState.READY: ("Checked, and waiting for approval.", ""),
    PostalState.APPROVED: ("Approved, and not printed yet.", "Print it, and put it in the post."),
    PostalState.PRINTED: (
        "Printed, and not posted yet.",
        "Post it, then say on which day it went.",
    ),
    PostalState.POSTED: ("In the post.", ""),
    PostalState.RETURNED: (
        "The post brought it back: its reader never had it.",
        "Find the right address, and write again.",
    ),
    PostalState.STOPPED: ("Stopped before it was printed.", ""),
}


def unprinted(session: Session, mailing: Mailing) -> Sequence[Letter]:
    return session.scalars(
        select(Letter)
        .where(Letter.mailing_id == mailing.id, Letter.post_state.in_(TO_PRINT))
        .order_by(Letter.id)
        .execution_options(populate_existing=True)
    ).all()


def stop(
    session: Session, letters: Sequence[Letter], why: str, *, at: datetime, by_id: int | None = None
) -> list[int]:
    """Keep back what is not printed yet; returns which letters."""
    stopped = LetterState.STOPPED
    return [
        letter.id
        for letter in letters
        if _leave(session, letter, PostalState.STOPPED, stopped, why=why, at=at, by_id=by_id)
    ]


def leave_out(
    session: Session, letter: Letter, why: str, *, at: datetime, by_id: int | None = None
) -> bool:
    """Not printed after all, for a reason found at the last look."""
    out = LetterState.EXCLUDED
    return _leave(session, letter, PostalState.STOPPED, out, why=why, at=at, by_id=by_id)


def lapse(session: Session, letters: Sequence[Letter], why: str, *, at: datetime) -> None:
    """The approval is over. What did not leave at all can be approved again; paper of a letter
    that was mailed is not, as its reader has it."""
    for letter in letters:
        waits = letter.state in (LetterState.BY_POST, LetterState.EXPIRED, *TO_GO)
        paper = PostalState.READY if waits else PostalState.STOPPED
        _leave(session, letter, paper, LetterState.EXPIRED, why=why, at=at)


def _leave(
    session: Session,
    letter: Letter,
    paper: PostalState,
    state: LetterState,
    *,
    why: str,
    at: datetime,
    by_id: int | None = None,
) -> bool:
    """Set the paper's state; and the letter's, where paper is all there is of it."""
    this, by_post = Letter.id == letter.id, (LetterState.BY_POST,)
    if not PAPER.move(session, this, leaving=TO_PRINT, to=paper):
        return False
    alone = LETTER.move(session, this, leaving=by_post, to=state, state_reason=why)
    now, words = (state, why) if alone else (letter.state, f"Not printed. {why}")
    told = {"letter_id": letter.id, "at": at, "state": now, "post_state": paper}
    tell(session, [told | {"note": words, "by_id": by_id}])
    return True
