"""Putting an entry's details right, marking a meeting held, and cancelling it."""

from dataclasses import asdict

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.editing.forms import edits, hold, said
from app.editing.one_fact import show_form
from app.interactions import patient_data_check
from app.interactions.entries import services
from app.interactions.models import Interaction
from app.interactions.routes.blueprint import bp, readable, refuse, tell_mentioned
from app.interactions.routes.forms import CancelMeetingForm, ChangeForm
from app.interactions.routes.log_entry import is_valid, unconfirmed
from app.interactions.routes.typeahead import fill

WORDS = ("subject", "agenda", "others")  # what is looked at for patient data


@bp.route("/interactions/<int:interaction_id>/edit", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def rewrite(interaction_id: int) -> ResponseReturnValue:
    hold(Interaction, interaction_id)
    interaction = readable(interaction_id)
    now = services.details_of(db.session, interaction)
    form = edits(ChangeForm(data=asdict(now)), interaction)
    fill(db.session, form, kept_themes=sorted(now.themes))
    suspected = []
    if not services.may_change(db.session, interaction, me()):
        form.form_errors.append(services.NOT_YOURS)
    elif form.is_submitted() and "look" not in request.form and is_valid(form):
        fact = form["shown"].fact
        looked_at = [name for name in WORDS if fact is None or name in fact.fields]
        suspected = unconfirmed(form, *(form[name].data or "" for name in looked_at))
        if not suspected and _rewrite(form, interaction):
            return redirect(url_for("interactions.read", interaction_id=interaction_id))
    return show_form(
        "interactions/rewrite.html",
        form,
        record=interaction.subject or interaction.kind.value,
        back=url_for("interactions.read", interaction_id=interaction_id),
        interaction=interaction,
        suspected=suspected,
        anyway=patient_data_check.digest(suspected),
    )


def _rewrite(form: ChangeForm, interaction: Interaction) -> bool:
    """Save it, or say on the form why not."""
    try:
        services.rewrite(db.session, interaction, form.details(), by=me(), today=clock.today())
    except DomainError as refusal:
        db.session.rollback()
        refuse(form, refusal)
        return False
    tell_mentioned(interaction)
    db.session.commit()
    flash(said(form, "Changed. What it said before is in its history."))
    return True


@bp.post("/interactions/<int:interaction_id>/held")
@requires(Permission.LOG, Permission.COORDINATE)
def mark_held(interaction_id: int) -> ResponseReturnValue:
    interaction = readable(interaction_id)
    try:
        services.mark_held(db.session, interaction, by=me(), today=clock.today())
    except DomainError as refusal:
        flash(str(refusal), "error")
    else:
        db.session.commit()
        flash("Marked as held. Add what came out of it while it is fresh.")
    return redirect(url_for("interactions.read", interaction_id=interaction_id))


@bp.route("/interactions/<int:interaction_id>/cancel", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def cancel(interaction_id: int) -> ResponseReturnValue:
    interaction = readable(interaction_id)
    form = CancelMeetingForm()
    suspected = []
    if form.validate_on_submit():
        suspected = unconfirmed(form, form.reason.data or "")
        if not suspected and _cancel(form, interaction):
            return redirect(url_for("interactions.read", interaction_id=interaction_id))
    return render_template(
        "interactions/cancel.html",
        form=form,
        interaction=interaction,
        suspected=suspected,
        anyway=patient_data_check.digest(suspected),
    )


def _cancel(form: CancelMeetingForm, interaction: Interaction) -> bool:
    """Cancel it, or say on the form why not."""
    try:
        services.cancel(
            db.session,
            interaction,
            reason=form.reason.data or "",
            by=me(),
            today=clock.today(),
        )
    except DomainError as refusal:
        db.session.rollback()
        form.form_errors.append(str(refusal))
        return False
    db.session.commit()
    flash("Cancelled. The reason is at the top of its notes.")
    return True
