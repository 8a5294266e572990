"""The made-up story, told once for each database and shared by whoever only reads it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.core.db import db
from app.demo import services
from app.demo.story import DemoUsers
from tests.conftest import config_for, running_app, undone_session
from tests.databases import Databases
from tests.factories import NOON, TODAY

BASE_URL = "http://127.0.0.1:8000"


@pytest.fixture(scope="session")
def demo_app(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    config = config_for(databases.copy(), tmp_path_factory.mktemp("demo"))
    with running_app(config) as app:
        with app.app_context(), db.sessionmaker() as session:
            services.fill(session, on=TODAY, at=NOON, base_url=BASE_URL)
            session.commit()
        yield app


@pytest.fixture
def demo(demo_app: Flask) -> Iterator[Session]:
    """A session on the demo; what a test changes there is undone."""
    with undone_session(demo_app) as session:
        yield session


@pytest.fixture
def users(demo: Session) -> DemoUsers:
    found = services.demo_users(demo)
    assert found is not None
    return found
