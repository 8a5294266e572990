"""The truth page of a released mailing, the page of one letter, and what people may do there."""

from collections.abc import Callable
from typing import Any

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import fresh, me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.clock import LONDON
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import record_number
from app.core.web import lists, pages
from app.core.web.headers import as_mail_preview
from app.directory.models import Organisation, Person
from app.letters import queries
from app.letters.approval import as_read
from app.letters.authorship import is_author
from app.letters.delivery import controls
from app.letters.models import Letter, Mailing, MailingState
from app.letters.print import posting, runs
from app.letters.routes.blueprint import bp
from app.letters.routes.chasers import chasing_of
from app.letters.routes.lookups import mailing_or_404, mark, step
from app.letters.tracking import bounces, external_letters, results
from app.settings.services import settings_of

# A page looks again after a second when something has happened, and ever more rarely when not.
SHORTEST_WAIT, LONGEST_WAIT = 1, 15


@bp.get("/mailings/<int:mailing_id>")
@requires(Permission.VIEW)
def mailing(mailing_id: int) -> ResponseReturnValue:
    """The page of a mailing at its present stage."""
    found = mailing_or_404(mailing_id)
    is_before = found.state in (MailingState.DRAFT, MailingState.AWAITING_APPROVAL)
    page = "letters.mailing_check" if is_before else "letters.truth"
    return redirect(url_for(page, mailing_id=mailing_id))


@bp.get("/mailings/<int:mailing_id>/truth", endpoint="truth")
@requires(Permission.VIEW)
def truth_page(mailing_id: int) -> ResponseReturnValue:
    found = mailing_or_404(mailing_id)
    rows = results.rows_of(db.session, mailing_id)
    if request.headers.get("HX-Request") == "true":
        return render_template("letters/_truth.html", again=True, **_context(found, rows))
    return pages.show_list(
        "letters/truth.html",
        results.LETTERS,
        rows,
        chasing=chasing_of(found),
        **_around(found, rows),
    )


def _context(found: Mailing, rows: list[results.ResultRow]) -> dict[str, Any]:
    """The part that changes by itself: progress, what can be done now, and the list."""
    asked = results.LETTERS.read(request.args)
    return {"listing": lists.find_among(rows, asked), **_around(found, rows)}


def _around(found: Mailing, rows: list[results.ResultRow]) -> dict[str, Any]:
    progress = results.progress_of(rows)
    seen = request.args.get("seen", type=record_number)
    return {
        "mailing": found,
        "as_read": as_read.after_release(found, [row.letter for row in rows]).mark,
        "progress": progress,
        "announcement": progress.milestone_since(seen) if seen is not None else "",
        "wait": _wait(progress.gone, seen),
        "is_moving": results.is_moving(found, progress),
        "why_not_print": runs.why_not_now(db.session, found),
        "may_act": me().may(Permission.COORDINATE, Permission.APPROVE),
        "may_ask": me().may(Permission.COORDINATE),
        "is_demo": settings_of(db.session).is_demo,
        "look_first": settings_of(db.session).look_first,
        "answered": sum(1 for row in rows if row.answered_by),
    }


def _wait(sent: int, seen: int | None) -> int:
    waited = request.args.get("waited", SHORTEST_WAIT, type=record_number)
    if seen is None or seen != sent:
        return SHORTEST_WAIT
    return min(max(waited, SHORTEST_WAIT) * 2, LONGEST_WAIT)


@bp.post("/mailings/<int:mailing_id>/stop")
@requires(Permission.COORDINATE, Permission.APPROVE)
def mailing_stop(mailing_id: int) -> ResponseReturnValue:
    """No confirmation asked: it must take effect at once, and the letters stay as they are."""
    now = clock.now()
    why = f"Stopped by {me().name} at {now.astimezone(LONDON):%H:%M}."
    return _act(
        mailing_id,
        lambda found: controls.stop(db.session, found, by=me(), at=now, why=why),
        "Stopped. Nothing more leaves.",
    )


@bp.post("/mailings/<int:mailing_id>/pause")
@requires(Permission.COORDINATE, Permission.APPROVE)
def mailing_pause(mailing_id: int) -> ResponseReturnValue:
    return _act(
        mailing_id,
        lambda found: controls.pause(db.session, found, by=me(), at=clock.now()),
        "Paused. Nothing more leaves until somebody resumes it.",
    )


@bp.post("/mailings/<int:mailing_id>/resume")
@requires(Permission.COORDINATE, Permission.APPROVE)
def mailing_resume(mailing_id: int) -> ResponseReturnValue:
    def resume(found: Mailing) -> None:
        letters = [row.letter for row in results.rows_of(db.session, mailing_id)]
        as_read.after_release(found, letters).must_be(mark())
        controls.resume(db.session, found)

    return _act(mailing_id, resume, "Going on with the letters that have not left.")


def _act(mailing_id: int, act: Callable[[Mailing], object], said: str) -> ResponseReturnValue:
    step(mailing_id, act, said)
    return redirect(url_for("letters.truth", mailing_id=mailing_id))


@bp.get("/letters/<int:letter_id>")
@requires(Permission.VIEW)
def letter(letter_id: int) -> ResponseReturnValue:
    """Exactly what was sent, to whom, and what became of it."""
    found = _letter_or_404(letter_id)
    record = posting.record_addressed(db.session, found) if found.returned_on else None
    return render_template(
        "letters/letter.html",
        letter=found,
        as_read=as_read.one_letter(found).mark,
        put_right=record if record and record.post_returned_on else None,
        put_right_url=_page_of(record) if record else "",
        print_files=runs.files_with(db.session, letter_id) if found.printed_at else [],
        as_sent=results.read_bytes(found.mime) if found.mime else None,
        story=results.story_of(db.session, letter_id),
        files=external_letters.files_of(db.session, letter_id),
        may_bounce=bounces.may_bounce(found),
        may_settle=me().may(Permission.COORDINATE, Permission.APPROVE),
        followed=queries.letter_followed(db.session, found),
        chasers=queries.chasers_of(db.session, found),
        wrote_it=found.mailing is not None and is_author(found.mailing, me()),
    )


def _page_of(record: Person | Organisation) -> str:
    if isinstance(record, Person):
        return url_for("directory.person", person_id=record.id)
    return url_for("directory.organisation", organisation_id=record.id)


@bp.get("/letters/<int:letter_id>/html")
@requires(Permission.VIEW)
def letter_html(letter_id: int) -> Response:
    """The HTML part of the stored bytes, for the frame on the letter's page."""
    found = _letter_or_404(letter_id)
    html = results.read_bytes(found.mime).html if found.mime else found.html
    return as_mail_preview(make_response(html))


@bp.get("/letters/<int:letter_id>/message.eml")
@requires(Permission.VIEW)
def letter_message(letter_id: int) -> Response:
    """The stored bytes themselves; a file, never shown as a page."""
    found = _letter_or_404(letter_id)
    if found.mime is None:
        abort(404)
    response = make_response(found.mime)
    response.mimetype = "message/rfc822"
    response.headers.set("Content-Disposition", "attachment", filename=f"letter-{letter_id}.eml")
    return response


@bp.post("/letters/<int:letter_id>/arrived")
@requires(Permission.COORDINATE, Permission.APPROVE)
def letter_arrived(letter_id: int) -> ResponseReturnValue:
    return _settle(
        letter_id,
        lambda found: controls.it_arrived(db.session, found, by=me(), at=clock.now()),
        "Noted: it arrived.",
    )


@bp.post("/letters/<int:letter_id>/send-again")
@requires(Permission.COORDINATE, Permission.APPROVE)
@fresh
def letter_send_again(letter_id: int) -> ResponseReturnValue:
    def send_again(found: Letter) -> None:
        as_read.one_letter(found).must_be(mark())
        controls.send_again(db.session, found, by=me(), at=clock.now())

    return _settle(
        letter_id,
        send_again,
        "A new copy was released, under a Message-ID of its own.",
    )


def _settle(letter_id: int, act: Callable[[Letter], object], said: str) -> ResponseReturnValue:
    found = _letter_or_404(letter_id)
    if found.mailing_id is None:
        abort(404)
    try:
        act(found)
    except DomainError as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
        return redirect(url_for("letters.letter", letter_id=letter_id))
    db.session.commit()
    flash(said, "success")
    return redirect(url_for("letters.truth", mailing_id=found.mailing_id))


def _letter_or_404(letter_id: int) -> Letter:
    return results.letter(db.session, letter_id) or abort(404)
