"""Who looks after which body: one by one, or many at once."""

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission, User
from app.bin.change_capture import noting
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import record_number_or_none, record_numbers
from app.core.text.alphabet import folded
from app.core.web.filters import plural
from app.core.web.form_fields import choices
from app.core.web.pages import say_with_undo, show_list
from app.directory import listing
from app.directory.forms import OwnerForm, OwnersForm
from app.directory.models import Organisation, OrganisationKind
from app.directory.queries import bodies
from app.directory.queries import owners as queries
from app.directory.routes.blueprint import bp, user_choices
from app.directory.services import owners as services
from app.editing.forms import edits, hold, said
from app.editing.one_fact import show_form

NOBODY = "Nobody"


@bp.route("/organisations/<int:organisation_id>/owner", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def set_owner(organisation_id: int) -> ResponseReturnValue:
    hold(Organisation, organisation_id)
    body = db.session.get(Organisation, organisation_id) or abort(404)
    current = queries.owners_on(db.session, [body.id], clock.today()).get(body.id)
    form = edits(OwnerForm(user_id=str(current.id) if current else ""), body)
    form.user_id.choices = user_choices(queries.possible_owners(db.session), NOBODY)
    if form.validate_on_submit():
        try:
            services.set_owner(
                db.session,
                organisation=body,
                owner=_user(form.user_id.data),
                on=clock.today(),
            )
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            flash(said(form, "The owner has been recorded."), "success")
            return redirect(url_for("directory.organisation", organisation_id=body.id))
    return show_form(
        "directory/set_owner.html",
        form,
        record=body.short_name,
        back=url_for("directory.organisation", organisation_id=body.id),
        body=body,
    )


@bp.get("/owners")
@requires(Permission.COORDINATE)
def owners() -> ResponseReturnValue:
    """Tick bodies, choose an owner. Boards, unless another kind is asked for."""
    return _show_list(OwnersForm())


@bp.post("/owners")
@requires(Permission.COORDINATE)
def assign_owners() -> ResponseReturnValue:
    """First what would change; with `confirmed`, the change, if owners are those shown then."""
    form = OwnersForm()
    _offer(form)
    chosen = bodies.by_ids(db.session, record_numbers(request.form.getlist("ids")))
    is_complete = form.validate()
    if not chosen:
        form.form_errors.append("Tick at least one body.")
    if not chosen or not is_complete:
        return _show_list(form)
    owner = _user(form.user_id.data)
    if form.confirmed.data != _mark(chosen):
        return _ask(chosen, owner, form.user_id.data, again=bool(form.confirmed.data))
    try:
        with noting(db.session, kind="ownership", by=me(), at=clock.now()) as change:
            changed = services.set_owner_of_many(
                db.session, organisations=chosen, owner=owner, on=clock.today()
            )
            given = f"given to {owner.name}" if owner else "left without an owner"
            change.name = f"{plural(changed, 'body', 'bodies')} {given}"
    except DomainError as refusal:
        db.session.rollback()
        form.form_errors.append(str(refusal))
        return _show_list(form)
    db.session.commit()
    words = f"{changed} of {len(chosen)} changed owner."
    if changed:
        say_with_undo(words, url_for("bin.restore", binned_id=change.id))
    else:
        flash(words, "success")
    return redirect(url_for("directory.owners"))


def _mark(chosen: Sequence[Organisation]) -> str:
    """Who looks after these bodies now, in few letters."""
    now = queries.owners_on(db.session, [body.id for body in chosen], clock.today())
    said = sorted((body.id, now[body.id].id if body.id in now else 0) for body in chosen)
    return sha256(str(said).encode()).hexdigest()[:20]


def _ask(
    chosen: Sequence[Organisation], owner: User | None, picked: str, *, again: bool
) -> ResponseReturnValue:
    """How many each of us would look after, before anything is changed."""
    day = clock.today()
    boards = bodies.boards_on(db.session, day)
    counted = {body.id: body for body in (*boards, *chosen)}
    now = queries.owners_on(db.session, list(counted), day)
    before = Counter(now[id_].name if id_ in now else NOBODY for id_ in counted)
    after = Counter(before)
    for body in chosen:
        after[now[body.id].name if body.id in now else NOBODY] -= 1
        after[owner.name if owner else NOBODY] += 1
    return render_template(
        "directory/confirm_owners.html",
        chosen=chosen,
        owner=owner,
        now=now,
        names=sorted({*before, *after}, key=folded),
        before=before,
        after=after,
        picked=picked,
        mark=_mark(chosen),
        again=again,
    )


def _show_list(form: OwnersForm) -> ResponseReturnValue:
    day = clock.today()
    _offer(form)
    view = listing.owners_view(day, bodies.regions(db.session), queries.possible_owners(db.session))
    source = listing.organisations(day, with_ended=False)
    if not request.args.get("kind"):
        source = source.where(Organisation.kind == OrganisationKind.ICB)
    ticked = set(record_numbers(request.form.getlist("ids")))
    return show_list("directory/owners.html", view, source, form=form, ticked=ticked)


def _offer(form: OwnersForm) -> None:
    users = [(str(user.id), user.name) for user in queries.possible_owners(db.session)]
    form.user_id.choices = choices([("", "Choose"), *users, ("nobody", NOBODY)])


def _user(raw: str) -> User | None:
    number = record_number_or_none(raw)
    return None if number is None else db.session.get(User, number)
