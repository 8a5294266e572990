"""How far we are with each system, derived from what happened."""

import re
from dataclasses import replace
from datetime import date
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.visibility import Visibility
from app.core.mail import caught
from app.directory.models import Organisation
from app.interactions.entries.services import write_down
from app.interactions.models import (
    InteractionKind,
    InteractionOrganisation,
    InteractionState,
    OfferState,
    Outcome,
    OutcomeKind,
    PromisedBy,
)
from app.interactions.offers import offers
from app.interactions.offers.offers import OfferDetails
from app.interactions.outcomes import outcomes
from app.interactions.outcomes.outcomes import OutcomeDetails
from app.interactions.participants import involve
from app.overview.engagement import EngagementStep
from app.overview.map_view import ladder_of, rungs
from app.overview.status import SystemStatus, is_stale, standings
from app.settings.services import settings_of
from tests.conftest import CountStatements
from tests.factories import (
    NOON,
    TODAY,
    make_answer,
    make_appointment,
    make_person,
    make_sent_letter,
    make_succession,
    make_system,
    make_user,
)
from tests.overview.briefed import make_contact, make_promise

APRIL = date(2026, 4, 1)


def only(rows: list[SystemStatus]) -> SystemStatus:
    assert len(rows) == 1
    return rows[0]


def test_a_system_without_a_known_lead_is_on_the_lowest_step(session: Session) -> None:
    make_system(session)

    row = only(standings(session, TODAY))

    assert row.engagement.step is EngagementStep.NO_LEAD_KNOWN
    assert row.leads == ()


def test_a_system_climbs_by_what_happened_to_its_board(session: Session) -> None:
    _, board = make_system(session)
    person = make_person(session)
    make_appointment(session, organisation=board, person=person, started_on=date(2025, 5, 1))
    letter = make_sent_letter(session, board, person=person, sent_on=date(2026, 6, 1))
    make_answer(session, letter, on=date(2026, 6, 9), by=make_user(session))

    row = only(standings(session, TODAY))

    assert row.engagement.step is EngagementStep.REPLIED
    assert row.engagement.reached_on == date(2026, 6, 9)
    assert row.engagement.dates[EngagementStep.LEAD_NAMED] == date(2025, 5, 1)
    assert row.last_contact_on == date(2026, 6, 9)


def test_a_letter_that_only_the_catcher_has_is_no_step_but_in_demo_data(
    session: Session, client: FlaskClient
) -> None:
    system, board = make_system(session)
    letter = make_sent_letter(session, board, sent_on=APRIL)
    letter.server_reply = caught.REPLY
    session.commit()

    row = only(standings(session, TODAY))
    assert (row.engagement.step, row.last_contact_on) == (EngagementStep.NO_LEAD_KNOWN, None)
    assert "Letter caught here, not sent" in client.get(f"/systems/{system.id}").text

    settings_of(session).is_demo = True
    session.flush()
    assert only(standings(session, TODAY)).engagement.step is EngagementStep.LETTER_SENT


def test_a_lead_without_a_first_day_is_named_from_the_day_we_found_them(session: Session) -> None:
    _, board = make_system(session)
    make_appointment(session, organisation=board, started_on=None, checked_on=APRIL)

    before = only(standings(session, date(2026, 3, 31)))
    assert (before.leads, before.engagement.step) == ((), EngagementStep.NO_LEAD_KNOWN)
    row = only(standings(session, APRIL))
    assert (len(row.leads), row.engagement.dates[EngagementStep.LEAD_NAMED]) == (1, APRIL)


def test_on_an_earlier_day_later_things_have_not_happened(session: Session) -> None:
    _, board = make_system(session)
    letter = make_sent_letter(session, board, sent_on=date(2026, 6, 1))
    make_answer(session, letter, on=date(2026, 6, 9), by=make_user(session))

    assert (
        only(standings(session, date(2026, 5, 31))).engagement.step is EngagementStep.NO_LEAD_KNOWN
    )
    for day, step in (
        (date(2026, 6, 1), EngagementStep.LETTER_SENT),
        (date(2026, 6, 8), EngagementStep.LETTER_SENT),
        (date(2026, 6, 9), EngagementStep.REPLIED),
    ):
        assert only(standings(session, day)).engagement.step is step


def test_what_a_predecessor_reached_counts_for_every_successor(session: Session) -> None:
    _, old = make_system(session, "Oldshire", dissolved_on=APRIL)
    north, north_board = make_system(session, "North")
    south, south_board = make_system(session, "South")
    make_succession(session, old, north_board, APRIL)
    make_succession(session, old, south_board, APRIL)
    make_sent_letter(session, old, sent_on=date(2025, 10, 1))

    rows = {row.system.id: row for row in standings(session, TODAY)}

    assert rows.keys() == {north.id, south.id}
    assert all(row.engagement.step is EngagementStep.LETTER_SENT for row in rows.values())


def test_before_the_merger_the_old_system_is_the_one_shown(session: Session) -> None:
    _, old = make_system(session, "Oldshire", dissolved_on=APRIL)
    make_succession(session, old, make_system(session, "New")[1], APRIL)

    names = {row.system.short_name for row in standings(session, date(2026, 3, 31))}

    assert "Oldshire" in names


def test_a_shared_post_shows_every_holder(session: Session) -> None:
    _, board = make_system(session)
    for name in ("Brown", "Green"):
        person = make_person(session, name)
        make_appointment(session, organisation=board, person=person)

    assert [lead.name for lead in only(standings(session, TODAY)).leads] == [
        "Alex Brown",
        "Alex Green",
    ]


def test_a_lead_not_checked_for_more_than_ninety_days_is_stale(session: Session) -> None:
    _, board = make_system(session)
    make_appointment(session, organisation=board, checked_on=date(2026, 8, 23))

    row = only(standings(session, TODAY))

    assert is_stale(row, TODAY)
    assert not is_stale(row, date(2026, 11, 21))


def test_thirty_systems_cost_no_more_statements_than_one(
    session: Session, count_statements: CountStatements
) -> None:
    for number in range(30):
        _, board = make_system(session, f"System {number}")
        make_appointment(session, organisation=board)
    session.expire_all()

    with count_statements() as counted:
        assert len(standings(session, TODAY)) == 30

    assert len(counted) == 5


def test_met_is_the_first_meeting_held_with_the_system_or_its_predecessors(
    session: Session,
) -> None:
    _, old = make_system(session, "Old", dissolved_on=APRIL)
    _, new = make_system(session, "New")
    make_succession(session, old, new, on=APRIL)
    for board, day, state in (
        (old, date(2026, 3, 2), InteractionState.HELD),
        (old, date(2026, 2, 2), InteractionState.CANCELLED),
        (new, date(2026, 6, 2), InteractionState.HELD),
        (new, TODAY, InteractionState.PLANNED),
    ):
        write_down(
            session,
            kind=InteractionKind.MEETING,
            state=state,
            happened_on=day,
            body="",
            organisations=[board],
            by=make_user(session),
            at=NOON,
            today=TODAY,
        )

    row = only(standings(session, TODAY))

    assert (row.engagement.step, row.engagement.reached_on) == (
        EngagementStep.MET,
        date(2026, 3, 2),
    )
    assert row.last_contact_on == date(2026, 6, 2)


def test_a_meeting_kept_to_its_author_moves_the_map_of_nobody_else(session: Session) -> None:
    _, board = make_system(session)
    author = make_user(session)
    write_down(
        session,
        kind=InteractionKind.MEETING,
        happened_on=TODAY,
        body="",
        organisations=[board],
        visible_to=Visibility.AUTHOR,
        by=author,
        at=NOON,
        today=TODAY,
    )

    assert only(standings(session, TODAY)).engagement.step is EngagementStep.NO_LEAD_KNOWN
    assert only(standings(session, TODAY, reader=author)).engagement.step is EngagementStep.MET


@pytest.mark.parametrize("kind", [InteractionKind.MEETING, InteractionKind.CALL])
def test_what_is_kept_to_its_author_is_a_contact_for_nobody_else(
    session: Session, kind: InteractionKind
) -> None:
    _, board = make_system(session)
    author = make_user(session)
    make_contact(session, board, author, kind=kind, days_ago=0, visible_to=Visibility.AUTHOR)

    for other in (None, make_user(session, "Other Sample")):
        assert only(standings(session, TODAY, reader=other)).last_contact_on is None
    assert only(standings(session, TODAY, reader=author)).last_contact_on == TODAY


def test_an_accepted_offer_or_a_promise_each_way_is_working_together(session: Session) -> None:
    user = make_user(session)
    _, board = make_system(session, "North")
    _, other = make_system(session, "South")
    _, private = make_system(session, "West")
    offered = OfferDetails("A session", board, date(2026, 6, 1), user)
    offer = offers.make(session, offered, by=user, on=TODAY)
    assert not any(row.engagement.reached_on for row in standings(session, TODAY))
    for state, day in ((OfferState.ACCEPTED, 9), (OfferState.UNDER_WAY, 20)):
        offers.take_step(session, offer, state, reached_on=date(2026, 6, day), by=user, on=TODAY)
    promised = OutcomeDetails(OutcomeKind.COMMITMENT, "A draft", owner=user, due_on=TODAY)

    def promise(side: PromisedBy, body: Organisation, day: date) -> Outcome:
        said = replace(promised, promised_by=side, organisation=body)
        return outcomes.add(session, said, made_on=day, by=user, at=NOON, on=TODAY)

    for body in (other, private):
        promise(PromisedBy.THEM, body, date(2026, 7, 1))
        promise(PromisedBy.THEM, body, date(2026, 7, 8))
    for row in standings(session, TODAY)[1:]:  # however often, from one side alone
        assert row.engagement.step is EngagementStep.NO_LEAD_KNOWN, row.system
    promise(PromisedBy.US, other, date(2026, 7, 5))
    promise(PromisedBy.US, private, date(2026, 7, 5)).visible_to = Visibility.AUTHOR
    offers.take_step(session, offer, OfferState.DECLINED, reached_on=TODAY, by=user, on=TODAY)
    session.flush()

    north, south, west = standings(session, TODAY)
    assert north.engagement.step is EngagementStep.WORKING_TOGETHER
    assert north.engagement.reached_on == date(2026, 6, 9)
    assert south.engagement.reached_on == date(2026, 7, 5)
    assert west.engagement.step is EngagementStep.NO_LEAD_KNOWN
    assert standings(session, date(2026, 6, 8))[0].engagement.reached_on is None
    assert standings(session, date(2026, 6, 9))[0].engagement.reached_on == date(2026, 6, 9)
    assert standings(session, date(2026, 7, 4))[1].engagement.reached_on is None
    assert standings(session, date(2026, 7, 5))[1].engagement.reached_on == date(2026, 7, 5)
    assert (
        standings(session, TODAY, reader=user)[2].engagement.step is EngagementStep.WORKING_TOGETHER
    )


def test_a_promise_of_a_meeting_counts_for_each_of_its_bodies(session: Session) -> None:
    user = make_user(session)
    boards = [make_system(session, name)[1] for name in ("North", "South")]
    make_system(session, "West")
    meeting = make_contact(session, boards[0], user)
    involve(session, InteractionOrganisation, meeting, [one.id for one in boards])
    said = OutcomeDetails(OutcomeKind.COMMITMENT, "A draft", owner=user, due_on=TODAY)
    for side in PromisedBy:
        promised = replace(said, promised_by=side)
        outcomes.add(session, promised, interaction=meeting, by=user, at=NOON, on=TODAY)

    steps = [row.engagement.step for row in standings(session, TODAY)]

    assert steps == [*[EngagementStep.WORKING_TOGETHER] * 2, EngagementStep.NO_LEAD_KNOWN]


def test_a_step_nobody_recorded_is_not_shown_as_done(client: FlaskClient, session: Session) -> None:
    system, board = make_system(session, "North")
    make_appointment(session, organisation=board, started_on=APRIL)
    by = make_user(session)
    for side in PromisedBy:
        make_promise(session, board, by, "A draft", side=side)
    session.commit()

    shown = [(one.label, one.state) for one in ladder_of(only(standings(session, TODAY)))]
    page = client.get(f"/systems/{system.id}").text

    assert shown == [
        ("Lead named", "done"),
        ("Letter sent", "skipped"),
        ("Replied", "skipped"),
        ("Met", "skipped"),
        ("Working together", "now"),
    ]
    assert page.count("not recorded</span>") == 3
    assert page.count("Done: </span>") == 1


def test_the_headline_says_what_the_bars_below_it_say(
    client: FlaskClient, session: Session
) -> None:
    _, north = make_system(session, "North")
    _, south = make_system(session, "South")
    make_system(session, "West")
    make_appointment(session, organisation=north)
    by = make_user(session)
    for side in PromisedBy:  # without ever having met
        make_promise(session, north, by, "A draft", side=side)
    make_promise(session, south, by, "A date")
    make_contact(session, south, by)
    session.commit()

    rows = standings(session, TODAY)
    bars = {rung.label: rung.count for rung in rungs(rows, lambda **_: "/")}
    page = client.get("/").text

    said = "1 of 3 systems have a named children’s lead. We have met 2 and are working with 1."
    assert said in page
    assert said in client.get("/systems").text
    assert (bars["Lead named now"], bars["Met or beyond"], bars["Working together"]) == (1, 2, 1)
    for label, listed in (("Lead named now", 1), ("Met or beyond", 2), ("Working together", 1)):
        (address,) = re.findall(rf'href="([^"]+)">{label}</a>', page)
        csv = client.get(unescape(address) + "&format=csv").text
        assert len(csv.splitlines()) == 1 + listed, label
