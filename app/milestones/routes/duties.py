"""Duties that come back: their list, the page of one, and keeping them."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.editing.forms import edits, hold, said
from app.editing.one_fact import show_form
from app.milestones import queries, series
from app.milestones.forms import DutyForm
from app.milestones.models import Comes, DateKind, MilestoneSeries
from app.milestones.progress import rows_of
from app.milestones.routes.blueprint import bp
from app.milestones.routes.edit import described, filled, offer_bindings
from app.milestones.series import Duty


@bp.get("/milestones/duties")
@requires(Permission.VIEW)
def duties() -> ResponseReturnValue:
    return render_template("milestones/duties.html", duties=queries.duties(db.session))


@bp.get("/milestones/duties/<int:series_id>")
@requires(Permission.VIEW)
def duty(series_id: int) -> ResponseReturnValue:
    one = _wanted(series_id)
    years = rows_of(db.session, queries.of_duty(db.session, series_id), clock.today())
    return render_template("milestones/duty.html", duty=one, years=years)


@bp.route("/milestones/duties/new", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def duty_add() -> ResponseReturnValue:
    form = DutyForm()
    offer_bindings(form)
    if form.validate_on_submit():
        try:
            made = series.add(db.session, _duty(form), on=clock.today(), at=clock.now())
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            return _saved(made)
    return render_template("milestones/duty_edit.html", form=form, duty=None)


@bp.route("/milestones/duties/<int:series_id>/edit", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def duty_edit(series_id: int) -> ResponseReturnValue:
    """Its coming years follow, where nobody has changed them."""
    hold(MilestoneSeries, series_id)
    one = _wanted(series_id)
    form = DutyForm(
        **filled(one),
        comes=one.comes.value,
        month=one.month,
        day=one.day,
        date_kind=one.date_kind.value,
        ended_on=one.ended_on,
    )
    edits(form, one)
    offer_bindings(form, one)
    if form.validate_on_submit():
        try:
            series.change(db.session, one, _duty(form), on=clock.today(), at=clock.now())
        except DomainError as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
        else:
            return _saved(one, said(form, "Saved."))
    return show_form(
        "milestones/duty_edit.html",
        form,
        record=one.title,
        back=url_for("milestones.duty", series_id=series_id),
        duty=one,
    )


def _wanted(series_id: int) -> MilestoneSeries:
    return queries.duty_of(db.session, series_id) or abort(404)


def _duty(form: DutyForm) -> Duty:
    return Duty(
        **described(form),
        comes=Comes(form.comes.data),
        month=form.month.data,
        day=form.day.data,
        date_kind=DateKind(form.date_kind.data),
        ended_on=form.ended_on.data,
    )


def _saved(one: MilestoneSeries, words: str = "Saved.") -> ResponseReturnValue:
    db.session.commit()
    flash(words, "success")
    return redirect(url_for("milestones.duty", series_id=one.id))
