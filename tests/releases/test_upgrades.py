"""Who has used an earlier release loses nothing by installing this one."""

import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, MetaData, create_engine, func, select, text, update
from sqlalchemy.orm import Session

from app.core import schema
from app.core.db import prepare
from app.letters.drafting.starter_templates import STARTERS
from app.milestones import reference
from tests.clock import ORDINARY_DAY, ORDINARY_NOON
from tests.databases import Databases, PostgresDatabases

# What upgrading adds to tables there were: a version for each starter, and its line of history.
ADDED = {"template_version": 5, "audit_event": 5, "audit_subject": 5}
EDITED = "Thanks after a meeting"
RELEASES = Path(__file__).parent
# The migration each release ended with, and some of what its demo had.
ENDED_WITH = {"0.1.0": "0030_not_the_same"}
HAD = {"0.1.0": {"organisation": 303, "person": 72, "interaction": 23, "letter": 55}}


@pytest.fixture(params=ENDED_WITH)
def release(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def demo_of_release(release: str, databases: Databases, tmp_path: Path) -> Iterator[Engine]:
    """The demo data as that release made it, in a database of its own."""
    if isinstance(databases, PostgresDatabases):
        address = databases.empty()
        restore(address, unpacked(release, "demo.sql").decode())
    else:
        (tmp_path / "demo.sqlite3").write_bytes(unpacked(release, "demo.sqlite3"))
        address = f"sqlite:///{tmp_path / 'demo.sqlite3'}"
    with opened(address) as engine:
        yield engine


def unpacked(release: str, name: str) -> bytes:
    return lzma.decompress((RELEASES / release / f"{name}.xz").read_bytes())


def restore(address: str, dump: str) -> None:
    """The driver takes many statements at once, and the session it leaves behind goes with it."""
    engine = create_engine(address)
    connection = engine.raw_connection()
    driver = connection.driver_connection
    assert driver
    driver.execute(dump)
    connection.commit()
    connection.detach()
    connection.close()
    engine.dispose()


@contextmanager
def opened(address: str) -> Iterator[Engine]:
    engine = create_engine(address)
    prepare(engine)
    yield engine
    engine.dispose()


def rows_of(engine: Engine) -> dict[str, int]:
    """How many rows each table has, asked of the database itself: models say what is true today."""
    tables = MetaData()
    with engine.connect() as connection:
        tables.reflect(connection)
        return {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in tables.tables.items()
        }


def test_the_demo_of_a_release_is_as_that_release_left_it(
    demo_of_release: Engine, release: str
) -> None:
    with demo_of_release.connect() as connection:
        assert schema.current(connection) == ENDED_WITH[release]
    had = HAD[release] | {"sign_in_session": 0, "one_time_link": 0}
    assert had.items() <= rows_of(demo_of_release).items()


def test_an_upgrade_keeps_every_row_of_an_earlier_release(demo_of_release: Engine) -> None:
    before = rows_of(demo_of_release)
    schema.upgrade(demo_of_release)
    with demo_of_release.connect() as connection:
        assert schema.current(connection) == schema.head()
    after = rows_of(demo_of_release)
    kept = {name: after.get(name, 0) - ADDED.get(name, 0) for name in before}
    assert kept == before
    schema.check(demo_of_release)


def test_starters_nobody_has_edited_get_new_words_and_edited_ones_keep_theirs(
    demo_of_release: Engine,
) -> None:
    """Mailings keep the version they were begun with."""
    tables = MetaData()
    tables.reflect(demo_of_release, only=["letter_template", "template_version"])
    template, version = tables.tables["letter_template"], tables.tables["template_version"]
    with demo_of_release.begin() as connection:
        connection.execute(
            update(template).where(template.c.name == EDITED).values(is_starter=False)
        )
        before = connection.execute(select(version).order_by(version.c.id)).all()
    schema.upgrade(demo_of_release)
    with demo_of_release.connect() as connection:
        after = connection.execute(select(version).order_by(version.c.id)).all()
        names = {row.id: row.name for row in connection.execute(select(template))}
    assert after[: len(before)] == before
    newest = {names[row.template_id]: row for row in after[len(before) :]}
    assert newest.keys() == {starter.name for starter in STARTERS} - {EDITED}
    for starter in STARTERS:
        if starter.name != EDITED:
            row = newest[starter.name]
            assert (row.number, row.subject, row.body) == (2, starter.subject, starter.body)


def test_milestones_have_titles_and_those_that_people_wrote_stay(demo_of_release: Engine) -> None:
    def titles(where: str) -> list[str]:
        with demo_of_release.connect() as connection:
            found = connection.execute(text(f"SELECT title FROM {where}"))
            return [one for (one,) in found]

    with demo_of_release.begin() as connection:
        connection.execute(
            text("UPDATE milestone SET title = 'From 42 boards to 36' WHERE code = 'M24'")
        )
        connection.execute(text("UPDATE milestone SET title = 'Our own words' WHERE year = 2028"))
    schema.upgrade(demo_of_release)

    april = "milestone WHERE due_on BETWEEN '2027-04-01' AND '2027-04-02' AND series_id IS NOT NULL"
    assert titles(april) == ["Joint forward plan 2027/28 due"]
    assert titles("milestone_series WHERE code = 'R08'") == ["Refreshed guidance expected"]
    assert titles("milestone WHERE code = 'M08'") == ["Joint forward plan 2023/24 due"]
    assert titles("milestone WHERE code = 'M24'") == ["From 42 boards to 36"]
    assert set(titles("milestone WHERE year = 2028")) == {"Our own words"}
    with Session(demo_of_release) as session:
        kept = reference.load(session, on=ORDINARY_DAY, at=ORDINARY_NOON).kept_fields
    assert [line for line in kept if "title" in line and "M24" not in line] == []
