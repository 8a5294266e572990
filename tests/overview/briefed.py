"""The full system of the product: 12 posts, 8 letters, 10 meetings and 25 points, and more."""

import io
from datetime import timedelta
from typing import Any

from pypdf import PdfReader
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.visibility import Visibility
from app.directory.models import CouncilShare, Organisation, OrganisationKind, Ownership, Person
from app.followups.models import FollowUp
from app.interactions.models import (
    Interaction,
    InteractionKind,
    InteractionOrganisation,
    InteractionPerson,
    Offer,
    OfferState,
    Outcome,
    OutcomeKind,
    PointState,
    PromisedBy,
)
from tests.factories import (
    NOON,
    TODAY,
    make_answer,
    make_appointment,
    make_organisation,
    make_person,
    make_post,
    make_sent_letter,
    make_system,
)

POSTS = (
    "children",
    "send",
    "safeguarding",
    "autism",
    "downs",
    "mental",
    "chair",
    "chief_executive",
    "chief_nurse",
    "dcs",
    "medical",
    "finance",
)


def make_contact(
    session: Session,
    body: Organisation,
    by: User,
    *,
    subject: str = "A conversation",
    days_ago: int = 3,
    kind: InteractionKind = InteractionKind.MEETING,
    visible_to: Visibility = Visibility.GROUP,
    person: Person | None = None,
) -> Interaction:
    one = Interaction(
        kind=kind,
        happened_on=TODAY - timedelta(days=days_ago),
        subject=subject,
        body="Words of the note.",
        written_at=NOON,
        author_id=by.id,
        member_organisation_id=by.member_organisation_id,
        visible_to=visible_to,
    )
    session.add(one)
    session.flush()
    session.add(InteractionOrganisation(interaction_id=one.id, organisation_id=body.id))
    if person:
        session.add(InteractionPerson(interaction_id=one.id, person_id=person.id))
    session.flush()
    return one


def meet(
    session: Session,
    by: User,
    *bodies: Organisation,
    subject: str = "Two boards",
    visible_to: Visibility = Visibility.GROUP,
) -> Interaction:
    meeting = make_contact(
        session, bodies[0], by, subject=subject, days_ago=0, visible_to=visible_to
    )
    for body in bodies[1:]:
        session.add(InteractionOrganisation(interaction_id=meeting.id, organisation_id=body.id))
    session.flush()
    return meeting


def make_promise(
    session: Session,
    body: Organisation,
    by: User,
    text: str,
    *,
    side: PromisedBy = PromisedBy.THEM,
    in_days: int | None = 10,
    visible_to: Visibility = Visibility.GROUP,
    interaction: Interaction | None = None,
    state: PointState = PointState.OPEN,
    kind: OutcomeKind = OutcomeKind.COMMITMENT,
) -> Outcome:
    point = Outcome(
        kind=kind,
        text=text,
        promised_by=side if kind is OutcomeKind.COMMITMENT else None,
        organisation_id=body.id,
        interaction_id=interaction.id if interaction else None,
        made_on=TODAY - timedelta(days=30),
        due_on=None if in_days is None else TODAY + timedelta(days=in_days),
        state=state,
        settled_on=None if state is PointState.OPEN else TODAY,
        written_at=NOON,
        author_id=by.id,
        member_organisation_id=by.member_organisation_id,
        visible_to=visible_to,
    )
    session.add(point)
    session.flush()
    return point


def make_follow_up(
    session: Session, body: Organisation, by: User, what: str, **more: Any
) -> FollowUp:
    made = FollowUp(
        what=what,
        owner_id=by.id,
        due_on=TODAY + timedelta(days=9),
        organisation_id=body.id,
        created_at=NOON,
        author_id=by.id,
        member_organisation_id=by.member_organisation_id,
    )
    for name, value in more.items():
        setattr(made, name, value)
    session.add(made)
    session.flush()
    return made


def make_full_system(session: Session, by: User, *, words: int = 8) -> Organisation:
    """`words` is how long every text is: long ones show that the page holds all the same."""

    def text(what: str, number: int) -> str:
        return f"{what} {number} " + " ".join(["considerations"] * (words - 2))

    system, board = make_system(session, "Sampleshire and the Sample Isles")
    board.population, board.population_0_24 = 1_701_655, 498_210
    session.add(Ownership(organisation_id=board.id, user_id=by.id, started_on=TODAY))
    for number in range(16):
        council = make_organisation(
            session, f"Sample Borough Council {number}", kind=OrganisationKind.LOCAL_AUTHORITY
        )
        session.add(
            CouncilShare(
                board_id=board.id,
                council_id=council.id,
                role="whole",
                percent_of_council=100.0,
            )
        )
    person = make_person(session, "Sample-Exampleton", title="Dr", given_name="Alexandrina")
    for code in POSTS[:10]:
        make_appointment(session, person=person, organisation=board, code=code)
    for code in POSTS[10:]:
        make_post(session, board, code)
    for number in range(8):
        sent_on = TODAY - timedelta(days=20 * number + 5)
        letter = make_sent_letter(
            session, board, person=person, sent_on=sent_on, subject=text("Letter", number)
        )
        if number % 2:
            make_answer(session, letter, on=sent_on + timedelta(days=3), by=by)
    for number in range(10):
        one = make_contact(
            session,
            board,
            by,
            subject=text("Meeting", number),
            days_ago=3 + 12 * number,
            person=person,
        )
        for place in range(2 if number % 2 else 3):
            side = PromisedBy.US if place % 2 else PromisedBy.THEM
            make_promise(
                session,
                board,
                by,
                text("Promise", 10 * number + place),
                side=side,
                in_days=7 * number - 20,
                interaction=one,
            )
    for number in range(4):
        make_follow_up(session, board, by, text("Task", number))
        make_promise(
            session, board, by, text("Question", number), kind=OutcomeKind.QUESTION, in_days=None
        )
        session.add(
            Offer(
                organisation_id=board.id,
                what=text("Offer", number),
                offered_on=TODAY,
                owner_id=by.id,
                state=list(OfferState)[number],
            )
        )
    session.flush()
    return system


def words_of(pdf: bytes) -> str:
    return " ".join(
        " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split()
    )
