"""Offers: making one, and each step of what became of it."""

import secrets
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission, User
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import record_number
from app.core.web.pages import say_with_undo, show_list
from app.directory.models import Organisation
from app.directory.queries.bodies import regions
from app.editing.forms import edits, hold, said
from app.editing.one_fact import show_form
from app.followups.forms import offer_bodies, offer_users
from app.interactions import queries
from app.interactions.models import Interaction, Offer, OfferState, Theme
from app.interactions.offers import offers as services
from app.interactions.offers.offers import OfferDetails
from app.interactions.outcomes import commitment_list
from app.interactions.routes.blueprint import readable
from app.interactions.routes.promise_forms import OfferForm, StepForm, offer_themes
from app.interactions.routes.promising import bp
from app.interactions.routes.typeahead import fill_body, is_sent

STATE_PILLS = {
    OfferState.OFFERED: "none",
    OfferState.ACCEPTED: "brand",
    OfferState.UNDER_WAY: "brand",
    OfferState.DELIVERED: "good",
    OfferState.DECLINED: "warn",
}


@bp.app_template_global()
def offer_pill(state: OfferState) -> str:
    return STATE_PILLS[state]


@bp.get("/offers")
@requires(Permission.VIEW)
def offers() -> ResponseReturnValue:
    view = commitment_list.offers_view(
        users=queries.ours(db.session),
        regions=regions(db.session),
        themes=queries.themes(db.session),
    )
    return show_list("interactions/offers.html", view, commitment_list.offers())


@bp.get("/offers/<int:offer_id>")
@requires(Permission.VIEW)
def offer(offer_id: int) -> ResponseReturnValue:
    found = _found(offer_id)
    entry = db.session.get(Interaction, found.interaction_id) if found.interaction_id else None
    return render_template(
        "interactions/offer.html",
        one=found,
        steps=services.steps_of(db.session, offer_id),
        interaction=entry if entry and entry.may_be_read_by(me()) else None,
    )


@bp.route("/offers/new", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def offer_add() -> ResponseReturnValue:
    """To a body, or from a meeting with it."""
    asked = request.args.get("interaction", type=record_number)
    interaction = readable(asked) if asked else None
    bodies = queries.organisations_of(db.session, interaction.id) if interaction else []
    form = OfferForm(
        organisation_id=bodies[0].id
        if len(bodies) == 1
        else request.args.get("organisation", type=record_number),
        offered_on=min(interaction.happened_on, clock.today()) if interaction else clock.today(),
        what=request.args.get("text", "")[:200],
        owner_id=me().id,
        form_token=secrets.token_urlsafe(18),
    )
    _offer(form, bodies)
    if is_sent(form) and form.validate():
        try:
            made = services.make(
                db.session,
                _offered(form),
                interaction=interaction,
                by=me(),
                on=clock.today(),
                form_token=form.form_token.data,
            )
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            flash(f"Saved: {made.what}.", "success")
            return redirect(url_for("promises.offer", offer_id=made.id))
    return render_template("interactions/offer_add.html", form=form, interaction=interaction)


@bp.route("/offers/<int:offer_id>/edit", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def offer_change(offer_id: int) -> ResponseReturnValue:
    hold(Offer, offer_id)
    found = _found(offer_id, to_change=True)
    form = OfferForm(
        what=found.what,
        organisation_id=found.organisation_id,
        offered_on=found.offered_on,
        owner_id=found.owner_id,
        theme_id=found.theme_id,
        details=found.details,
    )
    edits(form, found)
    _offer(form, [], found)
    if is_sent(form) and form.validate():
        try:
            services.change(db.session, found, _offered(form), on=clock.today())
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            flash(said(form, "Changed. What it said before is in its history."), "success")
            return redirect(url_for("promises.offer", offer_id=offer_id))
    return show_form(
        "interactions/offer_change.html",
        form,
        record=found.what,
        back=url_for("promises.offer", offer_id=offer_id),
        one=found,
    )


@bp.route("/offers/<int:offer_id>/step", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def offer_step(offer_id: int) -> ResponseReturnValue:
    found = _found(offer_id, to_change=True)
    form = StepForm(reached_on=clock.today())
    if form.validate_on_submit():
        try:
            services.take_step(
                db.session,
                found,
                OfferState(form.state.data),
                reached_on=form.reached_on.data,
                note=form.note.data,
                by=me(),
                on=clock.today(),
            )
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            undo = url_for("promises.offer_take_back", offer_id=offer_id)
            words = f"{found.state.value.capitalize()}: {found.what}"
            say_with_undo(words, undo)
            return redirect(url_for("promises.offer", offer_id=offer_id))
    return render_template("interactions/offer_step.html", form=form, one=found)


@bp.post("/offers/<int:offer_id>/take-back")
@requires(Permission.LOG, Permission.COORDINATE)
def offer_take_back(offer_id: int) -> ResponseReturnValue:
    found = _found(offer_id, to_change=True)
    try:
        services.take_back(db.session, found)
    except DomainError as refusal:
        flash(str(refusal), "error")
    else:
        db.session.commit()
        flash(f"It is {found.state.value} again.", "success")
    return redirect(url_for("promises.offer", offer_id=offer_id))


def _found(offer_id: int, *, to_change: bool = False) -> Offer:
    return services.one_of(db.session, offer_id, to_change=to_change) or abort(404)


def _offer(form: Any, bodies: Any, current: Offer | None = None) -> None:
    """The bodies of its meeting to choose from; without one, whichever is found by its name."""
    users = list(queries.ours(db.session))
    if current and all(user.id != current.owner_id for user in users):
        users.append(current.owner)  # one who left: the form shows what is so
    themes = [
        theme
        for theme in queries.themes(db.session)
        if theme.retired_on is None or (current and theme.id == current.theme_id)
    ]
    offer_users(form.owner_id, users)
    if bodies:
        del form.organisation_q
        offer_bodies(form.organisation_id, bodies, first="Choose")
    else:
        fill_body(db.session, form, none="")
    offer_themes(form.theme_id, themes)


def _offered(form: OfferForm) -> OfferDetails:
    theme_id = form.theme_id.data
    return OfferDetails(
        what=form.what.data,
        organisation=db.session.get(Organisation, form.organisation_id.data) or abort(404),
        offered_on=form.offered_on.data,
        owner=db.session.get(User, form.owner_id.data) or abort(404),
        theme=db.session.get(Theme, theme_id) if theme_id else None,
        details=form.details.data,
    )
