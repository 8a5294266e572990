"""Points: writing down what came out of a meeting, and saying what became of it."""

import secrets
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission, User
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import record_number
from app.core.web.filters import cut
from app.core.web.pages import say_with_undo, show_list
from app.directory.models import Organisation, Person
from app.directory.queries.bodies import regions
from app.editing.forms import edits, hold, said
from app.editing.one_fact import show_form
from app.followups.forms import offer_bodies, offer_users
from app.followups.models import Priority
from app.interactions import queries
from app.interactions.models import Interaction, Outcome, OutcomeKind, PointState, PromisedBy
from app.interactions.outcomes import commitment_list, outcome_labels, outcome_queries, outcomes
from app.interactions.outcomes.outcomes import OutcomeDetails
from app.interactions.outcomes.whom import bodies_of
from app.interactions.routes.blueprint import readable
from app.interactions.routes.promise_forms import (
    CommitmentForm,
    PointForm,
    SettleForm,
    offer_states,
)
from app.interactions.routes.promising import bp
from app.interactions.routes.typeahead import fill_body, is_sent
from app.settings.queries import closed_days

LONGEST_IN_ADDRESS = 2_000


@bp.app_template_global()
def point_mark(point: Outcome) -> tuple[str, str]:
    return outcome_labels.mark(point, clock.today())


bp.add_app_template_global(outcome_labels.in_words, "point_words")
bp.add_app_template_global(outcome_labels.who, "point_who")


@bp.get("/commitments")
@requires(Permission.VIEW)
def commitments() -> ResponseReturnValue:
    """The register: who promised what to whom, by when, and what became of it."""
    view = commitment_list.commitments_view(
        clock.today(),
        users=queries.ours(db.session),
        regions=regions(db.session),
        themes=queries.themes(db.session),
    )
    return show_list(
        "interactions/commitments.html",
        view,
        commitment_list.commitments(me()),
        about=lambda rows: bodies_of(db.session, rows),
    )


@bp.get("/points/<int:point_id>")
@requires(Permission.VIEW)
def point(point_id: int) -> ResponseReturnValue:
    found = _readable_point(point_id)
    return render_template(
        "interactions/point.html",
        one=found,
        bodies=bodies_of(db.session, [found]).get(found.id, []),
    )


@bp.route("/interactions/<int:interaction_id>/points/new", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def point_add(interaction_id: int) -> ResponseReturnValue:
    interaction = readable(interaction_id)
    bodies = queries.organisations_of(db.session, interaction_id)
    form = _asked(PointForm, bodies[0].id if len(bodies) == 1 else None)
    people = queries.people_of(db.session, [interaction_id]).get(interaction_id, [])
    _offer(form, bodies, people)
    if _was_written(form, interaction):
        return redirect(
            url_for("interactions.read", interaction_id=interaction_id, _anchor="points")
        )
    return render_template("interactions/point_add.html", form=form, interaction=interaction)


@bp.route("/commitments/new", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def commitment_add() -> ResponseReturnValue:
    """A promise without a meeting."""
    form = _asked(CommitmentForm, request.args.get("organisation", type=record_number))
    del form.kind
    form.made_on.data = form.made_on.data or clock.today()
    _offer(form, None, [])
    if _was_written(form, None):
        return redirect(url_for("promises.commitments"))
    return render_template("interactions/commitment_add.html", form=form)


@bp.route("/points/<int:point_id>/edit", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def point_change(point_id: int) -> ResponseReturnValue:
    hold(Outcome, point_id)
    found = _readable_point(point_id, to_change=True)
    form = PointForm(
        promised_by=found.promised_by.value if found.promised_by else None,
        text=found.text,
        organisation_id=found.organisation_id,
        person_id=found.person_id,
        owner_id=found.follow_up.owner_id if found.follow_up else None,
        due_on=found.due_on,
        priority=found.priority.value,
    )
    del form.kind
    edits(form, found)
    _offer_for(form, found)
    wanted = _said(form, found.kind)
    if wanted:
        try:
            outcomes.change(db.session, found, wanted, by=me(), at=clock.now(), on=clock.today())
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            flash(said(form, "Changed. What it said before is in its history."), "success")
            return redirect(url_for("promises.point", point_id=found.id))
    return show_form(
        "interactions/point_change.html",
        form,
        record=cut(found.text, 60),
        back=url_for("promises.point", point_id=found.id),
        one=found,
    )


@bp.route("/points/<int:point_id>/settle", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def point_settle(point_id: int) -> ResponseReturnValue:
    """What became of it, and how we know; also to add the evidence afterwards."""
    hold(Outcome, point_id)
    found = _readable_point(point_id, to_change=True)
    if found.kind is OutcomeKind.DECISION:
        abort(404)
    form = SettleForm(
        state=None if found.state is PointState.OPEN else found.state.value,
        settled_on=found.settled_on or clock.today(),
        evidence=found.evidence,
        link=found.evidence_link,
    )
    edits(form, found)
    offer_states(form, outcome_labels.OUTCOMES[found.kind])
    if form.validate_on_submit():
        try:
            outcomes.settle(
                db.session,
                found,
                PointState(form.state.data),
                settled_on=form.settled_on.data,
                evidence=form.evidence.data,
                link=form.link.data,
                by=me(),
                at=clock.now(),
                on=clock.today(),
            )
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            undo = url_for("promises.point_reopen", point_id=found.id)
            words = f"{outcome_labels.mark(found, clock.today())[1]}: {found.text}"
            say_with_undo(words, undo)
            return redirect(url_for("promises.point", point_id=found.id))
    return render_template("interactions/point_settle.html", form=form, one=found)


@bp.post("/points/<int:point_id>/reopen")
@requires(Permission.LOG, Permission.COORDINATE)
def point_reopen(point_id: int) -> ResponseReturnValue:
    found = _readable_point(point_id, to_change=True)
    try:
        outcomes.reopen(db.session, found)
    except DomainError as refusal:
        flash(str(refusal), "error")
    else:
        db.session.commit()
        flash("Open again.", "success")
    return redirect(url_for("promises.point", point_id=found.id))


def _readable_point(point_id: int, *, to_change: bool = False) -> Outcome:
    found = outcome_queries.one_of(db.session, me(), point_id, to_change=to_change)
    return found or abort(404)


def _asked(form: type[PointForm], organisation_id: int | None) -> Any:
    """The form, begun with what the address says: a sentence somebody marked, and what it is."""
    asked = request.args
    return form(
        text=asked.get("text", "")[:LONGEST_IN_ADDRESS],
        kind=asked.get("kind", "commitment"),
        promised_by=asked.get("promised_by"),
        organisation_id=organisation_id,
        owner_id=me().id,
        form_token=secrets.token_urlsafe(18),
    )


def _offer(form: Any, bodies: Any, people: Any) -> None:
    """The bodies of its meeting to choose from; without one, whichever is found by its name."""
    offer_users(form.owner_id, queries.ours(db.session), first="Nobody")
    if bodies is None:
        fill_body(db.session, form)
    else:
        del form.organisation_q
        offer_bodies(
            form.organisation_id, bodies, first="All of them" if len(bodies) > 1 else "Choose"
        )
    form.person_id.choices = [("", "Nobody in particular")]
    form.person_id.choices += [(str(person.id), person.name) for person in people]


def _offer_for(form: Any, found: Outcome) -> None:
    """What the form offers for a point that is there already."""
    bodies, people = None, []
    if found.interaction_id:
        bodies = list(queries.organisations_of(db.session, found.interaction_id))
        people = queries.people_of(db.session, [found.interaction_id]).get(found.interaction_id, [])
        if found.organisation and found.organisation not in bodies:
            bodies.append(found.organisation)
    if found.person and found.person not in people:
        people = [*people, found.person]
    _offer(form, bodies, people)


def _was_written(form: Any, interaction: Interaction | None) -> bool:
    """Write down what the form says, if it was sent and says enough."""
    kind = OutcomeKind(form.kind.data) if _has_kind(form) else OutcomeKind.COMMITMENT
    wanted = _said(form, kind)
    if wanted is None:
        return False
    try:
        made = outcomes.add(
            db.session,
            wanted,
            interaction=interaction,
            made_on=form.made_on.data if "made_on" in form else None,
            by=me(),
            at=clock.now(),
            on=clock.today(),
            form_token=form.form_token.data,
        )
    except DomainError as refusal:
        form.form_errors.append(str(refusal))
        return False
    db.session.commit()
    flash(f"Saved. {outcome_labels.in_words(made)}", "success")
    return True


def _has_kind(form: Any) -> bool:
    return "kind" in form and form.kind.data in {kind.value for kind in OutcomeKind}


def _said(form: Any, kind: OutcomeKind) -> OutcomeDetails | None:
    if not is_sent(form):
        return None
    is_complete = form.validate()
    wants_day = kind in outcomes.OWNED or (
        kind is OutcomeKind.QUESTION and (form.due_on.data or form.working_days.data is not None)
    )
    due = form.day(clock.today(), closed_days(db.session)) if wants_day else None
    if not is_complete or (wants_day and due is None):
        return None
    if due and due.caution:
        flash(due.caution, "warning")
    promised_by, body_id = form.promised_by.data, form.organisation_id.data
    owner_id = form.owner_id.data if due else None
    return OutcomeDetails(
        kind=kind,
        text=form.text.data,
        promised_by=PromisedBy(promised_by) if promised_by else None,
        organisation=db.session.get(Organisation, body_id) if body_id else None,
        person=db.session.get(Person, form.person_id.data) if form.person_id.data else None,
        owner=db.session.get(User, owner_id) if owner_id else None,
        due_on=due.day if due else None,
        priority=Priority(form.priority.data),
    )
