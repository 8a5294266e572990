"""Which posts there should be, at which kinds of body, and why."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.directory.forms import NewPostTypeForm, PostTypeForm
from app.directory.labels import KIND_WORDS
from app.directory.models import OrganisationKind, PostType
from app.directory.queries import bodies, posts
from app.directory.routes.blueprint import bp
from app.directory.services import posts as services
from app.editing.forms import edits, hold, said
from app.editing.one_fact import show_form


@bp.get("/post-types")
@requires(Permission.VIEW)
def post_types() -> ResponseReturnValue:
    return render_template(
        "directory/post_types.html",
        post_types=posts.post_types(db.session),
        counts=posts.counts_by_type(db.session, clock.today()),
        sure=bodies.confidence_of(db.session, "post_type", "duty"),
        kinds={kind.value: words for kind, words in KIND_WORDS.items()},
    )


@bp.route("/post-types/new", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def add_post_type() -> ResponseReturnValue:
    form = NewPostTypeForm()
    if form.validate_on_submit():
        try:
            services.add_post_type(
                db.session, code=form.code.data, on=clock.today(), **_described(form)
            )
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            flash("Added. Every body of these kinds has this post now.", "success")
            return redirect(url_for("directory.post_types"))
    return render_template("directory/add_post_type.html", form=form)


@bp.route("/post-types/<int:post_type_id>/edit", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def edit_post_type(post_type_id: int) -> ResponseReturnValue:
    hold(PostType, post_type_id)
    post_type = db.session.get(PostType, post_type_id) or abort(404)
    form = edits(PostTypeForm(obj=post_type), post_type)
    if form.validate_on_submit():
        try:
            services.edit_post_type(
                db.session, post_type=post_type, on=clock.today(), **_described(form)
            )
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            flash(said(form, "Saved."), "success")
            return redirect(url_for("directory.post_types"))
    return show_form(
        "directory/edit_post_type.html",
        form,
        record=post_type.name,
        back=url_for("directory.post_types"),
        post_type=post_type,
    )


def _described(form: Any) -> dict[str, Any]:
    return {
        "name": form.name.data,
        "addressed_as": form.addressed_as.data,
        "organisation_kinds": [OrganisationKind(kind) for kind in form.organisation_kinds.data],
        "duty": form.duty.data,
        "source": form.source.data,
        "position": form.position.data,
    }
