"""The list of documents, the page of one, and writing one down."""

import secrets
from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import record_number
from app.core.web.filters import on_day
from app.core.web.form_fields import choices
from app.core.web.pages import show_list
from app.directory.models import Organisation
from app.directory.queries.bodies import regions
from app.documents import queries, services
from app.documents.forms import DocumentForm
from app.documents.listing import documents_view
from app.documents.models import Document, DocumentStage, DocumentType
from app.documents.rules import called
from app.documents.services import DocumentDetails
from app.editing.forms import edits, hold, said
from app.editing.one_fact import show_form

bp = Blueprint("documents", __name__)
bp.add_app_template_global(called, "document_called")


@bp.app_template_global()
def documents_of(bodies: Sequence[Organisation]) -> Sequence[Document]:
    """For the pages of a body and of a system."""
    return queries.of_bodies(db.session, bodies)


@bp.get("/documents")
@requires(Permission.VIEW)
def listing() -> ResponseReturnValue:
    view = documents_view(queries.types(db.session), regions(db.session))
    return show_list("documents/listing.html", view, queries.all_documents())


@bp.get("/documents/<int:document_id>")
@requires(Permission.VIEW)
def show(document_id: int) -> ResponseReturnValue:
    document = wanted(document_id)
    before = document.supersedes_id
    return render_template(
        "documents/show.html",
        document=document,
        before=queries.document_of(db.session, before) if before else None,
        after=queries.superseded_by(db.session, document_id),
    )


@bp.route("/documents/new", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def add() -> ResponseReturnValue:
    body_id = request.args.get("organisation", type=record_number)
    form = DocumentForm(
        organisation_id=body_id,
        document_type_id=request.args.get("kind", type=record_number),
        form_token=secrets.token_urlsafe(18),
    )
    body = db.session.get(Organisation, body_id) if body_id else None
    _offer(form, body)
    if form.validate_on_submit():
        try:
            made = services.add(
                db.session,
                _described(form),
                on=clock.today(),
                form_token=form.form_token.data or None,
            )
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            flash("The document is added. See below which milestones it would meet.")
            return redirect(url_for("documents.show", document_id=made.id))
    return render_template("documents/edit.html", form=form, document=None, body=body)


@bp.route("/documents/<int:document_id>/edit", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def edit(document_id: int) -> ResponseReturnValue:
    hold(Document, document_id)
    document = wanted(document_id)
    form = DocumentForm(
        organisation_id=document.organisation_id,
        document_type_id=document.document_type_id,
        title=document.title,
        cycle=document.cycle,
        stage=document.stage.value,
        published_on=document.published_on,
        link=document.link,
        source=document.source,
        supersedes_id=document.supersedes_id,
        note=document.note,
    )
    edits(form, document)
    _offer(form, document.organisation, document)
    if form.validate_on_submit():
        try:
            services.change(db.session, document, _described(form), on=clock.today())
        except DomainError as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            flash(said(form, "Saved."), "success")
            return redirect(url_for("documents.show", document_id=document_id))
    return show_form(
        "documents/edit.html",
        form,
        record=document.title,
        back=url_for("documents.show", document_id=document_id),
        document=document,
        body=document.organisation,
    )


def wanted(document_id: int) -> Document:
    return queries.document_of(db.session, document_id) or abort(404)


def _described(form: DocumentForm) -> DocumentDetails:
    before = form.supersedes_id.data
    return DocumentDetails(
        organisation=db.session.get(Organisation, form.organisation_id.data) or abort(404),
        document_type=db.session.get(DocumentType, form.document_type_id.data) or abort(404),
        title=form.title.data,
        cycle=form.cycle.data,
        stage=DocumentStage(form.stage.data),
        published_on=form.published_on.data,
        link=form.link.data,
        source=form.source.data,
        note=form.note.data,
        supersedes=db.session.get(Document, before) if before else None,
    )


def _offer(form: DocumentForm, body: Organisation | None, own: Document | None = None) -> None:
    bodies = queries.makers(db.session)
    form.organisation_id.choices = choices(
        [("", "Choose"), *((one.id, _with_its_end(one)) for one in bodies)]
    )
    form.document_type_id.choices = choices(
        [("", "Choose"), *((one.id, one.name) for one in queries.types(db.session))]
    )
    before = queries.to_supersede(db.session, body.id) if body else []
    form.supersedes_id.choices = choices(
        [("", "None"), *((one.id, _line(one)) for one in before if one is not own)]
    )


def _with_its_end(body: Organisation) -> str:
    return f"{body.name} (until {on_day(body.dissolved_on)})" if body.dissolved_on else body.name


def _line(document: Document) -> str:
    day = f", {on_day(document.published_on)}" if document.published_on else ""
    return f"{called(document)} ({document.organisation.short_name}{day})"
