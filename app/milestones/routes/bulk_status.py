"""Recording how bodies stand: many at once, one with its document, and what documents offer."""

import secrets
from urllib.parse import urlencode

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import record_number
from app.core.web import lists
from app.core.web.form_fields import choices
from app.core.web.pages import say_with_undo
from app.directory.models import Organisation
from app.documents import queries as documents
from app.documents.models import Document
from app.documents.rules import called
from app.editing.forms import edits, hold
from app.milestones import bulk_status, queries, suggestions
from app.milestones.body_labels import nouns
from app.milestones.bulk_status import RecordedState
from app.milestones.forms import OUTSTANDING, MarkForm, RecordForm
from app.milestones.models import BulkMark, Compliance, ComplianceState, Milestone
from app.milestones.progress import BodyRow, body_rows, due_span, progress_of
from app.milestones.routes.blueprint import bp, wanted
from app.milestones.routes.detail import show_milestone, view_of
from app.milestones.rules import Recorded, State, state_of


@bp.post("/milestones/<int:milestone_id>/mark")
@requires(Permission.LOG, Permission.COORDINATE)
def mark(milestone_id: int) -> ResponseReturnValue:
    """First what would change; with `confirmed`, the change."""
    milestone, form = wanted(milestone_id), MarkForm()
    if not form.validate():
        return show_milestone(milestone, form)
    rows = _chosen(milestone, form)
    meant = RecordedState(_state(form.state.data), form.met_on.data, note=form.note.data)
    try:
        bulk_status.check(db.session, milestone, [(row.body, meant) for row in rows], clock.today())
        if not form.confirmed.data:
            return _ask(milestone, form, rows, meant)
        change = bulk_status.mark(
            db.session,
            milestone,
            [row.body for row in rows],
            meant,
            by=me(),
            at=clock.now(),
            on=clock.today(),
            form_token=form.form_token.data or None,
        )
    except DomainError as refusal:
        form.form_errors.append(str(refusal))
        return show_milestone(milestone, form)
    return _marked(change)


@bp.route("/milestones/<int:milestone_id>/bodies/<int:organisation_id>", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def record(milestone_id: int, organisation_id: int) -> ResponseReturnValue:
    """One body, with the document or the note that says so."""
    hold(Milestone, milestone_id)
    milestone = wanted(milestone_id)
    body = db.session.get(Organisation, organisation_id) or abort(404)
    form = _record_form(milestone, body)
    if form.validate_on_submit():
        document = db.session.get(Document, form.document_id.data or 0)
        published = document.published_on if document else None
        meant = RecordedState(
            _state(form.state.data), form.met_on.data or published, document, form.note.data
        )
        try:
            change = bulk_status.mark(
                db.session,
                milestone,
                [body],
                meant,
                by=me(),
                at=clock.now(),
                on=clock.today(),
                form_token=form.form_token.data or None,
            )
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            return _marked(change)
    return render_template("milestones/record.html", milestone=milestone, body=body, form=form)


@bp.post("/milestones/<int:milestone_id>/offered")
@requires(Permission.LOG, Permission.COORDINATE)
def mark_offered(milestone_id: int) -> ResponseReturnValue:
    """From the page of a milestone: the documents ticked there meet it."""
    milestone = wanted(milestone_id)
    waiting = [body.id for body in queries.outstanding(db.session, milestone)]
    offered = suggestions.proposals(db.session, milestone, waiting, clock.today())
    ticked = set(request.form.getlist("documents", type=record_number))
    meant = [
        (one.organisation, RecordedState(ComplianceState.MET, one.published_on, one))
        for one in offered.values()
        if one.id in ticked
    ]
    return _mark_each(milestone, meant, url_for("milestones.show", milestone_id=milestone.id))


@bp.post("/documents/<int:document_id>/milestones")
@requires(Permission.LOG, Permission.COORDINATE)
def mark_by_document(document_id: int) -> ResponseReturnValue:
    """From the page of a document: it meets the milestones ticked there."""
    document = documents.document_of(db.session, document_id) or abort(404)
    back = url_for("documents.show", document_id=document.id)
    ticked = set(request.form.getlist("milestones", type=record_number))
    chosen = [
        one.milestone
        for one in suggestions.would_meet(db.session, document)
        if one.milestone.id in ticked
    ]
    if document.published_on is None:
        flash("Give the day it was published first: that is the day it was met.", "error")
        return redirect(url_for("documents.edit", document_id=document.id))
    meant = RecordedState(ComplianceState.MET, document.published_on, document)
    try:
        for milestone in chosen:
            bulk_status.mark(
                db.session,
                milestone,
                [document.organisation],
                meant,
                by=me(),
                at=clock.now(),
                on=clock.today(),
            )
    except DomainError as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
        return redirect(back)
    db.session.commit()
    if chosen:
        flash(f"Marked as met on {document.published_on:%-d %B %Y}.", "success")
    else:
        flash("Tick at least one milestone.", "warning")
    return redirect(back)


@bp.post("/milestones/marks/<int:mark_id>/undo")
@requires(Permission.LOG, Permission.COORDINATE)
def undo(mark_id: int) -> ResponseReturnValue:
    change = db.session.get(BulkMark, mark_id, with_for_update=True) or abort(404)
    try:
        undone = bulk_status.undo(db.session, change, at=clock.now())
    except DomainError as refusal:
        flash(str(refusal), "error")
    else:
        db.session.commit()
        left = f" {undone.changed_since} had been changed since and stay." * bool(
            undone.changed_since
        )
        flash(f"Undone for {undone.given_back} of {len(change.before)}.{left}", "success")
    return redirect(url_for("milestones.show", milestone_id=change.milestone_id))


def _mark_each(
    milestone: Milestone, meant: list[tuple[Organisation, RecordedState]], back: str
) -> ResponseReturnValue:
    try:
        change = bulk_status.mark_each(
            db.session, milestone, meant, by=me(), at=clock.now(), on=clock.today()
        )
    except DomainError as refusal:
        flash(str(refusal), "error")
        return redirect(back)
    return _marked(change)


def _marked(change: BulkMark) -> ResponseReturnValue:
    db.session.commit()
    say_with_undo(f"{change.words}.", url_for("milestones.undo", mark_id=change.id))
    return redirect(url_for("milestones.show", milestone_id=change.milestone_id))


def _chosen(milestone: Milestone, form: MarkForm) -> list[BodyRow]:
    """Those ticked, or all that the list shows as it is narrowed."""
    rows = body_rows(db.session, milestone)
    if form.which.data == "all":
        return lists.matching(rows, view_of(milestone, rows).read(request.args))
    ticked = set(request.form.getlist("ids", type=record_number))
    return [row for row in rows if row.id in ticked]


def _ask(
    milestone: Milestone, form: MarkForm, rows: list[BodyRow], meant: RecordedState
) -> ResponseReturnValue:
    """What stands now and would stand then, before anything changes."""
    due = due_span(milestone)
    then = state_of(Recorded(meant.state, meant.met_on) if meant.state else None, due)
    now = progress_of(rows)
    counts = [
        (state, now.count(state), len(rows) if state is then else 0)
        for state in State
        if now.count(state) or state is then
    ]
    return render_template(
        "milestones/confirm.html",
        milestone=milestone,
        form=form,
        rows=rows,
        then=then,
        counts=counts,
        noun=nouns({row.body.kind for row in rows}),
        back=f"{url_for('milestones.show', milestone_id=milestone.id)}?{urlencode(request.args)}",
    )


def _record_form(milestone: Milestone, body: Organisation) -> RecordForm:
    standing = db.session.get(Compliance, (milestone.id, body.id))
    found = suggestions.documents_to_name(db.session, milestone, [body.id]).get(body.id, [])
    form = RecordForm(
        state=standing.state.value if standing else ComplianceState.MET.value,
        met_on=standing.met_on if standing else None,
        document_id=standing.document_id if standing else None,
        note=standing.note if standing else "",
        form_token=secrets.token_urlsafe(18),
    )
    stands = standing.state if standing else OUTSTANDING
    edits(form, milestone, also=body, anew={"state": stands})
    form.document_id.choices = choices([("", "None"), *((one.id, _line(one)) for one in found)])
    return form


def _line(document: Document) -> str:
    day = document.published_on
    return f"{called(document)}{f', {day:%-d %B %Y}' if day else ''}"


def _state(value: str) -> ComplianceState | None:
    return None if value == OUTSTANDING else ComplianceState(value)
