"""Files for the printer: asking, watching one being made, fetching it, marking it as posted."""

from collections.abc import Sequence
from typing import Any

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs lag

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import record_number, record_numbers
from app.core.web.filters import plural
from app.core.web.pages import note_export, say_with_undo
from app.letters.approval import as_read
from app.letters.models import (
    Letter,
    LetterEvent,
    Mailing,
    PostalState,
    PrintRun,
)
from app.letters.print import jobs, making, posting, runs
from app.letters.print.printable import sheets_of
from app.letters.routes.blueprint import bp
from app.letters.routes.lookups import mailing_or_404, mark
from app.letters.routes.printing_forms import AGAIN, NEW, ONE_SIDE, TICKED, PostedForm, PrintForm

# The page of a file looks again after a second while letters are set, and ever more rarely if not.
SHORTEST_WAIT, LONGEST_WAIT = 1, 15


@bp.get("/mailings/<int:mailing_id>/print")
@requires(Permission.VIEW)
def mailing_print(mailing_id: int) -> ResponseReturnValue:
    """What goes by post and how far it is, and copies on paper of any letter."""
    return _print_page(mailing_or_404(mailing_id))


@bp.post("/mailings/<int:mailing_id>/print-files")
@requires(Permission.COORDINATE, Permission.APPROVE)
def mailing_print_ask(mailing_id: int) -> ResponseReturnValue:
    """A small file is made at once; of a large one the next page says how far it is."""
    mailing = mailing_or_404(mailing_id)
    letters = runs.letters_by_post(db.session, mailing)
    form = _print_form(letters)
    if not form.validate() or not _has_ticks(form, "Tick the letters that go into the file."):
        return _print_page(mailing, form)
    try:
        run = runs.ask(
            db.session,
            mailing,
            letter_ids=_chosen(form, letters),
            both_sides=form.sides.data != ONE_SIDE,
            form_token=form.form_token.data or "",
            by=me(),
            at=clock.now(),
        )
    except DomainError as refusal:
        db.session.rollback()
        form.form_errors.append(str(refusal))
        return _print_page(mailing_or_404(mailing_id), form)
    db.session.commit()
    return _to_file(run)


def _to_file(run: PrintRun) -> ResponseReturnValue:
    if run.letter_count <= runs.AT_ONCE:
        jobs.make_print_file(db.session, run.id)
    return redirect(url_for("letters.print_file", run_id=run.id))


def _print_page(mailing: Mailing, form: PrintForm | None = None) -> str:
    letters = runs.letters_by_post(db.session, mailing)
    sheets = sheets_of(db.session, mailing)
    return render_template(
        "letters/mailing_print.html",
        mailing=mailing,
        going=[one for one in sheets if not one.left_out],
        left_out=[one for one in sheets if one.left_out],
        by_post=[(one, runs.why_left_out(one)) for one in letters],
        form=form or _print_form(letters),
        ticked=_ticked(),
        not_now=runs.why_not_now(db.session, mailing) if letters else "",
        runs=runs.runs_of(db.session, mailing),
        may_ask=me().may(Permission.COORDINATE, Permission.APPROVE),
    )


def _print_form(letters: Sequence[Letter]) -> PrintForm:
    form = PrintForm()
    new, again = _new(letters), _printable(letters)
    choices = []
    if new:
        choices.append(SelectChoice(NEW, f"the {plural(len(new), 'letter')} not printed yet"))
    if len(new) < len(again):
        words = f"all {plural(len(again), 'letter')}: those printed before are marked as reprints"
        choices.append(SelectChoice(AGAIN, words))
    form.which.choices = [*choices, SelectChoice(TICKED, "those ticked below")]
    if form.which.data is None:
        form.which.data = NEW if new else TICKED
    return form


def _printable(letters: Sequence[Letter]) -> list[int]:
    return [one.id for one in letters if not runs.why_left_out(one)]


def _new(letters: Sequence[Letter]) -> list[int]:
    return [one.id for one in letters if not one.printed_at and not runs.why_left_out(one)]


def _chosen(form: PrintForm, letters: Sequence[Letter]) -> list[int]:
    if form.which.data == TICKED:
        return _ticked()
    return _new(letters) if form.which.data == NEW else _printable(letters)


def _has_ticks(form: PrintForm | PostedForm, otherwise: str) -> bool:
    """Unless those ticked are asked for and none is; then the form says so."""
    if form.which.data != TICKED or _ticked():
        return True
    form.form_errors.append(otherwise)
    return False


def _ticked() -> list[int]:
    return record_numbers(request.form.getlist("ids"))


@bp.get("/print-files/<int:run_id>")
@requires(Permission.VIEW)
def print_file(run_id: int) -> ResponseReturnValue:
    run = _run_or_404(run_id)
    if request.headers.get("HX-Request") != "true":
        return _file_page(run)
    response = make_response(render_template("letters/_print_file_now.html", **_now(run)))
    if run.state not in runs.OPEN:
        response.headers["HX-Refresh"] = "true"  # there is more to show, and to do, than before
    return response


def _file_page(run: PrintRun, form: PostedForm | None = None) -> str:
    inside = runs.letters_in(db.session, run)
    letters = [one.letter for one in inside]
    return render_template(
        "letters/print_file.html",
        inside=inside,
        as_read=as_read.on_paper(letters).mark,
        counts=[(state, sum(one.post_state is state for one in letters)) for state in PostalState],
        to_post=[one.id for one in letters if one.post_state is PostalState.PRINTED],
        kept_until=runs.kept_until(run, letters),
        is_kept=run.made_at is not None and _has_file(run),
        form=form or PostedForm(posted_on=clock.today()),
        ticked=_ticked(),
        objected=runs.OBJECTED,
        **_now(run),
    )


def _now(run: PrintRun) -> dict[str, Any]:
    seen = request.args.get("seen", type=record_number)
    return {
        "run": run,
        "is_moving": run.state in runs.OPEN,
        "wait": _wait(run.made_count, seen),
        "may_act": me().may(Permission.COORDINATE, Permission.APPROVE),
        "reprints": making.REPRINT,
    }


def _wait(made: int, seen: int | None) -> int:
    waited = request.args.get("waited", SHORTEST_WAIT, type=record_number)
    if seen is None or seen != made:
        return SHORTEST_WAIT
    return min(max(waited, SHORTEST_WAIT) * 2, LONGEST_WAIT)


def _has_file(run: PrintRun) -> bool:
    return runs.has_content(db.session, run.id)


@bp.get("/print-files/<int:run_id>/letters.pdf")
@requires(Permission.VIEW)
def print_file_pdf(run_id: int) -> Response:
    run = runs.content_of(db.session, run_id) or abort(404)
    if run.content is None:
        abort(404)
    note_export(f"Print file {run.number} of a mailing", [], run.letter_count)
    response = Response(run.content, content_type="application/pdf")
    name = f"print-{run.mailing_id}-{run.number}.pdf"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@bp.post("/print-files/<int:run_id>/again")
@requires(Permission.COORDINATE, Permission.APPROVE)
def print_file_again(run_id: int) -> ResponseReturnValue:
    run = _run_or_404(run_id)
    try:
        runs.try_again(db.session, run)
    except DomainError as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
        return redirect(url_for("letters.print_file", run_id=run_id))
    db.session.commit()
    return _to_file(run)


@bp.post("/print-files/<int:run_id>/take-back")
@requires(Permission.COORDINATE, Permission.APPROVE)
def print_file_take_back(run_id: int) -> ResponseReturnValue:
    run = _run_or_404(run_id)
    try:
        count = runs.take_back(db.session, run, by=me(), at=clock.now())
    except DomainError as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
        return redirect(url_for("letters.print_file", run_id=run_id))
    db.session.commit()
    flash(
        f"Taken back. {plural(count, 'letter')} wait{'s' * (count == 1)} to be printed.", "success"
    )
    return redirect(url_for("letters.mailing_print", mailing_id=run.mailing_id))


@bp.post("/print-files/<int:run_id>/posted")
@requires(Permission.COORDINATE, Permission.APPROVE)
def print_file_posted(run_id: int) -> ResponseReturnValue:
    run = _run_or_404(run_id)
    form = PostedForm()
    if not form.validate() or not _has_ticks(form, "Tick the letters that were posted."):
        return _file_page(run, form)
    inside = runs.letters_in(db.session, run)
    ids = [one.letter_id for one in inside]
    if form.which.data == TICKED:
        ids = [one for one in ids if one in set(_ticked())]
    day = form.posted_on.data or clock.today()
    try:
        as_read.on_paper([one.letter for one in inside]).must_be(mark())
        step = posting.mark_posted(db.session, ids, posted_on=day, by=me(), at=clock.now())
    except DomainError as refusal:
        db.session.rollback()
        form.form_errors.append(str(refusal))
        return _file_page(_run_or_404(run_id), form)
    db.session.commit()
    undo = url_for("letters.posted_undo", event_id=step.first_event_id, file=run.id)
    say_with_undo(posting.words_of(step, day), undo)
    return redirect(url_for("letters.print_file", run_id=run_id))


@bp.post("/posted/<int:event_id>/undo")
@requires(Permission.COORDINATE, Permission.APPROVE)
def posted_undo(event_id: int) -> ResponseReturnValue:
    """One stroke of marking is taken back at one stroke."""
    event = db.session.get(LetterEvent, event_id)
    if event is None or event.post_state is not PostalState.POSTED:
        abort(404)
    letter = db.session.get_one(Letter, event.letter_id)
    try:
        count = posting.undo_posted(db.session, event, by=me(), at=clock.now())
    except DomainError as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
    else:
        db.session.commit()
        flash(f"Undone: {plural(count, 'letter')} still to be posted.", "success")
    files = [one.id for one in runs.files_with(db.session, letter.id)]
    if not files:
        return redirect(url_for("letters.letter", letter_id=letter.id))
    came_from = request.args.get("file", type=record_number)
    there = came_from if came_from in files else files[-1]
    return redirect(url_for("letters.print_file", run_id=there))


def _run_or_404(run_id: int) -> PrintRun:
    return runs.run_with_mailing(db.session, run_id) or abort(404)
