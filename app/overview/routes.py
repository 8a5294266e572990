"""Pages made of everything: home with its map, the systems, and one body's whole story."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.access import requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.pages import show_list
from app.overview import engagement, needs
from app.overview.drawing import map_of, rungs
from app.overview.engagement import Step
from app.overview.lists import step_key, systems_view
from app.overview.standing import is_stale, standings

bp = Blueprint("overview", __name__)


@bp.get("/")
@requires(Permission.VIEW)
def home() -> ResponseReturnValue:
    day = _as_at()
    rows = standings(db.session, day)
    waiting = needs.needs_of(db.session, current_user, rows, on=clock.today(), at=clock.now())
    return render_template(
        "overview/home.html",
        day=day,
        rows=rows,
        drawing=map_of(db.session, rows, day),
        steps=list(Step),
        finding=engagement.finding([row.engagement for row in rows]),
        rungs=rungs(rows, lambda step: _systems_at(day, step=step_key(step))),
        needs=waiting,
        summary=needs.summary(rows, waiting),
        table=_systems_at(day),
        csv=_systems_at(day, format="csv"),
    )


@bp.get("/systems")
@requires(Permission.VIEW)
def systems() -> ResponseReturnValue:
    day = _as_at()
    rows = standings(db.session, day)
    return show_list(
        "overview/systems.html",
        systems_view(rows, day),
        rows,
        day=day,
        finding=engagement.finding([row.engagement for row in rows]),
        is_stale=is_stale,
    )


def _as_at() -> date:
    """The day asked for in the address; today when there is none, or none that can be read."""
    asked = request.args.get("on", "").strip()
    if not asked:
        return clock.today()
    try:
        return date.fromisoformat(asked)
    except ValueError:
        flash("That is not a date, so this shows today. Give one like 2026-03-31.", "warning")
        return clock.today()


def _systems_at(day: date, **args: Any) -> str:
    if day != clock.today():
        args["on"] = day.isoformat()
    return url_for("overview.systems", **args)
