"""The job that makes a print file, killed at every step, and two of them at once."""

import os
import signal
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core import clock, fault_points, loopback
from app.letters.models import Letter, LetterEvent, PostalState, PrintRun, PrintRunState
from app.letters.print import jobs, making, runs
from tests.factories import make_user
from tests.letters.by_post import approved_by_post
from tests.letters.conftest import set_up
from tests.sending.children import run_to_its_end, start
from tests.sending.mailings import open_session

STEPS = ("print file claimed", "print file half made", "print file made")
COUNT = 25  # two reports of how far it is


def printer(database_url: str, kill_at: str = "", minutes_ahead: float = 0) -> None:
    loopback.stay_on_loopback()

    def watch(name: str) -> None:
        if name == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    fault_points.watch(watch)
    later = timedelta(minutes=minutes_ahead)
    with open_session(database_url) as session:
        for run_id in session.scalars(select(PrintRun.id)).all():
            session.commit()
            jobs.make_print_file(session, run_id, now=lambda: clock.now() + later)
    fault_points.watch(None)


@pytest.fixture
def run(live: Session) -> PrintRun:
    set_up(live)
    mailing, letters = approved_by_post(live, COUNT)
    asked = runs.ask(
        live,
        mailing,
        letter_ids=[one.id for one in letters],
        both_sides=True,
        form_token="a",
        by=make_user(live),
        at=clock.now(),
    )
    live.commit()
    return asked


def printed(session: Session) -> int:
    session.rollback()
    found = session.scalar(select(func.count()).where(Letter.post_state == PostalState.PRINTED))
    session.rollback()  # on SQLite a transaction of ours would keep the others waiting
    return found or 0


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_the_next_makes_the_file_whole_and_once(
    live: Session, live_database: str, run: PrintRun, step: str
) -> None:
    assert run_to_its_end(printer, live_database, step) == -signal.SIGKILL
    assert printed(live) == 0
    assert run_to_its_end(printer, live_database, "", 0) == 0
    assert printed(live) == 0  # the dead one's lease is not over
    assert run_to_its_end(printer, live_database, "", 3) == 0
    assert printed(live) == COUNT
    live.expire_all()
    again = live.get_one(PrintRun, run.id)
    assert (again.state, again.made_count, again.page_count) == (PrintRunState.READY, COUNT, COUNT)
    assert not any(one.is_reprint for one in runs.letters_in(live, again))


def test_two_processes_make_one_file(live: Session, live_database: str, run: PrintRun) -> None:
    both = [start(printer, live_database) for _ in range(2)]
    for child in both:
        child.join(60)
    assert [child.exitcode for child in both] == [0, 0]
    assert printed(live) == COUNT
    told = select(func.count()).where(LetterEvent.post_state == PostalState.PRINTED)
    assert live.scalar(told) == COUNT
    assert making.due(live, clock.now() + timedelta(hours=1)) == []
