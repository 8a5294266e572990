"""When a mailing is to be chased, the draft that is made of its silent readers, and dropping it."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs lag

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.working_days import WorkingDay
from app.letters import queries
from app.letters.chasers import proposing
from app.letters.drafting.starter_templates import CHASER
from app.letters.models import LetterTemplate, Mailing, MailingState
from app.letters.routes.blueprint import bp
from app.letters.routes.forms import ChaseForm
from app.letters.routes.lookups import base_url, mailing_or_404

NOBODY = 0  # the choice that no chaser is prepared


@dataclass(frozen=True)
class Chasing:
    """How a mailing stands to chasers, for the card on its pages."""

    step: int
    follows: Mailing | None
    chaser: Mailing | None
    template: LetterTemplate | None
    ready_on: WorkingDay | None
    has_ended: bool

    @property
    def is_second(self) -> bool:
        return self.step == proposing.MOST_CHASERS

    @property
    def may_be_set(self) -> bool:
        return self.chaser is None and not self.is_second


def chasing_of(mailing: Mailing) -> Chasing:
    session = db.session
    chosen, before = mailing.chaser_template_id, mailing.chases_id
    return Chasing(
        step=proposing.step_of(session, mailing),
        follows=session.get_one(Mailing, before) if before else None,
        chaser=proposing.chaser_of(session, mailing),
        template=session.get_one(LetterTemplate, chosen) if chosen else None,
        ready_on=proposing.ready_on(session, mailing),
        has_ended=mailing.state in proposing.ENDED,
    )


@bp.route("/mailings/<int:mailing_id>/chase", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def mailing_chase(mailing_id: int) -> ResponseReturnValue:
    """After how many working days, in which words; or at once."""
    mailing = mailing_or_404(mailing_id)
    choices = _words_to_choose(mailing)
    usual = next((key for key, name in choices if name == CHASER), NOBODY)
    form = ChaseForm(
        after_days=mailing.chase_after_days or proposing.USUAL_DAYS,
        template=mailing.chaser_template_id or usual,
    )
    form.template.choices = [SelectChoice(key, name) for key, name in choices]
    if form.validate_on_submit():
        try:
            return _keep(mailing, form)
        except DomainError as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
            mailing = mailing_or_404(mailing_id)
    return render_template(
        "letters/mailing_chase.html",
        form=form,
        mailing=mailing,
        chasing=chasing_of(mailing),
        back=_back(mailing),
    )


def _back(mailing: Mailing) -> str:
    """To where it was set from: the words while it is written, and later its own page."""
    is_draft = mailing.state is MailingState.DRAFT
    page = "letters.mailing_write" if is_draft else "letters.mailing"
    return url_for(page, mailing_id=mailing.id)


def _words_to_choose(mailing: Mailing) -> list[tuple[int, str]]:
    """Not the template of this mailing: nobody is reminded in the words they had."""
    had = mailing.template_version.template_id
    offered = {
        row.LetterTemplate.id: row.LetterTemplate.name
        for row in queries.templates(db.session)
        if row.LetterTemplate.id != had
    }
    if mailing.chaser_template_id is not None:  # stays possible after it was archived
        chosen = db.session.get_one(LetterTemplate, mailing.chaser_template_id)
        offered.setdefault(chosen.id, chosen.name)
    return [(NOBODY, "No chaser"), *offered.items()]


def _keep(mailing: Mailing, form: ChaseForm) -> ResponseReturnValue:
    session, chosen = db.session, form.template.data
    if not chosen:
        if request.form.get("act") == "now":
            raise proposing.NoChaser("Choose the words of the chaser first.")
        proposing.do_not_chase(mailing, by=me())
        session.commit()
        flash("No chaser is prepared for this mailing.", "success")
        return redirect(_back(mailing))
    template = session.get_one(LetterTemplate, chosen)
    days = form.after_days.data or proposing.USUAL_DAYS
    if request.form.get("act") == "now":
        return _propose(mailing, template)
    proposing.chase_when_silent(session, mailing, after_days=days, template=template, by=me())
    session.commit()
    flash("Kept. A draft is prepared when the days are over; nothing goes by itself.", "success")
    return redirect(_back(mailing))


def _propose(mailing: Mailing, template: LetterTemplate) -> ResponseReturnValue:
    """Pressed twice, it shows the same draft."""
    chaser = proposing.propose(
        db.session, mailing, template, by=me(), at=clock.now(), base_url=base_url()
    )
    db.session.commit()
    return redirect(url_for("letters.mailing_check", mailing_id=chaser.id))


@bp.post("/mailings/<int:mailing_id>/propose-chaser")
@requires(Permission.COORDINATE)
def mailing_propose_chaser(mailing_id: int) -> ResponseReturnValue:
    """At once, in the words that were chosen for the day when the wait is over."""
    mailing = mailing_or_404(mailing_id)
    if mailing.chaser_template_id is None:
        return redirect(url_for("letters.mailing_chase", mailing_id=mailing_id))
    try:
        template = db.session.get_one(LetterTemplate, mailing.chaser_template_id)
        return _propose(mailing, template)
    except DomainError as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
    return redirect(url_for("letters.truth", mailing_id=mailing_id))


@bp.get("/mailings/<int:mailing_id>/chaser")
@requires(Permission.VIEW)
def mailing_chaser(mailing_id: int) -> ResponseReturnValue:
    """Where the bell leads: the chaser as it stands, or the mailing if it was dropped."""
    mailing = mailing_or_404(mailing_id)
    shown = proposing.chaser_of(db.session, mailing) or mailing
    return redirect(url_for("letters.mailing", mailing_id=shown.id))


@bp.post("/mailings/<int:mailing_id>/drop")
@requires(Permission.COORDINATE)
def mailing_drop_chaser(mailing_id: int) -> ResponseReturnValue:
    chaser = mailing_or_404(mailing_id)
    followed = chaser.chases_id
    try:
        proposing.drop(db.session, chaser, request.form.get("reason", ""), by=me())
    except DomainError as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
        return redirect(url_for("letters.mailing", mailing_id=mailing_id))
    db.session.commit()
    flash("The chaser is dropped. Somebody can still propose one.", "success")
    return redirect(url_for("letters.truth", mailing_id=followed))
