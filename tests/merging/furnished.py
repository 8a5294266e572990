"""Two records of one person, each with everything that can hang on a person."""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.visibility import Visibility
from app.core.db import Base
from app.demo.models import DemoRow
from app.directory.models import NotTheSame, Organisation, Person, PersonEmail, SubscriberType
from app.imports.models import LeadImport, LeadImportChange
from app.interactions.models import Interaction, InteractionPerson
from app.letters.models import (
    Letter,
    LetterBoard,
    LetterRecipient,
    LetterState,
    Mailing,
    MailingState,
)
from app.letters.recipients.audience import Audience, How
from tests.factories import (
    NOON,
    TODAY,
    make_answer,
    make_appointment,
    make_organisation,
    make_person,
    make_sent_letter,
    make_user,
)
from tests.overview.briefed import make_contact, make_follow_up, make_promise
from tests.sending.mailings import add_letter, make_mailing

# What tells what was done; and what the tests themselves make along the way.
NOT_COMPARED = frozenset(
    {"audit_event", "audit_subject", "audit_value", "binned", "binned_row", "sign_in_session"}
)


@dataclass
class Twice:
    """`stays` is the record that is kept, `goes` the other one of the same person."""

    stays: Person
    goes: Person
    by: User
    somebody: User  # who may not read what is confidential
    board: Organisation
    finished: Mailing  # to both of them
    draft: Mailing  # for the one who goes, by hand
    met_both: Interaction
    met: Interaction
    secret: Interaction


def make_twice(session: Session) -> Twice:
    by, somebody = make_user(session, "Morgan Me"), make_user(session, "Cory Colleague")
    board, other = make_organisation(session, "Devon"), make_organisation(session, "Kent")
    stays = make_person(session, "Sample", given_name="Alex", email="alex@example.org")
    goes = make_person(session, "Sampel", given_name="Alex", title="Dr", email="Alex@example.org")
    _describe(session, stays, goes)
    for person in (stays, goes):
        make_appointment(session, person=person, organisation=board)
    moved = make_appointment(session, person=goes, organisation=other, code="chair")
    ended = make_appointment(
        session, person=goes, organisation=board, code="send", ended_on=date(2025, 12, 31)
    )
    ended.started_on = None
    finished, draft = _letters(session, stays, goes, board, by)
    met_both = make_contact(session, board, by, person=stays)
    session.add(InteractionPerson(interaction_id=met_both.id, person_id=goes.id, capacity="Chair"))
    met = make_contact(session, board, by, person=goes)
    secret = make_contact(
        session, board, by, subject="A secret", person=goes, visible_to=Visibility.AUTHOR
    )
    make_promise(session, board, by, "A promise").person_id = goes.id
    hidden = make_promise(session, board, by, "A hidden one", visible_to=Visibility.AUTHOR)
    hidden.person_id = goes.id
    make_follow_up(session, board, by, "Ring them", person_id=goes.id)
    make_follow_up(session, board, by, "Of theirs", record_kind="person", record_id=goes.id)
    kin = make_person(session, "Kin")
    sister = make_person(session, "Sister")
    letter_board = session.scalars(select(LetterBoard).order_by(LetterBoard.letter_id)).first()
    assert letter_board is not None
    letter_board.appointment_id = moved.id
    session.add_all(
        NotTheSame(
            person_id=min(one.id, two.id),
            other_id=max(one.id, two.id),
            said_at=NOON,
            said_by_id=by.id,
        )
        for one, two in ((goes, kin), (goes, sister), (stays, sister))
    )
    imported = LeadImport(file_name="leads.csv", file_sha256="0" * 64, imported_at=NOON)
    session.add(imported)
    session.flush()
    session.add_all(
        (
            LeadImportChange(
                lead_import_id=imported.id, table="person", record_id=goes.id, old=None, new="{}"
            ),
            DemoRow(table="person", key={"id": stays.id}, old=None),
        )
    )
    stays.is_demo = True
    session.commit()
    return Twice(stays, goes, by, somebody, board, finished, draft, met_both, met, secret)


def _describe(session: Session, stays: Person, goes: Person) -> None:
    goes.objected_on, goes.objection_note = date(2026, 3, 1), "By mail."
    stays.note, goes.note = "Met twice.", "Prefers the phone."
    goes.phone, goes.known_as, goes.post_nominals = "01632 960001", "Al", "OBE"
    goes.subscriber_type = SubscriberType.INDIVIDUAL
    stays.postal_address, goes.postal_address = "1 Road\nSampleton\nSA1 1AA", "2 Road\nSA1 1AA"
    goes.post_returned_on, goes.post_returned_why = TODAY, "Gone away"
    goes.details_source, goes.details_obtained_on = "Board page", TODAY
    same = session.scalars(select(PersonEmail).where(PersonEmail.person_id == goes.id)).one()
    same.failed_on, same.failure = TODAY, "550 no such user"
    session.add_all(
        PersonEmail(person_id=person.id, address=address, address_key=address, is_preferred=False)
        for person, address in (
            (stays, "alex.sample@example.com"),
            (goes, "a.sampel@example.org"),
            (goes, "office@example.org"),
        )
    )
    session.flush()


def _letters(
    session: Session, stays: Person, goes: Person, board: Organisation, by: User
) -> tuple[Mailing, Mailing]:
    recorded = make_sent_letter(session, board, person=goes, sent_on=TODAY - timedelta(days=40))
    make_answer(session, recorded, on=TODAY, by=by)
    finished = make_mailing(session, state=MailingState.FINISHED, author=by)
    for person in (stays, goes):
        _addressed(session, finished, person, LetterState.SENT)
    only_goes = make_mailing(session, name="To one", state=MailingState.FINISHED, author=by)
    copied = _addressed(session, only_goes, goes, LetterState.SENT)
    session.add(
        LetterRecipient(
            letter_id=copied.id,
            person_id=goes.id,
            address="office@example.org",
            address_key="office@example.org",
            is_cc=True,
        )
    )
    draft = make_mailing(session, name="A draft", state=MailingState.DRAFT, author=by)
    draft.audience = Audience(
        how=How.PEOPLE,
        person_ids=(goes.id, stays.id),
        left_out={f"person:{goes.id}": "Twice in the register"},
    ).as_json()
    for person in (stays, goes):
        _addressed(session, draft, person, LetterState.READY)
    session.flush()
    return finished, draft


def _addressed(session: Session, mailing: Mailing, person: Person, state: LetterState) -> Letter:
    letter = add_letter(session, mailing, f"m{mailing.id}p{person.id}@example.com", state=state)
    # The person whom `add_letter` makes is somebody else altogether.
    session.get_one(Person, letter.person_id).family_name = f"Number{letter.person_id}"
    letter.person_id, letter.addressee_key = person.id, f"person:{person.id}"
    for one in session.scalars(
        select(LetterRecipient).where(LetterRecipient.letter_id == letter.id)
    ):
        one.person_id = person.id
    session.flush()
    return letter


def every_row(session: Session, but: frozenset[str] = frozenset()) -> dict[str, str]:
    """A fingerprint of the rows of every table, read past the session."""
    session.flush()
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name in NOT_COMPARED | but:
            continue
        rows = sorted(str(tuple(row)) for row in session.execute(select(table)))
        found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def pointing_at(session: Session, person_id: int) -> dict[str, int]:
    """How many rows of each table name this person."""
    found: dict[str, int] = {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table.name == "person" for key in column.foreign_keys):
                statement = text(f'SELECT count(*) FROM "{table.name}" WHERE "{column.name}" = :id')
                name = f"{table.name}.{column.name}"
                found[name] = session.execute(statement, {"id": person_id}).scalar_one()
    return found


def options(**more: Any) -> dict[str, Any]:
    return {"picked": {}, "preferred_key": "", **more}
