"""What the pages of interactions share."""

from flask import Blueprint, abort, flash, url_for

from app.accounts.access import me
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.directory.models import Organisation, OrganisationKind
from app.followups.services import NoSuchDay
from app.interactions import queries, rules
from app.interactions.attendees import adding
from app.interactions.entries import mentions
from app.interactions.models import Interaction
from app.interactions.outcomes import outcomes
from app.interactions.routes.forms import DetailsForm

bp = Blueprint("interactions", __name__)


def readable(interaction_id: int) -> Interaction:
    """The entry with its author; what this person may not read does not exist for them."""
    found = queries.by_ids(db.session, [interaction_id]).get(interaction_id)
    if found is None or not found.may_be_read_by(me()):
        abort(404)
    return found


WHERE = {
    rules.NobodyInvolved: "organisation_q",
    rules.EndsBeforeItStarts: "ends",
    rules.NotYet: "happened_on",
    rules.AlreadyOver: "happened_on",
    rules.NoWebAddress: "link",
    rules.NothingWritten: "body",
    outcomes.NothingSaid: "follow_what",
    outcomes.NoOwner: "follow_due",
    NoSuchDay: "follow_due",
    adding.NoName: "pasted",
    adding.NotOffered: "pasted",
}


def refuse(form: DetailsForm, refusal: DomainError) -> None:
    """Say why not beside the field that it is about, or else above the form."""
    name = WHERE.get(type(refusal), "")
    if name and name in form:
        form[name].errors = [*form[name].errors, str(refusal)]
    else:
        form.form_errors.append(str(refusal))


def timeline_of(organisation: Organisation) -> str:
    """Where an entry can be seen: on its system's page, or the organisation's own."""
    if organisation.kind is OrganisationKind.ICS:
        return url_for("overview.system", system_id=organisation.id, _anchor="timeline")
    if organisation.kind is OrganisationKind.ICB and organisation.part_of_id:
        return url_for("overview.system", system_id=organisation.part_of_id, _anchor="timeline")
    return url_for("overview.organisation_timeline", organisation_id=organisation.id)


def tell_mentioned(interaction: Interaction) -> None:
    """Tell the colleagues it mentions, and warn of those who may not read it; before the commit."""
    for warning in mentions.tell_of(db.session, interaction, by=me(), at=clock.now()):
        flash(warning, "warning")
