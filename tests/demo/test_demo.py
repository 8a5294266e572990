"""The made-up story: what is in it, when it is refused, and that it leaves no trace."""

from collections import Counter

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import seed
from app.accounts.models import User
from app.core.db import Base
from app.core.errors import DomainError
from app.core.mail.mime_message import sha256
from app.demo import services
from app.demo.people import FAMILY, NAMES, address
from app.demo.story import FULL, DemoUsers
from app.demo.tracking import KEPT
from app.directory.models import Organisation, Person, PersonEmail
from app.directory.queries import bodies
from app.directory.queries.bodies import boards_on
from app.directory.queries.seats import posts_of
from app.followups.models import FollowUp, FollowUpState
from app.followups.rules import Urgency, urgency
from app.interactions.models import Offer, OfferState, Outcome, OutcomeKind, PointState, PromisedBy
from app.letters.delivery import lifecycle
from app.letters.models import (
    Letter,
    LetterBoard,
    LetterState,
    LetterTemplate,
    Mailing,
    MailingState,
    PostalState,
    Signatory,
)
from app.letters.tracking import results
from app.outbox.models import Message
from app.overview.engagement import EngagementStep
from app.overview.status import standings
from app.settings.services import settings_of
from app.workstreams import queries as strand_queries
from app.workstreams.models import Workstream
from tests.demo.conftest import BASE_URL
from tests.factories import NOON, TODAY, make_organisation, make_sent_letter, make_user


def rows_of_everything(session: Session) -> dict[str, list[tuple[object, ...]]]:
    return {
        table.name: sorted((tuple(row) for row in session.execute(select(table))), key=str)
        for table in Base.metadata.sorted_tables
        if table.name not in KEPT
    }


def test_the_demo_has_what_a_newcomer_should_see(demo: Session, users: DemoUsers) -> None:
    seats = posts_of(demo, [board.id for board in boards_on(demo, TODAY)], TODAY)
    boards = [seat for seat in seats if seat.post_type.code == "children"]
    states = [seat.state.value for seat in boards]
    by_person: dict[int, int] = {}
    for seat in boards:
        for held in seat.holders:
            by_person[held.person.id] = by_person.get(held.person.id, 0) + 1

    assert len(boards) == 36
    assert (states.count("unknown"), states.count("vacant"), states.count("acting")) == (4, 1, 1)
    assert sorted(by_person.values())[-2:] == [1, 3]
    assert demo.scalar(select(func.count()).where(Person.objected_on.is_not(None))) == 1
    assert demo.scalar(select(func.count()).where(PersonEmail.failed_on.is_not(None))) == 1
    steps = {row.engagement.step for row in standings(demo, TODAY)}
    assert steps >= {
        EngagementStep.NO_LEAD_KNOWN,
        EngagementStep.LEAD_NAMED,
        EngagementStep.LETTER_SENT,
        EngagementStep.REPLIED,
    }
    assert [user.password_hash for user in users.all()] == [None] * 4


def test_a_letter_can_be_tried_with_nothing_but_the_demo(demo: Session) -> None:
    starters = select(func.count(LetterTemplate.id)).where(LetterTemplate.is_starter)
    assert demo.scalar(starters) == 5
    assert demo.scalar(select(func.count(Signatory.id))) == 1
    assert settings_of(demo).privacy_notice


def test_the_demo_has_a_mailing_that_has_gone_with_the_bytes_of_each_letter(
    demo: Session, users: DemoUsers
) -> None:
    mailing = demo.scalars(select(Mailing).where(Mailing.chases_id.is_(None))).one()
    assert (mailing.state, mailing.created_by_id, mailing.released_by_id) == (
        MailingState.FINISHED,
        users.coordinator.id,
        users.approver.id,
    )
    rows = results.rows_of(demo, mailing.id)
    counts = results.progress_of(rows).counts
    assert counts[LetterState.REFUSED] == 1
    assert counts[LetterState.EXCLUDED] == 1
    assert counts[LetterState.SENT] >= 20
    assert results.progress_of(rows).paper == {PostalState.POSTED: 2}
    assert results.progress_of(rows).gone == counts[LetterState.SENT] + 2
    assert max(len(row.boards) for row in rows) == 3
    assert any(row.letter.stands_in_as for row in rows)
    assert any("is vacant" in row.letter.text for row in rows)
    for row in rows:
        if row.state is LetterState.SENT:
            letter = results.letter(demo, row.id)
            assert letter is not None
            assert sha256(letter.mime or b"") == letter.sha256
            assert "made up: nothing was sent" in letter.server_reply


@pytest.mark.date_sensitive
def test_those_of_the_demo_who_are_silent_have_a_chaser_that_is_a_draft(demo: Session) -> None:
    first, chaser = demo.scalars(select(Mailing).order_by(Mailing.id)).all()
    assert (chaser.chases_id, chaser.state) == (first.id, MailingState.DRAFT)
    went = [row for row in results.rows_of(demo, first.id) if row.has_gone]
    rows = results.rows_of(demo, chaser.id)
    reasons = [row.letter.state_reason for row in rows if row.state is LetterState.EXCLUDED]
    silent = [row for row in went if not row.answered_by]
    assert chaser.letter_count == len(silent)
    assert sum(reason.startswith("Answered on") for reason in reasons) == len(went) - len(silent)
    assert any("refused" in reason for reason in reasons)


@pytest.mark.date_sensitive
def test_a_chaser_goes_with_the_mailing_it_follows(demo: Session, users: DemoUsers) -> None:
    """Without it, it would be a letter to everybody who had the first."""
    made_since = make_user(demo, "Somebody Real")
    (chaser,) = demo.scalars(select(Mailing).where(Mailing.chases_id.is_not(None))).all()
    chaser.state = MailingState.FINISHED
    demo.add(
        Mailing(
            name="Second",
            template_version_id=chaser.template_version_id,
            created_at=chaser.created_at,
            created_by_id=made_since.id,
            chases_id=chaser.id,
            chases_since=chaser.chases_since,
        )
    )
    demo.flush()

    services.clear(demo)

    assert demo.scalars(select(Mailing)).all() == []


@pytest.mark.date_sensitive
def test_one_system_of_the_demo_had_eight_letters(demo: Session) -> None:
    in_full = select(Organisation.id).where(Organisation.ods_code == FULL)
    letters = demo.scalar(
        select(func.count(Letter.id))
        .join(LetterBoard, LetterBoard.letter_id == Letter.id)
        .where(LetterBoard.organisation_id.in_(in_full), Letter.state == LetterState.SENT)
    )
    assert letters == 8


def test_the_twelve_posts_of_one_system_are_held_by_people_of_their_own(demo: Session) -> None:
    board = demo.scalars(select(Organisation).where(Organisation.ods_code == FULL)).one()
    system = bodies.system_of(demo, board, TODAY)
    council = bodies.councils_of(demo, board.id, TODAY)[0].council
    assert system is not None
    assert system.partnership is not None

    seats = posts_of(demo, [board.id, system.partnership.id, council.id], TODAY)
    held = [holder.person for seat in seats for holder in seat.holders]

    assert len(held) == 12
    by_person = Counter(person.id for person in held)
    assert len(by_person) >= 8
    assert max(by_person.values()) == 2
    assert all(person.name.split()[-1] in FAMILY for person in held)


@pytest.mark.date_sensitive
def test_nothing_of_the_demo_waits_to_be_sent(demo: Session) -> None:
    assert not lifecycle.is_anything_to_do(demo)
    assert demo.scalar(select(func.count(Message.id))) == 0


def test_no_two_made_up_people_have_the_same_name_or_address() -> None:
    assert len(set(NAMES)) == len(NAMES) == 80
    assert len({address(number) for number in range(len(NAMES))}) == 80


def test_every_made_up_address_can_reach_nobody(demo: Session) -> None:
    addresses = [
        *demo.scalars(select(PersonEmail.address)),
        *demo.scalars(select(User.email)),
    ]
    assert all(address.endswith("@example.org") for address in addresses)


@pytest.mark.slow("tells the whole story anew")
def test_taking_the_demo_out_leaves_every_row_as_it_was_except_the_history(
    session: Session,
) -> None:
    seed.load(session, on=TODAY, at=NOON)
    settings_of(session).group_name = "Ours"
    session.flush()
    before = rows_of_everything(session)
    services.fill(session, on=TODAY, at=NOON, base_url=BASE_URL)
    assert rows_of_everything(session) != before

    assert services.clear(session) > 200

    assert rows_of_everything(session) == before


def test_loading_it_twice_adds_nothing(demo: Session, users: DemoUsers) -> None:
    before = rows_of_everything(demo)

    assert services.fill(demo, on=TODAY, at=NOON, base_url=BASE_URL) == users
    assert rows_of_everything(demo) == before


def test_it_is_refused_beside_real_letters_and_once_live(session: Session) -> None:
    make_sent_letter(session, make_organisation(session))
    with pytest.raises(DomainError, match="letters here already"):
        services.fill(session, on=TODAY, at=NOON, base_url=BASE_URL)

    settings_of(session).live_at = NOON
    with pytest.raises(DomainError, match="External email is on"):
        services.fill(session, on=TODAY, at=NOON, base_url=BASE_URL)


@pytest.mark.slow("tells the whole story anew")
def test_an_administrator_loads_it_by_one_click_and_takes_it_out_by_another(
    client: FlaskClient, session: Session
) -> None:
    assert "Nothing is loaded yet" in client.get("/").text

    loaded = client.post("/demo/load")
    assert loaded.text.count("/demo-sign-in/") == 8  # four links, each shown as its own words
    assert "Demo data: the people" in client.get("/").text

    client.post("/demo/remove")
    assert "Demo data: the people" not in client.get("/").text


@pytest.mark.date_sensitive
def test_the_demo_has_two_workstreams_with_something_of_everything(
    demo: Session, users: DemoUsers
) -> None:
    strands = demo.scalars(select(Workstream).order_by(Workstream.id)).all()
    assert [one.name for one in strands] == [
        "Child information-sharing report and consistent identifier",
        "Guidance refresh",
    ]
    for one in strands:
        for has in (
            strand_queries.bodies_of(demo, one.id),
            strand_queries.papers_of(demo, one.id),
            strand_queries.dates_of(demo, one.id),
            demo.scalars(strand_queries.meetings_of(one.id, users.member)).all(),
            demo.scalars(strand_queries.promises_of(one.id, users.member)).all(),
        ):
            assert has


def test_one_system_of_the_demo_shows_promises_follow_ups_and_offers_of_every_kind(
    session: Session,
) -> None:
    services.fill(session, on=TODAY, at=NOON, base_url=BASE_URL)

    full = select(Organisation.id).where(Organisation.ods_code == FULL).scalar_subquery()
    points = session.scalars(select(Outcome).where(Outcome.organisation_id == full)).all()
    rows = session.scalars(select(FollowUp)).all()
    assert len(points) == 25
    assert {point.kind for point in points} == set(OutcomeKind)
    assert {point.state for point in points} == set(PointState)
    assert {point.promised_by for point in points} == {None, *PromisedBy}
    assert {row.state for row in rows} == set(FollowUpState)
    assert {urgency(row, TODAY) for row in rows} == set(Urgency)
    assert any(row.repeat_of_id for row in rows)
    assert {offer.state for offer in session.scalars(select(Offer))} == set(OfferState)


def test_nothing_in_the_demo_is_promised_after_it_is_due(demo: Session) -> None:
    promised = demo.scalars(
        select(Outcome).where(
            Outcome.kind == OutcomeKind.COMMITMENT, Outcome.due_on < Outcome.made_on
        )
    ).all()
    assert [one.text for one in promised] == []
