from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.bin.models import Binned
from app.calendars import services as calendars
from app.calendars.models import CalendarFeed
from app.core import clock, schema
from app.core.db import db
from app.letters.models import PostalState
from app.settings.services import settings_of
from tests.factories import NOON, TODAY, make_user
from tests.sending.mailings import make_released


def test_migrations_say_what_the_models_say_and_go_down_and_up_again(live_app: Flask) -> None:
    with live_app.app_context():
        engine = db.engine
    schema.check(engine)
    schema.downgrade(engine)
    schema.upgrade(engine)
    with engine.connect() as connection:
        assert schema.current(connection) == schema.head()


def test_going_down_refuses_where_something_would_be_lost_or_sent(live_app: Flask) -> None:
    with live_app.app_context():
        engine = db.engine
    with Session(engine) as session:
        mailing, (letter,) = make_released(session, 1)
        letter.post_state, letter.bounced_on = PostalState.POSTED, TODAY
        settings_of(session).look_first = "Liaise stood still."
        binned = {"kind": "person", "record_id": 1, "name": "Sam Sample", "at": clock.now()}
        session.add(Binned(**binned, by_id=mailing.created_by_id))
        session.commit()
        for says, mend in (
            ("somebody to look", lambda: setattr(settings_of(session), "look_first", "")),
            ("1 letters are recorded as bounced", lambda: setattr(letter, "bounced_on", None)),
            ("1 letters by post", lambda: setattr(letter, "post_state", None)),
            ("1 deleted or merged records", lambda: session.execute(delete(Binned))),
        ):
            with pytest.raises(RuntimeError, match=says):
                schema.downgrade(engine, "0026_letter_pictures")
            with engine.connect() as connection:
                assert schema.current(connection) == schema.head()
            mend()
            session.commit()
    schema.downgrade(engine, "0026_letter_pictures")


def test_going_down_wakes_no_calendar_address_that_had_ended(live_app: Flask) -> None:
    with live_app.app_context():
        engine = db.engine
    with Session(engine) as session:
        ended, going_on = make_user(session, "Ada"), make_user(session, "Ben")
        for user in (ended, going_on):
            calendars.make(session, user=user, at=NOON)
        ended.all_ended_at = NOON + timedelta(days=1)
        going_on.all_ended_at = NOON - timedelta(days=1)
        session.commit()
        schema.downgrade(engine, "0033_bounced")
        schema.upgrade(engine)
        assert session.scalars(select(CalendarFeed.user_id)).all() == [going_on.id]


def test_only_a_newer_liaise_knows_other_migrations() -> None:
    assert schema.is_known(schema.head())
    assert schema.is_known(None)
    assert not schema.is_known("9999")
