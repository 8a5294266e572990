"""Mentions in what people write down about meetings, calls and notes."""

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.interactions.models import Interaction
from app.notifications.models import Notification
from tests.factories import make_organisation, make_user
from tests.overview.briefed import make_contact

SignIn = Callable[[User], FlaskClient]


def test_a_mention_in_a_note_leads_the_colleague_to_that_note_alone(
    session: Session, sign_in: SignIn
) -> None:
    ann, nina = make_user(session, "Ann Author"), make_user(session, "Nina Sample")
    body = make_organisation(session)
    session.commit()
    form = {
        "kind": "call",
        "happened_on": "2026-11-06",
        "organisations": str(body.id),
        "body": "Promised much. @Nina Sample, please see to it.",
        "visible_to": "group",
    }
    answer = sign_in(ann).post("/log", data=form)
    assert answer.status_code == 302, answer.text

    entry = session.scalars(select(Interaction)).one()
    told = session.scalars(select(Notification)).one()
    assert told.user_id == nina.id
    assert told.text == "Ann Author mentioned you in a call of 6 November 2026."
    opened = sign_in(nina).post(f"/notifications/{told.id}/open")
    assert opened.location == f"/interactions/{entry.id}#notes"


def test_who_may_not_read_a_note_is_not_told_of_it_and_its_author_is_warned(
    session: Session, sign_in: SignIn
) -> None:
    ann = make_user(session, "Ann Author")
    make_user(session, "Nina Sample")
    body = make_organisation(session)
    session.commit()
    form = {
        "kind": "note",
        "happened_on": "2026-11-06",
        "organisations": str(body.id),
        "body": "Not for @Nina Sample.",
        "visible_to": "author",
    }
    browser = sign_in(ann)
    browser.post("/log", data=form)
    assert "Nina Sample may not read this" in browser.get("/people").text
    assert session.scalars(select(Notification)).all() == []


def test_a_mention_added_to_the_notes_later_tells_once(session: Session, sign_in: SignIn) -> None:
    ann, nina = make_user(session, "Ann Author"), make_user(session, "Nina Sample")
    entry = make_contact(session, make_organisation(session), ann)
    session.commit()
    browser = sign_in(ann)
    for words in ("Ask @Nina Sample.", "Ask @Nina Sample again."):
        session.expire_all()
        form = {"body": words, "base_version": str(session.get_one(Interaction, entry.id).version)}
        assert browser.post(f"/interactions/{entry.id}/notes", data=form).status_code == 302
    told = session.scalars(select(Notification)).one()
    assert told.user_id == nina.id
