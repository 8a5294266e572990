from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from tests.factories import make_user
from tests.security.world import World, make_world

Two = tuple[FlaskClient, FlaskClient]


@pytest.fixture
def two(sign_in: Callable[[User], FlaskClient], session: Session) -> Two:
    """Ann and Ben, each at their own desk."""
    ann, ben = make_user(session, "Ann Example"), make_user(session, "Ben Sample")
    session.commit()
    return sign_in(ann), sign_in(ben)


@pytest.fixture
def world(session: Session, app: Flask) -> World:
    return make_world(session, app)
