from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.web.form_fields import choices, number_or_none
from app.core.web.pages import as_at, show_list, way_back
from app.directory import listing, view_models
from app.directory.forms import NameForm, NewOrganisationForm, OrganisationForm
from app.directory.labels import KIND_WORDS
from app.directory.models import Organisation, OrganisationKind
from app.directory.queries import bodies, owners
from app.directory.routes.blueprint import bp, refuse
from app.directory.services import organisations as services
from app.directory.services.organisations import OrganisationDetails
from app.editing.forms import edits, hold, said
from app.editing.one_fact import show_form

WHOLES = (
    OrganisationKind.ICS,
    OrganisationKind.LOCAL_AUTHORITY,
    OrganisationKind.NHS_ENGLAND,
    OrganisationKind.GOVERNMENT_DEPARTMENT,
    OrganisationKind.PARLIAMENT,
)


@bp.get("/organisations")
@requires(Permission.VIEW)
def organisations() -> ResponseReturnValue:
    day, with_ended = as_at(), request.args.get("ended") == "1"
    return show_list(
        "directory/organisations.html",
        listing.organisations_view(
            day, bodies.regions(db.session), owners.possible_owners(db.session)
        ),
        listing.organisations(day, with_ended=with_ended),
        day=day,
        with_ended=with_ended,
    )


@bp.get("/organisations/<int:organisation_id>")
@requires(Permission.VIEW)
def organisation(organisation_id: int) -> ResponseReturnValue:
    shown = view_models.body(db.session, organisation_id, as_at())
    if shown is None:
        abort(404)
    return render_template("directory/organisation.html", shown=shown, body=shown.organisation)


@bp.route("/organisations/new", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def add_organisation() -> ResponseReturnValue:
    form = NewOrganisationForm(kind=OrganisationKind.PROVIDER.value)
    form.kind.choices = choices((kind.value, words) for kind, words in KIND_WORDS.items())
    _offer(form, None)
    if form.validate_on_submit():
        try:
            made = services.add_organisation(
                db.session,
                kind=OrganisationKind(form.kind.data),
                described=_described(form),
                on=clock.today(),
            )
        except DomainError as refusal:
            refuse(form, refusal)
        else:
            db.session.commit()
            flash(f"{made.name} has been added.", "success")
            return redirect(url_for("directory.organisation", organisation_id=made.id))
    return render_template("directory/add_organisation.html", form=form)


@bp.route("/organisations/<int:organisation_id>/edit", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def edit_organisation(organisation_id: int) -> ResponseReturnValue:
    hold(Organisation, organisation_id)
    body = db.session.get(Organisation, organisation_id) or abort(404)
    form = edits(OrganisationForm(obj=body), body)
    _offer(form, body)
    if form.validate_on_submit():
        try:
            services.edit_organisation(db.session, organisation=body, described=_described(form))
        except DomainError as refusal:
            refuse(form, refusal)
        else:
            db.session.commit()
            kept = "Saved. What you changed stays when the reference data is loaded again."
            flash(said(form, kept), "success")
            return redirect(way_back(url_for("directory.organisation", organisation_id=body.id)))
    return show_form(
        "directory/edit_organisation.html",
        form,
        record=body.short_name,
        back=way_back(url_for("directory.organisation", organisation_id=body.id)),
        body=body,
    )


@bp.route("/organisations/<int:organisation_id>/names/new", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def add_name(organisation_id: int) -> ResponseReturnValue:
    body = db.session.get(Organisation, organisation_id) or abort(404)
    form = NameForm()
    if form.validate_on_submit():
        try:
            services.add_name(
                db.session, organisation=body, name=form.name.data, source=form.source.data
            )
        except DomainError as refusal:
            refuse(form, refusal)
        else:
            db.session.commit()
            flash("The name has been added.", "success")
            return redirect(url_for("directory.organisation", organisation_id=body.id))
    return render_template("directory/add_name.html", form=form, body=body)


def _offer(form: Any, body: Organisation | None) -> None:
    """The regions, and the bodies this one could be part of."""
    regions = [(region.id, region.name) for region in bodies.regions(db.session)]
    form.region_id.choices = choices([("", "None"), *regions])
    wholes = [
        (one.id, one.name)
        for one in bodies.organisations_on(db.session, clock.today(), WHOLES)
        if body is None or one.id != body.id
    ]
    kept = db.session.get(Organisation, body.part_of_id) if body and body.part_of_id else None
    if kept and kept.id not in dict(wholes):
        wholes.append((kept.id, kept.name))
    form.part_of_id.choices = choices([("", "Nothing"), *wholes])
    for field in (form.region_id, form.part_of_id):
        field.data = str(field.data) if field.data not in {None, "None"} else ""


def _described(form: Any) -> OrganisationDetails:
    return OrganisationDetails(
        name=form.name.data,
        short_name=form.short_name.data,
        ods_code=form.ods_code.data,
        ons_code=form.ons_code.data,
        region_id=number_or_none(form.region_id.data),
        part_of_id=number_or_none(form.part_of_id.data),
        website=form.website.data,
        postal_address=form.postal_address.data,
        office_email=form.office_email.data,
        population=form.population.data,
        population_0_24=form.population_0_24.data,
        established_on=form.established_on.data,
        note=form.note.data,
    )
