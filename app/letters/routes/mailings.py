"""The list of mailings, and the first step of one: which words, signed by whom."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs lag

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import record_number
from app.core.web import pages
from app.core.web.request_size import takes_files
from app.editing.forms import edits, hold, said
from app.letters import queries
from app.letters.content import attachments
from app.letters.drafting import previewing, row_decisions, templates
from app.letters.models import Attachment, CcRule, LetterTemplate, Mailing, Signatory
from app.letters.recipients.audience import Audience, How
from app.letters.routes.blueprint import bp
from app.letters.routes.chasers import chasing_of
from app.letters.routes.forms import AttachmentForm, MailingForm
from app.letters.routes.lookups import base_url, mailing_or_404
from app.letters.tracking.list_of_mailings import MAILINGS
from app.settings.services import settings_of


@bp.get("/")
@requires(Permission.VIEW)
def mailings() -> ResponseReturnValue:
    waiting = queries.waiting_for(db.session, me()) if me().may(Permission.APPROVE) else []
    return pages.show_list("letters/mailings.html", MAILINGS, queries.mailings(), waiting=waiting)


@bp.route("/mailings/new", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def mailing_new() -> ResponseReturnValue:
    form, usual_names = _with_choices(MailingForm()), _usual_names()
    if request.method == "GET":
        form.form_token.data = secrets.token_urlsafe(16)
        form.template.data = _template_asked_for(usual_names)
        form.name.data = usual_names.get(form.template.data or 0, "")
    if form.validate_on_submit():
        mailing = templates.begin_mailing(
            db.session,
            **_values(form),
            form_token=form.form_token.data or secrets.token_urlsafe(16),
            by=me(),
            at=clock.now(),
        )
        if board := request.args.get("board", type=record_number):
            audience = Audience(how=How.BODIES, organisation_ids=(board,))
            row_decisions.choose(db.session, mailing, audience, by=me())
        db.session.commit()
        return redirect(url_for("letters.mailing_choose", mailing_id=mailing.id))
    return render_template(
        "letters/mailing_new.html", form=form, words=_words(), usual_names=json.dumps(usual_names)
    )


def _template_asked_for(usual_names: Mapping[int, str]) -> int | None:
    """The one in the address, if it is among those to choose from; else the first."""
    asked = request.args.get("template", type=record_number)
    return asked if asked in usual_names else next(iter(usual_names), None)


def _usual_names() -> dict[int, str]:
    """What a mailing of each template is called unless somebody says otherwise."""
    month = f"{clock.today():%B %Y}"
    return {
        row.LetterTemplate.id: f"{row.LetterTemplate.name}, {month}"
        for row in queries.templates(db.session)
    }


def _words(mailing: Mailing | None = None) -> dict[int, previewing.LetterPreview]:
    """The words of each template; of a mailing's own, those of the version it has."""
    versions = {row.LetterTemplate.id: row.TemplateVersion for row in queries.templates(db.session)}
    if mailing is not None:
        versions[mailing.template_version.template_id] = mailing.template_version
    return previewing.words_to_choose(db.session, versions, on=clock.today(), base_url=base_url())


@bp.route("/mailings/<int:mailing_id>/write", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def mailing_write(mailing_id: int) -> ResponseReturnValue:
    hold(Mailing, mailing_id)
    mailing = mailing_or_404(mailing_id)
    form = MailingForm(
        name=mailing.name,
        template=mailing.template_version.template_id,
        signatory=mailing.signatory_id,
        reply_to=mailing.reply_to,
        cc_rule=mailing.cc_rule.value,
    )
    _with_choices(edits(form, mailing), mailing)
    if form.validate_on_submit():
        try:
            templates.change_mailing(
                db.session,
                mailing,
                **_values(form),
                newest_words=bool(form.newest_words.data),
                by=me(),
            )
        except DomainError as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
            mailing = mailing_or_404(mailing_id)
        else:
            db.session.commit()
            if words := said(form, ""):
                flash(words)
            if request.form.get("act") == "template":
                return _to_template(mailing)
            return redirect(url_for("letters.mailing_choose", mailing_id=mailing.id))
    return _write_page(form, mailing, AttachmentForm())


def _to_template(mailing: Mailing) -> ResponseReturnValue:
    """A side trip: what was typed here is kept first."""
    back = url_for("letters.mailing_write", mailing_id=mailing.id)
    chosen = mailing.template_version.template_id
    return redirect(url_for("letters.template_edit", template_id=chosen, back=back))


def _write_page(
    form: MailingForm, mailing: Mailing, file_form: AttachmentForm
) -> ResponseReturnValue:
    attached = attachments.attachments_of(db.session, mailing)
    template = mailing.template_version.template
    latest = templates.latest_version(db.session, template)
    return render_template(
        "letters/mailing_write.html",
        form=form,
        mailing=mailing,
        words=_words(mailing),
        chasing=chasing_of(mailing),
        latest=latest if latest.id != mailing.template_version_id else None,
        file_form=file_form,
        attached=attached,
        weight=attachments.in_words(sum(one.size for one in attached)),
        coded=attachments.in_words(attachments.coded_size([one.size for one in attached])),
        limit=attachments.in_words(settings_of(db.session).max_attachment_kb * 1024),
        accepted=attachments.ACCEPTED,
        in_words=attachments.in_words,
    )


@bp.post("/mailings/<int:mailing_id>/attachments")
@requires(Permission.COORDINATE)
@takes_files(attachments.LARGEST_FILE)
def mailing_attach(mailing_id: int) -> ResponseReturnValue:
    mailing = mailing_or_404(mailing_id)
    upload = request.files.get("file")
    try:
        if upload is None or not upload.filename:
            raise attachments.UnfitFile("Choose a file first.")
        kept = attachments.attach(
            db.session, mailing, file_name=upload.filename, content=upload.read(), by=me()
        )
    except DomainError as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
    else:
        db.session.commit()
        flash(f"“{kept.file_name}” goes with every letter.", "success")
    return redirect(url_for("letters.mailing_write", mailing_id=mailing_id))


@bp.post("/mailings/<int:mailing_id>/attachments/<int:attachment_id>/remove")
@requires(Permission.COORDINATE)
def mailing_detach(mailing_id: int, attachment_id: int) -> ResponseReturnValue:
    mailing = mailing_or_404(mailing_id)
    attachment = db.session.get(Attachment, attachment_id)
    if attachment is not None and attachment.mailing_id == mailing.id:
        try:
            attachments.remove(db.session, mailing, attachment, by=me())
            db.session.commit()
            flash(f"“{attachment.file_name}” is removed.", "success")
        except DomainError as refusal:
            db.session.rollback()
            flash(str(refusal), "error")
    return redirect(url_for("letters.mailing_write", mailing_id=mailing_id))


def _values(form: MailingForm) -> dict[str, Any]:
    name, usual = form.name.data or "", _usual_names()
    if name in usual.values():  # offered with one template, and then another was chosen
        name = usual.get(form.template.data, name)
    return {
        "name": name,
        "template": db.session.get_one(LetterTemplate, form.template.data),
        "signatory": db.session.get_one(Signatory, form.signatory.data),
        "reply_to": form.reply_to.data or "",
        "cc_rule": CcRule(form.cc_rule.data),
    }


def _with_choices(form: MailingForm, mailing: Mailing | None = None) -> MailingForm:
    templates = {
        row.LetterTemplate.id: row.LetterTemplate.name for row in queries.templates(db.session)
    }
    signatories = {one.id: one.name for one in queries.signatories(db.session)}
    if mailing is not None:  # what was chosen stays possible after it was archived
        chosen = mailing.template_version.template
        templates.setdefault(chosen.id, chosen.name)
        if mailing.signatory:
            signatories.setdefault(mailing.signatory.id, mailing.signatory.name)
    form.template.choices = [SelectChoice(key, name) for key, name in templates.items()]
    form.signatory.choices = [SelectChoice(key, name) for key, name in signatories.items()]
    return form
