"""Where mail may have left without this database knowing, somebody looks before more leaves.

That is so for a copy, wherever it came from, and after a stop that was not in good order and was
long, or came with a new start of the machine. What tells a copy is in `place` and `progress`.
Until somebody has said that they have looked, `outward_mail` lets no letter leave, and
`outbox.queries.waits_for_a_look` no email to colleagues that Liaise makes by itself.
"""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core.clock import LONDON
from app.core.errors import DomainError
from app.core.logs import log
from app.settings import installation, progress
from app.settings.downtime import JOBS
from app.settings.models import DatabaseMark, Heartbeat, Settings
from app.settings.place import DatabaseServer, Place, here, server_of
from app.settings.services import THE_ROW_ID, settings_of
from config import Config

LONG = timedelta(minutes=10)
LOOK = "Look at what people got before you go on."
OLDER = (
    "The database is older than the letters that Liaise has already sent from it: while Liaise was "
    f"running, an older copy was put in its place. {LOOK}"
)

SOMETHING_ELSE = "Something has changed since you opened this page. Read it again, then go on."


class LookAgain(DomainError):
    """What was answered is not what is asked now."""


class Why(enum.Enum):
    COPIED = enum.auto()
    STOOD_STILL = enum.auto()


@dataclass(frozen=True)
class Before:
    """How it was left, as far as that is known."""

    place: Place | None
    server: DatabaseServer | None
    was_copied: bool  # the file beside the database
    has_stopped: bool  # in good order
    silent_for: timedelta | None  # since the last sign of life


def why_to_look(before: Before, place: Place, server: DatabaseServer, *, alone: bool) -> Why | None:
    """`alone`: nothing else runs from this folder, which would have gone through this itself."""
    if server.name and before.server:
        if server.name != before.server.name:
            return Why.COPIED
        if server.started == before.server.started:
            return None  # the very server that had it, whoever comes to it from wherever
        if before.place is None:
            return Why.COPIED
    if before.was_copied or (before.place and place.is_another_than(before.place)):
        return Why.COPIED
    if before.has_stopped or not alone:
        return None
    is_late = before.silent_for is not None and before.silent_for > LONG
    starts = {place.started, before.place.started if before.place else place.started}
    return Why.STOOD_STILL if is_late or len(starts - {""}) > 1 else None


def look_round(
    session: Session,
    config: Config,
    *,
    at: datetime,
    alone: bool,
    may_have_sent: bool,
    is_sending: bool,
) -> None:
    """At every start, before anything is sent. What is found has to be committed before it is noted
    that the database is at home here (`installation.settle_here`).

    Nobody is asked about a copy from which nothing can have been sent to anybody, nor after a
    standstill in which nothing was on its way.
    """
    note, known = installation.read_note(config), installation.read_progress(config)
    mark = session.get_one(DatabaseMark, 1, with_for_update=True, populate_existing=True)
    last = session.get(Heartbeat, JOBS)
    place, server = here(config), server_of(session.connection())
    before = Before(
        place=note.place if note else None,
        server=None if mark.server is None else DatabaseServer(mark.server, mark.server_started),
        was_copied=note is not None and progress.was_copied(config.DATA_DIR),
        has_stopped=known.has_stopped,
        silent_for=at - last.at if last else None,
    )
    why = why_to_look(before, place, server, alone=alone)
    if why is Why.COPIED and may_have_sent:
        _ask(session, _of_a_copy(last.at if last else None, at), at, is_graver=True)
    elif why is Why.STOOD_STILL and is_sending:
        _ask(session, _of_a_standstill(last.at if last else None, at), at)
    mark.server, mark.server_started = server.name, server.started


def look_on(session: Session, data_dir: Path, at: datetime) -> None:
    """With every sign of life: whether another database was put in the place of ours."""
    connection = session.connection()
    mark = session.get_one(DatabaseMark, 1, populate_existing=True)
    server = server_of(connection)
    if mark.server and mark.server != server.name:
        _ask(session, _of_a_copy(None, at), at, is_graver=True)
    elif installation.is_behind(data_dir, connection):
        ask_about_older(session, data_dir, at)
    if (mark.server, mark.server_started) != (server.name, server.started):
        mark.server, mark.server_started = server.name, server.started
    progress.advance(data_dir, last_event=installation.last_event(connection))


def ask_about_older(session: Session, data_dir: Path, at: datetime) -> None:
    known = progress.read(data_dir).last_batch
    _ask(session, OLDER, at, is_graver=True)
    session.execute(
        update(DatabaseMark).where(DatabaseMark.last_batch < known).values(last_batch=known)
    )
    reached = installation.last_event(session.connection())
    progress.begin_anew(data_dir, last_event=reached, last_batch=known)


def must_look(session: Session) -> bool:
    """Whether somebody has to look before more leaves."""
    return bool(settings_of(session).look_first)


def go_on(session: Session, *, seen: str) -> None:
    """Somebody has looked at what people got. `seen` is the question they were shown."""
    settings = session.get_one(Settings, THE_ROW_ID, with_for_update=True, populate_existing=True)
    if not settings.look_first:
        raise LookAgain("Somebody else has let the letters go on already.")
    if settings.look_first != seen:
        raise LookAgain(SOMETHING_ELSE)
    settings.look_first, settings.look_first_at = "", None


def _ask(session: Session, sentence: str, at: datetime, *, is_graver: bool = False) -> None:
    """A question that nobody has answered yet stays, unless this one is graver."""
    settings = settings_of(session)
    if settings.look_first and not is_graver:
        return
    settings.look_first, settings.look_first_at = sentence, at
    log.warning("no mail leaves until somebody has looked", why=sentence)


def _of_a_standstill(since: datetime | None, until: datetime) -> str:
    if since is None:
        return f"Liaise stood still until {_at(until)}. {LOOK}"
    same_day = since.astimezone(LONDON).date() == until.astimezone(LONDON).date()
    began = f"{since.astimezone(LONDON):%H:%M}" if same_day else _at(since)
    ended = f"{until.astimezone(LONDON):%H:%M}" if same_day else _at(until)
    return f"Liaise stood still from {began} to {ended}. {LOOK}"


def _of_a_copy(since: datetime | None, at: datetime) -> str:
    last = f" The jobs last ran at {_at(since)}." if since else ""
    return (
        f"At {_at(at)} Liaise found that this is a copy, or that it was moved.{last} Where it was "
        f"copied from, letters and emails may have been sent since. {LOOK}"
    )


def _at(moment: datetime) -> str:
    there = moment.astimezone(LONDON)
    return f"{there:%H:%M} on {there.day} {there:%B %Y}"
