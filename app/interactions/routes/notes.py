"""The notes of an entry: written, saved, and settled when two people wrote at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.text.markdown import safe_html
from app.core.text.three_way_merge import TextClash, differences, plain_lines
from app.core.web.filters import clock_time
from app.core.web.pages import safe_path
from app.interactions import patient_data_check, queries
from app.interactions.drafts import autosave
from app.interactions.drafts.autosave import key_of
from app.interactions.drafts.draft_notice import Unsaved
from app.interactions.entries import notes, services
from app.interactions.entries.notes import WordsClash
from app.interactions.entries.view_models import title_of
from app.interactions.models import (
    Draft,
    Interaction,
    InteractionKind,
    InteractionState,
    OutcomeKind,
)
from app.interactions.patient_data_check import PatientDataHint
from app.interactions.routes.blueprint import bp, readable, tell_mentioned
from app.interactions.routes.drafts import (
    box_key,
    box_revision,
    finish_draft,
    kept_draft,
    known_revision,
    offered_drafts,
)
from app.interactions.routes.forms import NotesForm

LONGEST_QUOTE = 2000
LIVE = (InteractionKind.MEETING, InteractionKind.EVENT)  # notes are taken until they were held


@dataclass(frozen=True)
class NotesPart:
    """The notes on the page of an entry: to read, and for those who may, to write."""

    form: NotesForm
    key: str
    may_write: bool
    is_writing: bool
    revision: int = 0  # of the draft that is being gone on with
    offered: list[Unsaved] = field(default_factory=list)  # typed earlier, and not saved
    new_point: str | None = None


def notes_part(interaction: Interaction, *, is_writing: bool = False) -> NotesPart:
    """The box opens by itself where there is most likely something to write."""
    may_write = _may_write(interaction)
    kept = _kept(interaction) if may_write else None
    form = NotesForm(
        body=kept.body if kept else plain_lines(interaction.body),
        base_version=_began_from(kept, interaction),
    )
    is_ahead = interaction.kind in LIVE and interaction.state is InteractionState.PLANNED
    opens = is_ahead or not interaction.body.strip()
    offered = offered_drafts(key=key_of(interaction.id)) if may_write else []
    return NotesPart(
        form=form,
        key=box_key(key_of(interaction.id)),
        may_write=may_write,
        is_writing=may_write and (is_writing or opens or kept is not None),
        revision=box_revision(),
        offered=[one for one in offered if one.draft.body != plain_lines(interaction.body)],
        new_point=new_point_url(interaction) if may_write else None,
    )


@bp.route("/interactions/<int:interaction_id>/notes", methods=["GET", "POST"])
@requires(Permission.LOG, Permission.COORDINATE)
def write_notes(interaction_id: int) -> ResponseReturnValue:
    """The notes by themselves, open for writing; and where every box of them is sent."""
    interaction = _writable(interaction_id)
    form = NotesForm()
    if not form.validate_on_submit():
        return _page(interaction, form if form.is_submitted() else None)
    return _save(interaction, form)


def _save(interaction: Interaction, form: NotesForm) -> ResponseReturnValue:
    body = form.body.data or ""
    if suspected := _unconfirmed(interaction, form):
        return _page(interaction, form, suspected)
    try:
        saved = notes.save(
            db.session, interaction, body=body, base_version=form.base_version.data or 0, by=me()
        )
    except WordsClash as clash:
        _keep_mine(interaction, body, form.base_version.data)
        db.session.commit()
        return _clash_page(interaction, clash), 409
    except DomainError as refusal:
        form.body.errors = [str(refusal)]
        return _page(interaction, form)
    finish_draft(key_of(interaction.id), body)
    tell_mentioned(interaction)
    db.session.commit()
    if saved.together_with:
        name, at = saved.together_with.name, clock_time(saved.together_with.at)
        flash(
            f"{name} saved here at {at}: their words and yours were put together. Read them over."
        )
    else:
        flash("The notes are saved.", "success")
    return redirect(_onwards(interaction))


@bp.post("/notes/preview")
@requires(Permission.LOG, Permission.COORDINATE)
def preview_notes() -> ResponseReturnValue:
    """The words as they will look; a part of a page, for notes.js."""
    return safe_html(request.form.get("body", ""))


def _may_write(interaction: Interaction) -> bool:
    may_log = me().may(Permission.LOG, Permission.COORDINATE)
    return may_log and services.may_change(db.session, interaction, me())


def _writable(interaction_id: int) -> Interaction:
    interaction = readable(interaction_id)
    if not _may_write(interaction):
        abort(403, services.NOT_YOURS)
    return interaction


def _kept(interaction: Interaction) -> Draft | None:
    draft = kept_draft()
    return draft if draft and autosave.entry_of(draft.key) == interaction.id else None


def _began_from(kept: Draft | None, interaction: Interaction) -> int:
    return (kept.base_version if kept else None) or interaction.version


def _keep_mine(interaction: Interaction, body: str, base_version: int | None) -> None:
    """What was refused is kept as a draft, whatever its author does next."""
    key = box_key(key_of(interaction.id))
    found = autosave.open_draft(db.session, by=me(), key=key)
    typed = autosave.TypedWords(
        key=key,
        path=url_for("interactions.read", interaction_id=interaction.id),
        body=plain_lines(body),
        base_version=base_version,
        revision=found.revision if found else 0,
        set_aside=found is not None and found.revision != known_revision(),
    )
    autosave.keep(db.session, typed, by=me(), at=clock.now())


def _onwards(interaction: Interaction) -> str:
    """Back to the entry, or on to make something of a sentence in it."""
    wanted, quoted = request.form.get("then", ""), request.form.get("quoted", "").strip()
    if wanted in {kind.value for kind in OutcomeKind} and (new_point := new_point_url(interaction)):
        return f"{new_point}?{urlencode({'kind': wanted, 'text': quoted[:LONGEST_QUOTE]})}"
    return url_for("interactions.read", interaction_id=interaction.id, _anchor="notes")


def new_point_url(interaction: Interaction) -> str | None:
    """Where a sentence becomes a promise, a question or the like."""
    return safe_path(f"/interactions/{interaction.id}/points/new")


def _unconfirmed(interaction: Interaction, form: NotesForm) -> list[PatientDataHint]:
    """What is new in these notes and looks like patient data, unless it is meant."""
    known = patient_data_check.findings(interaction.body)
    found = [one for one in patient_data_check.findings(form.body.data or "") if one not in known]
    return [] if form.anyway.data == patient_data_check.digest(found) else found


def _page(
    interaction: Interaction,
    form: NotesForm | None = None,
    suspected: Sequence[PatientDataHint] = (),
) -> str:
    part = notes_part(interaction, is_writing=True)
    return render_template(
        "interactions/write_notes.html",
        interaction=interaction,
        title=title_of(interaction, queries.organisations_of(db.session, interaction.id)),
        notes=replace(part, form=form or part.form),
        form=form or part.form,
        suspected=suspected,
        anyway=patient_data_check.digest(suspected),
    )


def _clash_page(interaction: Interaction, clash: WordsClash) -> str:
    mine = autosave.open_draft(db.session, by=me(), key=box_key(key_of(interaction.id)))
    part = notes_part(interaction, is_writing=True)
    part = replace(part, revision=mine.revision if mine else 0)
    part.form.body.data = clash.merge.text
    part.form.base_version.data = interaction.version
    part.form.base_version.raw_data = None  # else the version that was sent would be shown again
    return render_template(
        "interactions/settle_notes.html",
        interaction=interaction,
        clash=clash,
        stretches=[_marked(one) for one in clash.merge.clashes],
        theirs=clash.change.name if clash.change else "Somebody else",
        notes=part,
        form=part.form,
    )


@dataclass(frozen=True)
class Stretch:
    """One stretch both changed, in pieces, each with whether the other text lacks it."""

    was: str
    theirs: list[tuple[str, bool]]
    mine: list[tuple[str, bool]]


def _marked(clash: TextClash) -> Stretch:
    mine, theirs = "\n".join(clash.mine), "\n".join(clash.theirs)
    return Stretch("\n".join(clash.was), differences(theirs, mine), differences(mine, theirs))
