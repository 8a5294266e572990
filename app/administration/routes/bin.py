"""The bin: deleting a record of any kind, what was deleted, and restoring it."""

from collections.abc import Sequence
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
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.accounts.access import me, requires
from app.accounts.models import Permission, User
from app.administration import deleting
from app.administration.deleting import KINDS
from app.administration.record_labels import names_of
from app.audit.rules import field_words, kind_words
from app.bin import queries
from app.bin.models import Binned, BinnedHow
from app.bin.rules import gone_on
from app.bin.services import Restored, StandsInTheWay
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.text.alphabet import alphabetical
from app.core.web.filters import plural
from app.core.web.lists import Column, Filter, FilterKind, ListView
from app.core.web.pages import offered, say_with_undo, show_list
from app.letters.drafting.letter_rows import check_again

bp = Blueprint("bin", __name__)

# What an address calls the number of a record that can be deleted.
ARGUMENTS = {
    "person_id": "person",
    "email_id": "person_email",
    "appointment_id": "appointment",
    "organisation_id": "organisation",
    "system_id": "organisation",
    "post_id": "post",
    "interaction_id": "interaction",
    "point_id": "point",
    "follow_up_id": "follow_up",
    "offer_id": "offer",
    "theme_id": "theme",
    "document_id": "document",
    "milestone_id": "milestone",
    "rule_id": "reminder_rule",
    "template_id": "letter_template",
    "mailing_id": "mailing",
    "workstream_id": "workstream",
    "paper_id": "workstream_paper",
    "date_id": "workstream_date",
}
# More of what stands in the way than this is counted, not named.
MOST_NAMED = 5
# Of a row that only links two records: the kind, and the column, of the one it links to.
LINKED = {
    "interaction_person": ("interaction", 0),
    "interaction_organisation": ("interaction", 0),
    "interaction_theme": ("interaction", 0),
    "letter_board": ("letter", 0),
    "workstream_organisation": ("workstream", 0),
    "milestone_standing": ("milestone", 0),
}


@bp.app_template_global()
def may_delete(kind: str, row: Any) -> bool:
    return bool(
        current_user.is_authenticated
        and current_user.may(*KINDS[kind].by)
        and deleting.may_delete(db.session, kind, row, me())
    )


@bp.post("/delete/<kind>/<int:record_id>")
@requires(Permission.LOG, Permission.COORDINATE)
def delete(kind: str, record_id: int) -> ResponseReturnValue:
    """Without a question first: whoever did not mean it takes it back on the next page."""
    row = deleting.readable(db.session, kind, record_id, me()) or abort(404)
    if not deleting.may_delete(db.session, kind, row, me()):
        abort(403)
    name, back = deleting.name_of(db.session, kind, row), page_for(kind, row)
    try:
        drafts = deleting.drafts_about(db.session, kind, row)
        binned = deleting.delete(db.session, kind, row, by=me(), at=clock.now())
    except StandsInTheWay as refusal:
        db.session.rollback()
        return _refused(name, back, str(refusal), _links(refusal))
    except DomainError as refusal:
        db.session.rollback()
        return _refused(name, back, str(refusal), [])
    db.session.commit()
    say_with_undo(f"“{binned.name}” has been deleted.", url_for("bin.restore", binned_id=binned.id))
    if drafts:
        flash(check_again(drafts))
    return redirect(back if KINDS[kind].is_part else url_for(KINDS[kind].listing))


@bp.post("/bin/<int:binned_id>/restore")
@requires(Permission.LOG, Permission.COORDINATE)
def restore(binned_id: int) -> ResponseReturnValue:
    binned = _seen(binned_id)
    if binned.how is BinnedHow.MERGED:
        abort(404)  # it is taken back by rules of its own
    if not deleting.may_restore(db.session, binned, me()):
        abort(403)
    try:
        restored = deleting.restore(db.session, binned, by=me(), at=clock.now())
    except DomainError as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
        return redirect(url_for("bin.listing"))
    name, address = binned.name, _restored_to(binned)
    db.session.commit()
    done = "has been undone" if binned.how is BinnedHow.CHANGED else "has been restored"
    flash(f"“{name}” {done}.{_left(restored)}", "success")
    return redirect(address)


@bp.get("/bin")
@requires(Permission.VIEW)
def listing() -> ResponseReturnValue:
    """What was deleted or merged away in the last 30 days, as far as this reader may read it."""
    return show_list(
        "bin/listing.html",
        _view(),
        _in_the_bin(),
        restorable=lambda rows: deleting.restorable(db.session, [r.Binned for r in rows], me()),
        heirs=lambda rows: heirs_of([row.Binned for row in rows]),
    )


@bp.get("/bin/<int:binned_id>")
@requires(Permission.VIEW)
def deleted(binned_id: int) -> ResponseReturnValue:
    return _deleted_page(_seen(binned_id))


def page_of_what_was_deleted() -> Response | None:
    """For an address at which there is nothing: who deleted what stood there, and when."""
    if not current_user.is_authenticated or not current_user.may(Permission.VIEW):
        return None
    for argument, number in (request.view_args or {}).items():
        kind = ARGUMENTS.get(argument)
        if kind is None or not isinstance(number, int):
            continue
        if db.session.get(KINDS[kind].model, number) if kind in KINDS else False:
            continue
        binned = queries.seen_by(db.session, kind, number, me())
        if binned is not None:
            return make_response(_deleted_page(binned), 410)
    return None


def _deleted_page(binned: Binned) -> str:
    return render_template(
        "bin/deleted.html",
        binned=binned,
        by=db.session.get_one(User, binned.by_id),
        kind=kind_words(binned.kind),
        gone_on=gone_on(binned.at),
        may_restore=binned.restored_at is None
        and binned.emptied_at is None
        and deleting.may_restore(db.session, binned, me()),
        heir=heirs_of([binned]).get(binned.id),
        listing=_listing_of(binned),
        typed=_typed(),
    )


# What a form carries besides what somebody typed.
CARRIED = frozenset({"csrf_token", "shown", "only", "form_token", "anyway", "act", "mark"})


def _typed() -> list[tuple[str, str]]:
    """What was sent for a record that had gone by then: its page keeps it in sight."""
    if request.method != "POST":
        return []
    return [
        (field_words(name).capitalize(), said)
        for name, said in request.form.items(multi=True)
        if said.strip() and name not in CARRIED and "password" not in name
    ]


def _seen(binned_id: int) -> Binned:
    binned = db.session.get(Binned, binned_id) or abort(404)
    return binned if queries.may_see(binned, me()) else abort(404)


def _in_the_bin() -> Any:
    return (
        select(Binned, WHO.name.label("who"))
        .join(WHO, WHO.id == Binned.by_id)
        .where(
            Binned.restored_at.is_(None),
            Binned.emptied_at.is_(None),
            Binned.readers.in_(queries.readers_with(me())),
        )
    )


WHO = aliased(User)


def _view() -> ListView:
    people = db.session.execute(
        select(User.id, User.name)
        .where(User.id.in_(select(Binned.by_id).where(Binned.emptied_at.is_(None))))
        .order_by(alphabetical(User.name))
    )
    kinds = sorted({*KINDS}, key=kind_words)
    return ListView(
        name="Bin",
        columns=(
            Column("name", "What", lambda row: row.Binned.name, sort=Binned.name),
            Column("kind", "Kind", lambda row: _kind(row.Binned), sort=Binned.kind),
            Column("who", "Deleted by", lambda row: row.who, sort=WHO.name),
            Column("at", "When", lambda row: row.Binned.at, sort=Binned.at),
            Column("gone", "Gone for good on", lambda row: gone_on(row.Binned.at)),
            Column("act", "Restore", lambda _row: "", in_csv=False),
        ),
        filters=(
            Filter(
                "name",
                "Name contains",
                FilterKind.TEXT,
                lambda v: Binned.name.icontains(v, autoescape=True),
            ),
            Filter(
                "kind",
                "Kind",
                FilterKind.CHOICE,
                lambda v: Binned.kind == v,
                choices=[(kind, kind_words(kind).capitalize()) for kind in kinds],
            ),
            Filter(
                "by",
                "Deleted by",
                FilterKind.CHOICE,
                lambda v: Binned.by_id == int(v),
                choices=[(str(id_), name) for id_, name in people],
                any_label="Anybody",
            ),
        ),
        tie_break=Binned.id.desc(),
        default_sort="-at",
    )


def _kind(binned: Binned) -> str:
    if binned.how is BinnedHow.CHANGED:
        return "Change of several"
    return kind_words(binned.kind).capitalize()


bp.add_app_template_global(_kind, "binned_kind")
bp.add_app_template_global(gone_on, "binned_until")


def page_for(kind: str, row: Any) -> str:
    known = KINDS[kind]
    return url_for(known.page, **{known.argument: getattr(row, known.of)})


def _restored_to(binned: Binned) -> str:
    known = KINDS.get(binned.kind)
    if known is None or (binned.how is BinnedHow.CHANGED and not binned.record_id):
        return url_for("bin.listing")
    return page_for(binned.kind, db.session.get_one(known.model, binned.record_id))


def _listing_of(binned: Binned) -> str:
    known = KINDS.get(binned.kind)
    return url_for(known.listing) if known and offered(known.listing) else ""


def heirs_of(found: Sequence[Binned]) -> dict[int, tuple[str, str]]:
    """Name and address of what each of these was merged into, one statement for each kind."""
    merged = [one for one in found if one.merged_into_id is not None and one.kind in KINDS]
    wanted = {one.id: (one.kind, one.merged_into_id or 0) for one in merged}
    names = names_of(db.session, wanted.values(), reader=me())
    return {
        id_: (names[one], address)
        for id_, one in wanted.items()
        if one in names and (address := _address(*one))
    }


def _refused(
    name: str, back: str, sentence: str, links: list[tuple[str, str]]
) -> ResponseReturnValue:
    page = render_template("bin/refused.html", name=name, back=back, sentence=sentence, links=links)
    return make_response(page, 409)


def _links(refusal: StandsInTheWay) -> list[tuple[str, str]]:
    """Where to find the first of what stands in the way, as far as this person may read it."""
    wanted: list[tuple[str, int]] = []
    for obstacle in refusal.obstacles:
        kind, place = LINKED.get(obstacle.table, (obstacle.table, 0))
        wanted += [(kind, int(key[place])) for key in obstacle.keys[:MOST_NAMED]]
    names = names_of(db.session, wanted, reader=me())
    return [
        (f"Letter to {name}" if one[0] == "letter" else name, address)
        for one, name in names.items()
        if (address := _address(one[0], one[1])) is not None
    ]


PAGES = {"letter": ("letters.letter", "letter_id"), "mailing": ("letters.mailing", "mailing_id")}


def _address(kind: str, number: int) -> str | None:
    """The page of a record, if it has one of its own."""
    known = KINDS.get(kind)
    page = (known.page, known.argument) if known and not known.is_part else PAGES.get(kind)
    if page is None:
        return None
    values: dict[str, Any] = {page[1]: number}
    return url_for(page[0], **values)


def _left(restored: Restored) -> str:
    if not restored.left:
        return ""
    fields = ", ".join(
        f"{kind_words(table)}{f' ({field_words(name)})' if name else ''}"
        for table, name in restored.left
    )
    what = plural(len(restored.left), "thing")
    return f" But {what} had been changed since and stays as it is: {fields}."
