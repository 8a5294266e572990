"""The milestones a workstream works towards, and the documents that belong to it."""

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import requires
from app.accounts.models import Permission
from app.core.db import db
from app.core.web.pages import safe_path
from app.documents import queries as documents
from app.milestones import queries as milestones
from app.workstreams import services
from app.workstreams.models import Workstream
from app.workstreams.routes.blueprint import bp, wanted


@bp.post("/workstreams/<int:workstream_id>/milestones/<int:milestone_id>/add")
@requires(Permission.LOG, Permission.COORDINATE)
def put_milestone(workstream_id: int, milestone_id: int) -> ResponseReturnValue:
    strand = wanted(workstream_id)
    milestone = milestones.milestone_of(db.session, milestone_id) or abort(404)
    services.put_milestone(db.session, strand, milestone)
    return _put(strand)


@bp.post("/workstreams/<int:workstream_id>/milestones/<int:milestone_id>/remove")
@requires(Permission.LOG, Permission.COORDINATE)
def take_milestone(workstream_id: int, milestone_id: int) -> ResponseReturnValue:
    strand = wanted(workstream_id)
    milestone = milestones.milestone_of(db.session, milestone_id) or abort(404)
    services.take_milestone(db.session, strand, milestone)
    return _taken(strand)


@bp.post("/workstreams/<int:workstream_id>/documents/<int:document_id>/add")
@requires(Permission.LOG, Permission.COORDINATE)
def put_document(workstream_id: int, document_id: int) -> ResponseReturnValue:
    strand = wanted(workstream_id)
    document = documents.document_of(db.session, document_id) or abort(404)
    services.put_document(db.session, strand, document)
    return _put(strand)


@bp.post("/workstreams/<int:workstream_id>/documents/<int:document_id>/remove")
@requires(Permission.LOG, Permission.COORDINATE)
def take_document(workstream_id: int, document_id: int) -> ResponseReturnValue:
    strand = wanted(workstream_id)
    document = documents.document_of(db.session, document_id) or abort(404)
    services.take_document(db.session, strand, document)
    return _taken(strand)


def _put(strand: Workstream) -> ResponseReturnValue:
    db.session.commit()
    flash(f"Added to “{strand.name}”.", "success")
    return redirect(_back(strand))


def _taken(strand: Workstream) -> ResponseReturnValue:
    db.session.commit()
    flash(f"It is no longer in “{strand.name}”.")
    return redirect(_back(strand))


def _back(strand: Workstream) -> str:
    wanted_page = safe_path(request.form.get("next", ""))
    return wanted_page or url_for("workstreams.workstream", workstream_id=strand.id)
