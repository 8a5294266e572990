from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from tests.sending.mailings import open_session
from tests.smtp_server import SmtpServer, smtp_server


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def live(live_database: str) -> Iterator[Session]:
    """A session that really commits, on a database of the test's own."""
    with open_session(live_database) as session:
        yield session
