from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import requires
from app.accounts.models import Permission
from app.bin.redirects import found_now, merge_of, merged_into
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import record_number
from app.core.web.pages import offered, show_list, way_back
from app.directory import listing, view_models
from app.directory.addresses import address_key
from app.directory.forms import NewPersonForm, ObjectionForm, PersonForm, WithdrawForm
from app.directory.models import Person, SubscriberType
from app.directory.queries import bodies, posts
from app.directory.queries.duplicates import Called
from app.directory.queries.holdings import Holdings
from app.directory.routes.blueprint import bp, refuse
from app.directory.routes.possible_duplicates import doubt_about, twins_of
from app.directory.services import people as services
from app.editing.forms import edits, hold, said
from app.editing.one_fact import show_form

PERSON = "person"


@bp.get("/people")
@requires(Permission.VIEW)
def people() -> ResponseReturnValue:
    day = clock.today()
    holdings = Holdings(db.session, day)
    if request.args.get("format") == "csv":
        holdings.look_up_everybody()
    view = listing.people_view(
        day,
        posts.post_types(db.session),
        bodies.regions(db.session),
        holdings,
    )
    return show_list("directory/people.html", view, listing.people(), holdings=holdings)


@bp.get("/people/<int:person_id>")
@requires(Permission.VIEW)
def person(person_id: int) -> ResponseReturnValue:
    shown = view_models.person(db.session, person_id, clock.today())
    if shown is None:
        return _where_they_are_now(person_id)
    came_from = merge_of(db.session, PERSON, request.args.get("was", 0, type=record_number))
    return render_template(
        "directory/person.html",
        shown=shown,
        person=shown.person,
        came_from=came_from,
        merged=merged_into(db.session, PERSON, person_id),
        twins=twins_of(shown) if offered("merging.side_by_side") else [],
    )


def _where_they_are_now(person_id: int) -> ResponseReturnValue:
    """Links to somebody who was merged away lead to the record they became part of."""
    now = found_now(db.session, PERSON, person_id)
    if now == person_id or db.session.get(Person, now) is None:
        abort(404)
    return redirect(url_for("directory.person", person_id=now, was=person_id))


@bp.route("/people/new", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def add_person() -> ResponseReturnValue:
    form = NewPersonForm()
    doubt = None
    if form.validate_on_submit():
        if used := db.session.get(Person, request.form.get("use", 0, type=record_number)):
            return _use_instead(form, used)
        name = Called(form.given_name.data, form.family_name.data, form.known_as.data)
        doubt = doubt_about(name, emails=[form.email.data])
    if form.validate_on_submit() and doubt is None:
        try:
            made = services.add_person(
                db.session,
                details=_details(form),
                email=form.email.data,
                subscriber_type=SubscriberType(form.subscriber_type.data),
                details_obtained_on=form.details_obtained_on.data,
            )
        except DomainError as refusal:
            refuse(form, refusal)
        else:
            db.session.commit()
            flash(f"{made.name} has been added.", "success")
            return redirect(url_for("directory.person", person_id=made.id))
    return render_template("directory/add_person.html", form=form, doubt=doubt)


def _use_instead(form: Any, person: Person) -> str:
    """Nothing is added; what was typed and is not in their record stays to be looked at."""
    known = [email.address for email in services.emails(db.session, person)]
    typed = [
        (form[field].label.text, form[field].data, getattr(person, field))
        for field in services.FIELDS
        if form[field].data not in ("", getattr(person, field), form[field].default)
    ]
    if form.email.data and address_key(form.email.data) not in map(address_key, known):
        typed.append((form.email.label.text, form.email.data, ", ".join(known)))
    return render_template("directory/use_person.html", person=person, typed=typed)


@bp.route("/people/<int:person_id>/edit", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def edit_person(person_id: int) -> ResponseReturnValue:
    hold(Person, person_id)
    person = db.session.get(Person, person_id) or abort(404)
    form = edits(PersonForm(obj=person), person)
    if form.validate_on_submit():
        try:
            services.edit_person(
                db.session,
                person=person,
                details=_details(form),
                subscriber_type=SubscriberType(form.subscriber_type.data),
                details_obtained_on=form.details_obtained_on.data,
            )
        except DomainError as refusal:
            refuse(form, refusal)
        else:
            db.session.commit()
            flash(said(form, "Saved."), "success")
            return redirect(way_back(url_for("directory.person", person_id=person.id)))
    return show_form(
        "directory/edit_person.html",
        form,
        record=person.name,
        back=way_back(url_for("directory.person", person_id=person.id)),
        person=person,
    )


@bp.route("/people/<int:person_id>/objection", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def record_objection(person_id: int) -> ResponseReturnValue:
    person = db.session.get(Person, person_id) or abort(404)
    form = ObjectionForm(objected_on=clock.today())
    if form.validate_on_submit():
        try:
            services.record_objection(
                db.session,
                person=person,
                objected_on=form.objected_on.data,
                note=form.note.data,
                on=clock.today(),
            )
        except DomainError as refusal:
            refuse(form, refusal)
        else:
            db.session.commit()
            flash(f"Recorded. Nothing will be sent to {person.name} from now on.", "success")
            return redirect(way_back(url_for("directory.person", person_id=person.id)))
    return render_template("directory/record_objection.html", form=form, person=person)


@bp.route("/people/<int:person_id>/objection/withdraw", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def withdraw_objection(person_id: int) -> ResponseReturnValue:
    person = db.session.get(Person, person_id) or abort(404)
    form = WithdrawForm()
    if form.validate_on_submit():
        try:
            services.withdraw_objection(db.session, person=person, reason=form.reason.data)
        except DomainError as refusal:
            refuse(form, refusal)
        else:
            db.session.commit()
            flash(f"{person.name} can be written to again.", "success")
            return redirect(url_for("directory.person", person_id=person.id))
    return render_template("directory/withdraw_objection.html", form=form, person=person)


def _details(form: Any) -> dict[str, str]:
    return {field: form[field].data for field in services.FIELDS}
