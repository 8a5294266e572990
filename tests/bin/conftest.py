import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.security.world import World, make_world


@pytest.fixture
def world(session: Session, app: Flask) -> World:
    return make_world(session, app)
