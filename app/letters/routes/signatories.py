"""Who signs our letters."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.letters import queries, writing
from app.letters.forms import SignatoryForm
from app.letters.models import Signatory
from app.letters.routes.blueprint import bp


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
    signatory = db.session.get(Signatory, signatory_id) or abort(404)
    return _page(SignatoryForm(obj=signatory), signatory)


@bp.post("/signatories/<int:signatory_id>/archive")
@requires(Permission.COORDINATE)
def signatory_archive(signatory_id: int) -> ResponseReturnValue:
    signatory = db.session.get(Signatory, signatory_id) or abort(404)
    back = request.form.get("act") == "bring back"
    signatory.archived_at = None if back else clock.now()
    db.session.commit()
    flash(f"{signatory.name} is {'back in the list' if back else 'archived'}.", "success")
    return redirect(url_for("letters.signatories"))


def _page(form: SignatoryForm, signatory: Signatory | None) -> ResponseReturnValue:
    if form.validate_on_submit():
        kept = writing.keep_signatory(
            db.session,
            signatory,
            name=form.name.data or "",
            job_title=form.job_title.data or "",
            organisation=form.organisation.data or "",
        )
        db.session.commit()
        flash(f"{kept.name} can sign letters.", "success")
        return redirect(url_for("letters.signatories"))
    return render_template("letters/signatory.html", form=form, signatory=signatory)
