"""The numbers that letters and warnings go by."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import requires
from app.accounts.models import Permission
from app.administration.forms import NumbersForm
from app.administration.routes.blueprint import bp
from app.core.db import db
from app.settings import services

NUMBERS = (
    "hold_minutes",
    "letters_a_minute",
    "approval_hours",
    "single_letter_by_author",
    "replies_carry_reference",
    "recent_days",
    "unchecked_warning_days",
    "max_attachment_kb",
)


@bp.route("/settings", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def settings() -> ResponseReturnValue:
    form = NumbersForm(obj=services.settings_of(db.session))
    if form.validate_on_submit():
        services.change(db.session, **{name: form[name].data for name in NUMBERS})
        db.session.commit()
        flash("Settings saved. They hold from the next release on.", "success")
        return redirect(url_for("settings.settings"))
    return render_template("settings/settings.html", form=form, numbers=NUMBERS)
