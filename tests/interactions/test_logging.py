"""Writing something down from a page: what is offered, what is refused, and what stays typed."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.directory.models import OrganisationKind
from app.followups.models import FollowUp
from app.interactions import queries
from app.interactions.attendees.typeahead import bodies_called
from app.interactions.models import Interaction, InteractionKind, InteractionState
from tests.factories import TODAY, make_appointment, make_organisation, make_person, make_user

LATER = (TODAY + timedelta(days=26)).isoformat()
WORDS = "They will send the draft."


def form(**fields: Any) -> dict[str, Any]:
    return {
        "kind": "call",
        "happened_on": TODAY.isoformat(),
        "body": WORDS,
        "visible_to": "group",
        "form_token": "one-form",
    } | fields


def written(session: Session) -> Interaction:
    session.expire_all()
    return session.scalars(select(Interaction)).one()


@pytest.mark.date_sensitive
def test_a_call_from_a_bodys_page_has_the_body_and_its_people_ready_and_the_cursor_in_the_words(
    client: FlaskClient, session: Session
) -> None:
    board = make_organisation(session, short_name="Sampleshire")
    lead = make_appointment(session, organisation=board).person
    session.commit()

    page = client.get(f"/organisations/{board.id}/log?kind=call").text

    assert f'name="organisations" type="checkbox" value="{board.id}"' in page.replace(
        "checked ", ""
    )
    assert f'value="{lead.id}"' in page
    assert f'value="{TODAY.isoformat()}"' in page
    assert "autofocus" in page.split('name="body"')[0].split("<textarea")[-1]


def test_a_call_from_a_persons_page_is_with_them_and_where_they_hold_a_post(
    client: FlaskClient, session: Session
) -> None:
    board = make_organisation(session, short_name="Sampleshire")
    lead = make_appointment(session, organisation=board).person
    session.commit()

    page = client.get(f"/log?kind=call&person_id={lead.id}").text

    assert page.count("checked") >= 3  # the kind, the body, the person


@pytest.mark.date_sensitive
def test_one_meeting_with_several_bodies_people_and_colleagues(
    client: FlaskClient, session: Session
) -> None:
    boards = [make_organisation(session, short_name=name) for name in ("One", "Two", "DfE")]
    people = [make_person(session, name) for name in ("Able", "Baker", "Carr", "Dale", "Eden")]
    colleague = make_user(session, "Colleague Sample")
    session.commit()

    client.post(
        "/log",
        data=form(
            kind="meeting",
            state="held",
            starts="14:00",
            ends="14:45",
            place="video",
            subject="Children’s programme",
            organisations=[body.id for body in boards],
            people=[person.id for person in people],
            ours=[colleague.id],
        ),
    )

    meeting = written(session)
    page = client.get(f"/interactions/{meeting.id}").text
    assert meeting.state is InteractionState.HELD
    assert len(queries.organisations_of(session, meeting.id)) == 3
    assert len(queries.people_of(session, [meeting.id])[meeting.id]) == 5
    assert "14:00 to 14:45" in page
    assert "Colleague Sample" in page


def test_a_name_that_was_typed_is_found_when_the_form_is_sent(
    client: FlaskClient, session: Session
) -> None:
    board = make_organisation(session, short_name="Sampleshire")
    make_organisation(session, short_name="Sampleshire North")
    make_person(session, "Known", given_name="Jo")
    session.commit()

    client.post("/log", data=form(organisation_q="sampleshire", person_q="Jo Known"))

    entry = written(session)
    assert [body.id for body in queries.organisations_of(session, entry.id)] == [board.id]
    assert len(queries.people_of(session, [entry.id])[entry.id]) == 1


def test_a_name_of_several_is_asked_about_and_nothing_typed_is_lost(
    client: FlaskClient, session: Session
) -> None:
    north = make_organisation(session, short_name="Sampleshire North")
    make_organisation(session, short_name="Sampleshire South")
    session.commit()

    page = client.post("/log", data=form(organisation_q="sampleshire")).text

    assert "Several are called something like “sampleshire”. Choose the one you mean." in page
    assert f'value="{north.id}"' in page
    assert WORDS in page
    assert session.scalar(select(Interaction.id)) is None


def test_of_three_bodies_of_one_name_the_board_is_offered_first(session: Session) -> None:
    kinds = (OrganisationKind.ICP, OrganisationKind.ICS, OrganisationKind.ICB)
    made = [
        make_organisation(
            session, f"{kind.value} of Sampleshire", short_name="Sampleshire", kind=kind
        )
        for kind in kinds
    ]
    found = [one.id for one in bodies_called(session, "Sampleshire", TODAY)]
    assert found == [made[2].id, made[1].id, made[0].id]


def test_looking_a_name_up_writes_nothing_and_shows_who_leads_there(
    client: FlaskClient, session: Session
) -> None:
    board = make_organisation(session, short_name="Sampleshire")
    make_appointment(session, organisation=board, person=make_person(session, "Leader"))
    session.commit()

    page = client.post("/log", data=form(organisation_q="Sampleshire", look="organisations")).text

    assert "Alex Leader" in page
    assert "There is a problem" not in page
    assert session.scalar(select(Interaction.id)) is None


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"organisations": []}, "Choose the organisation this was with."),
        (
            {"organisation_q": "Nowhere at all"},
            "No organisation is called “Nowhere at all” on that day.",
        ),
        ({"person_q": "Nobody Known"}, "Nobody called “Nobody Known” is known."),
        (
            {"starts": "14:00", "ends": "13:00"},
            "It ends at 13:00, before it starts at 14:00. Correct one of them; if it went on past",
        ),
        ({"ends": "13:00"}, "Give the time it starts too, or leave both times empty."),
        ({"starts": "25:00"}, "Give a time, such as 14:30."),
        ({"happened_on": "soon"}, "Enter a date, such as 31 March 2026"),
        ({"happened_on": LATER}, "Give today’s date or an earlier one"),
        (
            {"kind": "meeting", "state": "planned", "happened_on": "2026-01-01"},
            "This day is past. Say that it took place, or give the day it is planned for.",
        ),
        ({"link": "javascript:alert(1)"}, "The link of the call has to begin with https://."),
        ({"body": "x" * 600_000}, "This text takes 601 kB; the most is 500 kB."),
        ({"follow_what": "Send it"}, "Give the day by when it is due"),
        ({"follow_what": "Send it", "follow_due": "x"}, "Enter a date, such as 31 March 2026"),
    ],
)
def test_bad_input_is_answered_with_a_sentence_and_what_was_typed_stays(
    client: FlaskClient, session: Session, wrong: dict[str, Any], sentence: str
) -> None:
    board = make_organisation(session, short_name="Sampleshire")
    session.commit()

    page = client.post("/log", data=form(organisations=[board.id]) | wrong).text

    assert sentence in page
    assert wrong.get("body", WORDS) in page
    assert session.scalar(select(Interaction.id)) is None
    assert session.scalar(select(FollowUp.id)) is None


@pytest.mark.date_sensitive
def test_a_planned_meeting_lies_ahead_and_is_held_or_cancelled_with_a_reason(
    client: FlaskClient, session: Session
) -> None:
    board = make_organisation(session)
    session.commit()
    ahead = TODAY + timedelta(days=9)
    data = form(kind="meeting", state="planned", body="", organisations=[board.id])
    client.post("/log", data=data | {"happened_on": ahead.isoformat()})
    meeting = written(session)

    early = client.post(f"/interactions/{meeting.id}/held", follow_redirects=True).text
    client.post(f"/interactions/{meeting.id}/cancel", data={"reason": ""})
    client.post(f"/interactions/{meeting.id}/cancel", data={"reason": "They are ill."})

    meeting = written(session)
    assert "When it has taken place, mark it held" in early
    assert meeting.state is InteractionState.CANCELLED
    assert "They are ill." in meeting.body


def test_why_a_meeting_is_cancelled_is_looked_at_for_patient_data_like_all_words(
    client: FlaskClient, session: Session
) -> None:
    board = make_organisation(session)
    session.commit()
    data = form(kind="meeting", state="planned", body="", organisations=[board.id])
    client.post("/log", data=data | {"happened_on": (TODAY + timedelta(days=9)).isoformat()})
    address = f"/interactions/{written(session).id}/cancel"
    reason = {"reason": "The child named Alex is ill."}

    asked = client.post(address, data=reason).text
    state_then = written(session).state
    anyway = re.search(r'name="anyway" value="(\w+)"', asked)
    assert anyway
    client.post(address, data=reason | {"anyway": anyway[1]})

    assert "This looks like patient data" in asked
    assert "The child named Alex is ill." in asked
    assert state_then is InteractionState.PLANNED
    session.expire_all()
    assert written(session).state is InteractionState.CANCELLED


@pytest.mark.date_sensitive
def test_a_follow_up_made_in_the_same_form_is_about_the_call(
    client: FlaskClient, session: Session
) -> None:
    board = make_organisation(session)
    owner = make_user(session, "Owner Sample")
    session.commit()

    client.post(
        "/log",
        data=form(
            organisations=[board.id],
            follow_what="Send the evidence pack",
            follow_due=LATER,
            follow_owner=owner.id,
        ),
    )

    follow_up = session.scalars(select(FollowUp)).one()
    assert (follow_up.what, follow_up.owner_id) == ("Send the evidence pack", owner.id)
    assert (follow_up.record_kind, follow_up.record_id) == ("interaction", written(session).id)


def test_a_double_click_writes_one_entry_and_one_follow_up(
    client: FlaskClient, session: Session
) -> None:
    board = make_organisation(session)
    session.commit()
    data = form(organisations=[board.id], follow_what="Once", follow_due=LATER)

    first, second = (client.post("/log", data=data) for _ in range(2))

    assert first.location == second.location
    assert len(session.scalars(select(Interaction)).all()) == 1
    assert len(session.scalars(select(FollowUp)).all()) == 1


@pytest.mark.parametrize(
    "words",
    [
        "<p class=MsoNormal><b>Plan</b><o:p></o:p></p>",
        "A “quoted” dash –, a soft\u00adhyphen, \u2028 separators\u2029, \ufeff marks and \x0bmore",
        "<script>alert(1)</script>",
    ],
)
def test_what_is_pasted_from_elsewhere_is_words_and_nothing_more(
    client: FlaskClient, session: Session, words: str
) -> None:
    board = make_organisation(session)
    session.commit()
    data = form(kind="meeting", state="held", organisations=[board.id], body=words)
    client.post("/log", data=data | dict.fromkeys(("subject", "place", "agenda", "others"), words))

    entry = written(session)
    page = client.get(f"/interactions/{entry.id}")

    assert entry.kind is InteractionKind.MEETING
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "MsoNormal" not in page.text.replace("&lt;p class=MsoNormal&gt;", "")


PATIENT = "Spoke about the child Tommy Sample, NHS number 943 476 5919, born on 3 May 2019."


def test_words_that_look_like_patient_data_are_saved_only_when_it_is_said_to_be_meant(
    client: FlaskClient, session: Session
) -> None:
    board = make_organisation(session)
    session.commit()
    data = form(organisations=[board.id], body=PATIENT)

    warned = client.post("/log", data=data).text
    nothing_yet = session.scalar(select(Interaction.id))
    token = warned.split('name="anyway" value="')[1].split('"')[0]
    more = client.post("/log", data=data | {"body": PATIENT + " DOB 1.2.2015", "anyway": token})
    client.post("/log", data=data | {"anyway": token})

    assert "This looks like patient data" in warned
    assert "943 476 5919" in warned
    assert "born on 3 May 2019" in warned
    assert "the child Tommy Sample" in warned
    assert PATIENT in warned.split("<textarea")[1]
    assert nothing_yet is None
    assert "This looks like patient data" in more.text
    assert written(session).body == PATIENT
