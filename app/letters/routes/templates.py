"""Writing templates, with a preview beside the words."""

from difflib import unified_diff
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs lag

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import record_number
from app.core.web.pages import way_back
from app.editing.forms import edits, hold, said
from app.letters import queries
from app.letters.content.fields import CONDITIONS, GROUPS
from app.letters.drafting import previewing
from app.letters.drafting import templates as letter_templates
from app.letters.drafting.templates import BadTemplate
from app.letters.models import LetterTemplate, TemplateVersion
from app.letters.routes.blueprint import bp
from app.letters.routes.document import pdf_of_words
from app.letters.routes.forms import TemplateForm
from app.letters.routes.lookups import base_url, template_or_404

LOOKING = ("preview", "pdf")  # buttons of the edit page that keep nothing


@bp.get("/templates")
@requires(Permission.VIEW)
def templates() -> ResponseReturnValue:
    archived = request.args.get("show") == "archived"
    found = queries.templates(db.session, archived=archived)
    return render_template("letters/templates.html", found=found, archived=archived)


@bp.route("/templates/new", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def template_new() -> ResponseReturnValue:
    form = _with_readers(TemplateForm())
    if request.method == "POST" and (act := request.form.get("act")) in LOOKING:
        return (act == "pdf" and _pdf(form)) or _edit_page(form, None)
    if form.validate_on_submit():
        try:
            template = letter_templates.write_template(
                db.session, **_words(form), by=me(), at=clock.now()
            )
        except DomainError as refusal:
            _show(refusal, form)
        else:
            db.session.commit()
            flash(f"“{template.name}” is saved.", "success")
            return redirect(url_for("letters.template", template_id=template.id))
    return _edit_page(form, None)


@bp.get("/templates/<int:template_id>")
@requires(Permission.VIEW)
def template(template_id: int) -> ResponseReturnValue:
    template = template_or_404(template_id)
    versions = queries.versions_of(db.session, template)
    asked = request.args.get("version", type=record_number)
    shown = next((one for one in versions if one.number == asked), versions[0])
    before = next((one for one in versions if one.number == shown.number - 1), None)
    return render_template(
        "letters/template.html",
        template=template,
        versions=versions,
        shown=shown,
        changes=_changes(before, shown) if before else [],
        used=queries.mailings_with(db.session, template),
        preview=_preview(shown.subject, shown.body, "sample"),
    )


@bp.route("/templates/<int:template_id>/edit", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def template_edit(template_id: int) -> ResponseReturnValue:
    hold(LetterTemplate, template_id)
    template = template_or_404(template_id)
    latest = letter_templates.latest_version(db.session, template)
    form = TemplateForm(
        name=template.name, purpose=template.purpose, subject=latest.subject, body=latest.body
    )
    _with_readers(edits(form, template))
    if request.method == "POST" and (act := request.form.get("act")) in LOOKING:
        return (act == "pdf" and _pdf(form)) or _edit_page(form, template)
    if form.validate_on_submit():
        try:
            version = letter_templates.edit_template(
                db.session, template, **_words(form), by=me(), at=clock.now()
            )
        except DomainError as refusal:
            db.session.rollback()
            _show(refusal, form)
        else:
            db.session.commit()
            done = f"“{template.name}” is saved as version {version.number}."
            flash(said(form, done), "success")
            return redirect(way_back(url_for("letters.template", template_id=template.id)))
    return _edit_page(form, template)


@bp.post("/templates/preview")
@requires(Permission.COORDINATE)
def template_preview() -> ResponseReturnValue:
    """The part of the edit page that shows the letter, for the live preview."""
    form = TemplateForm()
    template = db.session.get(LetterTemplate, request.args.get("template", 0, type=record_number))
    return render_template("letters/_preview.html", **_preview_of(form, template))


@bp.post("/templates/<int:template_id>/duplicate")
@requires(Permission.COORDINATE)
def template_duplicate(template_id: int) -> ResponseReturnValue:
    copy = letter_templates.duplicate_template(
        db.session, template_or_404(template_id), by=me(), at=clock.now()
    )
    db.session.commit()
    flash(f"“{copy.name}” is a copy. Change it as you like.", "success")
    return redirect(url_for("letters.template_edit", template_id=copy.id))


@bp.post("/templates/<int:template_id>/archive")
@requires(Permission.COORDINATE)
def template_archive(template_id: int) -> ResponseReturnValue:
    template = template_or_404(template_id)
    back = request.form.get("act") == "bring back"
    letter_templates.archive_template(template, at=None if back else clock.now())
    db.session.commit()
    flash(f"“{template.name}” is {'back in the list' if back else 'archived'}.", "success")
    return redirect(url_for("letters.template", template_id=template.id))


def _words(form: TemplateForm) -> dict[str, Any]:
    return {name: form[name].data or "" for name in ("name", "purpose", "subject", "body")}


def _show(refusal: DomainError, form: TemplateForm) -> None:
    """Beside the field that is wrong."""
    problems = refusal.problems if isinstance(refusal, BadTemplate) else {"name": [str(refusal)]}
    for name, found in problems.items():
        form[name].errors = [*form[name].errors, *found]


def _with_readers(form: TemplateForm) -> TemplateForm:
    real = previewing.readers(db.session, clock.today())
    form.reader.choices = [
        SelectChoice("sample", "A made-up lead, Dr Alex Sample"),
        SelectChoice("sample-office", "A made-up office, where no lead is known"),
        *(
            SelectChoice(
                one.addressee.key,
                f"{one.addressee.to_name}, "
                f"{', '.join(seat.short_name for seat in one.addressee.seats)}",
            )
            for one in real
        ),
    ]
    form.reader.data = form.reader.data or "sample"
    return form


def _edit_page(form: TemplateForm, template: LetterTemplate | None) -> ResponseReturnValue:
    return render_template(
        "letters/template_edit.html",
        form=form,
        template=template,
        groups=GROUPS,
        conditions=CONDITIONS,
        **_preview_of(form, template),
    )


def _pdf(form: TemplateForm) -> Response | None:
    """The preview as a file; None while the page has to say what is wrong."""
    return pdf_of_words(form.subject.data or "", form.body.data or "", form.reader.data or "sample")


def _preview_of(form: TemplateForm, template: LetterTemplate | None) -> dict[str, object]:
    subject, body = form.subject.data or "", form.body.data or ""
    preview = _preview(subject, body, form.reader.data or "sample")
    added: list[str] = []
    if template is not None and not preview.problems:
        added = letter_templates.new_fields(db.session, template, subject, body)
    return {"preview": preview, "added": added}


def _preview(subject: str, body: str, reader: str) -> previewing.LetterPreview:
    return previewing.preview(
        db.session,
        subject=subject,
        body=body,
        reader_key=reader,
        on=clock.today(),
        base_url=base_url(),
    )


def _changes(before: TemplateVersion, after: TemplateVersion) -> list[tuple[str, str]]:
    """What one edit changed: each line with added, removed or kept."""
    kinds = {"+": "added", "-": "removed", " ": "kept"}
    lines = unified_diff(
        [f"Subject: {before.subject}", *before.body.splitlines()],
        [f"Subject: {after.subject}", *after.body.splitlines()],
        lineterm="",
        n=1,
    )
    return [(kinds[line[0]], line[1:]) for line in list(lines)[2:] if line[:1] in kinds]
