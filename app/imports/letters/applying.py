"""Recording the letters of a plan."""

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.imports.letters.plan import LetterPlan
from app.imports.planning.kind import ImportOrigin
from app.letters.models import LetterBoard
from app.letters.tracking.external_letters import boards_of, outside_letter


def apply(session: Session, plan: LetterPlan, origin: ImportOrigin) -> None:
    made = []
    for sending in plan.sendings:
        if sending.known is not None:
            for field, value in sending.values.items():
                setattr(sending.known, field, value)
        elif sending.bodies:
            row = sending.rows[0]
            letter = outside_letter(
                sent_on=row.sent_on,
                subject=row.letter.subject,
                kind=row.letter.kind,
                channel=row.letter.channel,
                person=row.person,
                addressee=row.who,
                reference=row.letter.reference,
                by=origin.by,
            )
            made.append((letter, sending.bodies))
    origin.make([letter for letter, _ in made])
    if made:
        session.execute(insert(LetterBoard), boards_of(made))
