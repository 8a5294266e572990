"""The days on which our own offices are shut, besides weekends and bank holidays."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import requires
from app.accounts.models import Permission
from app.administration.forms import ClosedDaysForm
from app.administration.routes.blueprint import bp
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import a_day_or_none
from app.core.web.filters import on_day, plural
from app.settings import office_closures, queries


@bp.route("/settings/closed-days", methods=["GET", "POST"])
@requires(Permission.COORDINATE, Permission.ADMINISTER)
def closed_days() -> ResponseReturnValue:
    form = ClosedDaysForm()
    if form.validate_on_submit():
        first = form.first.data
        try:
            closed = office_closures.close(
                db.session, first, form.last.data or first, why=form.why.data or ""
            )
        except DomainError as refusal:
            form.first.errors = [str(refusal)]
        else:
            db.session.commit()
            flash(
                f"{plural(len(closed), 'day')} closed. Reminders to come move within a minute.",
                "success",
            )
            return redirect(url_for("settings.closed_days"))
    return render_template(
        "settings/closed_days.html", form=form, days=queries.closed_days_listed(db.session)
    )


@bp.post("/settings/closed-days/<day>/reopen")
@requires(Permission.COORDINATE, Permission.ADMINISTER)
def reopen_day(day: str) -> ResponseReturnValue:
    meant = a_day_or_none(day) or abort(404)
    if office_closures.reopen(db.session, meant):
        db.session.commit()
    flash(f"{on_day(meant)} is a working day.")
    return redirect(url_for("settings.closed_days"))
