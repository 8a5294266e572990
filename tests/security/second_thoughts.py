"""What was deleted, what was printed, and who was told apart."""

from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.bin.models import Binned, BinnedRow, BinnedStep
from app.directory.models import NotTheSame
from app.letters.models import PrintRun, PrintRunLetter
from tests.factories import NOON


def make_second_thoughts(session: Session, names: dict[str, Any], *, by: User) -> dict[str, Any]:
    """A record in the bin, and a file for the printer of the letter named here."""
    binned = Binned(kind="theme", record_id=900, name="A theme nobody used", at=NOON, by_id=by.id)
    run = PrintRun(
        mailing_id=names["mailing_id"],
        number=1,
        both_sides=True,
        asked_at=NOON,
        asked_by_id=by.id,
    )
    apart = NotTheSame(
        **{"person_id": names["person_id"], "other_id": names["objector_id"]},
        **{"said_at": NOON, "said_by_id": by.id},
    )
    session.add_all((binned, run, apart))
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
            PrintRunLetter(print_run_id=run.id, letter_id=names["letter_id"], position=1),
        )
    )
    session.flush()
    return {
        **{"binned_id": binned.id, "print_run_id": run.id},
        "other_id": names["objector_id"],
    }
