"""Pasting a list of attendees: first it is shown with whom it was matched, then it is saved."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.interactions.attendees.adding import attend
from app.interactions.attendees.matching import Match, match
from app.interactions.attendees.pasted_text import read
from app.interactions.models import Interaction
from app.interactions.queries import organisations_of
from app.interactions.routes.blueprint import bp, readable
from app.interactions.routes.forms import AttendeesForm
from app.interactions.routes.pasting import as_decided, decisions


@bp.route("/interactions/<int:interaction_id>/attendees", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def attendees(interaction_id: int) -> ResponseReturnValue:
    interaction = readable(interaction_id)
    form = AttendeesForm()
    matches: list[Match] = []
    if form.validate_on_submit():
        try:
            bodies = [one.id for one in organisations_of(db.session, interaction.id)]
            named = read(form.pasted.data or "")
            matches = match(db.session, named, interaction.happened_on, bodies)
            if "decided" in request.form:
                return _decide(interaction, matches)
        except DomainError as refusal:
            db.session.rollback()
            form.pasted.errors = [*form.pasted.errors, str(refusal)]
            matches = as_decided(matches, request.form)
    return render_template(
        "interactions/attendees.html", form=form, interaction=interaction, matches=matches
    )


def _decide(interaction: Interaction, matches: list[Match]) -> ResponseReturnValue:
    decided = decisions(request.form, matches)
    added = attend(db.session, interaction, matches, decided, by=me(), on=clock.today())
    db.session.commit()
    flash("1 name added." if added == 1 else f"{added} names added.")
    return redirect(
        url_for("interactions.read", interaction_id=interaction.id, _anchor="in-the-room")
    )
