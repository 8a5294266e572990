"""On SQLite everybody who saves gets their turn, in the order they came."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from app.core import write_queue
from app.core.db import prepare

SAVE = text("INSERT INTO note VALUES (:words)")


@contextmanager
def opened(address: str) -> Iterator[Engine]:
    engine = create_engine(address)
    prepare(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def file(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'notes.sqlite3'}"


@pytest.fixture
def engine(file: str) -> Iterator[Engine]:
    with opened(file) as engine:
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE note (words TEXT)"))
        yield engine


def save(engine: Engine, words: str) -> None:
    with engine.begin() as connection:
        connection.execute(SAVE, {"words": words})


def saved(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT words FROM note ORDER BY rowid")))


def test_whoever_came_first_saves_first(engine: Engine) -> None:
    people = [str(number) for number in range(12)]
    threads = [threading.Thread(target=save, args=(engine, one)) for one in people]
    with engine.begin():
        for thread in threads:
            thread.start()
            time.sleep(0.03)
    for thread in threads:
        thread.join()
    assert saved(engine) == people


def test_a_save_is_refused_when_patience_ends_and_the_next_one_is_not(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_queue, "PATIENCE", 0.3)
    with engine.begin():
        began = time.monotonic()
        with pytest.raises(OperationalError) as refusal:
            save(engine, "too late")
        assert 0.3 <= time.monotonic() - began < 1.5
    assert write_queue.is_busy(refusal.value.orig)
    save(engine, "in time")
    assert saved(engine) == ["in time"]


def test_another_process_in_the_way_is_waited_for(engine: Engine, file: str) -> None:
    with opened(file) as elsewhere, elsewhere.begin() as other:
        waiting = threading.Thread(target=save, args=(engine, "ours"))
        waiting.start()
        time.sleep(0.2)
        other.execute(SAVE, {"words": "theirs"})
        other.commit()
    waiting.join()
    assert saved(engine) == ["theirs", "ours"]


def test_what_waiting_cannot_mend_is_said_at_once(engine: Engine, file: str) -> None:
    read_only = file.replace("sqlite:///", "sqlite:///file:") + "?mode=ro&uri=true"
    with opened(read_only) as shut, pytest.raises(OperationalError, match="readonly"):
        save(shut, "never")


def test_waiting_leaves_the_patience_of_everything_else_alone(engine: Engine) -> None:
    with engine.begin() as connection:
        assert connection.scalar(text("PRAGMA busy_timeout")) == 5000
