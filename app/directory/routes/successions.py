"""The end of a body, and what takes over from it."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.bin.change_capture import noting
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import record_number
from app.core.web.form_fields import choices
from app.core.web.pages import say_with_undo
from app.directory.forms import EndForm, SuccessionForm
from app.directory.models import Organisation, OrganisationKind, SuccessionKind
from app.directory.queries import bodies
from app.directory.routes.blueprint import bp
from app.directory.services import organisations as services


@bp.route("/organisations/<int:organisation_id>/end", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def end_organisation(organisation_id: int) -> ResponseReturnValue:
    body = db.session.get(Organisation, organisation_id) or abort(404)
    form = EndForm(obj=body)
    if form.validate_on_submit():
        try:
            services.dissolve(db.session, organisation=body, dissolved_on=form.dissolved_on.data)
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            flash(f"The end of {body.name} has been recorded.", "success")
            return redirect(url_for("directory.organisation", organisation_id=body.id))
    is_board = body.kind is OrganisationKind.ICB
    return render_template(
        "directory/end_organisation.html", form=form, body=body, is_board=is_board
    )


@bp.post("/organisations/<int:organisation_id>/end/take-back")
@requires(Permission.COORDINATE)
def take_back_end(organisation_id: int) -> ResponseReturnValue:
    body = db.session.get(Organisation, organisation_id) or abort(404)
    try:
        services.take_back_end(db.session, organisation=body)
    except DomainError as refusal:
        flash(str(refusal), "error")
    else:
        db.session.commit()
        flash(
            f"{body.name} exists again. Appointments that ended with it stay ended: check them.",
            "success",
        )
    return redirect(url_for("directory.organisation", organisation_id=organisation_id))


@bp.route("/organisations/<int:organisation_id>/succession", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def record_succession(organisation_id: int) -> ResponseReturnValue:
    body = db.session.get(Organisation, organisation_id) or abort(404)
    form = SuccessionForm()
    others = [
        one
        for one in bodies.organisations_on(db.session, clock.today(), [body.kind])
        if one.id != body.id
    ]
    form.successor_id.choices = choices([("", "Choose"), *((one.id, one.name) for one in others)])
    if form.validate_on_submit():
        successor = db.session.get_one(Organisation, record_number(form.successor_id.data))
        try:
            with noting(
                db.session, kind="organisation", record_id=successor.id, by=me(), at=clock.now()
            ) as change:
                change.name = f"{successor.short_name} takes over from {body.short_name}"
                services.record_succession(
                    db.session,
                    predecessor=body,
                    successor=successor,
                    effective_on=form.effective_on.data,
                    kind=SuccessionKind(form.kind.data),
                    note=form.note.data,
                    source=form.source.data,
                    ends_predecessor=form.ends_predecessor.data,
                )
        except DomainError as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            undo = url_for("bin.restore", binned_id=change.id)
            say_with_undo(f"Recorded: {successor.name} takes over.", undo)
            return redirect(url_for("directory.organisation", organisation_id=successor.id))
    return render_template("directory/record_succession.html", form=form, body=body)
