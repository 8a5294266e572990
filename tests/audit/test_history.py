"""The history of a record, on its page and in the log, in the words of the field."""

from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.audit.models import AuditEvent
from app.audit.queries import events_about, values_of
from app.audit.rules import field_words, value_words
from app.audit.services import Actor, act_as, record
from app.settings import services
from tests.conftest import CountStatements
from tests.factories import NOON, make_organisation, make_person, make_user


def test_a_change_stands_with_who_and_from_what_to_what(
    client: FlaskClient, session: Session
) -> None:
    act_as(session, Actor("Kim Example", 7, "192.0.2.1"))
    person = make_person(session, "Sample")
    person.family_name = "O’Sample <b>"
    person.objected_on = date(2026, 11, 20)
    session.commit()
    page = client.get(f"/history/person/{person.id}").text
    assert "Changed by Kim Example" in page
    assert "from <q>Sample</q> to <q>O’Sample &lt;b&gt;</q>" in page
    assert "from <i>empty</i> to <q>20 November 2026</q>" in page
    assert "192.0.2.1" in page


def test_ids_are_told_as_the_names_they_stand_for(client: FlaskClient, session: Session) -> None:
    system = make_organisation(session, "Sampleshire System")
    board = make_organisation(session, "Sampleshire Board")
    board.part_of_id = system.id
    session.commit()
    page = client.get(f"/history/organisation/{board.id}").text
    assert "<b>part of</b>: from <i>empty</i> to <q>Sampleshire System</q>" in page


def test_a_password_is_noted_as_changed_and_not_shown(
    client: FlaskClient, session: Session
) -> None:
    user = make_user(session, "Kim Example")
    user.password_hash = "argon2-secret-hash"
    session.commit()
    page = client.get(f"/history/user/{user.id}").text
    assert "<b>password</b>: changed (not shown)" in page
    assert "argon2-secret-hash" not in page


def test_a_tick_and_a_setting_stand_on_the_history_of_the_settings(
    client: FlaskClient, session: Session
) -> None:
    client.post("/settings/outward-mail/hold", data={"reason": "Pre-election period"})
    services.change(session, reply_to="a@example.org")
    services.tick(session, "reply_address", mail_server="m.test", by_name="Kim", at=NOON)
    session.commit()
    page = client.get("/history/settings/1").text
    assert "Changed by Sam Sample" in page
    assert "<b>confirmed by</b>: <q>Kim</q>" in page
    assert "from <i>empty</i> to <q>Pre-election period</q>" in page


def test_a_long_history_comes_in_pages_the_newest_first(
    client: FlaskClient, session: Session
) -> None:
    person = make_person(session, "Number 0")
    for number in range(1, 41):
        person.family_name = f"Number {number}"
        session.flush()
    session.commit()
    first, second = (client.get(f"/history/person/{person.id}?page={page}").text for page in (1, 2))
    assert first.index("<q>Number 40</q>") < first.index("<q>Number 38</q>")
    assert "<q>Number 1</q>" not in first
    assert "<q>Number 1</q>" in second


def test_the_page_of_a_history_takes_a_fixed_number_of_statements(
    client: FlaskClient, session: Session, count_statements: CountStatements
) -> None:
    def statements_for(changes: int) -> int:
        board = make_organisation(session)
        for number in range(changes):
            board.part_of_id = make_organisation(session, f"Part {number}").id
            session.flush()
        session.commit()
        with count_statements() as statements:
            client.get(f"/history/organisation/{board.id}")
        return len(statements)

    statements_for(1)  # the first page of a browser also writes when it was last seen
    assert statements_for(2) == statements_for(12)


def test_a_history_leads_back_to_its_record_and_the_log_names_it(
    client: FlaskClient, session: Session
) -> None:
    user = make_user(session, "Kim Example")
    session.commit()
    assert f'href="/users/{user.id}">Kim Example</a>' in client.get(f"/history/user/{user.id}").text
    assert f'href="/history/user/{user.id}">Kim Example</a>' in client.get("/history").text


def test_a_record_without_a_history_or_of_no_kind_is_not_found(client: FlaskClient) -> None:
    assert client.get("/history/person/99999").status_code == 404
    assert client.get("/history/nonsense/1").status_code == 404


def test_a_viewer_reads_records_histories_without_addresses(
    session: Session, sign_in: Callable[[User], FlaskClient]
) -> None:
    act_as(session, Actor("Kim Example", 7, "192.0.2.1"))
    person = make_person(session)
    viewer = sign_in(make_user(session, permissions=(Permission.VIEW,)))
    page = viewer.get(f"/history/person/{person.id}")
    assert page.status_code == 200
    assert "192.0.2.1" not in page.text
    assert viewer.get("/history/settings/1").status_code == 403


def test_the_log_is_narrowed_by_who_what_and_when(client: FlaskClient, session: Session) -> None:
    act_as(session, Actor("Kim 100%"))
    record(session, action="released", subjects=[("mailing", 3)], summary="42 letters")
    act_as(session, Actor("Alex Example"))
    record(session, action="stopped", subjects=[("mailing", 4)], summary="the other one")
    session.commit()
    assert "42 letters" in client.get("/history?action=released&kind=mailing").text
    narrowed = client.get("/history?who=100%25").text
    assert "42 letters" in narrowed
    assert "the other one" not in narrowed
    assert "Nothing matches" in client.get("/history?to=2020-01-01").text
    assert "42 letters" in client.get("/history?from=2020-01-01").text


def test_taking_the_log_away_is_itself_recorded(client: FlaskClient, session: Session) -> None:
    record(session, action="released", subjects=[("mailing", 3)], summary="=1+1")
    session.commit()
    answer = client.get("/history?action=released&format=csv")
    assert answer.mimetype == "text/csv"
    assert "'=1+1" in answer.text
    export = session.scalars(select(AuditEvent).where(AuditEvent.action == "exported")).one()
    assert export.actor_name == "Sam Sample"
    assert export.summary == "History, 1 row, only What: released"


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("started_on", "started on"),
        ("is_acting", "acting"),
        ("part_of_id", "part of"),
        ("ods_code", "ODS code"),
        ("hold_minutes", "hold (minutes)"),
        ("released_at", "released"),
    ],
)
def test_fields_have_human_names(field: str, words: str) -> None:
    assert field_words(field) == words


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (None, ""),
        ("True", "yes"),
        ("2026-04-01", "1 April 2026"),
        ("2026-07-01T11:30:00+00:00", "1 July 2026, 12:30"),
        ("2026-04-01 or later", "2026-04-01 or later"),
        ("[erased]", "erased"),
    ],
)
def test_values_are_told_as_a_person_reads_them(raw: str | None, words: str) -> None:
    assert value_words(raw) == words


def test_settings_are_recorded_with_old_and_new(session: Session) -> None:
    services.change(session, hold_minutes=12)
    session.flush()
    newest = events_about("settings", 1).order_by(AuditEvent.id.desc())
    event = session.scalars(newest).first()
    assert event
    values = values_of(session, [event])[event.id]
    assert (event.action, values[0].field, values[0].old, values[0].new) == (
        "changed",
        "hold_minutes",
        "5",
        "12",
    )
