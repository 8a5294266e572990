import secrets

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs lag

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.directory.models import Organisation, Person
from app.directory.queries.posts import people_at
from app.interactions import queries, services
from app.interactions.forms import InteractionForm
from app.interactions.models import InteractionKind
from app.interactions.routes.blueprint import bp, readable, timeline_of


@bp.route("/organisations/<int:organisation_id>/log", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def write_down(organisation_id: int) -> ResponseReturnValue:
    organisation = db.session.get(Organisation, organisation_id) or abort(404)
    form = InteractionForm(happened_on=clock.today(), kind=_wanted_kind())
    people = _offer_people(db.session, form, organisation)
    if not form.form_token.data:
        form.form_token.data = secrets.token_urlsafe(18)
    if form.validate_on_submit():
        try:
            services.write_down(
                db.session,
                kind=InteractionKind(form.kind.data),
                happened_on=form.happened_on.data or clock.today(),
                subject=form.subject.data or "",
                body=form.body.data or "",
                organisations=[organisation],
                people=[people[id_] for id_ in form.people.data or []],
                by=me(),
                at=clock.now(),
                today=clock.today(),
                form_token=form.form_token.data,
            )
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            flash(f"Written on the timeline of {organisation.short_name}.")
            return redirect(timeline_of(organisation))
    return render_template(
        "interactions/write_down.html",
        form=form,
        organisation=organisation,
        back=timeline_of(organisation),
    )


@bp.route("/interactions/<int:interaction_id>/edit", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def rewrite(interaction_id: int) -> ResponseReturnValue:
    interaction = readable(interaction_id)
    organisation = queries.organisations_of(db.session, interaction_id)[0]
    involved = queries.people_of(db.session, [interaction_id]).get(interaction_id, [])
    form = InteractionForm(
        kind=interaction.kind.value,
        happened_on=interaction.happened_on,
        subject=interaction.subject,
        body=interaction.body,
        people=[person.id for person in involved],
    )
    people = _offer_people(db.session, form, organisation, involved)
    if form.validate_on_submit():
        try:
            services.rewrite(
                db.session,
                interaction=interaction,
                kind=InteractionKind(form.kind.data),
                happened_on=form.happened_on.data or clock.today(),
                subject=form.subject.data or "",
                body=form.body.data or "",
                people=[people[id_] for id_ in form.people.data or []],
                by=me(),
                today=clock.today(),
            )
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            flash("Changed. What it said before is in its history.")
            return redirect(url_for("interactions.read", interaction_id=interaction_id))
    return render_template("interactions/rewrite.html", form=form, interaction=interaction)


def _wanted_kind() -> str:
    return "call" if request.args.get("kind") == "call" else "note"


def _offer_people(
    session: Session,
    form: InteractionForm,
    organisation: Organisation,
    further: list[Person] | None = None,
) -> dict[int, Person]:
    """Tick boxes for those known at this body today, and those already on the entry."""
    known = {
        person.id: person
        for person in [*people_at(session, [organisation.id], clock.today()), *(further or [])]
    }
    form.people.choices = [SelectChoice(id_, person.name) for id_, person in known.items()]
    return known
