"""The page of one milestone: how every bound body stands, its dates, and why they moved."""

import secrets
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from app.accounts.access import requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.from_outside import record_numbers
from app.core.web import lists
from app.core.web.pages import show_list
from app.directory.queries.bodies import regions
from app.milestones import drawing, queries, suggestions
from app.milestones.body_labels import nouns
from app.milestones.forms import MarkForm
from app.milestones.listing import bodies_view
from app.milestones.models import Milestone
from app.milestones.progress import BodyRow, body_rows, progress_of, stage_of
from app.milestones.routes.blueprint import bp, is_past, wanted
from app.milestones.rules import State, is_assumed


@bp.get("/milestones/<int:milestone_id>")
@requires(Permission.VIEW)
def show(milestone_id: int) -> ResponseReturnValue:
    return show_milestone(
        wanted(milestone_id), MarkForm(form_token=secrets.token_urlsafe(18), formdata=None)
    )


def show_milestone(milestone: Milestone, form: MarkForm) -> ResponseReturnValue:
    rows = body_rows(db.session, milestone) if milestone.asks_each else []
    return show_list(
        "milestones/show.html",
        view_of(milestone, rows),
        rows,
        milestone=milestone,
        form=form,
        ticked=set(record_numbers(request.form.getlist("ids"))),
        every=rows,
        progress=progress_of(rows),
        noun=nouns({row.body.kind for row in rows}),
        **_around(milestone, rows),
    )


def view_of(milestone: Milestone, rows: list[BodyRow]) -> lists.ListView:
    kinds = sorted({row.body.kind for row in rows}, key=lambda kind: kind.value)
    return bodies_view(milestone.title, regions(db.session), kinds)


def _around(milestone: Milestone, rows: list[BodyRow]) -> dict[str, Any]:
    today = clock.today()
    outstanding = [row.id for row in rows if row.state is State.OUTSTANDING]
    dates = queries.dates_of(db.session, milestone.id)
    return {
        "stage": stage_of(milestone, today),
        "is_past": is_past(milestone, today),
        "offers": suggestions.proposals(db.session, milestone, outstanding, today),
        "dates": dates,
        "is_assumed": is_assumed([one.kind for one in dates if one.replaced_at is None]),
        "axis": drawing.axis((day for one in dates for day in (one.falls_on,)), today),
        "track": drawing.track,
        "today_at": today,
        "marks": queries.marks_of(db.session, milestone.id),
        "no_longer_bound": queries.no_longer_bound(db.session, milestone),
    }
