"""Pasting a list of attendees: first it is shown with whom it was matched, then it is saved."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.interactions.attendees import read
from app.interactions.attending import attend
from app.interactions.forms import AttendeesForm
from app.interactions.matching import Decision, Match, match
from app.interactions.models import Interaction
from app.interactions.routes.blueprint import bp, readable


@bp.route("/interactions/<int:interaction_id>/attendees", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def attendees(interaction_id: int) -> ResponseReturnValue:
    interaction = readable(interaction_id)
    form = AttendeesForm()
    matches: list[Match] = []
    if form.validate_on_submit():
        try:
            matches = match(db.session, read(form.pasted.data or ""), interaction)
            if "decided" in request.form:
                return _decide(interaction, matches)
        except DomainError as refusal:
            db.session.rollback()
            form.pasted.errors = [*form.pasted.errors, str(refusal)]
            matches = _as_decided(matches)
    return render_template(
        "interactions/attendees.html", form=form, interaction=interaction, matches=matches
    )


def _decide(interaction: Interaction, matches: list[Match]) -> ResponseReturnValue:
    decisions = [
        Decision(
            request.form.get(f"who-{i}", "text"),
            request.form.get(f"given-{i}", "")[:100],
            request.form.get(f"family-{i}", "")[:100],
        )
        for i in range(len(matches))
    ]
    added = attend(db.session, interaction, matches, decisions, by=me(), on=clock.today())
    db.session.commit()
    flash("1 name added." if added == 1 else f"{added} names added.")
    return redirect(
        url_for("interactions.read", interaction_id=interaction.id, _anchor="in-the-room")
    )


def _as_decided(matches: list[Match]) -> list[Match]:
    """After a refusal the choices stand as they were made."""
    for i, one in enumerate(matches):
        one.likely = request.form.get(f"who-{i}", one.likely)
    return matches
