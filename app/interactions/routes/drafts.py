"""Keeping what is being typed, and finding it again."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.accounts.access import me, requires
from app.accounts.authentication import browser
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import plain_json, record_number
from app.core.text.three_way_merge import plain_lines
from app.core.web.filters import clock_time, plural, short_day
from app.core.web.input_cleaning import without_unseen
from app.core.web.pages import safe_path
from app.interactions import queries
from app.interactions.drafts import autosave
from app.interactions.drafts.autosave import AlreadyWritten, ChangedElsewhere, TypedWords
from app.interactions.drafts.draft_notice import Unsaved, said_when
from app.interactions.entries import versions
from app.interactions.models import Draft, Interaction
from app.interactions.routes.blueprint import bp, readable

NOT_YOURS = "You have signed in as somebody else. These words are not kept under that name."


@bp.post("/drafts")
@requires(Permission.LOG, Permission.COORDINATE)
def keep_draft() -> ResponseReturnValue:
    """What notes.js sends while somebody types. The answer is for the script, not a page."""
    if request.form.get("as", type=record_number) != me().id:
        return {"sentence": NOT_YOURS}, 403
    typed = _typed()
    others = _others(typed)
    at = clock.now()
    try:
        revision = autosave.keep(db.session, typed, by=me(), at=at)
    except ChangedElsewhere as other:
        found = other.draft
        when = said_when(found.saved_at, clock.today())
        told = {"body": found.body, "revision": found.revision, "when": when}
        return told, 409
    except AlreadyWritten as done:
        where = url_for("interactions.read", interaction_id=done.interaction_id)
        return {"sentence": str(done), "url": where}, 410
    except DomainError as refusal:
        return {"sentence": str(refusal)}, 422
    db.session.commit()
    return {
        "revision": revision,
        "saved": clock_time(at),
        "seconds_left": browser.seconds_left(),
        "others": others,
    }


@bp.get("/drafts")
@requires(Permission.VIEW)
def unsaved() -> ResponseReturnValue:
    """Everything this person typed and has not saved."""
    waiting = autosave.waiting(db.session, by=me())
    discarded = autosave.discarded(db.session, by=me())
    named = _names([*waiting, *discarded])
    return render_template(
        "interactions/unsaved.html",
        waiting=[_unsaved(draft, named[draft.id]) for draft in waiting],
        discarded=[_unsaved(draft, named[draft.id]) for draft in discarded],
        kept_days=autosave.DISCARDED_KEPT.days,
    )


@bp.post("/drafts/<int:draft_id>/discard")
@requires(Permission.VIEW)
def discard_draft(draft_id: int) -> ResponseReturnValue:
    draft = autosave.mine(db.session, by=me(), draft_id=draft_id) or abort(404)
    autosave.discard(draft, at=clock.now())
    db.session.commit()
    days = plural(autosave.DISCARDED_KEPT.days, "day")
    flash(f"Discarded. Under “Unsaved notes” it can be taken back for {days}.")
    return redirect(safe_path(request.form.get("next", "")) or url_for("interactions.unsaved"))


@bp.post("/drafts/<int:draft_id>/take-back")
@requires(Permission.VIEW)
def take_back_draft(draft_id: int) -> ResponseReturnValue:
    draft = autosave.mine(db.session, by=me(), draft_id=draft_id) or abort(404)
    autosave.take_back(db.session, draft)
    db.session.commit()
    flash("Taken back. Go on with it, or copy it from here.")
    return redirect(url_for("interactions.unsaved"))


def kept_draft() -> Draft | None:
    """The draft that the address asks to go on with: ?keep=12."""
    draft_id = request.args.get("keep", type=record_number)
    draft = autosave.mine(db.session, by=me(), draft_id=draft_id) if draft_id else None
    return draft if draft and draft.discarded_at is None else None


def box_key(key: str) -> str:
    """Where the words in a box are kept: its usual key, or that of the draft they came from."""
    draft = kept_draft()
    asked = request.form.get("draft_key", "") or (draft.key if draft else "")
    return asked if autosave.base_of(asked) == key else key


def box_revision() -> int:
    draft = kept_draft() if request.method == "GET" else None
    return draft.revision if draft else known_revision()


def kept_form() -> MultiDict[str, str] | None:
    """The fields of a form for a new entry as they were when its draft was kept."""
    draft = kept_draft() if request.method == "GET" else None
    if draft is None or autosave.entry_of(draft.key) is not None:
        return None
    fields = MultiDict(
        (name, value)
        for name, values in draft.fields.items()
        if isinstance(values, list)
        for value in values
    )
    fields["body"] = draft.body
    fields["form_token"] = autosave.base_of(draft.key)
    return fields


def offered_drafts(*, key: str = "", path: str = "") -> list[Unsaved]:
    """What this person typed here earlier and has not saved."""
    found = autosave.waiting(db.session, by=me(), key=key, path=path)
    keeping = kept_draft()
    return [_unsaved(draft) for draft in found if keeping is None or draft.id != keeping.id]


def _unsaved(draft: Draft, name: str = "") -> Unsaved:
    entry_id = autosave.entry_of(draft.key)
    where = (
        url_for("interactions.read", interaction_id=entry_id)
        if entry_id
        else safe_path(draft.path) or url_for("interactions.unsaved")
    )
    return Unsaved(draft, clock.today(), f"{where.partition('?')[0]}?keep={draft.id}", name)


def finish_draft(key: str, body: str) -> None:
    """What the form just sent has been saved: its draft has done its work."""
    autosave.finish(
        db.session,
        by=me(),
        key=key,
        body=plain_lines(body),
        draft_key=request.form.get("draft_key", ""),
        tab=request.form.get("draft_tab", "")[:32],
        revision=known_revision(),
    )


def known_revision() -> int:
    """Of the draft, when the form that is being answered was sent."""
    return request.form.get("draft_revision", 0, type=record_number)


def _typed() -> TypedWords:
    given = request.form
    return TypedWords(
        key=given.get("key", ""),
        path=safe_path(given.get("path", "")) or "/",
        body=plain_lines(given.get("body", "")),
        fields=_fields(given.get("fields", "")),
        base_version=given.get("base_version", type=record_number),
        revision=given.get("revision", 0, type=record_number),
        tab=given.get("tab", "")[:32],
        save=given.get("save", 0, type=record_number),
        set_aside=given.get("set_aside") == "yes",
    )


def _fields(text: str) -> dict[str, Any]:
    """Of each field of the form the texts it holds, as `notes.js` sends them."""
    try:
        found = plain_json(text or "{}")
    except ValueError:
        return {}
    return {
        name: [without_unseen(one) for one in values if isinstance(one, str)]
        for name, values in (found.items() if isinstance(found, dict) else ())
        if isinstance(values, list)
    }


def _others(typed: TypedWords) -> str:
    """Who has saved these notes since this tab began; nothing for a new entry."""
    entry_id = autosave.entry_of(typed.key)
    if entry_id is None:
        return ""
    interaction = readable(entry_id)
    if typed.base_version in (None, interaction.version):
        return ""
    change = versions.last_change(db.session, entry_id)
    if change is None or change.by_id == me().id:
        return ""
    return f"{change.name} saved these notes at {clock_time(change.at)}."


def _names(found: list[Draft]) -> dict[int, str]:
    """What each is for, in words; what its author may no longer read has no name."""
    ids = {entry_id for one in found if (entry_id := autosave.entry_of(one.key)) is not None}
    entries = queries.by_ids(db.session, sorted(ids))
    return {one.id: _name(one, entries.get(autosave.entry_of(one.key) or 0)) for one in found}


def _name(draft: Draft, interaction: Interaction | None) -> str:
    if autosave.entry_of(draft.key) is None:
        subject = draft.fields.get("subject")
        words = " ".join(subject) if isinstance(subject, list) else ""
        return f"“{words.strip()}”, not saved yet" if words.strip() else "A new entry"
    if interaction is None or not interaction.may_be_read_by(me()):
        return "An entry you can no longer open"
    title = interaction.subject or interaction.kind.value.capitalize()
    return f"{title}, {short_day(interaction.happened_on)}"
