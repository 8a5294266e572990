from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from tests.security.world import World, make_world


@pytest.fixture
def world(session: Session, app: Flask) -> World:
    return make_world(session, app)


@pytest.fixture
def browser(world: World, sign_in: Callable[[User], FlaskClient]) -> FlaskClient:
    """Signed in as somebody with every permission, in a world where something stands everywhere."""
    return sign_in(world.me)
