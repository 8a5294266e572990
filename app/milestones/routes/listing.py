"""All milestones, past and coming: drawn in time, and as a table."""

from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.access import requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.web import lists
from app.core.web.pages import show_list
from app.documents.queries import types
from app.milestones import drawing, queries
from app.milestones.listing import milestones_view
from app.milestones.progress import MilestoneRow, Stage, rows_of
from app.milestones.routes.blueprint import bp

TABLE = "table"


@bp.get("/milestones")
@requires(Permission.VIEW)
def listing() -> ResponseReturnValue:
    """Drawn in time, or with `show=table` as a table; both narrowed the same way."""
    today = clock.today()
    rows = rows_of(db.session, queries.all_milestones(db.session), today)
    view = milestones_view(types(db.session))
    if request.args.get("format") == "csv" or request.args.get("show") == TABLE:
        return show_list("milestones/table.html", view, rows, nothing=not rows)
    asked = view.read(request.args)
    found = lists.find_among(rows, asked)
    matching = lists.matching(rows, asked)
    return render_template(
        "milestones/timeline.html",
        listing=found,
        groups=_groups(matching, today),
        axis=drawing.axis((row.shown_on for row in matching), today),
        track=drawing.track,
        today_at=today,
        nothing=not rows,
    )


def _groups(rows: list[MilestoneRow], today: date) -> list[tuple[str, list[MilestoneRow]]]:
    """What is to come, the next first; then what has been, the last first."""
    coming = [row for row in rows if row.stage is Stage.COMING]
    coming += [
        row for row in rows if row.stage is Stage.CANCELLED and row.milestone.due_on >= today
    ]
    been = [row for row in rows if row not in coming]
    coming.sort(key=lambda row: (row.shown_on, row.id))
    been.sort(key=lambda row: (row.shown_on, row.id), reverse=True)
    return [(words, group) for words, group in (("Coming", coming), ("Past", been)) if group]
