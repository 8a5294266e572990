"""Several schedulers at once, one of them killed, clocks that disagree: every reminder once."""

import secrets
import signal
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Permission
from app.core import clock
from app.notifications.models import Notification
from app.reminders import planning
from app.reminders.models import Occurrence, OccurrenceState, Reminded
from app.settings.models import FailingPiece
from tests.factories import make_user
from tests.processes import command, running
from tests.reminders import children
from tests.reminders.stage import make_boards, make_milestone, make_rule, morning
from tests.sending.children import FORKS, run_to_its_end, start
from tests.sending.mailings import open_session

BOARDS, RULES = 6, 4
DUE = date(2027, 3, 4)
TEN_DAYS = timedelta(days=10)


@pytest.fixture
def live(live_database: str) -> Iterator[Session]:
    with open_session(live_database) as session:
        yield session


def make_due(session: Session, due_on: date, *, planned_at: datetime) -> None:
    """Rules whose only day is this one, planned for some time before."""
    cora = make_user(session, "Cora Sample", permissions=(Permission.VIEW, Permission.COORDINATE))
    milestone = make_milestone(session, due_on)
    # The commands fill a new database with England's boards.
    milestone.binds_only = [board.id for board in make_boards(session, BOARDS)]
    session.flush()
    for _ in range(RULES):
        rule = make_rule(session, milestone, 0, person=cora, at=planned_at)
        planning.plan(session, rule, at=planned_at, recorded_until=planned_at)
    session.commit()


def assert_each_given_once(session: Session) -> None:
    session.rollback()
    states = session.scalars(select(Occurrence.state)).all()
    assert states == [OccurrenceState.FIRED] * (BOARDS * RULES)
    assert session.scalar(select(func.count()).select_from(Reminded)) == BOARDS * RULES
    assert session.scalar(select(func.count()).select_from(Notification)) == RULES


def texts(*times: datetime) -> list[str]:
    return [one.isoformat() for one in times]


@pytest.mark.parametrize("moment", ["reminders claimed", "reminders given"])
def test_killed_in_the_middle_of_a_round_nothing_is_lost_and_nothing_comes_twice(
    live: Session, live_database: str, moment: str
) -> None:
    make_due(live, DUE, planned_at=morning(date(2026, 11, 23)))
    at = texts(morning(DUE))

    code = run_to_its_end(children.rounds, live_database, at, moment)
    assert code == -signal.SIGKILL
    assert run_to_its_end(children.rounds, live_database, at) == 0

    assert_each_given_once(live)


def test_four_at_once_with_clocks_an_hour_apart_and_one_killed_give_each_reminder_once(
    live: Session, live_database: str
) -> None:
    make_due(live, DUE, planned_at=morning(date(2026, 11, 23)))
    now, hour = morning(DUE, "09:00"), timedelta(hours=1)
    reached = FORKS.Event()
    dying = start(children.rounds, live_database, texts(now), "reminders given", reached)
    assert reached.wait(60)
    clocks = ([now - hour, now], [now + hour], [now + hour, now - hour, now])
    four = [dying, *(start(children.rounds, live_database, texts(*times)) for times in clocks)]
    for one in four:
        one.join(60)
    assert [one.exitcode for one in four] == [-signal.SIGKILL, 0, 0, 0]
    assert run_to_its_end(children.rounds, live_database, texts(now)) == 0

    assert_each_given_once(live)


@pytest.mark.slow("starts four processes")
def test_four_schedulers_as_they_are_started_and_one_killed_give_each_reminder_once(
    live: Session, live_database: str, tmp_path: Path
) -> None:
    yesterday = clock.today() - timedelta(days=1)
    make_due(live, yesterday, planned_at=clock.now() - TEN_DAYS)
    folders = [tmp_path / str(number) for number in range(4)]
    for folder in folders:
        folder.mkdir()
    address = {"DATABASE_URL": live_database}
    assert command(folders[0], "load-reference", **address).returncode == 0
    with (
        running(folders[0], "run-jobs", **address) as first,
        running(folders[1], "run-jobs", **address) as second,
        running(folders[2], "run-jobs", **address) as third,
        running(folders[3], "run-jobs", **address) as fourth,
    ):
        fourth.wait_to_say("The jobs are running", 60)
        fourth.popen.kill()
        for one in (first, second, third):
            one.wait_to_say("The jobs are running", 60)
        wait_until_nothing_is_planned(live)
        for one in (first, second, third):
            one.stop()

    assert_each_given_once(live)


def wait_until_nothing_is_planned(session: Session) -> None:
    deadline = time.monotonic() + 60
    planned = select(func.count()).where(Occurrence.state == OccurrenceState.PLANNED)
    while session.scalar(planned) and time.monotonic() < deadline:
        session.rollback()
        time.sleep(0.2)
    session.rollback()


def test_a_round_can_be_tried_out_as_of_another_day(
    live: Session, live_database: str, tmp_path: Path
) -> None:
    make_due(live, DUE, planned_at=clock.now())

    early = command(tmp_path, "tick", "--at", "2027-03-04 08:29", DATABASE_URL=live_database)
    assert (early.returncode, early.stderr) == (0, "")
    assert not live.scalars(select(Reminded)).all()
    live.rollback()
    command(tmp_path, "tick", "--at", "2027-03-04 08:30", DATABASE_URL=live_database)

    assert_each_given_once(live)

    since = datetime(2027, 3, 4, 8, 30, tzinfo=UTC)
    live.add(
        FailingPiece(
            key="morning:0",
            kind="Morning emails",
            name="The morning email to Ann",
            since=since,
            tried_at=since,
            times=2,
        )
    )
    live.commit()
    failing = command(tmp_path, "tick", "--at", "2027-03-04 08:32", DATABASE_URL=live_database)
    assert failing.returncode == 1, "whatever fails every time makes the tick fail"
    assert failing.stderr == "The morning email to Ann: failing since 4 Mar 2027, 08:30.\n"


def test_in_use_no_other_day_can_be_tried_out(tmp_path: Path) -> None:
    in_use = {"BASE_URL": "https://liaise.example.org", "SECRET_KEY": secrets.token_hex(32)}
    done = command(tmp_path, "tick", "--at", "2027-03-04 08:30", **in_use)

    assert done.returncode == 2
    assert done.stderr.startswith("This installation is in use")


def test_a_time_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    done = command(tmp_path, "tick", "--at", "tomorrow")

    assert done.returncode == 2
    assert "such as '2027-03-04 08:30'" in done.stderr
