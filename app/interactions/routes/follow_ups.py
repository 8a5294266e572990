"""The list of follow-ups, and one of them: reading, adding, changing.

These pages stand here, above follow-ups, because settling one settles the promise it stands for.
"""

import secrets
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission, User
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import record_number, record_numbers
from app.core.web.pages import safe_path, show_list
from app.directory.models import Organisation, Person
from app.directory.queries.bodies import regions
from app.editing.forms import edits, hold, said
from app.editing.one_fact import show_form
from app.followups import queries
from app.followups import services as followups
from app.followups.forms import BulkForm, FollowUpForm, offer_users
from app.followups.listing import Tab, arranged, follow_ups_view, tab_of
from app.followups.listing import follow_ups as listed
from app.followups.models import FollowUp, FollowUpState, Priority, Repeats
from app.followups.rules import Urgency, urgency
from app.followups.services import FollowUpDetails
from app.interactions.outcomes import promises
from app.interactions.outcomes.follow_up_source import origins_of
from app.interactions.outcomes.outcomes import point_of
from app.interactions.outcomes.whom import about, bodies_of
from app.interactions.queries import ours
from app.interactions.routes.promising import bp
from app.interactions.routes.typeahead import fill_body, is_sent
from app.settings.queries import closed_days

MOST_SHOWN = 99  # in the menu


@bp.get("/follow-ups")
@requires(Permission.VIEW)
def follow_ups() -> ResponseReturnValue:
    return show_follow_ups(BulkForm(form_token=secrets.token_urlsafe(18)))


def show_follow_ups(form: BulkForm) -> ResponseReturnValue:
    """The list, with the form to change those that are ticked."""
    tab, day = tab_of(request.args.get("show", "")), clock.today()
    users = ours(db.session)
    offer_users(form.owner_id, users, first="Choose")
    return show_list(
        "interactions/follow_ups.html",
        follow_ups_view(tab, day, about=about(FollowUp), users=users, regions=regions(db.session)),
        listed(me(), tab, day),
        form=form,
        tab=tab,
        tabs=list(Tab),
        here=request.full_path.rstrip("?"),
        arranged=lambda rows, by_day: arranged(rows, day, by_day=by_day),
        origins=lambda rows: origins_of(db.session, rows, reader=me()),
        about=lambda rows: bodies_of(db.session, rows),
        ticked=set(record_numbers(request.form.getlist("ids"))),
    )


def my_follow_ups_due() -> str:
    """The number beside “Follow-ups” in the menu, on every page; more than it shows is “99+”."""
    due = queries.mine_due(db.session, me(), clock.today(), MOST_SHOWN + 1)
    return f"{MOST_SHOWN}+" if due > MOST_SHOWN else str(due or "")


@bp.app_template_global()
def due_pill(follow_up: FollowUp) -> tuple[str, str]:
    """The colour and the words that say how pressing it is."""
    day = clock.today()
    match urgency(follow_up, day):
        case Urgency.OVERDUE:
            late = (day - follow_up.due_on).days
            return "bad", f"Overdue {late} day{'' if late == 1 else 's'}"
        case Urgency.TODAY:
            return "warn", "Due today"
        case Urgency.COMING:
            return "none", f"{follow_up.due_on.day} {follow_up.due_on:%b %Y}"
        case Urgency.ASLEEP:
            return "none", "Put off"
        case Urgency.SETTLED:
            is_done = follow_up.state is FollowUpState.DONE
            return "good" if is_done else "none", follow_up.state.value.capitalize()


@bp.get("/follow-ups/<int:follow_up_id>")
@requires(Permission.VIEW)
def follow_up(follow_up_id: int) -> ResponseReturnValue:
    found = readable_follow_up(follow_up_id)
    return render_template(
        "interactions/follow_up.html",
        one=found,
        origin=origins_of(db.session, [found], reader=me()).get(found.id),
        point=point_of(db.session, found),
        bodies=bodies_of(db.session, [found]).get(found.id, []),
        following=queries.following(db.session, found),
    )


@bp.route("/follow-ups/new", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def follow_up_add() -> ResponseReturnValue:
    asked = request.args
    form = FollowUpForm(
        what=asked.get("what", ""),
        owner_id=me().id,
        organisation_id=asked.get("organisation", type=record_number),
        waiting_on_them=asked.get("waiting") == "1",
        form_token=secrets.token_urlsafe(18),
        back=safe_path(asked.get("back", "")) or "",
    )
    _offer(form)
    wanted = _wanted(form)
    if wanted:
        try:
            made = followups.add(
                db.session,
                wanted,
                by=me(),
                at=clock.now(),
                on=clock.today(),
                form_token=form.form_token.data,
            )
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            flash(f"Added: {made.what}, due {made.due_on.day} {made.due_on:%B %Y}.", "success")
            return redirect(safe_path(form.back.data or "") or url_for("promises.follow_ups"))
    return render_template("interactions/follow_up_add.html", form=form, back=_back(form))


@bp.route("/follow-ups/<int:follow_up_id>/edit", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def follow_up_change(follow_up_id: int) -> ResponseReturnValue:
    hold(FollowUp, follow_up_id)
    found = readable_follow_up(follow_up_id, to_change=True)
    form = FollowUpForm(
        what=found.what,
        owner_id=found.owner_id,
        due_on=found.due_on,
        priority=found.priority.value,
        waiting_on_them=found.waiting_on_them,
        organisation_id=found.organisation_id,
        repeats=found.repeats.value,
        details=found.details,
    )
    edits(form, found)
    _offer(form, found)
    wanted = _wanted(form, person=found.person)
    if wanted:
        try:
            promises.change(db.session, found, wanted, by=me(), at=clock.now(), on=clock.today())
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            flash(said(form, "Changed."), "success")
            return redirect(url_for("promises.follow_up", follow_up_id=found.id))
    return show_form(
        "interactions/follow_up_change.html",
        form,
        record=found.what,
        back=url_for("promises.follow_up", follow_up_id=found.id),
        one=found,
    )


def readable_follow_up(follow_up_id: int, *, to_change: bool = False) -> FollowUp:
    """What this person may not read does not exist for them."""
    return queries.one_of(db.session, me(), follow_up_id, to_change=to_change) or abort(404)


def _offer(form: Any, current: FollowUp | None = None) -> None:
    users = list(ours(db.session))
    if current and all(user.id != current.owner_id for user in users):
        users.append(current.owner)  # one who left: the form shows what is so
    offer_users(form.owner_id, users)
    fill_body(db.session, form)


def _wanted(form: FollowUpForm, person: Person | None = None) -> FollowUpDetails | None:
    """What the form says, if it was sent and says enough."""
    if not is_sent(form):
        return None
    is_complete = form.validate()
    due = form.day(clock.today(), closed_days(db.session))
    if not is_complete or due is None:
        return None
    if due.caution:
        flash(due.caution, "warning")
    owner, body_id = db.session.get(User, form.owner_id.data), form.organisation_id.data
    return FollowUpDetails(
        what=form.what.data,
        owner=owner or abort(404),
        due_on=due.day,
        details=form.details.data,
        priority=Priority(form.priority.data),
        waiting_on_them=bool(form.waiting_on_them.data),
        organisation=db.session.get(Organisation, body_id) if body_id else None,
        person=person,
        repeats=Repeats(form.repeats.data),
    )


def _back(form: FollowUpForm) -> str:
    return safe_path(form.back.data or "") or url_for("promises.follow_ups")
