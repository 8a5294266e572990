"""The steps of an import: upload, columns, check, import; and the page of each import made."""

from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import RequestEntityTooLarge

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.audit.change_marker import ChangeMark, has_moved, mark
from app.core import clock
from app.core.db import db, reading_first
from app.core.disposable.process import NotNow
from app.core.errors import DomainError
from app.core.from_outside import record_number, record_number_or_none
from app.core.web import pages
from app.core.web.request_size import takes_files
from app.directory.queries.posts import post_types
from app.imports import lists, services
from app.imports.example import example_csv, example_workbook
from app.imports.files.sheets import MOST_BYTES, UnreadableFile
from app.imports.forms import (
    BoardsForm,
    ColumnsForm,
    CorrectionsForm,
    ImportForm,
    UploadForm,
    answers,
    boards_form,
    cell_name,
    chosen_columns,
    columns_as_chosen,
    columns_form,
    field_name,
    typed_cells,
)
from app.imports.kinds import KINDS
from app.imports.leads.file_source import read_file_source
from app.imports.leads.planning import NothingToImportInto
from app.imports.models import FileSubject, LeadFile, LeadImport, RowOutcome
from app.imports.planning.corrections import differing
from app.imports.planning.kind import ImportKind
from app.imports.planning.plan import Plan
from app.imports.planning.preparing import (
    PreparedFile,
    UnusableColumns,
    check_columns,
    choices_of,
    make_plan,
    prepare,
)
from app.imports.planning.values import BadValue
from app.imports.undoing import ChangedSince, undo
from app.letters.drafting.letter_rows import check_again

bp = Blueprint("imports", __name__, url_prefix="/imports")

TRIES = 3
CHANGED = (
    "The register has changed since this page was shown, so nothing was imported. Read what would"
    " change now, and import again."
)
ASK_SOURCE = (
    "With these columns, there are rows that do not say where their details come from. Say it once"
    " below, or leave it empty."
)
STEPS = ("Upload", "Columns", "Check")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.errorhandler(RequestEntityTooLarge)
def too_large(_: RequestEntityTooLarge) -> ResponseReturnValue:
    form = UploadForm(formdata=None)
    form.file.errors = ["The file is larger than 15 MB. Copy the rows alone into a new file."]
    return render_template(
        "imports/upload.html",
        form=form,
        kind=KINDS[FileSubject.LEADS],
        steps=_steps(),
        instead=None,
    ), 413


@bp.errorhandler(NotNow)
@bp.errorhandler(UnreadableFile)
def unreadable(refusal: DomainError) -> ResponseReturnValue:
    """A kept file is read again at each step, on a machine that may be busier by then."""
    db.session.rollback()
    flash(str(refusal), "error")
    token = (request.view_args or {}).get("token")
    return redirect(url_for("imports.upload", instead=token))


@bp.get("")
@requires(Permission.COORDINATE)
def imports() -> ResponseReturnValue:
    return pages.show_list("imports/imports.html", lists.IMPORTS, lists.imports())


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
@takes_files(MOST_BYTES)
def upload() -> ResponseReturnValue:
    form = UploadForm()
    instead = request.values.get("instead", "")
    before = _kept(instead) if instead else None
    kind = KINDS[before.kind] if before else _kind_asked()
    if form.validate_on_submit():
        with form.file.data.stream as stream:
            content = stream.read()
        # What was said about the file this one comes in place of holds for it too.
        said = services.carried_over(before.choices) if before else {}
        try:
            with reading_first():
                prepared = prepare(kind, content, said)
        except (UnreadableFile, NotNow) as refusal:
            form.file.errors = [str(refusal)]
        else:
            token = _keep(kind, form.file.data.filename or "", content, said, instead)
            db.session.commit()
            is_ready = bool(said) and set(said.get("headings", ())) == set(prepared.mapped)
            step = "imports.check" if is_ready else "imports.columns"
            return redirect(url_for(step, token=token))
    return render_template(
        "imports/upload.html", form=form, kind=kind, steps=_steps(), instead=instead
    )


def _kind_asked() -> ImportKind:
    try:
        return KINDS[FileSubject(request.values.get("kind", FileSubject.LEADS.value))]
    except ValueError:
        abort(404)


def _keep(
    kind: ImportKind, file_name: str, content: bytes, said: dict[str, Any], instead: str
) -> str:
    lead_file, token = services.keep_file(
        db.session, kind=kind.kind, file_name=file_name, content=content, by=me(), at=clock.now()
    )
    services.choose(db.session, lead_file=lead_file, choices=said)
    if instead and (before := _kept(instead)):
        services.forget_file(db.session, lead_file=before)
    return token


@bp.route("/files/<token>/columns", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def columns(token: str) -> ResponseReturnValue:
    with reading_first():
        lead_file = _open(token)
        prepared = _prepared(lead_file)
        form = columns_form(prepared, post_types(db.session))
    if "again" in request.form and form.sheet.validate(form) and form.heading_row.validate(form):
        return _read_again(lead_file, form, token)
    if form.validate_on_submit() and (chosen := _chosen(form, prepared)) is not None:
        services.choose(db.session, lead_file=lead_file, choices=chosen)
        db.session.commit()
        return redirect(url_for("imports.check", token=token))
    return render_template(
        "imports/columns.html",
        form=form,
        lead_file=lead_file,
        prepared=prepared,
        field_name=field_name,
        token=token,
        without_source=_without_source(prepared, columns_as_chosen(form, prepared.table.columns)),
        steps=_steps(token),
        earlier=services.earlier_import(db.session, lead_file.file_sha256),
    )


def _without_source(prepared: PreparedFile, mapped: dict[str, int]) -> int:
    """How many rows give rise to the question where their details come from."""
    if "source" not in prepared.kind.questions:
        return 0
    return prepared.rows_without("source", mapped)


def _chosen(form: ColumnsForm, prepared: PreparedFile) -> dict[str, Any] | None:
    mapped = chosen_columns(form, prepared.table.columns)
    if mapped is None:
        return None
    said = answers(form, prepared.kind)
    try:
        check_columns(prepared.kind, mapped, choices_of(said))
    except UnusableColumns as refusal:
        form.form_errors.extend(refusal.sentences)
        return None
    if "source" in said:
        try:
            said["source"] = read_file_source(said["source"])
        except BadValue as refusal:
            form.source.errors = [str(refusal)]
            return None
        if "source" not in request.form and _without_source(prepared, mapped):
            form.form_errors.append(ASK_SOURCE)
            return None
    headings = {column.index: column.heading for column in prepared.table.columns}
    return {
        "sheet": prepared.table.sheet.name,
        "heading_row": prepared.table.heading_row,
        "columns": mapped,
        "headings": {key: headings[index] for key, index in mapped.items()},
        **said,
    }


def _read_again(lead_file: LeadFile, form: ColumnsForm, token: str) -> ResponseReturnValue:
    """Another sheet or another row of headings: what the columns are is suggested anew."""
    moved = form.sheet.data != lead_file.choices.get("sheet", form.sheet.object_data)
    said = {
        "sheet": form.sheet.data,
        "heading_row": None if moved else form.heading_row.data,
    }
    try:
        with reading_first():
            prepare(KINDS[lead_file.kind], lead_file.content, said)
    except UnreadableFile as refusal:
        flash(str(refusal), "error")
    else:
        kept = {key: lead_file.choices[key] for key in lead_file.choices if key != "columns"}
        lead_file.choices = {**kept, **said}
        db.session.commit()
    return redirect(url_for("imports.columns", token=token))


@bp.route("/files/<token>/check", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def check(token: str) -> ResponseReturnValue:
    form = ImportForm()
    try:
        lead_file, prepared, plan, since = _plan(token)
        if form.validate_on_submit():
            for _ in range(TRIES):
                _begin_import(token)
                if not has_moved(db.session, since, services.PLANNED_UPON):
                    break
                lead_file, prepared, plan, since = _plan(token)
            else:
                _begin_import(token)
                form.form_errors.append(CHANGED)
            if (made := _import(lead_file, prepared, plan, form)) is not None:
                db.session.commit()
                words = services.counts_in_words(made)
                flash(f"Imported {made.file_name}: {words}.", "success")
                return redirect(url_for("imports.lead_import", import_id=made.id))
    except (UnusableColumns, NothingToImportInto) as refusal:
        flash(str(refusal), "error")
        return redirect(url_for("imports.columns", token=token))
    form.fingerprint.data = plan.fingerprint
    return pages.show_list(
        "imports/check.html",
        lists.ROWS_OF_PLAN,
        plan.in_order_of_urgency(),
        form=form,
        kind=prepared.kind,
        plan=plan,
        counts={outcome.value: plan.count(outcome) for outcome in RowOutcome},
        good=len(plan.rows) - plan.count(RowOutcome.PROBLEM),
        questions=_questions(plan, lead_file),
        corrections=CorrectionsForm(formdata=None),
        cell_name=cell_name,
        lead_file=lead_file,
        prepared=prepared,
        token=token,
        steps=_steps(token, checking=True),
        earlier=services.earlier_import(db.session, lead_file.file_sha256),
    )


def _plan(token: str) -> tuple[LeadFile, PreparedFile, Plan, ChangeMark]:
    """Read the file and the register, and say what the one would do to the other.

    That may take many seconds, so nothing may be waiting for it.
    """
    with reading_first():
        since = mark(db.session, services.PLANNED_UPON)
        lead_file = _open(token)
        prepared = _prepared(lead_file)
        return lead_file, prepared, make_plan(db.session, prepared, on=clock.today()), since


def _begin_import(token: str) -> None:
    """From here on nobody else imports, and on SQLite nobody else writes."""
    _open(token, for_update=True)
    services.one_at_a_time(db.session)


def _import(
    lead_file: LeadFile, prepared: PreparedFile, plan: Plan, form: ImportForm
) -> LeadImport | None:
    try:
        if form.form_errors or form.fingerprint.data != plan.fingerprint:
            raise services.ChangedMeanwhile(CHANGED)
        made = services.import_file(
            db.session,
            kind=prepared.kind,
            plan=plan,
            brought=services.Brought(
                lead_file.file_name,
                lead_file.file_sha256,
                prepared.choices.source,
                prepared.corrections,
            ),
            leave_problems=bool(form.leave_problems.data),
            by=me(),
            on=clock.today(),
            at=clock.now(),
        )
    except DomainError as refusal:
        form.form_errors.append(str(refusal))
        return None
    services.mark_imported(db.session, lead_file=lead_file, lead_import=made)
    return made


def _questions(plan: Plan, lead_file: LeadFile) -> BoardsForm | None:
    """Names to be settled, those already answered among them, so that an answer can be changed."""
    if not plan.questions:
        return None
    return boards_form(plan.questions, lead_file.choices.get("boards", {}))


@bp.post("/files/<token>/boards")
@requires(Permission.COORDINATE)
def boards(token: str) -> ResponseReturnValue:
    """Which boards the names stand for that mean none of today."""
    lead_file, _, plan, _ = _plan(token)
    form = boards_form(plan.questions, {})
    if form.validate_on_submit():
        answered = {
            question.key: record_number(form[f"board_{place}"].data)
            for place, question in enumerate(plan.questions)
            if form[f"board_{place}"].data
        }
        said = {**lead_file.choices.get("boards", {}), **answered}
        services.choose(db.session, lead_file=lead_file, choices={"boards": said})
        db.session.commit()
    return redirect(url_for("imports.check", token=token))


@bp.post("/files/<token>/boards/forget")
@requires(Permission.COORDINATE)
def forget_boards(token: str) -> ResponseReturnValue:
    lead_file = _open(token)
    services.choose(db.session, lead_file=lead_file, choices={"boards": {}})
    db.session.commit()
    return redirect(url_for("imports.check", token=token))


@bp.post("/files/<token>/corrections")
@requires(Permission.COORDINATE)
def corrections(token: str) -> ResponseReturnValue:
    """Cells fixed on the page; the file stays as it was brought."""
    form = CorrectionsForm()
    shown = url_for("imports.check", token=token, outcome=request.form.get("outcome") or None)
    if not form.validate_on_submit():
        return redirect(shown)
    with reading_first():
        lead_file = _open(token)
        prepared = _prepared(lead_file)
    sheet, kept = prepared.table.sheet.name, lead_file.choices.get("corrections", {})
    said = {} if "forget" in request.form else kept.get(sheet, {})
    typed = {} if "forget" in request.form else typed_cells(request.form)
    now = {**kept, sheet: differing(prepared.original, typed, said)}
    services.choose(db.session, lead_file=lead_file, choices={"corrections": now})
    db.session.commit()
    row = request.form.get("row", "")
    return redirect(f"{shown}#row-{row}" if record_number_or_none(row) else shown)


@bp.get("/files/<token>/problems.csv")
@requires(Permission.COORDINATE)
def problem_rows(token: str) -> ResponseReturnValue:
    """The rows to put right, each with its reason, to be corrected and uploaded again."""
    lead_file, prepared, plan, _ = _plan(token)
    name = f"Rows to fix in {lead_file.file_name}"
    pages.note_export(name, [], len(plan.problem_rows))
    return pages.csv_response(name, lists.problem_columns(prepared.table), plan.problem_rows)


@bp.post("/files/<token>/discard")
@requires(Permission.COORDINATE)
def discard(token: str) -> ResponseReturnValue:
    lead_file = _open(token)
    services.forget_file(db.session, lead_file=lead_file)
    db.session.commit()
    flash(f"{lead_file.file_name} is discarded. Nothing was imported.", "success")
    return redirect(url_for("imports.imports"))


@bp.get("/<int:import_id>")
@requires(Permission.COORDINATE)
def lead_import(import_id: int) -> ResponseReturnValue:
    return _show_import(_import_or_404(import_id))


@bp.post("/<int:import_id>/undo")
@requires(Permission.COORDINATE)
def undo_import(import_id: int) -> ResponseReturnValue:
    made = _import_or_404(import_id)
    try:
        drafts = undo(db.session, lead_import=made, by=me(), at=clock.now())
    except ChangedSince as refusal:
        return make_response(_show_import(made, refusal=refusal), 409)
    db.session.commit()
    flash(f"The import of {made.file_name} is undone: every record is what it was.", "success")
    if drafts:
        flash(check_again(drafts))
    return redirect(url_for("imports.lead_import", import_id=made.id))


def _show_import(made: LeadImport, refusal: ChangedSince | None = None) -> ResponseReturnValue:
    return pages.show_list(
        "imports/lead_import.html",
        lists.ROWS_OF_IMPORT,
        lists.rows_of(made),
        made=made,
        refusal=refusal,
        refused=refusal is not None,
        words=services.counts_in_words(made),
    )


@bp.get("/example.xlsx")
@requires(Permission.COORDINATE)
def example_xlsx() -> ResponseReturnValue:
    kind = _kind_asked()
    content = example_workbook(db.session, kind.example, on=clock.today())
    return _download(content, XLSX, f"{kind.things}-example.xlsx")


@bp.get("/example.csv")
@requires(Permission.COORDINATE)
def example_text() -> ResponseReturnValue:
    kind = _kind_asked()
    content = example_csv(db.session, kind.example, on=clock.today())
    return _download(content, "text/csv; charset=utf-8", f"{kind.things}-example.csv")


def _download(content: bytes, content_type: str, name: str) -> Response:
    response = Response(content, content_type=content_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _kept(token: str, *, for_update: bool = False) -> LeadFile | None:
    return services.kept_file(
        db.session, token=token, by=me(), at=clock.now(), for_update=for_update
    )


def _open(token: str, *, for_update: bool = False) -> LeadFile:
    """The file of this step; a file already imported leads to what became of it."""
    lead_file = _kept(token, for_update=for_update)
    if lead_file is None:
        abort(404, "This file is no longer kept here: files wait for a day. Upload it again.")
    if lead_file.lead_import_id is not None:
        abort(redirect(url_for("imports.lead_import", import_id=lead_file.lead_import_id)))
    return lead_file


def _prepared(lead_file: LeadFile) -> PreparedFile:
    return prepare(KINDS[lead_file.kind], lead_file.content, lead_file.choices)


def _import_or_404(import_id: int) -> LeadImport:
    made = db.session.get(
        LeadImport,
        import_id,
        options=[joinedload(LeadImport.imported_by), joinedload(LeadImport.undone_by)],
    )
    return made or abort(404)


def _steps(token: str = "", *, checking: bool = False) -> tuple[list[Any], int]:
    """The steps, those behind as links: going back loses nothing."""
    if not token:
        return list(STEPS), 0
    upload_again = url_for("imports.upload", instead=token)
    labels: list[Any] = [{"label": STEPS[0], "url": upload_again}, *STEPS[1:]]
    if checking:
        labels[1] = {"label": STEPS[1], "url": url_for("imports.columns", token=token)}
    return labels, 2 if checking else 1
