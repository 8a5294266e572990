"""The reference directory, loaded once for each database and shared by whoever only reads it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.core.db import db
from app.directory import reference
from tests.conftest import config_for, running_app, undone_session
from tests.databases import Databases
from tests.factories import TODAY


@pytest.fixture(scope="session")
def england_app(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    config = config_for(databases.copy(), tmp_path_factory.mktemp("england"))
    with running_app(config) as app:
        with app.app_context(), db.sessionmaker() as session:
            reference.load(session, on=TODAY)
            session.commit()
        yield app


@pytest.fixture
def england(england_app: Flask) -> Iterator[Session]:
    """A session on England's bodies; what a test changes there is undone."""
    with undone_session(england_app) as session:
        yield session
