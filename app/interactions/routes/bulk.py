"""Changing many follow-ups at once: first what would change, then the change, then its undo."""

from urllib.parse import parse_qsl, urlsplit

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission, User
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import record_numbers
from app.core.web import lists
from app.core.web.pages import safe_path, say_with_undo
from app.directory.queries.bodies import regions
from app.followups import bulk, queries
from app.followups.forms import BulkForm, offer_users
from app.followups.listing import follow_ups as listed
from app.followups.listing import follow_ups_view, tab_of
from app.followups.models import BulkChange, FollowUp
from app.interactions.outcomes import promises
from app.interactions.outcomes.whom import about, bodies_of
from app.interactions.queries import ours
from app.interactions.routes.follow_ups import show_follow_ups
from app.interactions.routes.promising import bp
from app.settings.queries import closed_days


@bp.post("/follow-ups/change")
@requires(Permission.LOG, Permission.COORDINATE)
def follow_ups_change() -> ResponseReturnValue:
    """First what would change; with `confirmed`, the change."""
    form = BulkForm()
    offer_users(form.owner_id, ours(db.session), first="Choose")
    is_complete = form.validate()
    by_owner = form.act.data == "owner"
    if is_complete and by_owner and not form.owner_id.data:
        form.owner_id.errors, is_complete = ["Choose the new owner."], False
    due = None
    if is_complete and not by_owner:
        due = form.day(clock.today(), closed_days(db.session))
    if not is_complete or not (by_owner or due):
        return show_follow_ups(form)
    try:
        rows = bulk.chosen(db.session, me(), _ids(form))
        if not form.confirmed.data:
            return _ask(form, rows, due.day if due else None)
        change = _change(form, rows, due.day if due else None)
    except DomainError as refusal:
        form.form_errors.append(str(refusal))
        return show_follow_ups(form)
    db.session.commit()
    undo = url_for("promises.follow_ups_undo", change_id=change.id)
    say_with_undo(f"{change.words}.", undo)
    return redirect(safe_path(form.back.data or "") or url_for("promises.follow_ups"))


@bp.get("/follow-ups/changes")
@requires(Permission.LOG, Permission.COORDINATE)
def follow_ups_changes() -> ResponseReturnValue:
    """What this person changed many at once, each to be undone."""
    return render_template(
        "interactions/follow_ups_changes.html", changes=queries.bulk_changes(db.session, me())
    )


@bp.post("/follow-ups/changes/<int:change_id>/undo")
@requires(Permission.LOG, Permission.COORDINATE)
def follow_ups_undo(change_id: int) -> ResponseReturnValue:
    change = db.session.get(BulkChange, change_id, with_for_update=True)
    if change is None or change.by_id != me().id:
        abort(404)
    try:
        undone = promises.undo(db.session, change, at=clock.now())
    except DomainError as refusal:
        flash(str(refusal), "error")
    else:
        db.session.commit()
        left = f" {undone.changed_since} had been changed since and stay." * bool(
            undone.changed_since
        )
        flash(f"Undone for {len(undone.given_back)} of {len(change.before)}.{left}", "success")
    return redirect(url_for("promises.follow_ups_changes"))


def _change(form: BulkForm, rows: list[FollowUp], day: object) -> BulkChange:
    now, token = clock.now(), form.form_token.data or None
    if form.act.data == "owner":
        owner = db.session.get(User, form.owner_id.data) or abort(404)
        return bulk.reassign(db.session, rows, owner, by=me(), at=now, form_token=token)
    return promises.move(
        db.session, rows, day, by=me(), at=now, on=clock.today(), form_token=token  # type: ignore[arg-type]
    )  # fmt: skip


def _ask(form: BulkForm, rows: list[FollowUp], day: object) -> ResponseReturnValue:
    owner = db.session.get(User, form.owner_id.data) if form.act.data == "owner" else None
    counts = (
        bulk.owners_after(rows, owner) if owner else bulk.days_after(rows, day, clock.today())  # type: ignore[arg-type]
    )
    return render_template(
        "interactions/follow_ups_confirm.html",
        rows=rows,
        bodies=bodies_of(db.session, rows),
        owner=owner,
        day=day,
        counts=counts,
        token=form.form_token.data,
        back=safe_path(form.back.data or "") or url_for("promises.follow_ups"),
    )


def _ids(form: BulkForm) -> list[int]:
    """Those ticked, or all that the list shows as it is narrowed."""
    if form.which.data != "all":
        return record_numbers(request.form.getlist("ids"))
    asked = dict(parse_qsl(urlsplit(form.back.data or "").query))
    tab, day = tab_of(asked.get("show", "")), clock.today()
    view = follow_ups_view(
        tab, day, about=about(FollowUp), users=ours(db.session), regions=regions(db.session)
    )
    rows = lists.every(db.session, listed(me(), tab, day).limit(bulk.MOST + 1), view.read(asked))
    return [row.id for row in rows]
