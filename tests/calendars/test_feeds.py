"""The secret address: who reads what by it, and how it dies."""

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.authentication import new_passwords
from app.accounts.models import MemberOrganisation, Permission, SignInSession, User
from app.accounts.visibility import Visibility
from app.calendars import routes, services
from app.calendars.models import CalendarFeed
from app.core import clock, logs
from app.followups.models import FollowUp, FollowUpState
from app.interactions.models import (
    Interaction,
    InteractionKind,
    InteractionPerson,
    InteractionState,
    InteractionUser,
    OutcomeKind,
    PromisedBy,
)
from app.interactions.outcomes import outcomes
from app.interactions.outcomes.outcomes import OutcomeDetails
from app.workstreams.models import DatePrecision, Workstream, WorkstreamDate
from tests.factories import NOON, TODAY, make_organisation, make_person, make_user
from tests.overview.briefed import make_contact

NEXT_WEEK, NEXT_MONTH = TODAY + timedelta(days=9), TODAY + timedelta(days=44)
NEXT_MARCH = date(TODAY.year + 1, 3, 1)
SignIn = Callable[[User], FlaskClient]


def make_feed(session: Session, user: User, *, with_all: bool = False) -> str:
    secret = services.make(session, user=user, at=NOON)
    services.choose(session, user=user, with_all=with_all)
    session.commit()
    return f"/calendar/{secret}.ics"


def events(client: FlaskClient, address: str) -> dict[str, Any]:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    calendar: Any = Calendar.from_ical(answer.data)
    found = calendar.walk("VEVENT")
    return {str(event["SUMMARY"]): event for event in found}


def plan(session: Session, by: User, subject: str, **more: Any) -> Interaction:
    one = make_contact(
        session, make_organisation(session), by, subject=subject, days_ago=-5, **more
    )
    one.state = InteractionState.PLANNED
    one.starts_at = NOON + timedelta(days=5, hours=2)
    one.ends_at = one.starts_at + timedelta(minutes=45)
    one.agenda = "SECRET agenda"
    one.body = "SECRET words of the note"
    session.flush()
    return one


def make_follow_up(session: Session, owner: User, what: str, **more: Any) -> FollowUp:
    given: dict[str, Any] = {
        "what": what,
        "details": "SECRET details",
        "owner_id": owner.id,
        "due_on": NEXT_WEEK,
        "created_at": NOON,
        "author_id": owner.id,
        "member_organisation_id": owner.member_organisation_id,
    }
    made = FollowUp(**{**given, **more})
    session.add(made)
    session.flush()
    return made


@pytest.mark.date_sensitive
def test_a_feed_holds_my_meetings_my_follow_ups_and_the_dates_of_workstreams(
    session: Session, stranger: FlaskClient
) -> None:
    me, other = make_user(session, "Morgan Me"), make_user(session, "Olu Other")
    mine = plan(session, me, "Mine")
    mine.place = "Leeds"
    theirs = plan(session, other, "With me in the room")
    session.add(InteractionUser(interaction_id=theirs.id, user_id=me.id))
    plan(session, other, "Without me")
    make_contact(
        session, make_organisation(session), me, subject="A note", kind=InteractionKind.NOTE
    )
    make_follow_up(session, me, "Send the pack")
    make_follow_up(session, me, "Asleep", asleep_until=NEXT_MONTH)
    make_follow_up(session, me, "Done", state=FollowUpState.DONE, done_at=NOON)
    make_follow_up(session, other, "Not mine")
    strand, closed = Workstream(name="Identifier"), Workstream(name="Over", closed_on=TODAY)
    session.add_all((strand, closed))
    session.flush()
    session.add_all(
        WorkstreamDate(
            workstream_id=of.id,
            what=what,
            falls_on=NEXT_MARCH,
            precision=DatePrecision.MONTH,
            source="A speech",
        )
        for of, what in ((strand, "Report"), (closed, "Old report"))
    )
    address = make_feed(session, me)

    found = events(stranger, address)

    assert set(found) == {
        "Mine",
        "With me in the room",
        "Due: Send the pack",
        "Due: Asleep",
        f"Report (March {NEXT_MARCH.year})",
    }
    assert found["Mine"]["LOCATION"] == "Leeds"
    assert found["Mine"]["URL"].endswith(f"/interactions/{mine.id}")
    assert found["Due: Send the pack"].start == NEXT_WEEK
    assert found["Due: Asleep"].start == NEXT_MONTH
    assert b"SECRET" not in stranger.get(address).data
    assert "ATTENDEE" not in stranger.get(address).text
    everything = make_feed(session, me, with_all=True)
    assert "Without me" in events(stranger, everything)
    assert "Due: Not mine" not in events(stranger, everything)


def test_a_follow_up_says_what_it_is_and_no_word_of_notes_that_are_kept_from_others(
    session: Session, stranger: FlaskClient
) -> None:
    me = make_user(session)
    body = make_organisation(session, "North ICB")
    meeting = make_contact(session, body, me, subject="Programme")
    promised = OutcomeDetails(
        OutcomeKind.COMMITMENT,
        "Share the draft",
        PromisedBy.THEM,
        body,
        owner=me,
        due_on=NEXT_WEEK,
    )
    by_hand = replace(promised, text="Send the pack")
    private = make_contact(session, body, me, visible_to=Visibility.AUTHOR)
    kept = OutcomeDetails(OutcomeKind.FOLLOW_UP, "SECRET words", owner=me, due_on=NEXT_MONTH)
    for said, entry in ((promised, meeting), (by_hand, None), (kept, private)):
        outcomes.add(session, said, interaction=entry, by=me, at=NOON, on=TODAY)
    make_follow_up(
        session, me, "SECRET", organisation=body, visible_to=Visibility.AUTHOR, author_id=me.id
    )
    address = make_feed(session, me)

    found = events(stranger, address)

    assert set(found) == {
        "Programme",
        "A conversation",
        "Due: Share the draft (North ICB)",
        "Due: Send the pack (North ICB)",
        "Follow-up: North ICB",
    }
    assert b"SECRET" not in stranger.get(address).data
    made = found["Due: Share the draft (North ICB)"]
    assert made.start == NEXT_WEEK
    assert re.search(r"/follow-ups/\d+$", made["URL"])
    assert made["URL"] in made["DESCRIPTION"]


@pytest.mark.parametrize("visible_to", [Visibility.AUTHOR, Visibility.MEMBER])
def test_what_somebody_may_not_read_is_in_no_feed_of_theirs(
    session: Session, stranger: FlaskClient, sign_in: SignIn, visible_to: Visibility
) -> None:
    author, other = make_user(session, "Ann Author"), make_user(session, "Olu Other")
    elsewhere = MemberOrganisation(name="Another Charity")
    session.add(elsewhere)
    session.flush()
    other.member_organisation_id = elsewhere.id
    hidden = plan(session, author, "Hush", visible_to=visible_to)
    session.add(InteractionUser(interaction_id=hidden.id, user_id=other.id))
    make_follow_up(session, author, "Hush too", visible_to=visible_to, owner_id=other.id)
    theirs = make_feed(session, other, with_all=True)
    own = make_feed(session, author)
    assert events(stranger, theirs) == {}
    assert sign_in(other).get(f"/interactions/{hidden.id}.ics").status_code == 404
    assert events(stranger, own)["Hush"]["CLASS"] == "PRIVATE"


@pytest.mark.date_sensitive
def test_a_cancelled_meeting_stays_in_the_feed_as_cancelled(
    session: Session, stranger: FlaskClient
) -> None:
    me = make_user(session)
    plan(session, me, "Off").state = InteractionState.CANCELLED
    # Outlook and Apple show it like any other unless its name says so.
    off = events(stranger, make_feed(session, me))["Cancelled: Off"]
    assert off["STATUS"] == "CANCELLED"


def test_an_entry_keeps_its_name_and_counts_its_changes(
    session: Session, stranger: FlaskClient
) -> None:
    me = make_user(session)
    one = plan(session, me, "Moved")
    address = make_feed(session, me)
    before = events(stranger, address)["Moved"]
    one.starts_at, one.ends_at, one.version = NOON, None, one.version + 1
    session.commit()
    after = events(stranger, address)["Moved"]
    assert before["UID"] == after["UID"]
    assert after["SEQUENCE"] == before["SEQUENCE"] + 1
    assert after["LAST-MODIFIED"].dt > datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.date_sensitive
def test_the_file_of_a_meeting_names_who_is_there_and_spares_whoever_objected(
    session: Session, sign_in: SignIn
) -> None:
    me = make_user(session, "Morgan Me", email="morgan@example.org")
    alex = make_person(session, "Sample", email="alex@example.org")
    silent = make_person(session, "Silent", email="silent@example.org", objected_on=TODAY)
    one = plan(session, me, "Plan refresh; with, signs", person=alex)
    session.add(InteractionPerson(interaction_id=one.id, person_id=silent.id))
    session.add(InteractionUser(interaction_id=one.id, user_id=me.id))
    session.commit()

    answer = sign_in(me).get(f"/interactions/{one.id}.ics")

    assert answer.headers["Content-Disposition"].endswith("plan-refresh-with-signs.ics")
    calendar: Any = Calendar.from_ical(answer.data)
    [event] = calendar.walk("VEVENT")
    assert event["ORGANIZER"] == "mailto:morgan@example.org"
    assert [str(one) for one in event["ATTENDEE"]] == [
        "mailto:morgan@example.org",
        "mailto:alex@example.org",
    ]
    assert "Also there: Alex Silent" in event["DESCRIPTION"]
    assert "silent@example.org" not in answer.text
    assert "SECRET" not in answer.text


def test_a_new_address_kills_the_old_one_at_once_and_switching_off_kills_it_too(
    session: Session, sign_in: SignIn, stranger: FlaskClient
) -> None:
    me = make_user(session)
    browser = sign_in(me)
    addresses = []
    for _ in range(2):
        shown = browser.post("/account/calendar/address").text
        addresses.append(re.search(r"/calendar/[\w-]{43}\.ics", shown).group())  # type: ignore[union-attr]
    assert [stranger.get(one).status_code for one in addresses] == [404, 200]
    kept = session.scalars(select(CalendarFeed)).one()
    assert addresses[1][10:-4] not in kept.token_hash
    assert addresses[1] not in browser.get("/account/calendar").text
    browser.post("/account/calendar/off")
    assert stranger.get(addresses[1]).status_code == 404


@pytest.mark.parametrize("end", ["disabled", "no permission"])
def test_the_address_dies_with_its_owners_account(
    session: Session, stranger: FlaskClient, end: str
) -> None:
    me = make_user(session)
    address = make_feed(session, me)
    if end == "disabled":
        me.disabled_at = NOON
    else:
        me.permissions = [Permission.ADMINISTER.value]
    session.commit()
    assert stranger.get(address).status_code == 404


def test_the_address_only_reads(session: Session, stranger: FlaskClient) -> None:
    address = make_feed(session, make_user(session))
    for method in ("POST", "PUT", "DELETE", "PROPFIND"):
        assert stranger.open(address, method=method).status_code == 405


def test_guessing_and_asking_too_often_are_slowed_down(
    session: Session, stranger: FlaskClient
) -> None:
    address = make_feed(session, make_user(session))
    for _ in range(routes.GUESSING[0].at_once):
        assert stranger.get("/calendar/guess.ics").status_code == 404
    answer = stranger.get("/calendar/guess.ics")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    for _ in range(routes.READING[0].at_once):
        assert stranger.get(address).status_code == 200
    assert stranger.get(address).status_code == 429


def test_the_address_is_in_no_log(
    session: Session, stranger: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    address = make_feed(session, make_user(session))
    before = logging.getLogger().handlers[:]
    try:
        logs.configure()
        stranger.get(address)
        said = capsys.readouterr().err
    finally:
        logging.getLogger().handlers[:] = before
    assert "/calendar/<secret>.ics" in said
    assert address not in said


@pytest.mark.date_sensitive
def test_which_meetings_it_shows_is_a_choice(session: Session, sign_in: SignIn) -> None:
    me = make_user(session)
    make_feed(session, me)
    browser = sign_in(me)
    assert browser.post("/account/calendar/meetings", data={"meetings": "all"}).status_code == 302
    session.expire_all()
    assert session.get_one(CalendarFeed, me.id).with_all
    refused = browser.post("/account/calendar/meetings", data={"meetings": "x"})
    assert refused.status_code == 200
    assert "My calendar" in refused.text


def test_the_address_ends_when_its_owner_becomes_careful(
    session: Session, stranger: FlaskClient, sign_in: SignIn
) -> None:
    user = make_user(session, "Kit", permissions=(Permission.VIEW,))

    def dies(act: Callable[[], object]) -> None:
        address = f"/calendar/{services.make(session, user=user, at=clock.now())}.ics"
        session.commit()
        assert stranger.get(address).status_code == 200
        act()
        session.commit()
        assert stranger.get(address).status_code == 404
        assert "No address yet" in sign_in(user).get("/account/calendar").text

    dies(lambda: new_passwords.change(session, user, password_hash="x", at=clock.now()))
    browser = sign_in(user)
    dies(lambda: browser.post("/account/sessions/end-others"))
    administrator = sign_in(make_user(session, "Ida"))
    dies(lambda: administrator.post(f"/users/{user.id}/end-sessions"))
    dies(lambda: administrator.post(f"/calendars/{user.id}/off"))


def test_an_administrator_sees_who_has_an_address_and_nobody_else_does(
    session: Session, sign_in: SignIn
) -> None:
    user = make_user(session, "Kit", permissions=(Permission.VIEW,))
    make_feed(session, user)
    page = sign_in(make_user(session, "Ida")).get("/calendars").text
    assert "Kit" in page
    assert "Switch it off" in page
    assert sign_in(user).get("/calendars").status_code == 403


def test_a_new_address_takes_the_password(session: Session, sign_in: SignIn) -> None:
    user = make_user(session, "Kit", permissions=(Permission.VIEW,))
    browser = sign_in(user)
    session.execute(update(SignInSession).values(fresh_at=clock.now() - timedelta(minutes=16)))
    session.commit()
    assert "password" in browser.post("/account/calendar/address").text
    assert session.get(CalendarFeed, user.id) is None
