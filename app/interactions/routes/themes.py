"""The tree of themes, for coordinators to tend."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs lag

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.editing.forms import edits, hold, said
from app.editing.one_fact import show_form
from app.interactions import queries
from app.interactions import themes as services
from app.interactions.models import Interaction, InteractionTheme, Theme
from app.interactions.routes.blueprint import bp
from app.interactions.routes.forms import ThemeForm


@bp.get("/themes")
@requires(Permission.VIEW)
def themes() -> ResponseReturnValue:
    found = db.session.execute(
        select(InteractionTheme.theme_id, func.count())
        .join(Interaction, Interaction.id == InteractionTheme.interaction_id)
        .where(Interaction.where_read_by(me()))
        .group_by(InteractionTheme.theme_id)
    )
    return render_template(
        "interactions/themes.html",
        themes=services.in_order(queries.themes(db.session)),
        counts={theme_id: count for theme_id, count in found},
    )


@bp.route("/themes/new", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def add_theme() -> ResponseReturnValue:
    form = _form(None)
    if form.validate_on_submit():
        try:
            services.add(db.session, name=form.name.data or "", parent=_parent(form))
        except DomainError as refusal:
            form.name.errors = [*form.name.errors, str(refusal)]
        else:
            db.session.commit()
            flash("Added.")
            return redirect(url_for("interactions.themes"))
    return render_template("interactions/theme.html", form=form, theme=None)


@bp.route("/themes/<int:theme_id>", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def edit_theme(theme_id: int) -> ResponseReturnValue:
    hold(Theme, theme_id)
    theme = db.session.get(Theme, theme_id) or abort(404)
    form = _form(theme)
    if form.validate_on_submit():
        try:
            services.change(db.session, theme, name=form.name.data or "", parent=_parent(form))
        except DomainError as refusal:
            form.name.errors = [*form.name.errors, str(refusal)]
        else:
            db.session.commit()
            flash(said(form, "Saved."), "success")
            return redirect(url_for("interactions.themes"))
    return show_form(
        "interactions/theme.html",
        form,
        record=theme.name,
        back=url_for("interactions.themes"),
        theme=theme,
    )


@bp.post("/themes/<int:theme_id>/retire")
@requires(Permission.COORDINATE)
def retire_theme(theme_id: int) -> ResponseReturnValue:
    theme = db.session.get(Theme, theme_id) or abort(404)
    services.retire(db.session, theme, on=clock.today())
    db.session.commit()
    flash(f"“{theme.name}” is offered no more. What is about it keeps it.")
    return redirect(url_for("interactions.themes"))


@bp.post("/themes/<int:theme_id>/restore")
@requires(Permission.COORDINATE)
def restore_theme(theme_id: int) -> ResponseReturnValue:
    theme = db.session.get(Theme, theme_id) or abort(404)
    services.restore(db.session, theme)
    db.session.commit()
    flash(f"“{theme.name}” is offered again.")
    return redirect(url_for("interactions.themes"))


def _form(theme: Theme | None) -> ThemeForm:
    form = ThemeForm()
    if theme:
        form = edits(ThemeForm(name=theme.name, parent=theme.parent_id or 0), theme)
    tops = [one for one in queries.themes(db.session) if one.parent_id is None]
    form.parent.choices = [
        SelectChoice(0, "None: it stands by itself"),
        *(SelectChoice(one.id, one.name) for one in tops if theme is None or one.id != theme.id),
    ]
    return form


def _parent(form: ThemeForm) -> Theme | None:
    return db.session.get(Theme, form.parent.data) if form.parent.data else None
