"""The second step: whom a mailing is for."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs lag

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.web.form_fields import number_or_none
from app.directory.models import OrganisationKind
from app.directory.queries.posts import counts_by_type
from app.editing.forms import edits, hold, said
from app.letters import queries
from app.letters.content.fields import listed
from app.letters.drafting import checking, row_decisions, templates
from app.letters.models import CcRule, Mailing
from app.letters.recipients.audience import Audience, How, LeadState, SendBy
from app.letters.recipients.choosing import CC_CODES, CC_NAMES
from app.letters.routes.blueprint import bp
from app.letters.routes.forms import CC_WORDS, AudienceForm
from app.letters.routes.lookups import base_url, mailing_or_404

KIND_NAMES = {
    OrganisationKind.ICB: "integrated care board",
    OrganisationKind.ICP: "integrated care partnership",
    OrganisationKind.LOCAL_AUTHORITY: "upper-tier council",
    OrganisationKind.NHS_ENGLAND: "NHS England body",
}


@bp.route("/mailings/<int:mailing_id>/choose", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def mailing_choose(mailing_id: int) -> ResponseReturnValue:
    hold(Mailing, mailing_id)
    mailing = mailing_or_404(mailing_id)
    if mailing.chases_id is not None:  # nobody chooses: it is for whoever has not answered
        follows = db.session.get_one(Mailing, mailing.chases_id)
        return render_template("letters/chaser_choose.html", mailing=mailing, follows=follows)
    form = _with_choices(edits(_form(Audience.from_json(mailing.audience)), mailing))
    if form.validate_on_submit() and _nobody(form):
        form.how.errors = [_nobody(form)]
    elif form.validate_on_submit():
        try:
            row_decisions.choose(db.session, mailing, _audience(form), by=me())
            checking.check(db.session, mailing, by=me(), at=clock.now(), base_url=base_url())
        except DomainError as refusal:
            db.session.rollback()
            flash(str(refusal), "error")
        else:
            db.session.commit()
            if words := said(form, ""):
                flash(words)
        return redirect(url_for("letters.mailing_check", mailing_id=mailing_id))
    return render_template(
        "letters/mailing_choose.html", form=form, mailing=mailing, copies=_copies(mailing)
    )


def _copies(mailing: Mailing) -> str:
    """Who gets copies, and where nobody is known to get one."""
    if mailing.cc_rule is CcRule.NOBODY:
        return "Nobody gets a copy."
    counts = counts_by_type(db.session, clock.today())
    known = [
        f"a {CC_NAMES[one.code]} is known at {counts.get(one.id, (0, 0))[1]} of "
        f"{counts.get(one.id, (0, 0))[0]} bodies that have one"
        for one in queries.post_types(db.session)
        if one.code in CC_CODES[mailing.cc_rule]
    ]
    return (
        f"Copies go to {CC_WORDS[mailing.cc_rule]}: {listed(known)}. Elsewhere no copy goes; the "
        "check says it for each letter."
    )


def _form(audience: Audience) -> AudienceForm:
    return AudienceForm(
        how=audience.how.value,
        post_type=audience.post_type,
        kind=audience.kind,
        region=str(audience.region_id or ""),
        lead_state=audience.lead_state.value,
        owner=str(audience.owner_id or ""),
        send_lead_stands_in=audience.send_lead_stands_in,
        by=audience.by.value,
        organisations=list(audience.organisation_ids),
        people=list(audience.person_ids),
    )


def _with_choices(form: AudienceForm) -> AudienceForm:
    today = clock.today()
    form.post_type.choices = [
        SelectChoice(one.code, one.name) for one in queries.post_types(db.session)
    ]
    form.kind.choices = [SelectChoice(kind.value, name) for kind, name in KIND_NAMES.items()]
    form.region.choices = [
        SelectChoice("", "All regions"),
        *(SelectChoice(str(one.id), one.name) for one in queries.regions(db.session)),
    ]
    form.owner.choices = [
        SelectChoice("", "Anybody, or nobody"),
        *(SelectChoice(str(one.id), one.name) for one in queries.users(db.session)),
    ]
    form.organisations.choices = [
        SelectChoice(one.id, one.short_name) for one in queries.bodies_on(db.session, today)
    ]
    form.people.choices = [
        SelectChoice(row.Person.id, f"{row.Person.name}, {row.body}")
        for row in queries.holders_on(db.session, today)
    ]
    return form


def _nobody(form: AudienceForm) -> str:
    if form.how.data == How.BODIES.value and not form.organisations.data:
        return "Pick at least one body."
    if form.how.data == How.PEOPLE.value and not form.people.data:
        return "Pick at least one person."
    return ""


def _audience(form: AudienceForm) -> Audience:
    return Audience(
        how=How(form.how.data),
        post_type=form.post_type.data,
        kind=form.kind.data,
        region_id=number_or_none(form.region.data),
        lead_state=LeadState(form.lead_state.data),
        owner_id=number_or_none(form.owner.data),
        organisation_ids=tuple(sorted(form.organisations.data or ())),
        person_ids=tuple(sorted(form.people.data or ())),
        send_lead_stands_in=bool(form.send_lead_stands_in.data),
        by=SendBy(form.by.data),
    )


@bp.post("/mailings/<int:mailing_id>/check-again")
@requires(Permission.COORDINATE)
def mailing_check_again(mailing_id: int) -> ResponseReturnValue:
    mailing = mailing_or_404(mailing_id)
    try:
        if request.form.get("words") == "newest":
            templates.use_newest_words(db.session, mailing, by=me())
        checking.check(db.session, mailing, by=me(), at=clock.now(), base_url=base_url())
    except DomainError as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
    else:
        db.session.commit()
        flash("The letters were checked again, with what the directory says now.", "success")
    return redirect(url_for("letters.mailing_check", mailing_id=mailing_id))
