"""The timetable: one line per job, and the clock that calls them.

Jobs look for what is due in the database, so running twice, late, or in two processes does no harm.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy.orm import Session

from app.accounts import jobs as accounts
from app.audit.services import Actor, act_as
from app.bin import jobs as bin_jobs
from app.core import clock, monitor, shutdown, storage
from app.core.db import db, reading
from app.core.logs import log
from app.core.mail.connection import mail_settings
from app.core.mail.smtp_transport import Transport
from app.core.web.filters import at_time
from app.core.web.urls import path_to
from app.digests import jobs as digests
from app.imports import jobs as imports
from app.interactions.drafts import jobs as interactions
from app.letters.chasers import jobs
from app.letters.delivery import sender as letters
from app.letters.print import jobs as letters_on_paper
from app.milestones import jobs as milestones
from app.notifications import jobs as notifications
from app.notifications.services import Links
from app.outbox import jobs as outbox
from app.reminders import jobs as reminders
from app.settings import installation, pieces, standstill
from app.settings import jobs as settings
from app.settings.pieces import Piece
from app.settings.services import settings_of

DRAIN_SECONDS = 10


@dataclass(frozen=True)
class Job:
    name: str
    seconds: int  # between two calls; a call that comes while the last still runs is left out
    run: Callable[[Flask, Session, datetime], object]
    by_calendar: bool = False  # can be tried out as of another day
    called: str = ""  # where its name alone says too little

    @property
    def piece(self) -> Piece:
        """The whole of it, for what fails outside its pieces."""
        return Piece(f"job:{self.name}", self.called or self.name[:1].upper() + self.name[1:])


def beat(app: Flask, session: Session, now: datetime) -> None:
    is_demo = settings_of(session).is_demo
    settings.beat(session, app.config["DATA_DIR"], now)
    storage.works_again()
    if url := app.config["MONITOR_URL"]:
        monitor.call(url, only_here=is_demo)


def deliver_outbox(app: Flask, session: Session, now: datetime) -> None:
    outbox.deliver_due(
        session,
        Transport(mail_settings(app.config)),
        now,
        base_url=app.config["BASE_URL"],
        default_sender=app.config["MAIL_DEFAULT_SENDER"],
    )


def forget_old_sign_ins(_app: Flask, session: Session, now: datetime) -> None:
    accounts.forget_old(session, now)


def remind(_app: Flask, session: Session, now: datetime) -> None:
    reminders.remind(session, now)


def send_letters(app: Flask, session: Session, _now: datetime) -> None:
    letters.send_due(session, app.config)


def propose_chasers(app: Flask, session: Session, now: datetime) -> None:
    jobs.propose_chasers(session, now, app.config["BASE_URL"])


def make_print_files(_app: Flask, session: Session, now: datetime) -> None:
    letters_on_paper.make_print_files(session, now)


def forget_old_print_files(_app: Flask, session: Session, now: datetime) -> None:
    letters_on_paper.forget_old_files(session, now)


def forget_files_of_leads(_app: Flask, session: Session, now: datetime) -> None:
    imports.forget_files(session, now)


def lay_out_coming_years(_app: Flask, session: Session, now: datetime) -> None:
    milestones.lay_out_coming_years(session, now)


def empty_the_bin(_app: Flask, session: Session, now: datetime) -> None:
    bin_jobs.empty(session, now)


def tidy_drafts(_app: Flask, session: Session, now: datetime) -> None:
    interactions.tidy(session, now)


def tell_colleagues(app: Flask, session: Session, now: datetime) -> None:
    """What is to be mailed at once, then the morning mails. While somebody has to look first, none
    is written: it would be out of date when it may leave."""
    if standstill.must_look(session):
        return
    notifications.mail_at_once(
        session,
        now,
        links=Links(app.config["BASE_URL"], path_to(app, "notifications.how_told", {})),
        with_demo=not app.config["MAIL_SERVER"],
    )
    digests.give_mornings(app, session, now)


TIMETABLE = (
    Job("heartbeat", 30, beat, called="Jobs’ signs of life"),
    Job("letters", 2, send_letters, called="Sending letters"),
    Job("reminders", 30, remind, by_calendar=True),
    Job("telling colleagues", 30, tell_colleagues, by_calendar=True),
    Job("mail to colleagues", 5, deliver_outbox, by_calendar=True, called="Emails to colleagues"),
    Job("chasers", 60, propose_chasers),
    Job("print files", 2, make_print_files, called="Files for the printer"),
    Job("old print files", 3600, forget_old_print_files, called="Removing old print files"),
    Job("old sign-ins", 3600, forget_old_sign_ins, called="Removing old sign-ins"),
    Job("files of leads", 3600, forget_files_of_leads, called="Removing unused import files"),
    Job("discarded drafts", 3600, tidy_drafts, called="Removing discarded drafts"),
    Job("emptying the bin", 600, empty_the_bin, by_calendar=True),
    Job("milestones of coming years", 3600, lay_out_coming_years),
)


@dataclass
class Running:
    """The jobs in the middle of something, for whoever waits to stop."""

    names: list[str] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def during(self, name: str) -> Iterator[None]:
        with self.changed:
            self.names.append(name)
        try:
            yield
        finally:
            with self.changed:
                self.names.remove(name)
                self.changed.notify_all()

    def wait_until_none(self, seconds: float) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: not self.names, seconds)


def run(app: Flask, job: Job, at: datetime | None = None) -> bool:
    """One call of one job, in a session of its own; a failure is noted and the next call tried."""
    with structlog.contextvars.bound_contextvars(job=job.name), app.app_context():
        now = at or clock.now()
        try:
            with reading(), db.engine.connect() as connection:
                installation.refuse_other_shape(connection)
            act_as(db.session, Actor(f"Liaise ({job.name})"))
            job.run(app, db.session, now)
            pieces.whole_again(db.session, job.piece)
        except installation.CannotStart as refusal:
            log.error("job refused", reason=str(refusal))
            return False
        except Exception as error:
            if found := storage.trouble_of(error):
                storage.note(found)
            pieces.failed(db.session, job.piece, at=now)
            return False
    return True


def failing(app: Flask, at: datetime | None = None) -> list[str]:
    """What failed twice in a row, in sentences."""
    with app.app_context():
        found = pieces.failing(db.session, at=at or clock.now())
        return [f"{one.name}: failing since {at_time(one.since)}." for one in found]


def run_all_once(app: Flask) -> bool:
    """One round of every job, for `tick`; says whether all went well."""
    return all([run(app, job) for job in TIMETABLE])


def run_as_of(app: Flask, at: datetime) -> bool:
    """One round of what goes by the calendar, as if it were that time."""
    return all([run(app, job, at) for job in TIMETABLE if job.by_calendar])


@contextmanager
def ticking(app: Flask) -> Iterator[None]:
    """Runs the timetable in threads of this process, and at the end lets jobs finish."""
    running = Running()
    clockwork = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(len(TIMETABLE))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for job in TIMETABLE:
        clockwork.add_job(
            call, "interval", (app, job, running), seconds=job.seconds, next_run_time=clock.now()
        )
    clockwork.start()
    try:
        yield
    finally:
        shutdown.request()
        clockwork.shutdown(wait=False)
        if not running.wait_until_none(DRAIN_SECONDS):
            leave_at_once(running)


def call(app: Flask, job: Job, running: Running) -> None:
    if not shutdown.is_requested():
        with running.during(job.name):
            run(app, job)


def leave_at_once(running: Running) -> None:
    """A job hangs on another machine. Its record says so already: nothing is lost by leaving."""
    log.warning("stopped in the middle of a job", jobs=running.names)
    os._exit(0)
