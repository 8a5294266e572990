"""Who did what, when: to one record, or everywhere."""

from datetime import datetime, time, timedelta
from typing import Any

from flask import Blueprint, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.administration.audit_rendering import tell
from app.administration.audit_visibility import where_seen_by
from app.administration.record_labels import audited_kinds, names_of
from app.audit import queries
from app.audit.models import AuditEvent
from app.audit.rules import field_words, kind_words
from app.bin.models import Binned
from app.bin.queries import seen_by
from app.bin.redirects import found_now, merged_into
from app.core.clock import LONDON
from app.core.db import db
from app.core.web import lists
from app.core.web.lists import Column, Filter, FilterKind, ListView
from app.core.web.pages import offered, show_list

bp = Blueprint("audit", __name__)

# Who signs in from where, and how mail is set up, is for administrators.
FOR_ADMINISTRATORS = frozenset({"user", "settings", "mail_check", "logo"})

RECORD_PAGES = {
    "follow_up": "promises.follow_up",
    "interaction": "interactions.read",
    "letter": "letters.letter",
    "letter_template": "letters.template",
    "mailing": "letters.mailing",
    "member_organisation": "accounts.member",
    "offer": "promises.offer",
    "organisation": "directory.organisation",
    "person": "directory.person",
    "point": "promises.point",
    "post": "directory.post",
    "reminder_rule": "reminders.rule",
    "settings": "settings.settings",
    "user": "accounts.user",
}

ONE_RECORD = ListView(
    name="History of one record",
    columns=(Column("at", "When", lambda event: event.at, sort=AuditEvent.id),),
    tie_break=AuditEvent.id.desc(),
    default_sort="-at",
)


@bp.get("/history/<kind>/<int:record_id>")
@requires(Permission.VIEW, Permission.ADMINISTER)
def record(kind: str, record_id: int) -> ResponseReturnValue:
    if kind not in audited_kinds():
        abort(404)
    if not _may_see(kind):
        abort(403)
    asked = ONE_RECORD.read(request.args)
    listing = lists.find(
        db.session, queries.events_about(kind, record_id).where(where_seen_by(me())), asked
    )
    name = names_of(db.session, [(kind, record_id)], reader=me()).get((kind, record_id))
    if name is None and not listing.total:
        abort(404)
    deleted = seen_by(db.session, kind, record_id, me()) if name is None else None
    return render_template(
        "audit/record.html",
        name=name or _name_of(deleted, kind, record_id),
        deleted=deleted,
        listing=listing,
        told=tell(db.session, listing.rows, about=(kind, record_id), reader=me()),
        record_page=_page_of(kind, record_id) if name else None,
        merged=merged_into(db.session, kind, record_id),
        part_of=_part_of(kind, record_id),
        shows_ip=current_user.may(Permission.ADMINISTER),
    )


def _part_of(kind: str, record_id: int) -> str | None:
    """The page of the record that this one was merged into."""
    now = found_now(db.session, kind, record_id)
    return _page_of(kind, now) if now != record_id else None


def _name_of(deleted: Binned | None, kind: str, record_id: int) -> str:
    itself = deleted and (deleted.kind, deleted.record_id) == (kind, record_id)
    return (deleted.name if deleted and itself else "") or f"{kind_words(kind)} {record_id}"


def _page_of(kind: str, record_id: int) -> str | None:
    """The address of the record itself, if it has a page that this person may open."""
    endpoint = RECORD_PAGES.get(kind)
    if endpoint is None or not offered(endpoint):
        return None
    rule = next(current_app.url_map.iter_rules(endpoint))
    values: dict[str, Any] = dict.fromkeys(rule.arguments, record_id)
    return url_for(endpoint, **values)


def _may_see(kind: str) -> bool:
    wanted = Permission.ADMINISTER if kind in FOR_ADMINISTRATORS else Permission.VIEW
    return bool(current_user.may(wanted))


def _day_begins(day: Any, later: int = 0) -> datetime:
    return datetime.combine(day + timedelta(days=later), time(), LONDON)


def _log(actions: list[str], kinds: list[str]) -> ListView:
    return ListView(
        name="History",
        columns=(
            Column("at", "When", lambda row: row.AuditEvent.at, sort=AuditEvent.id),
            Column("who", "Who", lambda row: row.AuditEvent.actor_name, sort=AuditEvent.actor_name),
            Column("what", "What", lambda row: row.AuditEvent.action, sort=AuditEvent.action),
            Column("kind", "To what", lambda row: kind_words(row.AuditEvent.kind)),
            Column("number", "Number", lambda row: row.AuditEvent.record_id, on_page=False),
            Column("about", "About", _about),
            Column("ip", "From address", lambda row: row.AuditEvent.ip),
        ),
        filters=(
            Filter(
                "who",
                "Who",
                FilterKind.TEXT,
                lambda v: AuditEvent.actor_name.icontains(v, autoescape=True),
            ),
            Filter(
                "action",
                "What",
                FilterKind.CHOICE,
                lambda v: AuditEvent.action == v,
                choices=[(action, action) for action in actions],
            ),
            Filter(
                "kind",
                "To what",
                FilterKind.CHOICE,
                lambda v: AuditEvent.kind == v,
                choices=[(kind, kind_words(kind)) for kind in kinds],
            ),
            Filter("from", "From", FilterKind.DATE, lambda v: AuditEvent.at >= _day_begins(v)),
            Filter("to", "To", FilterKind.DATE, lambda v: AuditEvent.at < _day_begins(v, 1)),
        ),
        tie_break=AuditEvent.id.desc(),
        default_sort="-at",
    )


def _about(row: Any) -> str:
    """The summary of an act, or the fields of a change."""
    fields = ", ".join(field_words(field) for field in (row.fields or "").split(",") if field)
    return row.AuditEvent.summary or fields


@bp.get("/history")
@requires(Permission.ADMINISTER)
def history() -> ResponseReturnValue:
    view = _log(list(queries.actions(db.session)), list(queries.kinds(db.session)))
    events_seen = queries.all_events().where(where_seen_by(me()))
    if request.args.get("format") == "csv":
        return show_list("audit/history.html", view, events_seen)
    listing = lists.find(db.session, events_seen, view.read(request.args))
    events = [row.AuditEvent for row in listing.rows]
    return render_template(
        "audit/history.html",
        listing=listing,
        kind_words=kind_words,
        linked=audited_kinds(),
        names=names_of(
            db.session, [(e.kind, e.record_id) for e in events if e.record_id], reader=me()
        ),
    )
