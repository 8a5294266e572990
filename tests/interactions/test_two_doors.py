"""What came out of a meeting is one thing, whether it was typed while logging or on its page."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.visibility import Visibility
from app.core import schema
from app.core.db import db
from app.followups.models import FollowUp, FollowUpState
from app.interactions.models import Interaction, Outcome, OutcomeKind, PointState
from app.interactions.outcomes.outcome_queries import next_steps
from app.overview.briefing import briefing_of
from tests.calendars.test_feeds import events, make_feed
from tests.factories import NOON, TODAY, make_organisation, make_system, make_user
from tests.overview.briefed import make_contact, make_follow_up

SignIn = Callable[[User], FlaskClient]
BEFORE = "0038_milestone_titles"  # the migration before
LATER = (TODAY + timedelta(days=5)).isoformat()
# As the log form asks, and as the page of the meeting does.
DOORS = {
    "follow-up": ("follow-up", {"kind": "follow-up"}),
    "our promise": ("us", {"kind": "commitment", "promised_by": "us"}),
    "their promise": ("them", {"kind": "commitment", "promised_by": "them"}),
    "decision": ("decision", {"kind": "decision"}),
    "question": ("question", {"kind": "question"}),
}
SAME = ("kind", "promised_by", "organisation_id", "made_on", "due_on", "state", "visible_to")
SAME_LATER = ("owner_id", "due_on", "waiting_on_them", "organisation_id", "record_kind")


def log(client: FlaskClient, bodies: list[int], **more: Any) -> None:
    answer = client.post(
        "/log",
        data={
            "kind": "meeting",
            "state": "held",
            "happened_on": TODAY.isoformat(),
            "subject": "Programme",
            "visible_to": "group",
            "organisations": bodies,
        }
        | more,
    )
    assert answer.status_code == 302, answer.text


def newest(session: Session, model: type[Any]) -> Any:
    session.expire_all()
    return session.scalars(select(model).order_by(model.id.desc())).first()


@pytest.mark.date_sensitive
def test_both_doors_make_the_same_thing_of_one_body_and_of_several(
    client: FlaskClient, session: Session
) -> None:
    me = session.scalars(select(User)).one()
    bodies = [make_organisation(session, short_name=name).id for name in ("One ICB", "Two ICB")]
    session.commit()
    for about in (bodies[:1], bodies):
        for name, (logged, asked) in DOORS.items():
            dated = {} if name == "decision" else {"due_on": LATER, "owner_id": me.id}
            more = {"follow_kind": logged, "follow_what": name, "follow_owner": me.id}
            log(client, about, **more, **({"follow_due": LATER} if dated else {}))
            meeting = newest(session, Interaction)
            typed = newest(session, Outcome)
            client.post(
                f"/interactions/{meeting.id}/points/new", data={"text": name, **asked, **dated}
            )
            added = newest(session, Outcome)

            assert typed.id != added.id, name
            assert typed.interaction_id == added.interaction_id == meeting.id, name
            for field in SAME:
                assert getattr(typed, field) == getattr(added, field), (name, field)
            assert (typed.follow_up_id is None) == (added.follow_up_id is None), name
            if typed.follow_up_id:
                one, other = (session.get_one(FollowUp, it.follow_up_id) for it in (typed, added))
                for field in SAME_LATER:
                    assert getattr(one, field) == getattr(other, field), (name, field)
            page = client.get(f"/interactions/{meeting.id}").text.partition('id="points"')[2]
            assert f'href="/points/{typed.id}"' in page, name


@pytest.mark.date_sensitive
def test_what_is_typed_while_logging_a_meeting_of_several_bodies_is_about_all_of_them(
    client: FlaskClient, session: Session, stranger: FlaskClient
) -> None:
    me = session.scalars(select(User)).one()
    system, one = make_system(session, "One ICB")
    two = make_organisation(session, short_name="Two ICB")
    other = make_organisation(session, short_name="Other ICB")
    session.commit()
    more = {"follow_due": LATER, "follow_owner": me.id}
    log(client, [one.id, two.id], follow_what="Send the asthma pack", **more)
    log(client, [one.id, two.id], follow_what="Share the draft", follow_kind="them", **more)

    for body in (one, two):
        said = [row.text for part in briefing_of(session, body, reader=me, on=TODAY).sections
                for row in part.rows]  # fmt: skip
        assert any("Send the asthma pack" in line for line in said), body.short_name
        assert any("Share the draft" in line for line in said), body.short_name
        steps = next_steps(session, [body.id], reader=me)
        assert [step.follow_up.what for step in steps] == [
            "Send the asthma pack",
            "Share the draft",
        ]
        listed = client.get(f"/follow-ups?about={body.short_name}").text
        assert "Send the asthma pack" in listed
        assert "Share the draft" in client.get(f"/commitments?body={body.short_name}").text
    assert "Send the asthma pack" in client.get(f"/systems/{system.id}").text
    assert not next_steps(session, [other.id], reader=me)
    assert "asthma" not in client.get("/follow-ups?about=Other").text
    for path in ("/follow-ups", "/commitments"):
        for sorted_by in ("body", "-body"):
            page = client.get(f"{path}?sort={sorted_by}").text
            assert "One ICB</a>, <a" in page, path
            assert "One ICB, Two ICB" in client.get(f"{path}?sort={sorted_by}&format=csv").text
    assert "One ICB, Two ICB" in client.get(f"/follow-ups/{newest(session, FollowUp).id}").text
    log(
        client,
        [one.id, two.id],
        follow_what="Ring them",
        **more | {"follow_due": TODAY.isoformat()},
    )
    assert "About One ICB, Two ICB" in client.get("/").text
    assert "Due: Send the asthma pack (One ICB, Two ICB)" in events(
        stranger, make_feed(session, me)
    )


def test_a_follow_up_of_an_entry_that_is_kept_from_others_shows_no_word_in_the_calendar(
    session: Session, sign_in: SignIn, stranger: FlaskClient
) -> None:
    me = make_user(session)
    bodies = [make_organisation(session, short_name=name).id for name in ("One ICB", "Two ICB")]
    session.commit()
    client = sign_in(me)
    more = {"follow_due": LATER, "follow_owner": me.id}
    log(client, bodies, follow_what="SECRET", visible_to=Visibility.AUTHOR.value, **more)

    assert newest(session, Outcome).kind is OutcomeKind.FOLLOW_UP
    assert set(events(stranger, make_feed(session, me))) >= {"Follow-up: One ICB, Two ICB"}
    assert b"SECRET" not in stranger.get(make_feed(session, me)).data


def test_an_upgrade_puts_follow_ups_typed_while_logging_on_the_page_of_their_meeting(
    live_app: Flask,
) -> None:
    with live_app.app_context():
        engine = db.engine
    schema.downgrade(engine, BEFORE)
    with Session(engine) as session:
        me, body = make_user(session), make_organisation(session)
        meeting = make_contact(session, body, me)
        meeting.form_token = "the-form"
        other = make_contact(session, body, me)
        other.form_token = "done"
        about = {"record_kind": "interaction", "record_id": meeting.id}
        make_follow_up(session, body, me, "Logged", form_token="the-form", **about)
        done = {"state": FollowUpState.DONE, "done_at": NOON, "record_id": other.id}
        make_follow_up(session, body, me, "Done", **about | done, form_token="done")
        make_follow_up(session, body, me, "By hand", form_token="another form", **about)
        make_follow_up(session, body, me, "About nothing", form_token="a third")
        session.commit()
        schema.upgrade(engine)
        made = session.scalars(select(Outcome).order_by(Outcome.id)).all()
        assert [(one.text, one.interaction_id, one.state) for one in made] == [
            ("Logged", meeting.id, PointState.OPEN),
            ("Done", other.id, PointState.KEPT),
        ]
        assert {(one.made_on, one.settled_on) for one in made} == {
            (meeting.happened_on, None),
            (other.happened_on, TODAY),
        }
        session.commit()
        schema.downgrade(engine, BEFORE)
        assert not session.scalars(select(Outcome)).all()
        assert len(session.scalars(select(FollowUp)).all()) == 4
        session.commit()
        schema.upgrade(engine)
    engine.dispose()
