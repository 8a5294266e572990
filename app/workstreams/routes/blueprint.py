"""What the pages of workstreams share."""

from collections.abc import Sequence

from flask import Blueprint, abort

from app.accounts.access import me
from app.core.db import db
from app.interactions import queries as interactions
from app.interactions.models import Interaction, Outcome
from app.workstreams import queries
from app.workstreams.labels import date_words
from app.workstreams.models import Workstream

bp = Blueprint("workstreams", __name__)
bp.add_app_template_global(date_words)


@bp.app_template_global()
def workstreams_of(interaction_id: int) -> Sequence[Workstream]:
    """For the page of a meeting."""
    return queries.workstreams_of(db.session, interaction_id)


@bp.app_template_global()
def open_workstreams() -> Sequence[Workstream]:
    return queries.open_workstreams(db.session)


def wanted(workstream_id: int) -> Workstream:
    return queries.workstream_of(db.session, workstream_id) or abort(404)


def meeting(interaction_id: int) -> Interaction:
    """What this person may not read does not exist for them."""
    found = interactions.by_ids(db.session, [interaction_id]).get(interaction_id)
    if found is None or not found.may_be_read_by(me()):
        abort(404)
    return found


def promise(point_id: int) -> Outcome:
    return queries.promise_of(db.session, point_id, me()) or abort(404)
