"""Who signs our letters."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db, reading_first
from app.core.errors import DomainError
from app.core.pictures.checking import checked
from app.core.pictures.decoding import LARGEST_PICTURE
from app.core.web.pages import way_back
from app.editing.forms import edits, hold, said
from app.letters import queries
from app.letters.content import images
from app.letters.drafting import templates
from app.letters.models import Signatory
from app.letters.routes.blueprint import bp
from app.letters.routes.forms import SignatoryForm, SignatureForm


@bp.get("/signatories")
@requires(Permission.VIEW)
def signatories() -> ResponseReturnValue:
    return render_template(
        "letters/signatories.html",
        signatories=queries.signatories(db.session),
        archived=queries.signatories(db.session, archived=True),
    )


@bp.route("/signatories/new", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def signatory_new() -> ResponseReturnValue:
    return _page(SignatoryForm(), None)


@bp.route("/signatories/<int:signatory_id>", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def signatory(signatory_id: int) -> ResponseReturnValue:
    hold(Signatory, signatory_id)
    signatory = db.session.get(Signatory, signatory_id) or abort(404)
    return _page(edits(SignatoryForm(obj=signatory), signatory), signatory)


@bp.post("/signatories/<int:signatory_id>/archive")
@requires(Permission.COORDINATE)
def signatory_archive(signatory_id: int) -> ResponseReturnValue:
    signatory = db.session.get(Signatory, signatory_id) or abort(404)
    back = request.form.get("act") == "bring back"
    signatory.archived_at = None if back else clock.now()
    db.session.commit()
    flash(f"{signatory.name} is {'back in the list' if back else 'archived'}.", "success")
    return redirect(url_for("letters.signatories"))


@bp.post("/signatories/<int:signatory_id>/signature")
@requires(Permission.COORDINATE)
def signatory_put_signature(signatory_id: int) -> ResponseReturnValue:
    signatory = db.session.get(Signatory, signatory_id) or abort(404)
    form = SignatureForm()
    if not form.validate_on_submit():
        return _show(SignatoryForm(None, obj=signatory), signatory, form)
    try:
        with form.picture.data.stream as file:
            content = file.read(LARGEST_PICTURE + 1)
        with reading_first():
            picture = checked(content)
        images.put_signature(db.session, signatory, picture)
    except DomainError as refusal:
        form.picture.errors = [str(refusal)]
        return _show(SignatoryForm(None, obj=signatory), signatory, form)
    db.session.commit()
    flash(
        f"Letters checked from now on show the signature of {signatory.name}.",
        "success",
    )
    return redirect(url_for("letters.signatory", signatory_id=signatory_id))


@bp.post("/signatories/<int:signatory_id>/signature/take-away")
@requires(Permission.COORDINATE)
def signatory_take_signature(signatory_id: int) -> ResponseReturnValue:
    signatory = db.session.get(Signatory, signatory_id) or abort(404)
    images.take_signature_away(signatory)
    db.session.commit()
    flash("Letters checked from now on leave room for a signature by hand.", "success")
    return redirect(url_for("letters.signatory", signatory_id=signatory_id))


@bp.get("/signatories/<int:signatory_id>/signature/picture")
@requires(Permission.VIEW)
def signatory_signature(signatory_id: int) -> Response:
    signatory = db.session.get(Signatory, signatory_id) or abort(404)
    picture = images.picture_of(db.session, signatory) or abort(404)
    return Response(picture.content, content_type=picture.media_type)


def _page(form: SignatoryForm, signatory: Signatory | None) -> ResponseReturnValue:
    if form.validate_on_submit():
        try:
            kept = templates.keep_signatory(
                db.session,
                signatory,
                name=form.name.data or "",
                job_title=form.job_title.data or "",
                organisation=form.organisation.data or "",
            )
        except templates.BadSignature as refusal:
            for part, found in refusal.problems.items():
                form[part].errors = [*form[part].errors, *found]
            return _show(form, signatory, SignatureForm(None))
        db.session.commit()
        flash(said(form, f"{kept.name} can sign letters."), "success")
        return redirect(way_back(url_for("letters.signatories")))
    return _show(form, signatory, SignatureForm(None))


def _show(
    form: SignatoryForm, signatory: Signatory | None, picture_form: SignatureForm
) -> ResponseReturnValue:
    return render_template(
        "letters/signatory.html", form=form, signatory=signatory, picture_form=picture_form
    )
