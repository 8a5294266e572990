"""Adding milestones, correcting them, and cancelling them; their dates move in app/reminders."""

import secrets
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.web.form_fields import choices
from app.directory.models import OrganisationKind
from app.directory.queries.bodies import by_ids, organisations_on
from app.documents.queries import types
from app.editing.forms import edits, hold
from app.editing.forms import said as said_of
from app.editing.one_fact import show_form
from app.milestones import services
from app.milestones.forms import (
    DEADLINES,
    BindingForm,
    CancelMilestoneForm,
    MilestoneForm,
    date_kinds,
)
from app.milestones.models import Binding, DateKind, Milestone
from app.milestones.routes.blueprint import bp, wanted
from app.milestones.services import MilestoneDetails

CENTRAL = (
    OrganisationKind.GOVERNMENT_DEPARTMENT,
    OrganisationKind.NHS_ENGLAND,
    OrganisationKind.REGULATOR,
    OrganisationKind.PARLIAMENT,
)


@bp.route("/milestones/new", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def add() -> ResponseReturnValue:
    form = MilestoneForm(kind=DateKind.ANNOUNCED.value, form_token=secrets.token_urlsafe(18))
    form.kind.choices = choices(date_kinds(DEADLINES))
    offer_bindings(form)
    if form.validate_on_submit():
        try:
            made = services.add(
                db.session,
                MilestoneDetails(**described(form)),
                form.given(),
                by=me(),
                at=clock.now(),
                form_token=form.form_token.data or None,
            )
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            return _saved(made)
    return render_template("milestones/edit.html", form=form, milestone=None)


@bp.route("/milestones/<int:milestone_id>/edit", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def edit(milestone_id: int) -> ResponseReturnValue:
    """What it says besides its dates."""
    hold(Milestone, milestone_id)
    milestone = wanted(milestone_id)
    form = edits(BindingForm(**filled(milestone)), milestone)
    offer_bindings(form, milestone)
    if form.validate_on_submit():
        try:
            services.change(milestone, MilestoneDetails(**described(form)))
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            return _saved(milestone, said_of(form, "Saved."))
    return show_form(
        "milestones/edit.html",
        form,
        record=milestone.title,
        back=url_for("milestones.show", milestone_id=milestone_id),
        milestone=milestone,
    )


@bp.route("/milestones/<int:milestone_id>/cancel", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def cancel(milestone_id: int) -> ResponseReturnValue:
    milestone, form = wanted(milestone_id), CancelMilestoneForm()
    if form.validate_on_submit():
        services.cancel(milestone, why=form.why.data, on=clock.today())
        db.session.commit()
        flash("It is cancelled. It stays here to be read, and nobody is waited for any more.")
        return redirect(url_for("milestones.show", milestone_id=milestone_id))
    return render_template("milestones/cancel.html", form=form, milestone=milestone)


@bp.post("/milestones/<int:milestone_id>/restore")
@requires(Permission.COORDINATE)
def restore(milestone_id: int) -> ResponseReturnValue:
    milestone = wanted(milestone_id)
    services.restore(milestone)
    db.session.commit()
    flash("It is on again.")
    return redirect(url_for("milestones.show", milestone_id=milestone_id))


def described(form: BindingForm) -> dict[str, Any]:
    return {
        "title": form.title.data,
        "basis": form.basis.data,
        "binds": form.binds.data,
        "binds_kinds": form.binds_kinds.data or [],
        "binds_only": (form.binds_only.data or []) if form.binds_only else [],
        "asks_each": bool(form.asks_each.data),
        "document_type_id": form.document_type_id.data,
        "status": form.status.data,
        "source": form.source.data,
    }


def filled(row: Binding) -> dict[str, Any]:
    """What a form shows of a milestone or a duty."""
    names = (
        "title",
        "basis",
        "binds",
        "binds_kinds",
        "binds_only",
        "asks_each",
        "document_type_id",
        "status",
        "source",
    )
    return {name: getattr(row, name) for name in names}


def offer_bindings(form: BindingForm, row: Binding | None = None) -> None:
    """The kinds of document, and the single bodies something may name."""
    central = organisations_on(db.session, clock.today(), CENTRAL)
    named = by_ids(db.session, row.binds_only) if row else []
    known = {one.id: one.name for one in (*central, *named)}
    if known:
        form.binds_only.choices = choices(known.items())
    else:
        del form.binds_only
    form.document_type_id.choices = choices(
        [("", "No document"), *((one.id, one.name) for one in types(db.session))]
    )


def _saved(milestone: Milestone, words: str = "Saved.") -> ResponseReturnValue:
    db.session.commit()
    flash(words, "success")
    return redirect(url_for("milestones.show", milestone_id=milestone.id))
