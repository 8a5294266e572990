"""The bell, what is behind it, and the colleagues one can mention."""

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission, User
from app.accounts.visibility import Confidential, Visibility
from app.core import clock
from app.core.db import db
from app.core.from_outside import record_number
from app.core.web import pages
from app.core.web.lists import Column, Filter, FilterKind, ListView
from app.editing.forms import edits, hold, said
from app.notifications import mentions, queries, services
from app.notifications.forms import HowToldForm, as_chosen
from app.notifications.hours import Hours
from app.notifications.labels import KINDS
from app.notifications.models import MailHours, Notification

bp = Blueprint("notifications", __name__)

LIST = ListView(
    name="Notifications",
    columns=(
        Column("text", "What", lambda row: row.text),
        Column("created_at", "When", lambda row: row.created_at, sort=Notification.created_at),
        Column("seen_at", "Read", lambda row: row.seen_at, sort=Notification.seen_at),
    ),
    filters=(
        Filter("new", "Only new ones", FilterKind.BOOL, lambda _: Notification.seen_at.is_(None)),
    ),
    tie_break=Notification.id.desc(),
    default_sort="-created_at",
)


def waiting() -> int:
    """The number on the bell."""
    return queries.count_new(db.session, me().id)


@bp.get("/notifications")
@requires(Permission.VIEW)
def notifications() -> ResponseReturnValue:
    return pages.show_list(
        "notifications/notifications.html",
        LIST,
        queries.notifications_of(me()),
        new=queries.count_new(db.session, me().id),
    )


@bp.post("/notifications/<int:notification_id>/open")
@requires(Permission.VIEW)
def open_notification(notification_id: int) -> ResponseReturnValue:
    """Go where it leads; it has been read then."""
    notification = queries.notification_of(db.session, me(), notification_id) or abort(404)
    services.mark_seen(notification, at=clock.now())
    db.session.commit()
    return redirect(pages.safe_path(notification.path) or url_for("notifications.notifications"))


@bp.post("/notifications/read")
@requires(Permission.VIEW)
def mark_all_read() -> ResponseReturnValue:
    services.mark_all_seen(db.session, user=me(), at=clock.now())
    db.session.commit()
    flash("All your notifications are marked as read.", "success")
    return redirect(url_for("notifications.notifications"))


@bp.route("/account/notifications", methods=["GET", "POST"])
@requires(Permission.VIEW)
def how_told() -> ResponseReturnValue:
    hold(User, me().id)
    chosen = queries.choices_of(db.session, me())
    hours = Hours.of(db.session.get(MailHours, me().id))
    form = edits(HowToldForm(data=as_chosen(chosen, hours)), me())
    if form.validate_on_submit():
        services.choose(db.session, user=me(), choices=form.choices(), hours=form.hours())
        db.session.commit()
        flash(said(form, "Saved."), "success")
        return redirect(url_for("notifications.how_told"))
    return render_template("notifications/how_told.html", form=form, kinds=KINDS)


@bp.get("/colleagues")
@requires(Permission.LOG, Permission.COORDINATE)
def colleagues() -> ResponseReturnValue:
    """For whoever types an at sign: colleagues whose name begins so, and whether they could read
    an entry seen by those named in the address."""
    entry = _entry()
    return jsonify(
        [
            {
                "name": one.to_type,
                "member": one.user.member_organisation.name,
                "may_read": mentions.may_read(one.user, entry),
            }
            for one in mentions.colleagues(db.session, request.args.get("q", "")[:100])
        ]
    )


class _Asked(Confidential):
    """An entry as it would be saved, to ask who could read it."""

    def __init__(self, visible_to: Visibility, author_id: int, member_id: int | None) -> None:
        self.visible_to = visible_to
        self.author_id = author_id
        self.member_organisation_id = member_id


def _entry() -> Confidential:
    asked = request.args.get("visible_to", "")
    return _Asked(
        next((one for one in Visibility if one.value == asked), Visibility.GROUP),
        request.args.get("author", me().id, type=record_number),
        request.args.get("member", me().member_organisation_id, type=record_number),
    )
