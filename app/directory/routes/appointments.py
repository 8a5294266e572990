"""One person's holding of one post: checked, put right, ended."""

from flask import abort, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.access import requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.directory.forms import AppointmentForm, CheckForm, EndAppointmentForm
from app.directory.models import Appointment, PostState
from app.directory.queries import posts
from app.directory.routes.blueprint import bp, go_back
from app.directory.services import posts as services
from app.editing.forms import edits, hold, said
from app.editing.one_fact import show_form


def appointment_or_404(appointment_id: int) -> Appointment:
    return posts.appointment_with_body(db.session, appointment_id) or abort(404)


def _back(appointment: Appointment) -> ResponseReturnValue:
    return go_back(appointment.post.organisation)


@bp.route("/appointments/<int:appointment_id>/check", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def check_appointment(appointment_id: int) -> ResponseReturnValue:
    appointment = appointment_or_404(appointment_id)
    form = CheckForm(checked_on=clock.today(), source=appointment.source)
    if form.validate_on_submit():
        try:
            services.confirm(
                db.session,
                appointment=appointment,
                checked_on=form.checked_on.data,
                source=form.source.data,
                by=current_user,
                on=clock.today(),
            )
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            flash("Recorded as checked.", "success")
            return _back(appointment)
    return render_template("directory/check_appointment.html", form=form, appointment=appointment)


@bp.route("/appointments/<int:appointment_id>/edit", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def edit_appointment(appointment_id: int) -> ResponseReturnValue:
    hold(Appointment, appointment_id)
    appointment = appointment_or_404(appointment_id)
    form = edits(AppointmentForm(obj=appointment), appointment)
    if form.validate_on_submit():
        try:
            services.correct_appointment(
                db.session,
                appointment=appointment,
                on=clock.today(),
                started_on=form.started_on.data,
                ended_on=form.ended_on.data,
                is_acting=form.is_acting.data,
                job_title=form.job_title.data,
                source=form.source.data,
            )
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            flash(said(form, "Saved."), "success")
            return _back(appointment)
    return show_form(
        "directory/edit_appointment.html",
        form,
        record=appointment.person.name,
        back=url_for("directory.post", post_id=appointment.post_id),
        appointment=appointment,
    )


@bp.route("/appointments/<int:appointment_id>/end", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def end_appointment(appointment_id: int) -> ResponseReturnValue:
    appointment = appointment_or_404(appointment_id)
    form = EndAppointmentForm()
    if form.validate_on_submit():
        try:
            services.end_appointment(
                db.session,
                appointment=appointment,
                ended_on=form.ended_on.data,
                state=PostState(form.state.data) if form.state.data else None,
                source=form.source.data,
                by=current_user,
                on=clock.today(),
            )
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            flash(f"{appointment.person.name}’s last day has been recorded.", "success")
            return _back(appointment)
    return render_template("directory/end_appointment.html", form=form, appointment=appointment)
