"""The list of workstreams, the page of one, and keeping it."""

from datetime import date

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs lag

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.web.lists import find
from app.core.web.pages import show_list
from app.directory.models import Organisation, OrganisationKind
from app.directory.queries import bodies
from app.editing.forms import edits, hold, said
from app.editing.one_fact import show_form
from app.interactions.attendees.typeahead import bodies_called, meant
from app.workstreams import listing, queries, services
from app.workstreams.forms import Words, WorkstreamForm
from app.workstreams.models import Workstream
from app.workstreams.routes.blueprint import bp, wanted
from app.workstreams.services import WorkstreamDetails

CENTRAL = (
    OrganisationKind.GOVERNMENT_DEPARTMENT,
    OrganisationKind.NHS_ENGLAND,
    OrganisationKind.REGULATOR,
    OrganisationKind.PARLIAMENT,
)
SHOWN = 10


@bp.get("/workstreams")
@requires(Permission.VIEW)
def workstreams() -> ResponseReturnValue:
    view = listing.workstreams_view(services.owners(db.session))
    return show_list("workstreams/workstreams.html", view, queries.all_workstreams(clock.today()))


@bp.get("/workstreams/<int:workstream_id>")
@requires(Permission.VIEW)
def workstream(workstream_id: int) -> ResponseReturnValue:
    """Everything of one strand on one page."""
    strand = wanted(workstream_id)
    meetings = listing.meetings_view(strand).read({})
    promises = listing.promises_view(strand).read({})
    return render_template(
        "workstreams/workstream.html",
        workstream=strand,
        bodies=queries.bodies_of(db.session, workstream_id),
        papers=queries.papers_of(db.session, workstream_id),
        dates=queries.dates_of(db.session, workstream_id),
        milestones=queries.milestones_of(db.session, workstream_id),
        documents=queries.documents_of(db.session, workstream_id),
        meetings=find(db.session, queries.meetings_of(workstream_id, me()), meetings),
        promises=find(db.session, queries.promises_of(workstream_id, me()), promises),
        shown=SHOWN,
        who_promised=listing.who_promised,
    )


@bp.route("/workstreams/new", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def workstream_new() -> ResponseReturnValue:
    form = WorkstreamForm(owner_id=str(me().id), bodies=[])
    _offer(form, None)
    if form.validate_on_submit() and (chosen := _bodies(form)) is not None:
        try:
            made = services.add(db.session, _described(form), bodies=chosen)
        except DomainError as refusal:
            form.name.errors = [str(refusal)]
        else:
            db.session.commit()
            flash(f"“{made.name}” is begun. Add its meetings, promises, papers and dates.")
            return redirect(url_for("workstreams.workstream", workstream_id=made.id))
    return render_template("workstreams/edit.html", form=form, workstream=None)


@bp.route("/workstreams/<int:workstream_id>/edit", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def workstream_edit(workstream_id: int) -> ResponseReturnValue:
    hold(Workstream, workstream_id)
    strand = wanted(workstream_id)
    form = WorkstreamForm(
        name=strand.name,
        purpose=strand.purpose,
        owner_id=str(strand.owner_id or ""),
        bodies=[one.id for one in queries.bodies_of(db.session, workstream_id)],
    )
    edits(form, strand)
    _offer(form, strand)
    if form.validate_on_submit() and (chosen := _bodies(form)) is not None:
        try:
            services.change(db.session, strand, _described(form), bodies=chosen)
        except DomainError as refusal:
            db.session.rollback()
            form.name.errors = [str(refusal)]
        else:
            db.session.commit()
            flash(said(form, "Saved."), "success")
            return redirect(url_for("workstreams.workstream", workstream_id=workstream_id))
    return show_form(
        "workstreams/edit.html",
        form,
        record=strand.name,
        back=url_for("workstreams.workstream", workstream_id=workstream_id),
        workstream=strand,
    )


@bp.post("/workstreams/<int:workstream_id>/close")
@requires(Permission.LOG, Permission.COORDINATE)
def workstream_close(workstream_id: int) -> ResponseReturnValue:
    strand = wanted(workstream_id)
    services.close(strand, on=clock.today())
    db.session.commit()
    flash(f"“{strand.name}” is closed. It stays here to be read, and can be opened again.")
    return redirect(url_for("workstreams.workstream", workstream_id=workstream_id))


@bp.post("/workstreams/<int:workstream_id>/reopen")
@requires(Permission.LOG, Permission.COORDINATE)
def workstream_reopen(workstream_id: int) -> ResponseReturnValue:
    strand = wanted(workstream_id)
    services.reopen(strand)
    db.session.commit()
    flash(f"“{strand.name}” is open again.")
    return redirect(url_for("workstreams.workstream", workstream_id=workstream_id))


def body_named(field: Words, on: date) -> Organisation | None:
    """The body whose name was typed; otherwise the field says what to do."""
    if not field.data:
        return None
    found = bodies_called(db.session, field.data, on)
    one = meant(found, field.data)
    if one:
        return db.session.get(Organisation, one.id)
    names = "; ".join(other.words for other in found[:5])
    field.errors = [
        f"Several bodies are called so: {names}. Write the whole name."
        if found
        else "No body of this name is known. Write its name or code as the directory has it."
    ]
    return None


def _bodies(form: WorkstreamForm) -> list[int] | None:
    """All that were ticked and the one that was typed; None when that leads to nobody."""
    further = body_named(form.further, clock.today())
    if form.further.errors:
        return None
    return [*(form.bodies.data or []), *([further.id] if further else [])]


def _described(form: WorkstreamForm) -> WorkstreamDetails:
    owner = form.owner_id.data or ""
    return WorkstreamDetails(
        name=form.name.data,
        purpose=(form.purpose.data or "").strip(),
        owner_id=int(owner) if owner else None,
    )


def _offer(form: WorkstreamForm, strand: Workstream | None) -> None:
    users = services.owners(db.session, strand.owner_id if strand else None)
    form.owner_id.choices = [
        SelectChoice("", "Nobody"),
        *(SelectChoice(str(user.id), user.name) for user in users),
    ]
    known = {one.id: one for one in bodies.organisations_on(db.session, clock.today(), CENTRAL)}
    if strand:
        known |= {one.id: one for one in queries.bodies_of(db.session, strand.id)}
    form.bodies.choices = [SelectChoice(id_, one.short_name) for id_, one in known.items()]
