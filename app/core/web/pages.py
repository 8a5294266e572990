"""What every page shares: the shell around it, the colour theme, and lists as page or CSV."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from sqlalchemy import Select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug import Response as BaseResponse
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app.core import clock
from app.core.db import db, reading, written_aside
from app.core.from_outside import FIRST_DAY, LAST_DAY, a_day_or_none
from app.core.storage import LASTING, beside
from app.core.web import form_parts, lists
from app.core.web.csv_export import to_csv
from app.core.web.icons import icon

THEMES = ("system", "light", "dark")
A_YEAR = 365 * 24 * 3600
BACK = "back"  # how an address says where a side trip began


@dataclass(frozen=True)
class NavEntry:
    """A line of the main menu.

    `starts` are the endpoints it stands for, by their beginning; `waiting` says how many things
    behind it wait for this user.
    """

    label: str
    endpoint: str
    icon: str
    starts: tuple[str, ...] = ()
    below_line: bool = False
    waiting: Callable[[], int | str] | None = None


@dataclass(frozen=True)
class Banner:
    """A standing notice above every page; `endpoint` is where something can be done about it.

    `kind` is warn, bad or brand-tint.
    """

    text: str
    kind: str = "warn"
    endpoint: str = ""
    link_text: str = ""


@dataclass(frozen=True)
class Shell:
    """What the app factory knows of the features, for the frame around every page."""

    navigation: Sequence[NavEntry]
    signed_in: Callable[[], bool]
    may_open: Callable[[str], bool]
    # Told of every export: the list's name, the words of its filters and the number of rows.
    on_export: Callable[[Session, str, Sequence[str], int], None]
    banners: Sequence[Callable[[], Banner | None]] = ()
    account_endpoint: str = ""
    sign_out_endpoint: str = ""
    help_endpoint: str = ""
    bell: NavEntry | None = None  # on every page's top bar
    # For an address at which there is nothing: the page that says what became of what stood there.
    page_of_what_was_deleted: Callable[[], BaseResponse | None] = lambda: None


bp = Blueprint("pages", __name__)


@bp.post("/theme")
def choose_theme() -> ResponseReturnValue:
    wanted = request.form.get("theme", "")
    response = redirect(safe_path(request.form.get("next", "")) or "/")
    remember_theme(response, wanted)
    return response


def remember_theme(response: BaseResponse, wanted: str) -> None:
    """This browser shows pages in these colours from now on."""
    response.set_cookie(
        "theme",
        wanted if wanted in THEMES else "system",
        max_age=A_YEAR,
        secure=current_app.config["BASE_URL"].startswith("https://"),
        httponly=True,
        samesite="Lax",
    )


def theme() -> str:
    chosen = request.cookies.get("theme", "system")
    return chosen if chosen in THEMES else "system"


def as_at() -> date:
    """The day in the address; today when there is none, or none that can be read."""
    asked = request.args.get("on", "").strip()
    if not asked:
        return clock.today()
    day = a_day_or_none(asked)
    if day is None:
        flash(
            f"“{asked[:40]}” is not a date, so this shows today. "
            f"Give one from {FIRST_DAY.year} to {LAST_DAY.year}, such as 2026-03-31.",
            "warning",
        )
    return day or clock.today()


def safe_path(wanted: str) -> str | None:
    """The address if it is a page of this app, else None."""
    plain = unquote(wanted)
    if not re.match(r"/(?![/\\])", plain) or not plain.isprintable() or "\\" in plain:
        return None
    parts = urlsplit(wanted)
    if parts.scheme or parts.netloc:
        return None
    try:
        current_app.url_map.bind("").match(parts.path, method="GET")
    except RequestRedirect:
        return None
    except HTTPException:
        return None
    return wanted


def way_back(otherwise: str = "") -> str:
    """Where a side trip ends: on the page it began on, which the address names.

    So whoever opened a record to mend something is back, when it is saved, at what they were doing.
    """
    return safe_path(request.args.get(BACK, "")) or otherwise


def on_the_way() -> str | None:
    """This page, for links further on a side trip, so that they come back here first."""
    return request.full_path if way_back() else None


def show_list(
    template: str,
    view: lists.ListView,
    source: Select[Any] | Sequence[Any],
    **context: Any,
) -> ResponseReturnValue:
    """The page of a list, or, when the address asks for it, all its rows as CSV.

    `source` is a select, or the rows themselves when they were made in Python.
    """
    asked = view.read(request.args)
    if request.args.get("format") == "csv":
        return _csv(asked, source)
    if isinstance(source, Select):
        found = lists.find(db.session, source, asked)
    else:
        found = lists.find_among(source, asked)
    return render_template(template, listing=found, **context)


def _csv(asked: lists.Asked, source: Select[Any] | Sequence[Any]) -> Response:
    filters = [one.shown for one in asked.applied]
    if isinstance(source, Select):
        total = lists.count(db.session, source, asked)
        rows = _read_while_sending(db.sessionmaker, source, asked)
    else:
        found = lists.matching(source, asked)
        total, rows = len(found), iter(found)
    note_export(asked.view.name, filters, total)
    return csv_response(asked.view.name, asked.view.columns, rows)


def _read_while_sending(
    sessions: sessionmaker[Session], source: Select[Any], asked: lists.Asked
) -> Iterator[Any]:
    """The request's own session is closed before the first line of its answer is sent."""
    with sessions() as own:
        with reading():
            own.connection()
        yield from lists.every(own, source, asked)


def say_with_undo(words: str, undo: str) -> None:
    """Tell what was done on the next page, beside a button that takes it back."""
    flash({"words": words, "undo": undo}, "success")  # type: ignore[arg-type]  # kept as JSON


def note_export(name: str, filters: Sequence[str], rows: int) -> None:
    """Record that data is about to leave."""
    with beside("an export", gives_way_to=LASTING), written_aside() as own:
        shell().on_export(own, name, filters, rows)


def csv_response(name: str, columns: Sequence[lists.Column], rows: Iterable[Any]) -> Response:
    """Stream rows as a file called `name` with today's date."""
    response = Response(to_csv(columns, rows), content_type="text/csv; charset=utf-8")
    response.headers.set(
        "Content-Disposition",
        "attachment",
        filename=f"{re.sub('[^a-z0-9]+', '-', name.lower()).strip('-')}-{clock.today()}.csv",
    )
    return response


def shell() -> Shell:
    current: Shell = current_app.extensions["shell"]
    return current


def offered(endpoint: str) -> bool:
    """Whether this person may open that page."""
    return shell().may_open(endpoint)


def _is_current(entry: NavEntry) -> bool:
    here = request.endpoint or ""
    return here == entry.endpoint or any(here.startswith(start) for start in entry.starts)


def _frame() -> Mapping[str, Any]:
    """What base.html needs besides the page itself."""
    known = shell()
    signed_in = known.signed_in()
    return {
        "signed_in": signed_in,
        "navigation": [one for one in known.navigation if signed_in and offered(one.endpoint)],
        "banners": [banner for make in known.banners if signed_in and (banner := make())],
        "is_current": _is_current,
        "theme": theme(),
        "account_endpoint": known.account_endpoint,
        "sign_out_endpoint": known.sign_out_endpoint,
        "help_endpoint": known.help_endpoint,
        "bell": known.bell if signed_in and known.bell and offered(known.bell.endpoint) else None,
    }


def init_app(app: Flask, frame: Shell) -> None:
    app.extensions["shell"] = frame
    app.register_blueprint(bp)
    app.add_template_global(icon)
    app.add_template_global(form_parts.kind_of)
    app.add_template_global(form_parts.messages_of)
    app.add_template_global(_frame, "frame")
    app.add_template_global(way_back)
    app.add_template_global(on_the_way)
    app.add_template_global(offered)
