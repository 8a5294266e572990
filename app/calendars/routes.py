"""Calendars: the feed, a file for one meeting, and one's own address of the feed."""

import re
from datetime import timedelta

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from app.accounts.access import fresh, me, public, requires
from app.accounts.authentication import throttling
from app.accounts.authentication.throttling import Limit
from app.accounts.models import Permission, User
from app.calendars import entries, ical, services
from app.calendars.entries import Subscriber
from app.calendars.forms import ChoiceForm
from app.calendars.models import CalendarFeed
from app.core import clock
from app.core.db import db, written_aside
from app.core.storage import beside
from app.interactions import queries

bp = Blueprint("calendars", __name__)

# Programs ask every few minutes at most; an office shares one network address.
READING = (Limit("calendar", at_once=30, every=timedelta(seconds=30)),)
GUESSING = (Limit("calendar-ip", at_once=30, every=timedelta(minutes=1)),)


@bp.get("/calendar/<secret>.ics")
@public
def feed(secret: str) -> ResponseReturnValue:
    """For calendar programs, which cannot sign in: whoever knows the address reads it."""
    found = services.find(db.session, secret)
    wait = _count(found[0].token_hash if found else None)
    if wait:
        response = Response("Asked too often. Ask again later.\n", 429, mimetype="text/plain")
        response.headers["Retry-After"] = str(int(wait.total_seconds()) + 1)
        return response
    if found is None:
        abort(404)
    kept, user = found
    content = entries.entries_for(db.session, _subscriber(user, with_all=kept.with_all))
    return _calendar(ical.feed(content, name="Liaise"), "liaise")


@bp.get("/interactions/<int:interaction_id>.ics")
@requires(Permission.VIEW)
def one_meeting(interaction_id: int) -> ResponseReturnValue:
    """A file with one meeting and who is to be there."""
    found = queries.by_ids(db.session, [interaction_id]).get(interaction_id)
    if found is None or not found.may_be_read_by(me()) or found.kind not in entries.IN_CALENDARS:
        abort(404)
    entry = entries.meeting(db.session, found, _subscriber(me()))
    name = re.sub("[^a-z0-9]+", "-", entry.summary.lower()).strip("-")[:60] or "meeting"
    return _calendar(ical.one_file(entry, at=clock.now()), name)


@bp.get("/account/calendar")
@requires(Permission.VIEW)
def my_calendar() -> ResponseReturnValue:
    kept = _kept()
    form = ChoiceForm(meetings="all" if kept and kept.with_all else "mine")
    return render_template("calendars/my_calendar.html", kept=kept, form=form)


def _kept() -> CalendarFeed | None:
    kept = db.session.get(CalendarFeed, me().id)
    return kept if kept and services.is_alive(kept, me()) else None


@bp.post("/account/calendar/address")
@requires(Permission.VIEW)
@fresh
def make_address() -> ResponseReturnValue:
    """The one page that ever shows the address."""
    secret = services.make(db.session, user=me(), at=clock.now())
    db.session.commit()
    path = url_for("calendars.feed", secret=secret)
    address = f"{current_app.config['BASE_URL']}{path}"
    by_program = re.sub("^https?:", "webcal:", address)
    return render_template("calendars/address.html", address=address, by_program=by_program)


@bp.post("/account/calendar/meetings")
@requires(Permission.VIEW)
def choose_meetings() -> ResponseReturnValue:
    form = ChoiceForm()
    if not form.validate_on_submit():
        return render_template("calendars/my_calendar.html", kept=_kept(), form=form)
    services.choose(db.session, user=me(), with_all=form.meetings.data == "all")
    db.session.commit()
    flash("Saved. Calendar programs show it when they next ask, within some hours.", "success")
    return redirect(url_for("calendars.my_calendar"))


@bp.post("/account/calendar/off")
@requires(Permission.VIEW)
def switch_off() -> ResponseReturnValue:
    services.switch_off(db.session, user=me())
    db.session.commit()
    flash("Your calendar address is switched off; it answers nobody from now on.", "success")
    return redirect(url_for("calendars.my_calendar"))


@bp.get("/calendars")
@requires(Permission.ADMINISTER)
def addresses() -> ResponseReturnValue:
    """Who reads what by an address that needs no signing in."""
    found = services.everybodys(db.session)
    alive = [(feed, user) for feed, user in found if services.is_alive(feed, user)]
    return render_template("calendars/addresses.html", alive=alive)


@bp.post("/calendars/<int:user_id>/off")
@requires(Permission.ADMINISTER)
def switch_off_address(user_id: int) -> ResponseReturnValue:
    user = db.session.get(User, user_id) or abort(404)
    services.switch_off(db.session, user=user)
    db.session.commit()
    flash(f"{user.name}’s calendar address is switched off.", "success")
    return redirect(url_for("calendars.addresses"))


def _count(token_hash: str | None) -> timedelta:
    """Count one reading of a feed, or one guess at an address; how long to wait, if too many."""
    if token_hash is None:
        buckets = throttling.for_ip(GUESSING, request.remote_addr)
    else:
        buckets = throttling.for_account(READING, token_hash)
    at = clock.now()
    wait: timedelta | None = None
    with beside("a reading of a calendar"), written_aside() as own:
        wait = throttling.take(own, buckets, at=at)
        if token_hash and not wait:
            services.note_reading(own, token_hash, at=at)
    return max(wait or timedelta(), timedelta())


def _subscriber(user: User, *, with_all: bool = False) -> Subscriber:
    return Subscriber(user, with_all, clock.today(), current_app.config["BASE_URL"])


def _calendar(content: bytes, name: str) -> Response:
    response = Response(content, content_type="text/calendar; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.ics")
    return response
