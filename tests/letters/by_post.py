"""A mailing that was approved and goes by post: each lead with an address of her own."""

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import clock
from app.directory.models import Person
from app.letters.drafting import checking
from app.letters.models import (
    Letter,
    LetterState,
    Mailing,
    MailingState,
    PostalState,
    PrintRun,
)
from app.letters.print import jobs, runs
from tests.factories import NOON, make_person, make_user
from tests.letters.conftest import BASE_URL, BODY, begin_in, board, lead, letters_of

STREET = "County Hall\n{number} Topsham Road\nExeter\nEX2 4QD"


def approved_by_post(
    session: Session, count: int = 3, *, body: str = BODY, by: User | None = None
) -> tuple[Mailing, list[Letter]]:
    author = by or make_user(session, "Ada Author")
    mailing = begin_in(session, by=author, body=body)
    for number in range(1, count + 1):
        person = make_person(session, f"Lead{number:04}", title="Dr")
        person.postal_address = STREET.format(number=number)
        lead(session, board(session, f"Shire {number:04}"), person)
    session.flush()
    checking.check(session, mailing, by=author, at=NOON, base_url=BASE_URL)
    session.flush()
    everybody = letters_of(session, mailing)
    letters = [one for one in everybody if one.person_id]
    for letter in set(everybody) - set(letters):  # boards that were there before, without a lead
        letter.state = LetterState.EXCLUDED
    for letter in letters:
        person = session.get_one(Person, letter.person_id)
        letter.state, letter.post_state = LetterState.BY_POST, PostalState.APPROVED
        letter.envelope = f"{person.name}\n{person.postal_address}"
    mailing.state, mailing.asked_at = MailingState.SENDING, NOON
    session.commit()
    return mailing, letters


def printed(session: Session, count: int = 3) -> tuple[Mailing, list[Letter], PrintRun]:
    mailing, letters = approved_by_post(session, count)
    run = runs.ask(
        session,
        mailing,
        letter_ids=[one.id for one in letters],
        both_sides=True,
        form_token="a",
        by=make_user(session),
        at=clock.now(),
    )
    session.commit()
    assert jobs.make_print_file(session, run.id)
    session.expire_all()
    return mailing, letters, session.get_one(PrintRun, run.id)
