"""One seat: who held it over time, and appointing to it."""

from typing import Any

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from app.accounts.access import requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import record_number
from app.core.web.form_fields import choices
from app.core.web.pages import as_at
from app.directory.forms import AppointForm, StateForm
from app.directory.labels import STATE_WORDS
from app.directory.models import Person, Post, PostState
from app.directory.queries import people as people_queries
from app.directory.queries import posts, seats
from app.directory.queries.duplicates import Called
from app.directory.routes.blueprint import bp, go_back, refuse
from app.directory.routes.possible_duplicates import doubt_about
from app.directory.services import people as people_services
from app.directory.services import posts as services
from app.editing.forms import edits, hold

NEW = "new"


def post_or_404(post_id: int) -> Post:
    return posts.post_with_body(db.session, post_id) or abort(404)


@bp.get("/posts/<int:post_id>")
@requires(Permission.VIEW)
def post(post_id: int) -> ResponseReturnValue:
    found, day = post_or_404(post_id), as_at()
    return render_template(
        "directory/post.html",
        post=found,
        day=day,
        known=seats.post_on(db.session, found.id, day),
        appointments=posts.appointments_of_post(db.session, found.id),
        observations=posts.observations_of_post(db.session, found.id),
    )


@bp.route("/posts/<int:post_id>/appoint", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def appoint(post_id: int) -> ResponseReturnValue:
    found = post_or_404(post_id)
    form = AppointForm(checked_on=clock.today())
    asked = request.values.get("find", "").strip()
    used = request.form.get("use", type=record_number)
    people = _possible(used or request.values.get("person_id", type=record_number), asked)
    form.person_id.choices = _choices(people)
    if request.method == "GET" and len(people) == 1:
        form.person_id.data = str(people[0].id)
    if used in [one.id for one in people]:
        form.person_id.data = str(used)
    doubt = None
    if form.validate_on_submit() and not used and form.person_id.data == NEW:
        name = Called(form.given_name.data, form.family_name.data)
        doubt = doubt_about(name, emails=[form.email.data], bodies=[found.organisation_id])
    if form.validate_on_submit() and not used and doubt is None:
        try:
            appointment = _appoint(db.session, found, form)
        except DomainError as refusal:
            refuse(form, refusal)
        else:
            db.session.commit()
            flash(f"{appointment.person.name} has been recorded as holding this post.", "success")
            return go_back(found.organisation)
    known = seats.post_on(db.session, found.id, clock.today())
    return render_template(
        "directory/appoint.html",
        form=form,
        post=found,
        known=known,
        asked=asked,
        people=people,
        doubt=doubt,
        used=used,
    )


@bp.route("/posts/<int:post_id>/state", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def record_state(post_id: int) -> ResponseReturnValue:
    hold(Post, post_id)
    found = post_or_404(post_id)
    known = seats.post_on(db.session, found.id, clock.today())
    form = edits(StateForm(observed_on=clock.today()), found, anew={"state": known.state})
    if form.validate_on_submit():
        state = PostState(form.state.data)
        try:
            services.record_state(
                db.session,
                post=found,
                state=state,
                observed_on=form.observed_on.data,
                source=form.source.data,
                note=form.note.data,
                by=current_user,
                on=clock.today(),
            )
        except DomainError as refusal:
            refuse(form, refusal)
        else:
            db.session.commit()
            flash(f"Recorded: {found.post_type.name}, {STATE_WORDS[state].lower()}.", "success")
            return go_back(found.organisation)
    return render_template("directory/record_state.html", form=form, post=found, known=known)


def _possible(chosen: int | None, asked: str) -> list[Person]:
    """Who was chosen, if anybody, and who is called what was looked for."""
    people = people_queries.called(db.session, asked) if asked else []
    if chosen is not None and chosen not in {person.id for person in people}:
        picked = db.session.get(Person, chosen)
        people = [picked, *people] if picked else people
    return people


def _choices(people: list[Person]) -> list[Any]:
    # Two people of one name are told apart by what else is known of them.
    words = people_queries.told_apart(db.session, people, clock.today())
    return choices([*words.items(), (NEW, "Somebody new")])


def _appoint(session: Session, post: Post, form: Any) -> Any:
    if form.person_id.data == NEW:
        person = people_services.add_person(
            session,
            details={
                "title": form.title.data,
                "given_name": form.given_name.data,
                "family_name": form.family_name.data,
                "details_source": form.source.data,
            },
            email=form.email.data,
            details_obtained_on=form.checked_on.data,
        )
    else:
        person = session.get_one(Person, record_number(form.person_id.data))
    appointment = services.appoint(
        session,
        post=post,
        person=person,
        by=current_user,
        on=clock.today(),
        started_on=form.started_on.data,
        is_acting=form.is_acting.data,
        job_title=form.job_title.data,
        source=form.source.data,
        checked_on=form.checked_on.data,
        shared=form.shared.data,
    )
    return posts.appointment_with_body(session, appointment.id)
