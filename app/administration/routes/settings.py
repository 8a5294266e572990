"""The numbers that letters and warnings go by."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import fresh, requires
from app.accounts.models import Permission
from app.administration.forms import NumbersForm
from app.administration.routes.blueprint import bp
from app.core.db import db
from app.editing.forms import edits, hold, said
from app.settings import services
from app.settings.models import Settings

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


@bp.get("/settings")
@requires(Permission.ADMINISTER)
def settings() -> ResponseReturnValue:
    now = services.settings_of(db.session)
    return _page(edits(NumbersForm(obj=now), now))


@bp.post("/settings")
@requires(Permission.ADMINISTER)
@fresh
def save_settings() -> ResponseReturnValue:
    """With the password given lately: one of these lets an author release a letter alone."""
    hold(Settings, services.THE_ROW_ID)
    now = services.settings_of(db.session)
    form = edits(NumbersForm(obj=now), now)
    if not form.validate_on_submit():
        return _page(form)
    services.change(db.session, **{name: form[name].data for name in NUMBERS})
    db.session.commit()
    flash(said(form, "Settings saved. They hold from the next release on."), "success")
    return redirect(url_for("settings.settings"))


def _page(form: NumbersForm) -> str:
    return render_template("settings/settings.html", form=form, numbers=NUMBERS)
