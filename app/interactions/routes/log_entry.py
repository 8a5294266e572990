"""Writing down a meeting, a call, an email, a note or an event, from anywhere."""

import secrets

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.accounts.access import me, requires
from app.accounts.models import Permission, User
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import record_number
from app.core.text.three_way_merge import plain_lines
from app.directory.models import Organisation, Person
from app.directory.queries.posts import appointments_of_person
from app.interactions import patient_data_check, rules
from app.interactions.attendees.adding import attend
from app.interactions.attendees.matching import Match
from app.interactions.attendees.typeahead import usual_body
from app.interactions.drafts import autosave
from app.interactions.entries import services
from app.interactions.models import Interaction, InteractionKind
from app.interactions.outcomes import outcomes
from app.interactions.routes.blueprint import bp, refuse, tell_mentioned, timeline_of
from app.interactions.routes.drafts import (
    box_key,
    box_revision,
    finish_draft,
    kept_form,
    offered_drafts,
)
from app.interactions.routes.forms import CancelMeetingForm, DetailsForm, LogForm
from app.interactions.routes.pasting import decisions, find_pasted
from app.interactions.routes.typeahead import fill


@bp.route("/log", methods=["GET", "POST"])
@bp.route("/organisations/<int:organisation_id>/log", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def write_down(organisation_id: int | None = None) -> ResponseReturnValue:
    body = None
    if organisation_id is not None:
        named = db.session.get(Organisation, organisation_id) or abort(404)
        body = usual_body(db.session, named, clock.today())
    kept = kept_form()
    form = LogForm(kept) if kept else LogForm()
    if not form.is_submitted() and not kept:
        _begin(db.session, form)
    if body and not (form.organisations.data or form.organisation_q.data):
        form.organisations.data = [body.id]
    fill(db.session, form)
    matches = find_pasted(db.session, form, kept or request.form)
    suspected = []
    if form.is_submitted() and "look" not in request.form and is_valid(form):
        texts = [form[name].data or "" for name in ("subject", "body", "agenda", "others")]
        suspected = unconfirmed(form, *texts, form.follow_what.data or "", form.pasted.data or "")
        if not suspected and (answer := _write(form, matches)):
            return answer
    return render_template(
        "interactions/write_down.html",
        form=form,
        matches=matches,
        suspected=suspected,
        anyway=patient_data_check.digest(suspected),
        draft_key=box_key(form.form_token.data or ""),
        draft_revision=box_revision(),
        back=_back(db.session, form),
        earlier=offered_drafts(path=request.path) if request.method == "GET" else [],
    )


def is_valid(form: DetailsForm) -> bool:
    """Every field in shape, and every name that was typed found."""
    valid = form.validate_on_submit()
    for box in form:
        if trouble := getattr(box, "trouble", ""):
            box.errors = [*box.errors, trouble]
            valid = False
    return bool(valid)


def unconfirmed(
    form: DetailsForm | CancelMeetingForm, *texts: str
) -> list[patient_data_check.PatientDataHint]:
    """What looks like patient data, unless the writer said of just this to save it anyway."""
    found = patient_data_check.findings(*texts)
    return [] if form.anyway.data == patient_data_check.digest(found) else found


def _write(form: LogForm, matches: list[Match]) -> ResponseReturnValue | None:
    """Write it down with what came out of it, or say on the form why not."""
    if written := services.logged_with(db.session, form.form_token.data, by=me()):
        return _again(form, written)
    try:
        interaction = services.log(
            db.session,
            form.details(),
            body=form.body.data or "",
            by=me(),
            at=clock.now(),
            today=clock.today(),
            form_token=form.form_token.data or None,
        )
        if matches:
            decided = decisions(request.form, matches)
            attend(db.session, interaction, matches, decided, by=me(), on=clock.today())
        _outcome(form, interaction)
        _finish_drafts(form, interaction)
    except DomainError as refusal:
        db.session.rollback()
        refuse(form, refusal)
        return None
    tell_mentioned(interaction)
    db.session.commit()
    flash(f"{interaction.kind.value.capitalize()} saved.", "success")
    return redirect(_after(form, interaction))


def _again(form: LogForm, written: Interaction) -> ResponseReturnValue:
    """The same form once more: a double click, *Back*, or a draft whose entry has been made since.

    Nothing is logged twice, and words that are new are kept for its notes.
    """
    body = plain_lines(form.body.data or "").strip()
    is_new = body not in ("", written.body)
    if is_new:
        autosave.keep_beside(db.session, written, body, by=me(), at=clock.now())
        words = "This was saved already. What you wrote since is kept: see “unsaved notes” below."
        flash(words, "warning")
    else:
        flash(f"{written.kind.value.capitalize()} saved.", "success")
    _finish_drafts(form, written)
    db.session.commit()
    return redirect(
        url_for("interactions.read", interaction_id=written.id) if is_new else _after(form, written)
    )


def _finish_drafts(form: LogForm, interaction: Interaction) -> None:
    finish_draft(form.form_token.data or "", form.body.data or "")
    autosave.hand_over(db.session, interaction)


def _after(form: LogForm, interaction: Interaction) -> str:
    if interaction.kind in rules.ARRANGED or len(form.organisations.data) > 1:
        return url_for("interactions.read", interaction_id=interaction.id)
    return timeline_of(db.session.get_one(Organisation, min(form.organisations.data)))


def _outcome(form: LogForm, interaction: Interaction) -> None:
    """The same thing as one that is added on the entry’s page."""
    said = form.said(db.session.get_one(User, form.follow_owner.data))
    if said is None:
        return
    if said.kind in outcomes.OWNED and said.due_on is None:
        raise outcomes.NoOwner("Give the day by when it is due, or empty its words.")
    outcomes.add(
        db.session,
        said,
        interaction=interaction,
        by=me(),
        at=clock.now(),
        on=clock.today(),
        form_token=form.form_token.data or None,
    )


def _begin(session: Session, form: LogForm) -> None:
    """What the address already says: the kind, the body, the person; the rest is today and me."""
    form.kind.data = next(
        (kind.value for kind in InteractionKind if kind.value == request.args.get("kind")), "note"
    )
    form.happened_on.data = clock.today()
    form.ours.data = [me().id]
    form.form_token.data = secrets.token_urlsafe(18)
    person_id = request.args.get("person_id", type=record_number)
    if person_id is not None:
        person = session.get(Person, person_id) or abort(404)
        form.people.data = [person.id]
        form.organisations.data = _where_now(session, person)


def _where_now(session: Session, person: Person) -> list[int]:
    """The bodies at which somebody holds a post today."""
    held = [
        one.post.organisation_id
        for one in appointments_of_person(session, person.id)
        if one.held_on(clock.today())
    ]
    return list(dict.fromkeys(held))


def _back(session: Session, form: LogForm) -> str:
    """Where “Cancel” leads: to what the page was opened for."""
    chosen = form.organisations.data or []
    body = session.get(Organisation, chosen[0]) if len(chosen) == 1 else None
    return timeline_of(body) if body else url_for("interactions.meetings")
