"""A person's addresses."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.web.pages import way_back
from app.directory.forms import EmailForm, FailedForm
from app.directory.models import Person, PersonEmail
from app.directory.queries.duplicates import Called
from app.directory.routes.blueprint import bp, refuse
from app.directory.routes.possible_duplicates import doubt_about
from app.directory.services import people as services


@bp.route("/people/<int:person_id>/emails/new", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def add_email(person_id: int) -> ResponseReturnValue:
    person = db.session.get(Person, person_id) or abort(404)
    form = EmailForm()
    doubt = None
    if form.validate_on_submit():
        doubt = doubt_about(Called("", ""), emails=[form.address.data], but=person.id)
    if form.validate_on_submit() and doubt is None:
        try:
            services.add_email(
                db.session,
                person=person,
                address=form.address.data,
                preferred=form.preferred.data,
            )
        except DomainError as refusal:
            refuse(form, refusal)
        else:
            db.session.commit()
            flash("The address has been added.", "success")
            return redirect(way_back(url_for("directory.person", person_id=person.id)))
    return render_template("directory/add_email.html", form=form, person=person, doubt=doubt)


@bp.post("/emails/<int:email_id>/prefer")
@requires(Permission.COORDINATE)
def prefer_email(email_id: int) -> ResponseReturnValue:
    email = db.session.get(PersonEmail, email_id) or abort(404)
    services.prefer_email(db.session, email=email)
    db.session.commit()
    flash(f"Letters go to {email.address} from now on.", "success")
    return redirect(url_for("directory.person", person_id=email.person_id))


@bp.route("/emails/<int:email_id>/failed", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def email_failed(email_id: int) -> ResponseReturnValue:
    """An email to this address bounced, whichever it was."""
    email = db.session.get(PersonEmail, email_id) or abort(404)
    person = db.session.get_one(Person, email.person_id)
    form = FailedForm(failed_on=clock.today())
    if form.validate_on_submit():
        try:
            services.record_failure(
                db.session,
                email=email,
                failed_on=form.failed_on.data or clock.today(),
                why=form.why.data or "",
                on=clock.today(),
            )
        except DomainError as refusal:
            refuse(form, refusal)
        else:
            db.session.commit()
            flash(f"Recorded. Nobody writes to {email.address} until it works.", "success")
            return redirect(way_back(url_for("directory.person", person_id=person.id)))
    return render_template("directory/email_failed.html", form=form, email=email, person=person)


@bp.post("/emails/<int:email_id>/works")
@requires(Permission.COORDINATE)
def forget_failure(email_id: int) -> ResponseReturnValue:
    email = db.session.get(PersonEmail, email_id) or abort(404)
    services.forget_failure(db.session, email=email)
    db.session.commit()
    flash(f"{email.address} may be written to again.", "success")
    return redirect(url_for("directory.person", person_id=email.person_id))
