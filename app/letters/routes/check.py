"""The third step, and the page an approver reads: what would go, to whom, and what is wrong."""

from dataclasses import dataclass
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import record_number, record_numbers
from app.core.web.filters import plural
from app.core.web.headers import as_mail_preview
from app.letters import queries
from app.letters.approval import as_read, releasing, submitting
from app.letters.content import attachments
from app.letters.content.references import reply_address
from app.letters.content.rendering import letterhead, renderer_for, signature
from app.letters.drafting import checking, row_decisions, templates
from app.letters.drafting.letterhead import house_of_mailing
from app.letters.drafting.summary import Summary, problems_of, summarise
from app.letters.models import Mailing, MailingState
from app.letters.recipients.audience import Audience
from app.letters.routes.blueprint import bp
from app.letters.routes.channels import WAY_CHOICES
from app.letters.routes.chasers import chasing_of
from app.letters.routes.forms import CC_WORDS, ReasonForm
from app.letters.routes.lookups import (
    base_url,
    check_page,
    letter_or_404,
    locked_mailing_or_404,
    mailing_or_404,
    mark,
)
from app.settings.services import settings_of

VIEWS = ("differs", "html", "text", "table")
BEFORE_RELEASE = (MailingState.DRAFT, MailingState.AWAITING_APPROVAL)


@dataclass(frozen=True)
class Stepping:
    """The letter being looked at, and its neighbours."""

    number: int
    total: int
    previous: int | None
    next: int | None


@bp.get("/mailings/<int:mailing_id>/check")
@requires(Permission.VIEW)
def mailing_check(mailing_id: int) -> ResponseReturnValue:
    mailing = mailing_or_404(mailing_id)
    if mailing.state not in BEFORE_RELEASE:
        return redirect(url_for("letters.mailing", mailing_id=mailing.id))
    if mailing.frozen_at is None and me().may(Permission.COORDINATE):
        return redirect(url_for("letters.mailing_choose", mailing_id=mailing.id))
    return render_check(mailing)


def render_check(
    mailing: Mailing, *, reason: str = "", source: str = "", source_error: str = ""
) -> str:
    """The page itself, with a reason or source that was typed and not taken."""
    return render_template(
        "letters/mailing_check.html",
        reason=reason,
        source=source,
        source_error=source_error,
        **_page(mailing),
    )


def _page(mailing: Mailing) -> dict[str, Any]:
    session = db.session
    # Held for the length of the page: asked for again, the session finds it without a statement.
    settings = settings_of(session)
    rows = queries.rows(session, mailing)
    summary = summarise(rows)
    view = request.args.get("view", "")
    is_draft = mailing.state is MailingState.DRAFT
    attached = attachments.attachments_of(session, mailing)
    standing = (
        submitting.standing(
            session, mailing, base_url=base_url(), on=clock.today(), attached=attached
        )
        if is_draft
        else None
    )
    return {
        "mailing": mailing,
        "as_read": as_read.before_release(mailing, [row.letter for row in rows], attached).mark,
        "as_checked": as_read.before_deciding([row.letter for row in rows]).mark,
        "summary": summary,
        "problems_of": problems_of,
        "obstacles": standing.obstacles if standing else (),
        "standing": standing,
        "newer_words": templates.newer_words(session, mailing) if is_draft else None,
        "hold_minutes": settings.hold_minutes,
        "attached": attached,
        "in_words": attachments.in_words,
        "coded": attachments.coded_size,
        "view": view if view in VIEWS else VIEWS[0],
        "reason_form": ReasonForm(),
        "copies_words": CC_WORDS.__getitem__,
        "may_write": me().may(Permission.COORDINATE),
        "chasing": chasing_of(mailing),
        "ways": WAY_CHOICES,
        "decided": Audience.from_json(mailing.audience).sent_by,
        "why_not_release": "" if is_draft else releasing.why_not_release(session, mailing, me()),
        **_shown(mailing, summary),
    }


def _shown(mailing: Mailing, summary: Summary) -> dict[str, Any]:
    """The letter in the right-hand half of the page."""
    if not summary.going:
        return {"letter": None}
    place = summary.place(request.args.get("letter", 0, type=record_number))
    ids = [row.letter.id for row in summary.going]
    letter = letter_or_404(mailing.id, ids[place])
    checked_on = mailing.frozen_at.astimezone(clock.LONDON).date() if mailing.frozen_at else None
    house = house_of_mailing(
        db.session, mailing, base_url=base_url(), written_on=checked_on or clock.today()
    )
    version = mailing.template_version
    subject, body = renderer_for(version.subject, version.body).shaded(
        letter.findings.get("values", {}), letter.findings.get("truths", {}), summary.differing
    )
    return {
        "letter": letter,
        "row": summary.going[place],
        "house": house,
        "head": letterhead(house),
        "signed": signature(house),
        "reply_to": reply_address(house, letter.reference or ""),
        "recipients": queries.recipients_of(db.session, letter),
        "followed": queries.letter_followed(db.session, letter) if mailing.chases_id else None,
        "shaded_subject": subject,
        "shaded_body": body,
        "stepping": Stepping(
            number=place + 1,
            total=len(ids),
            previous=ids[place - 1] if place else None,
            next=ids[place + 1] if place + 1 < len(ids) else None,
        ),
    }


@bp.get("/mailings/<int:mailing_id>/letters/<int:letter_id>/as-sent")
@requires(Permission.VIEW)
def mailing_letter_frame(mailing_id: int, letter_id: int) -> Response:
    """The letter's own HTML, for the frame that shows it exactly as it will go."""
    letter = letter_or_404(mailing_id, letter_id)
    return as_mail_preview(make_response(letter.html))


@bp.post("/mailings/<int:mailing_id>/sources")
@requires(Permission.COORDINATE)
def mailing_sources(mailing_id: int) -> ResponseReturnValue:
    """Say once where the details of several readers come from; then check again at once."""
    mailing, source = mailing_or_404(mailing_id), request.form.get("source", "")
    people = record_numbers(request.form.getlist("person"))
    try:
        told = row_decisions.say_source(db.session, mailing, people, source, by=me())
        checking.check(db.session, mailing, by=me(), at=clock.now(), base_url=base_url())
    except DomainError as refusal:
        db.session.rollback()
        mailing = mailing_or_404(mailing_id)
        if mailing.state not in BEFORE_RELEASE:
            flash(str(refusal), "error")
            return redirect(url_for("letters.mailing", mailing_id=mailing_id))
        return render_check(mailing, source=source, source_error=str(refusal))
    db.session.commit()
    flash(f"Recorded for {plural(told, 'person', 'people')}.", "success")
    return redirect(url_for("letters.mailing_check", mailing_id=mailing_id))


@bp.post("/mailings/<int:mailing_id>/letters/<int:letter_id>/decide")
@requires(Permission.COORDINATE)
def mailing_decide(mailing_id: int, letter_id: int) -> ResponseReturnValue:
    """Leave a reader out, include one anyway, take one back; then check again at once."""
    mailing, key = locked_mailing_or_404(mailing_id), None
    try:
        as_read.before_deciding(row.letter for row in queries.rows(db.session, mailing)).must_be(
            mark()
        )
        letter = letter_or_404(mailing_id, letter_id)
        key = letter.addressee_key
        row_decisions.decide(
            db.session,
            mailing,
            letter,
            request.form.get("decision", ""),
            request.form.get("reason", ""),
            by=me(),
        )
        checking.check(db.session, mailing, by=me(), at=clock.now(), base_url=base_url())
    except DomainError as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
    else:
        db.session.commit()
    return redirect(check_page(mailing_id, key))
