"""Day one: who we are, from where we write, the privacy notice, the logo, and what is next."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage

from app.accounts.access import public, requires
from app.accounts.models import Permission
from app.administration import queries
from app.administration.forms import AddressesForm, GroupForm, LogoForm, PrivacyForm
from app.administration.routes.blueprint import bp
from app.core import clock
from app.core.db import db, reading_first
from app.core.errors import DomainError
from app.core.pictures.checking import checked
from app.core.pictures.decoding import LARGEST_PICTURE
from app.core.text.markdown import safe_html
from app.editing.forms import edits, hold, said
from app.settings import rules, services
from app.settings.models import Settings


@bp.get("/set-up")
@requires(Permission.ADMINISTER)
def set_up() -> ResponseReturnValue:
    return render_template(
        "settings/set_up.html",
        progress=queries.progress(db.session, on=clock.today()),
        missing=queries.missing_of_set_up(db.session),
        is_hidden=services.settings_of(db.session).set_up_hidden,
    )


@bp.post("/set-up/mention")
@requires(Permission.ADMINISTER)
def mention_set_up() -> ResponseReturnValue:
    on_home = request.form.get("on_home") == "yes"
    services.mention_set_up(db.session, on_home=on_home)
    db.session.commit()
    said = "mentions what is left again" if on_home else "no longer mentions what is left"
    flash(f"Home {said}.", "success")
    return redirect(url_for("settings.set_up"))


@bp.route("/set-up/group", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def group() -> ResponseReturnValue:
    now = _held()
    return _edit(edits(GroupForm(obj=now), now), "settings/group.html")


@bp.route("/set-up/addresses", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def addresses() -> ResponseReturnValue:
    now = _held()
    return _edit(edits(AddressesForm(obj=now), now), "settings/addresses.html")


@bp.route("/set-up/privacy-notice", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def privacy_notice() -> ResponseReturnValue:
    """An empty notice is offered as a starter text; it is kept only when somebody saves it."""
    now = _held()
    form = edits(PrivacyForm(obj=now), now)
    is_starter = request.method == "GET" and not now.privacy_notice
    if is_starter:
        form.privacy_notice.data = rules.starter_privacy_notice(
            now.group_name, now.postal_address, now.reply_to
        )
    return _edit(
        form,
        "settings/privacy_notice.html",
        is_starter=is_starter,
        is_published=rules.published_notice(now.privacy_notice, now.privacy_url),
        not_yet=services.why_no_notice(now),
    )


def _held() -> Settings:
    hold(Settings, services.THE_ROW_ID)
    return services.settings_of(db.session)


def _edit(form: FlaskForm, template: str, **context: object) -> ResponseReturnValue:
    """Show the form, or save what it says of the settings."""
    if form.validate_on_submit():
        values = {name: form[name].data for name in form.data if name in services.SETTING_NAMES}
        undone = services.change(db.session, **values)
        db.session.commit()
        flash(said(form, "Saved."), "success")
        if (reason := services.why_no_notice(services.settings_of(db.session))) and (
            "privacy_notice" in values
        ):
            flash(reason, "warning")
        if undone:
            flash(f"To be ticked again before mail goes out: {'; '.join(undone)}.", "warning")
        return redirect(url_for("settings.set_up"))
    return render_template(template, form=form, **context)


@bp.route("/set-up/logo", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def set_logo() -> ResponseReturnValue:
    form = LogoForm()
    if form.validate_on_submit():
        picture: FileStorage = form.logo.data
        try:
            with picture.stream as file:
                content = file.read(LARGEST_PICTURE + 1)
            with reading_first():
                checked_picture = checked(content)
            services.put_up_logo(db.session, checked_picture, at=clock.now())
        except DomainError as refusal:
            form.logo.errors = [str(refusal)]
        else:
            db.session.commit()
            flash("The logo is up.", "success")
            return redirect(url_for("settings.set_logo"))
    return render_template("settings/set_logo.html", form=form, logo=services.logo_of(db.session))


@bp.post("/set-up/logo/take-down")
@requires(Permission.ADMINISTER)
def take_down_logo() -> ResponseReturnValue:
    services.take_down_logo(db.session)
    db.session.commit()
    flash("The logo is taken down.", "success")
    return redirect(url_for("settings.set_logo"))


@bp.get("/logo")
@public
def logo() -> ResponseReturnValue:
    picture = services.logo_of(db.session)
    if picture is None:
        abort(404)
    return Response(picture.content, content_type=picture.media_type)


@bp.get("/privacy")
@public
def privacy() -> ResponseReturnValue:
    """The notice that every letter links to."""
    now = services.settings_of(db.session)
    if now.privacy_url:
        return redirect(now.privacy_url)
    if not rules.published_notice(now.privacy_notice, ""):
        abort(404, "No privacy notice has been published here yet.")
    return render_template(
        "settings/privacy.html",
        notice=safe_html(now.privacy_notice),
        group_name=now.group_name,
        has_logo=services.logo_of(db.session) is not None,
    )
