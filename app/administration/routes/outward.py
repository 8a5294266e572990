"""External email: the checklist, the live switch, and the quiet period."""

from flask import abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.access import fresh, requires
from app.accounts.models import Permission
from app.administration.forms import OutwardForm, QuietForm
from app.administration.routes.blueprint import bp
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.settings import services
from app.settings.rules import BY_NAME, CHECKS


def _mail_server() -> str:
    return current_app.config["MAIL_SERVER"] or ""


def _page(form: OutwardForm | None = None, quiet: QuietForm | None = None) -> str:
    server = _mail_server()
    return render_template(
        "settings/outward.html",
        form=form or OutwardForm(formdata=None),
        quiet=quiet or QuietForm(formdata=None),
        refused=bool(quiet and quiet.errors),
        checks=CHECKS,
        ticked=services.checklist(db.session, server),
        mail_server=server,
        outward=services.outward_mail(db.session, current_app.config),
        now=services.settings_of(db.session),
    )


@bp.get("/settings/outward-mail")
@requires(Permission.ADMINISTER, Permission.APPROVE)
def outward() -> ResponseReturnValue:
    return _page()


@bp.post("/settings/outward-mail/checks/<name>/tick")
@requires(Permission.ADMINISTER)
def tick(name: str) -> ResponseReturnValue:
    if name not in BY_NAME:
        abort(404)
    form = OutwardForm()
    try:
        services.tick(
            db.session,
            name,
            mail_server=_mail_server(),
            by_name=current_user.name,
            at=clock.now(),
        )
    except DomainError as refusal:
        form.form_errors.append(str(refusal))
        return _page(form)
    db.session.commit()
    flash(f"Ticked: {BY_NAME[name].label}.", "success")
    return redirect(url_for("settings.outward"))


@bp.post("/settings/outward-mail/checks/<name>/untick")
@requires(Permission.ADMINISTER)
def untick(name: str) -> ResponseReturnValue:
    if name not in BY_NAME:
        abort(404)
    services.untick(db.session, name)
    db.session.commit()
    flash(f"No longer ticked: {BY_NAME[name].label}. External email is off.", "warning")
    return redirect(url_for("settings.outward"))


@bp.post("/settings/outward-mail/on")
@requires(Permission.ADMINISTER)
@fresh
def switch_on() -> ResponseReturnValue:
    form = OutwardForm()
    try:
        services.switch_on(db.session, mail_server=_mail_server(), at=clock.now())
    except DomainError as refusal:
        form.form_errors.append(str(refusal))
        return _page(form)
    db.session.commit()
    flash("External email is on. Released mailings now reach the people in them.", "success")
    return redirect(url_for("settings.outward"))


@bp.post("/settings/outward-mail/off")
@requires(Permission.ADMINISTER, Permission.APPROVE)
def switch_off() -> ResponseReturnValue:
    services.switch_off(db.session)
    db.session.commit()
    flash("External email is off. Nothing leaves after the letter now on its way.", "success")
    return redirect(url_for("settings.outward"))


@bp.post("/settings/outward-mail/hold")
@requires(Permission.ADMINISTER, Permission.APPROVE)
def hold() -> ResponseReturnValue:
    form = QuietForm()
    if not form.validate_on_submit():
        return _page(quiet=form)
    services.begin_quiet_period(db.session, form.reason.data or "")
    db.session.commit()
    flash("All external email is held.", "success")
    return redirect(url_for("settings.outward"))


@bp.post("/settings/outward-mail/end-hold")
@requires(Permission.ADMINISTER)
def end_hold() -> ResponseReturnValue:
    services.end_quiet_period(db.session)
    db.session.commit()
    flash("Mail is no longer held.", "success")
    return redirect(url_for("settings.outward"))
