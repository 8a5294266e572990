"""What was deleted, what was printed, and who was told apart."""

import hashlib
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.bin.models import Binned, BinnedRow, BinnedStep
from app.directory.models import NotTheSame
from app.letters.models import (
    Letter,
    LetterEvent,
    LetterState,
    PostalState,
    PrintRun,
    PrintRunLetter,
    PrintRunState,
)
from tests.factories import NOON, TODAY


def make_second_thoughts(session: Session, names: dict[str, Any], *, by: User) -> dict[str, Any]:
    """A record in the bin, and a file for the printer of the letter named here."""
    binned = Binned(kind="theme", record_id=900, name="A theme nobody used", at=NOON, by_id=by.id)
    run = PrintRun(
        mailing_id=names["released_id"],
        number=1,
        both_sides=True,
        state=PrintRunState.READY,
        asked_at=NOON,
        asked_by_id=by.id,
        made_at=NOON,
        letter_count=1,
        content=b"%PDF-",
        sha256=hashlib.sha256(b"%PDF-").hexdigest(),
    )
    apart = NotTheSame(
        **{"person_id": names["person_id"], "other_id": names["objector_id"]},
        **{"said_at": NOON, "said_by_id": by.id},
    )
    posted = LetterEvent(
        letter_id=names["sent_id"],
        at=NOON,
        state=LetterState.SENT,
        post_state=PostalState.POSTED,
        note="Posted on 22 November 2026.",
        by_id=by.id,
    )
    letter = session.get_one(Letter, names["sent_id"])
    letter.post_state, letter.envelope = PostalState.POSTED, "Dr Sample\n1 Street\nExeter\nEX1 1AA"
    letter.printed_at, letter.posted_on = NOON, TODAY
    session.add_all((binned, run, apart, posted))
    session.flush()
    session.add_all(
        (
            BinnedRow(
                binned_id=binned.id,
                step=BinnedStep.TAKEN,
                table="theme",
                key={"id": 900},
                before={"id": 900, "name": "A theme nobody used"},
            ),
            PrintRunLetter(print_run_id=run.id, letter_id=names["sent_id"], position=1),
        )
    )
    session.flush()
    return {
        **{"binned_id": binned.id, "print_run_id": run.id, "run_id": run.id},
        **{"event_id": posted.id, "other_id": names["objector_id"]},
    }
