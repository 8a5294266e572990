"""Ticking a follow-up off, undoing that, putting it off, dropping it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import record_number
from app.core.web.pages import safe_path, say_with_undo
from app.followups import services as followups
from app.followups.forms import DropForm, SnoozeForm
from app.interactions.models import OutcomeKind, PointState
from app.interactions.outcomes import promises
from app.interactions.outcomes.outcomes import point_of
from app.interactions.routes.follow_ups import readable_follow_up
from app.interactions.routes.promising import bp
from app.settings.queries import closed_days


@bp.post("/follow-ups/<int:follow_up_id>/finish")
@requires(Permission.LOG, Permission.COORDINATE)
def follow_up_finish(follow_up_id: int) -> ResponseReturnValue:
    found = readable_follow_up(follow_up_id, to_change=True)
    try:
        promises.finish(db.session, found, by=me(), at=clock.now(), on=clock.today())
    except DomainError as refusal:
        flash(str(refusal), "error")
        return _back(follow_up_id)
    db.session.commit()
    say_with_undo(f"Done: {found.what}.", _undo(follow_up_id))
    return _back(follow_up_id)


@bp.post("/follow-ups/<int:follow_up_id>/reopen")
@requires(Permission.LOG, Permission.COORDINATE)
def follow_up_reopen(follow_up_id: int) -> ResponseReturnValue:
    found = readable_follow_up(follow_up_id, to_change=True)
    promises.reopen(db.session, found)
    db.session.commit()
    flash(f"Open again: {found.what}.", "success")
    return _back(follow_up_id)


@bp.route("/follow-ups/<int:follow_up_id>/snooze", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def follow_up_snooze(follow_up_id: int) -> ResponseReturnValue:
    found = readable_follow_up(follow_up_id, to_change=True)
    form = SnoozeForm(back=safe_path(request.args.get("back", "")) or "")
    if form.is_submitted():
        is_complete = form.validate()
        until = form.day(clock.today(), closed_days(db.session))
        if is_complete and until:
            try:
                followups.snooze(found, until=until.day, reason=form.reason.data, on=clock.today())
            except DomainError as refusal:
                form.form_errors.append(str(refusal))
            else:
                db.session.commit()
                flash(f"Put off until {until.day.day} {until.day:%B %Y}: {found.what}.", "success")
                return _back(follow_up_id, form.back.data)
    return render_template("interactions/follow_up_snooze.html", form=form, one=found)


@bp.post("/follow-ups/<int:follow_up_id>/wake")
@requires(Permission.LOG, Permission.COORDINATE)
def follow_up_wake(follow_up_id: int) -> ResponseReturnValue:
    found = readable_follow_up(follow_up_id, to_change=True)
    followups.wake(found)
    db.session.commit()
    flash(f"No longer put off: {found.what}.", "success")
    return _back(follow_up_id)


@bp.route("/follow-ups/<int:follow_up_id>/drop", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def follow_up_drop(follow_up_id: int) -> ResponseReturnValue:
    found = readable_follow_up(follow_up_id, to_change=True)
    point = point_of(db.session, found)
    form = DropForm(back=safe_path(request.args.get("back", "")) or "")
    if not point or point.kind is not OutcomeKind.COMMITMENT:
        del form.became
    if form.validate_on_submit():
        became = form.became.data if "became" in form else None
        try:
            promises.drop(
                db.session,
                found,
                reason=form.reason.data,
                became=PointState(became) if became else None,
                on=clock.today(),
            )
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            say_with_undo(f"Dropped: {found.what}.", _undo(follow_up_id, form.back.data))
            return _back(follow_up_id, form.back.data)
    return render_template("interactions/follow_up_drop.html", form=form, one=found)


def _undo(follow_up_id: int, asked: str | None = None) -> str:
    """What takes it back, and leads to its row where the person was."""
    back = safe_path(asked or request.form.get("back", ""))
    then = follow_up_id if back else None
    return url_for("promises.follow_up_reopen", follow_up_id=follow_up_id, back=back, then=then)


def _back(follow_up_id: int, asked: str | None = None) -> Response:
    """Where the person was, at the row after the one that went."""
    back = safe_path(asked or request.values.get("back", ""))
    then = request.values.get("then", type=record_number)
    if back and then is not None:
        back = f"{back}#tick-{then}"
    return redirect(back or url_for("promises.follow_up", follow_up_id=follow_up_id))
