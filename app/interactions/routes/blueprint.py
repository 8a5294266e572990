"""What the pages of interactions share."""

from flask import Blueprint, abort, url_for

from app.accounts.access import me
from app.core.db import db
from app.directory.models import Organisation, OrganisationKind
from app.interactions import queries
from app.interactions.models import Interaction

bp = Blueprint("interactions", __name__)


def readable(interaction_id: int) -> Interaction:
    """The entry with its author; what this person may not read does not exist for them."""
    found = queries.by_ids(db.session, [interaction_id]).get(interaction_id)
    if found is None or not found.may_be_read_by(me()):
        abort(404)
    return found


def timeline_of(organisation: Organisation) -> str:
    """Where an entry can be seen: a system's own page, or the organisation's."""
    if organisation.kind is OrganisationKind.ICS:
        return url_for("overview.system", system_id=organisation.id, _anchor="timeline")
    return url_for("overview.organisation_timeline", organisation_id=organisation.id)
