"""What ./run starts: web pages, jobs and the mail catcher in one process."""

import math
import select
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import waitress
from flask import Flask, Response, current_app, request
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer

from app import create_app, scheduler, seed
from app.accounts import services as accounts
from app.core import clock, loopback, shutdown
from app.core.db import db, reading, with_patience
from app.core.mail import catcher
from app.core.storage import beside
from app.letters.delivery import lifecycle
from app.settings import installation, progress, standstill
from app.settings.services import settings_of
from config import Config

Began = WeakKeyDictionary[HTTPRequestParser, float]  # since when a question has been coming in

THREADS = 8
DRAIN_SECONDS = 8
JUST_COME_SECONDS = 0.5
# Whoever asks must keep at it: so many seconds for a question of any size, and for a large one
# as many more as it takes at this pace. A browser on a bad line is ten times as fast.
GRACE_SECONDS = 30.0
SLOWEST_BYTES_A_SECOND = 5_000
LARGEST_BODY = 64 * 1024 * 1024  # more than any page takes; refused before it is kept


def serve(config: Config, *, jobs: bool = True) -> None:
    """Serve until told to stop. Refusals to start are one sentence and exit code 2."""
    installation.make_ready(config)
    if not jobs:
        with running_app(config) as app:
            _listen(app, config)
        return
    with (
        catcher.standing_in(config) as with_catcher,
        running_app(with_catcher) as app,
        scheduler.ticking(app),
    ):
        _listen(app, config)


@contextmanager
def running_app(config: Config) -> Iterator[Flask]:
    """The app, at home in its data folder; in the end its connections are closed."""
    app = create_app(config)
    with progress.at_work(config.DATA_DIR) as work:
        with app.app_context():
            try:
                begin(config, alone=work.alone)
            except BaseException:
                db.engine.dispose()
                raise
        work.settled()
        app.after_request(note_what_was_saved)
        try:
            yield app
        finally:
            with app.app_context():
                db.engine.dispose()


def begin(config: Config, *, alone: bool) -> None:
    """What every process does first, whatever it is to do then."""
    session, at = db.session, clock.now()
    with_patience(session)  # another may be loading England just now
    settings = settings_of(session)
    tells_colleagues = accounts.has_users(session) and not settings.is_demo
    standstill.look_round(
        session,
        config,
        at=at,
        alone=alone,
        may_have_sent=tells_colleagues or lifecycle.has_mailings(session),
        is_sending=tells_colleagues or lifecycle.has_released(session, settings.installation),
    )
    session.commit()
    installation.settle_here(config, session.connection())
    with_patience(session)
    seed.load_if_new(session, on=clock.today(), at=at)
    seed.load_milestones_if_new(session, on=clock.today(), at=at)
    session.commit()
    if settings_of(session).is_demo:
        # Made-up people have addresses that may yet turn out to be somebody's.
        loopback.stay_on_loopback()


def note_what_was_saved(response: Response) -> Response:
    """Before the answer leaves: a database that lacks what was acknowledged is known by that."""
    if request.method in ("GET", "HEAD", "OPTIONS") or response.status_code >= 400:
        return response
    with beside("how far the history has got"):
        # On a connection of its own, which sees only what has been committed.
        with reading(), db.engine.connect() as connection:
            last = installation.last_event(connection)
        progress.advance(current_app.config["DATA_DIR"], last_event=last)
    return response


def _listen(app: Flask, config: Config) -> None:
    sockets: dict[int, Any] = {}
    try:
        server = waitress.create_server(
            app,
            map=sockets,
            host=config.HOST,
            port=config.PORT,
            threads=THREADS,
            ident=None,
            max_request_body_size=LARGEST_BODY,
            # Without a proxy nobody may say who they are; with one, the app counts the hops.
            clear_untrusted_proxy_headers=not config.PROXY_HOPS,
        )
    except OSError as error:
        wasyncore.close_all(sockets)
        raise installation.CannotStart(
            f"Liaise cannot listen on {config.HOST} port {config.PORT} ({error.strerror}): "
            "stop what uses it, or choose another with PORT."
        ) from error
    shutdown.on_signals()
    say(f"Liaise is at {config.BASE_URL}")
    _say_how_to_begin(app)
    _loop(sockets)
    server.task_dispatcher.shutdown(timeout=1)
    wasyncore.close_all(sockets)


def _say_how_to_begin(app: Flask) -> None:
    """While nobody has an account, the way to the first one is printed here and nowhere else."""
    with app.app_context():
        if accounts.has_users(db.session):
            return
        base_url = app.config["BASE_URL"]
        link = accounts.first_admin_link(db.session, base_url=base_url, at=clock.now())
        db.session.commit()
    say(f"Nobody has an account yet. Make yours, once and within 24 hours: {link}")


def _loop(sockets: dict[int, Any]) -> None:
    """Waitress's own loop, except that told to stop it first answers whoever has asked."""
    deadline = math.inf
    began: Began = WeakKeyDictionary()
    while time.monotonic() < deadline:
        wasyncore.loop(timeout=0.5, map=sockets, count=1, use_poll=hasattr(select, "poll"))
        _hang_up_on_dawdlers(sockets, began, time.monotonic())
        if not shutdown.is_requested():
            continue
        if deadline == math.inf:
            deadline = time.monotonic() + DRAIN_SECONDS
            _stop_listening(sockets)
        if not any(_is_busy(channel) for channel in sockets.values()):
            break


def _hang_up_on_dawdlers(sockets: dict[int, Any], began: Began, now: float) -> None:
    """End the connections on which a question trickles in without end.

    Waitress ends those on which nothing happens; one byte a second would keep one for ever.
    """
    for channel in [each for each in sockets.values() if isinstance(each, HTTPChannel)]:
        asking = channel.request
        if asking is None:
            continue
        since = began.setdefault(asking, now)
        allowed = GRACE_SECONDS + asking.body_bytes_received / SLOWEST_BYTES_A_SECOND
        if now - since > allowed:
            channel.will_close = True


def _stop_listening(sockets: dict[int, Any]) -> None:
    for listener in [each for each in sockets.values() if isinstance(each, BaseWSGIServer)]:
        # Who has knocked is let in first; closing the door on them would break their connection.
        while select.select([listener.socket], [], [], 0)[0]:
            listener.handle_accept()
        listener.accepting = False
        listener.del_channel()
        listener.socket.close()


def _is_busy(each: object) -> bool:
    """A browser has asked, is asking or has just come, and does not have the whole answer."""
    if not isinstance(each, HTTPChannel):
        return False
    has_just_come = time.time() - each.last_activity < JUST_COME_SECONDS
    asking = each.requests or each.request is not None or each.total_outbufs_len
    return bool(asking or has_just_come)


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()
