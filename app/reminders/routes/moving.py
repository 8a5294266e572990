"""Giving a milestone another date, and saying what that does to its reminders."""

from datetime import datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.web.filters import on_day, plural
from app.editing.forms import edits, hold
from app.milestones import queries as milestones
from app.milestones.forms import MoveForm
from app.milestones.models import Milestone
from app.milestones.services import move as move_date
from app.reminders import moves
from app.reminders.forms import AGAIN, REST, AgainForm
from app.reminders.moves import MoveQuestion
from app.reminders.routes.blueprint import bp


@bp.route("/milestones/<int:milestone_id>/move", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def move(milestone_id: int) -> ResponseReturnValue:
    """Another date of a kind, or what really happened; the one it had is kept.

    Where people were reminded for the day it had, it is asked before anything is saved whether
    reminders begin again for the new one.
    """
    hold(Milestone, milestone_id)
    milestone = milestones.milestone_of(db.session, milestone_id) or abort(404)
    form = edits(MoveForm(), milestone, anew={"falls_on": milestone.due_on})
    again, question = AgainForm(), None
    if form.validate_on_submit():
        now = clock.now()
        try:
            move_date(db.session, milestone, form.given(why=form.why.data), by=me(), at=now)
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            question = moves.question_of(db.session, milestone, at=now)
            if question is None or _is_answered(again, question):
                return _moved(milestone, question, again, now)
            db.session.rollback()  # nothing is kept before it is answered
    return render_template(
        "reminders/move.html",
        form=form,
        again=_asking(again, question),
        question=question,
        milestone=milestone,
        dates=milestones.dates_of(db.session, milestone_id),
    )


@bp.route("/milestones/<int:milestone_id>/tell-again", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def tell_again(milestone_id: int) -> ResponseReturnValue:
    """The same question by itself: for a date that moved by another door, or once more."""
    milestone = milestones.milestone_of(db.session, milestone_id) or abort(404)
    now, again = clock.now(), AgainForm()
    question = moves.question_of(db.session, milestone, at=now)
    if request.method == "POST" and (question is None or _is_answered(again, question)):
        try:
            said = _settle(
                milestone, again=question is None or again.reminders.data == AGAIN, at=now
            )
        except DomainError as refusal:
            flash(str(refusal), "warning")
        else:
            db.session.commit()
            flash(said, "success")
        return redirect(f"/milestones/{milestone_id}#reminders")
    return render_template(
        "reminders/tell_again.html",
        milestone=milestone,
        again=_asking(again, question),
        question=question,
    )


@bp.app_template_global()
def question_after_move(milestone: Milestone) -> MoveQuestion | None:
    """For the page of a milestone whose date moved and nobody has answered yet."""
    return moves.question_of(db.session, milestone, at=clock.now())


def _is_answered(again: AgainForm, question: MoveQuestion) -> bool:
    """For this day, and not for another that was typed before."""
    asked_for = request.form.get("asked_for") == question.due_on.isoformat()
    return asked_for and again.validate()


def _asking(again: AgainForm, question: MoveQuestion | None) -> AgainForm:
    """What is ticked beforehand is what most would choose; an answer to another day is none."""
    if question and again.asked_for.data != question.due_on.isoformat():
        again.reminders.data = AGAIN if question.is_later else REST
        again.asked_for.data = question.due_on.isoformat()
        again.reminders.errors = []
    return again


def _moved(
    milestone: Milestone, question: MoveQuestion | None, again: AgainForm, now: datetime
) -> ResponseReturnValue:
    said = "Saved."
    if question:
        said += f" {_settle(milestone, again=again.reminders.data == AGAIN, at=now)}"
    db.session.commit()
    flash(said, "success")
    return redirect(url_for("milestones.show", milestone_id=milestone.id))


def _settle(milestone: Milestone, *, again: bool, at: datetime) -> str:
    planned = moves.answer(db.session, milestone, again=again, at=at)
    day = on_day(milestone.due_on)
    if again:
        return f"Reminders begin again for {day}: {plural(planned, 'reminder')} planned."
    return f"Reminders already sent are not sent again for {day}."
