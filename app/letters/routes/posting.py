"""What becomes of one letter on paper: it came back, or was not posted after all."""

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.letters.models import Letter, PostalState
from app.letters.print import posting
from app.letters.routes.blueprint import bp
from app.letters.routes.printing_forms import CameBackForm


@bp.route("/letters/<int:letter_id>/came-back", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def letter_came_back(letter_id: int) -> ResponseReturnValue:
    letter = _letter_or_404(letter_id)
    form = CameBackForm(returned_on=clock.today())
    if form.validate_on_submit():
        try:
            record = posting.came_back(
                db.session,
                letter,
                returned_on=form.returned_on.data or clock.today(),
                why=form.why.data or "",
                by=me(),
                at=clock.now(),
            )
        except DomainError as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
            letter = _letter_or_404(letter_id)
        else:
            db.session.commit()
            flash(
                f"Noted. The address of {record.name} is marked as returned."
                if record
                else "Noted. Its address has been changed since, so nothing else is to be done.",
                "success",
            )
            return redirect(url_for("letters.letter", letter_id=letter_id))
    return render_template(
        "letters/letter_came_back.html",
        form=form,
        letter=letter,
        record=posting.record_addressed(db.session, letter),
        reasons=posting.USUAL_REASONS,
    )


@bp.post("/letters/<int:letter_id>/did-not-come-back")
@requires(Permission.LOG, Permission.COORDINATE)
def letter_did_not_come_back(letter_id: int) -> ResponseReturnValue:
    return _take_back(
        letter_id,
        lambda one: posting.did_not_come_back(db.session, one, by=me(), at=clock.now()),
        "Taken back: it did not come back.",
    )


@bp.post("/letters/<int:letter_id>/not-posted")
@requires(Permission.COORDINATE, Permission.APPROVE)
def letter_not_posted(letter_id: int) -> ResponseReturnValue:
    return _take_back(
        letter_id,
        lambda one: posting.take_posting_back(db.session, [one.id], by=me(), at=clock.now()),
        "Taken back: it is still to be posted.",
    )


def _take_back(letter_id: int, act: Callable[[Letter], object], said: str) -> ResponseReturnValue:
    letter = _letter_or_404(letter_id)
    try:
        act(letter)
    except DomainError as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
    else:
        db.session.commit()
        flash(said, "success")
    return redirect(url_for("letters.letter", letter_id=letter_id))


def _letter_or_404(letter_id: int) -> Letter:
    found = posting.letter_with_reader(db.session, letter_id)
    if found is None or found.post_state in (None, PostalState.READY):
        abort(404)
    return found
