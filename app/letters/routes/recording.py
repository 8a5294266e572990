"""Writing down by hand what happened to letters outside Liaise."""

from flask import Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs lag

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.web.request_size import takes_files
from app.directory.models import Organisation, Person
from app.directory.queries.bodies import boards_on
from app.directory.queries.posts import people_at
from app.letters import queries
from app.letters.content.attachments import LARGEST_FILE, safe_name
from app.letters.models import Letter, LetterKind
from app.letters.routes.blueprint import bp
from app.letters.routes.recording_forms import AnswerForm, BounceForm, OutsideLetterForm
from app.letters.tracking import bounces, external_letters, replies


@bp.route("/<int:letter_id>/answer", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def answer(letter_id: int) -> ResponseReturnValue:
    letter = db.session.get(Letter, letter_id) or abort(404)
    form = AnswerForm(answered_on=clock.today(), answered_by=letter.to_name)
    if form.validate_on_submit():
        try:
            replies.record_answer(
                db.session,
                letter=letter,
                answered_on=form.answered_on.data or clock.today(),
                answered_by=form.answered_by.data or "",
                said=form.said.data or "",
                by=me(),
                at=clock.now(),
                today=clock.today(),
            )
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            flash("Saved. The reply is on the timeline.", "success")
            return redirect(url_for("letters.letter", letter_id=letter_id))
    return render_template("letters/answer.html", form=form, letter=letter)


@bp.route("/letters/<int:letter_id>/bounced", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def letter_bounced(letter_id: int) -> ResponseReturnValue:
    """The message that came back lies in the office's mailbox: what it says is recorded here."""
    letter = db.session.get(Letter, letter_id) or abort(404)
    recipients = queries.recipients_of(db.session, letter)
    form = BounceForm(
        bounced_on=clock.today(), which=[one.id for one in recipients if not one.is_cc]
    )
    form.which.choices = [SelectChoice(one.id, f"{one.name}, {one.address}") for one in recipients]
    if form.validate_on_submit():
        chosen = [one for one in recipients if one.id in (form.which.data or ())]
        try:
            if recipients and not chosen:
                raise bounces.CannotBounce("Tick the address that sent it back.")
            bounces.record(
                db.session,
                letter,
                chosen,
                bounced_on=form.bounced_on.data or clock.today(),
                why=form.why.data or "",
                by=me(),
                at=clock.now(),
                today=clock.today(),
            )
        except DomainError as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            flash("Recorded. Nobody is written to at that address until it works.", "success")
            return redirect(url_for("letters.letter", letter_id=letter_id))
    return render_template(
        "letters/letter_bounced.html", form=form, letter=letter, reasons=bounces.USUAL_REASONS
    )


@bp.post("/letters/<int:letter_id>/did-not-bounce")
@requires(Permission.LOG, Permission.COORDINATE)
def letter_did_not_bounce(letter_id: int) -> ResponseReturnValue:
    letter = db.session.get(Letter, letter_id) or abort(404)
    try:
        bounces.take_back(db.session, letter, by=me(), at=clock.now())
    except DomainError as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
    else:
        db.session.commit()
        flash("Taken back: it did not bounce.", "success")
    return redirect(url_for("letters.letter", letter_id=letter_id))


@bp.route("/outside/<int:organisation_id>", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
@takes_files(LARGEST_FILE)
def record_outside(organisation_id: int) -> ResponseReturnValue:
    organisation = db.session.get(Organisation, organisation_id) or abort(404)
    form = OutsideLetterForm(sent_on=clock.today())
    people, boards = _offer(form, organisation)
    if form.validate_on_submit():
        try:
            letter = external_letters.record_outside_letter(
                db.session,
                sent_on=form.sent_on.data or clock.today(),
                subject=form.subject.data or "",
                kind=LetterKind(form.kind.data),
                channel=form.channel.data,
                person=people.get(form.person.data),
                addressee=form.addressee.data or "",
                organisations=[organisation, *(boards[id_] for id_ in form.also.data or [])],
                words=form.words.data or "",
                scan=_scan(form),
                by=me(),
                today=clock.today(),
            )
            if form.answer_by.data:
                external_letters.expect_an_answer(
                    db.session,
                    letter,
                    organisation,
                    answer_by=form.answer_by.data,
                    by=me(),
                    at=clock.now(),
                    on=clock.today(),
                )
        except DomainError as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            flash("Recorded. It counts as a letter sent.", "success")
            return redirect(url_for("letters.letter", letter_id=letter.id))
    return render_template("letters/record_outside.html", form=form, organisation=organisation)


@bp.get("/<int:letter_id>/files/<int:file_id>")
@requires(Permission.VIEW)
def letter_file(letter_id: int, file_id: int) -> ResponseReturnValue:
    file = external_letters.file_with_content(db.session, letter_id, file_id) or abort(404)
    response = Response(file.content, content_type=file.media_type)
    # Made safe when it was taken, and again here: a line break would end the header.
    name = safe_name(file.file_name)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _offer(
    form: OutsideLetterForm, organisation: Organisation
) -> tuple[dict[int, Person], dict[int, Organisation]]:
    """Those known at this body today, and the other boards of today."""
    day = clock.today()
    people = {person.id: person for person in people_at(db.session, [organisation.id], day)}
    boards = {board.id: board for board in boards_on(db.session, day) if board != organisation}
    form.person.choices = [
        SelectChoice(0, "Somebody not listed"),
        *(SelectChoice(id_, person.name) for id_, person in people.items()),
    ]
    form.also.choices = [SelectChoice(id_, board.short_name) for id_, board in boards.items()]
    return people, boards


def _scan(form: OutsideLetterForm) -> external_letters.Scan | None:
    upload = form.scan.data
    if not upload or not upload.filename:
        return None
    return external_letters.Scan(upload.filename, upload.read())
