"""Meetings and promises of a workstream: listing, adding, taking out."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.from_outside import record_number
from app.core.web.pages import safe_path, show_list
from app.interactions.entries.view_models import title_of
from app.interactions.outcomes.whom import bodies_of
from app.workstreams import listing, queries, services
from app.workstreams.routes.blueprint import bp, meeting, promise, wanted


@bp.get("/workstreams/<int:workstream_id>/meetings")
@requires(Permission.VIEW)
def meetings(workstream_id: int) -> ResponseReturnValue:
    strand = wanted(workstream_id)
    source = queries.meetings_of(workstream_id, me())
    view = listing.meetings_view(strand)
    return show_list("workstreams/meetings.html", view, source, workstream=strand)


@bp.get("/workstreams/<int:workstream_id>/promises")
@requires(Permission.VIEW)
def promises(workstream_id: int) -> ResponseReturnValue:
    strand = wanted(workstream_id)
    return show_list(
        "workstreams/promises.html",
        listing.promises_view(strand),
        queries.promises_of(workstream_id, me()),
        workstream=strand,
        who_promised=listing.who_promised,
    )


@bp.get("/workstreams/<int:workstream_id>/add")
@requires(Permission.LOG, Permission.COORDINATE)
def choose(workstream_id: int) -> ResponseReturnValue:
    """All that can be added, narrowed by words."""
    strand = wanted(workstream_id)
    words = request.args.get("q", "").strip()[:200]
    promises = queries.promises_to_add(db.session, workstream_id, words, me())
    return render_template(
        "workstreams/choose.html",
        workstream=strand,
        words=words,
        meetings=queries.meetings_to_add(db.session, workstream_id, words, me()),
        promises=promises,
        about=bodies_of(db.session, promises),
        milestones=queries.milestones_to_add(db.session, workstream_id, words, clock.today()),
        documents=queries.documents_to_add(db.session, workstream_id, words),
        title_of=title_of,
    )


@bp.post("/workstreams/<int:workstream_id>/meetings/<int:interaction_id>/add")
@requires(Permission.LOG, Permission.COORDINATE)
def put_meeting(workstream_id: int, interaction_id: int) -> ResponseReturnValue:
    return _put(workstream_id, interaction_id)


@bp.post("/interactions/<int:interaction_id>/workstreams")
@requires(Permission.LOG, Permission.COORDINATE)
def put_into(interaction_id: int) -> ResponseReturnValue:
    """From the page of a meeting, into the workstream chosen there."""
    chosen = request.form.get("workstream", type=record_number)
    if chosen is None:
        meeting(interaction_id)
        flash("Choose a workstream first.", "warning")
        return redirect(_back(url_for("workstreams.workstreams")))
    return _put(chosen, interaction_id)


@bp.post("/workstreams/<int:workstream_id>/meetings/<int:interaction_id>/remove")
@requires(Permission.LOG, Permission.COORDINATE)
def take_meeting(workstream_id: int, interaction_id: int) -> ResponseReturnValue:
    strand = wanted(workstream_id)
    services.take_meeting(db.session, strand, meeting(interaction_id))
    db.session.commit()
    flash(f"It is no longer in “{strand.name}”.")
    return redirect(_back(url_for("workstreams.meetings", workstream_id=workstream_id)))


@bp.post("/workstreams/<int:workstream_id>/promises/<int:point_id>/add")
@requires(Permission.LOG, Permission.COORDINATE)
def put_promise(workstream_id: int, point_id: int) -> ResponseReturnValue:
    strand = wanted(workstream_id)
    services.put_promise(db.session, strand, promise(point_id))
    db.session.commit()
    flash(f"Added to “{strand.name}”.", "success")
    return redirect(_back(url_for("workstreams.workstream", workstream_id=workstream_id)))


@bp.post("/workstreams/<int:workstream_id>/promises/<int:point_id>/remove")
@requires(Permission.LOG, Permission.COORDINATE)
def take_promise(workstream_id: int, point_id: int) -> ResponseReturnValue:
    strand = wanted(workstream_id)
    services.take_promise(db.session, strand, promise(point_id))
    db.session.commit()
    flash(f"It is no longer in “{strand.name}”.")
    return redirect(_back(url_for("workstreams.promises", workstream_id=workstream_id)))


def _put(workstream_id: int, interaction_id: int) -> ResponseReturnValue:
    strand = wanted(workstream_id)
    services.put_meeting(db.session, strand, meeting(interaction_id))
    db.session.commit()
    flash(f"Added to “{strand.name}”.", "success")
    return redirect(_back(url_for("workstreams.workstream", workstream_id=workstream_id)))


def _back(otherwise: str) -> str:
    return safe_path(request.form.get("next", "")) or otherwise
