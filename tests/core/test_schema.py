from flask import Flask

from app.core import schema
from app.core.db import db


def test_migrations_say_what_the_models_say_and_go_down_and_up_again(live_app: Flask) -> None:
    with live_app.app_context():
        engine = db.engine
    schema.check(engine)
    schema.downgrade(engine)
    schema.upgrade(engine)
    with engine.connect() as connection:
        assert schema.current(connection) == schema.head()


def test_only_a_newer_liaise_knows_other_migrations() -> None:
    assert schema.is_known(schema.head())
    assert schema.is_known(None)
    assert not schema.is_known("9999")
