"""The papers a workstream turns on, and the dates that matter to it."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.directory.models import Organisation
from app.editing.forms import edits, hold, said
from app.workstreams import services
from app.workstreams.forms import KeyDateForm, PaperForm
from app.workstreams.models import DatePrecision, WorkstreamDate, WorkstreamPaper
from app.workstreams.routes.blueprint import bp, wanted
from app.workstreams.routes.workstreams import body_named


@bp.route("/workstreams/<int:workstream_id>/papers/new", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def paper_new(workstream_id: int) -> ResponseReturnValue:
    strand, form = wanted(workstream_id), PaperForm()
    if form.validate_on_submit():
        publisher = body_named(form.publisher, clock.today())
        if not form.publisher.errors:
            services.add_paper(
                db.session,
                strand,
                title=form.title.data,
                published_on=form.published_on.data,
                publisher=publisher,
                link=form.link.data,
            )
            return _saved(strand.id)
    return render_template("workstreams/paper.html", form=form, workstream=strand, paper=None)


@bp.route("/workstreams/papers/<int:paper_id>/edit", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def paper_edit(paper_id: int) -> ResponseReturnValue:
    hold(WorkstreamPaper, paper_id)
    paper = db.session.get(WorkstreamPaper, paper_id) or abort(404)
    by = db.session.get(Organisation, paper.publisher_id) if paper.publisher_id else None
    form = PaperForm(
        title=paper.title,
        publisher=by.name if by else "",
        published_on=paper.published_on,
        link=paper.link,
    )
    edits(form, paper)
    if form.validate_on_submit():
        # A body that has ended since is still the one that published it.
        same = by is not None and form.publisher.data == by.name
        publisher = by if same else body_named(form.publisher, clock.today())
        if not form.publisher.errors:
            services.change_paper(
                paper,
                title=form.title.data,
                published_on=form.published_on.data,
                publisher=publisher,
                link=form.link.data,
            )
            return _saved(paper.workstream_id, said(form, "Saved."))
    strand = wanted(paper.workstream_id)
    return render_template("workstreams/paper.html", form=form, workstream=strand, paper=paper)


@bp.route("/workstreams/<int:workstream_id>/dates/new", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def date_new(workstream_id: int) -> ResponseReturnValue:
    strand, form = wanted(workstream_id), KeyDateForm()
    if form.validate_on_submit():
        services.add_date(
            db.session,
            strand,
            what=form.what.data,
            falls_on=form.falls_on.data,
            precision=DatePrecision(form.precision.data),
            source=form.source.data,
        )
        return _saved(strand.id)
    return render_template("workstreams/date.html", form=form, workstream=strand, one=None)


@bp.route("/workstreams/dates/<int:date_id>/edit", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def date_edit(date_id: int) -> ResponseReturnValue:
    hold(WorkstreamDate, date_id)
    one = db.session.get(WorkstreamDate, date_id) or abort(404)
    form = KeyDateForm(
        what=one.what, falls_on=one.falls_on, precision=one.precision.value, source=one.source
    )
    edits(form, one)
    if form.validate_on_submit():
        services.change_date(
            one,
            what=form.what.data,
            falls_on=form.falls_on.data,
            precision=DatePrecision(form.precision.data),
            source=form.source.data,
        )
        return _saved(one.workstream_id, said(form, "Saved."))
    strand = wanted(one.workstream_id)
    return render_template("workstreams/date.html", form=form, workstream=strand, one=one)


def _saved(workstream_id: int, words: str = "Saved.") -> ResponseReturnValue:
    db.session.commit()
    flash(words, "success")
    return redirect(url_for("workstreams.workstream", workstream_id=workstream_id))
