"""People who may be recorded twice: the list, both side by side, one of them, and two again."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.bin.models import Binned, BinnedHow
from app.bin.queries import may_see, newest
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.web.pages import say_with_undo
from app.directory.models import NotTheSame, Person
from app.directory.queries import duplicates, people
from app.directory.queries.holdings import Holdings
from app.directory.services.people import emails
from app.merging import forms, services, view_models
from app.merging.mailings import LetterUnderWay
from app.merging.rules import Side
from app.merging.services import MergeChoices

bp = Blueprint("merging", __name__)
CHANGED = "One of the two was changed while you looked. Look again before you merge them."


@bp.get("/people/twice")
@requires(Permission.COORDINATE)
def twice() -> ResponseReturnValue:
    """Likely duplicates, and those somebody said are two people."""
    found = duplicates.pairs(db.session)
    apart = duplicates.told_apart(db.session)
    known = duplicates.people_of(db.session, found, apart)
    holdings = Holdings(db.session, clock.today()).look_up(list(known.values()))
    return render_template(
        "merging/twice.html", pairs=found, apart=apart, people=known, holdings=holdings
    )


@bp.get("/people/<int:person_id>/merge")
@requires(Permission.COORDINATE)
def choose(person_id: int) -> ResponseReturnValue:
    """Whom to merge with: those who look alike, or whoever is looked for by name."""
    person = db.session.get(Person, person_id) or abort(404)
    asked = request.args.get("find", "").strip()
    addresses = [one.address for one in emails(db.session, person)]
    alike = duplicates.likely_twins(db.session, person, addresses)
    found = (
        [one for one in people.called(db.session, asked) if one.id != person.id] if asked else []
    )
    everybody = [*found, *(one.person for one in alike)]
    return render_template(
        "merging/choose.html",
        person=person,
        asked=asked,
        found=found,
        alike=alike,
        holdings=Holdings(db.session, clock.today()).look_up(everybody),
    )


@bp.route("/people/<int:person_id>/merge/<int:other_id>", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def side_by_side(person_id: int, other_id: int) -> ResponseReturnValue:
    """The first stays, the other goes; a preview is the same page with what would come of it."""
    stays, goes = db.session.get(Person, person_id), db.session.get(Person, other_id)
    if stays is None or goes is None:
        return _gone(person_id if stays is None else other_id)
    if stays is goes:
        abort(404)
    two = view_models.two(db.session, stays, goes, reader=me())
    form = forms.merge_form(two)
    under_way = None
    if form.validate_on_submit() and request.form.get("act") != "preview":
        if form.mark.data != two.mark:
            form.form_errors.append(CHANGED)
            form.mark.data = form.mark.raw_data = two.mark
        else:
            try:
                return _merge(stays, goes, forms.picked(form, two), forms.preferred(form))
            except DomainError as refusal:
                db.session.rollback()
                two = view_models.two(db.session, stays, goes, reader=me())
                form.form_errors.append(str(refusal))
                under_way = refusal.mailing_id if isinstance(refusal, LetterUnderWay) else None
    return render_template(
        "merging/side_by_side.html",
        two=two,
        form=form,
        under_way=under_way,
        result=view_models.result(stays, goes, _as_chosen(form, two)),
    )


@bp.post("/people/<int:person_id>/apart/<int:other_id>")
@requires(Permission.COORDINATE)
def tell_apart(person_id: int, other_id: int) -> ResponseReturnValue:
    one = db.session.get(Person, person_id) or abort(404)
    other = db.session.get(Person, other_id) or abort(404)
    try:
        said = services.tell_apart(db.session, one, other, by=me(), at=clock.now())
    except DomainError:
        abort(404)
    db.session.commit()
    undo = url_for("merging.ask_again", person_id=said.person_id, other_id=said.other_id)
    words = f"{one.name} and {other.name} are two people. Nobody is asked about them again."
    say_with_undo(words, undo)
    return redirect(url_for("merging.twice"))


@bp.post("/people/<int:person_id>/apart/<int:other_id>/undo")
@requires(Permission.COORDINATE)
def ask_again(person_id: int, other_id: int) -> ResponseReturnValue:
    said = db.session.get(NotTheSame, (person_id, other_id))
    if said is not None:
        services.ask_again(db.session, said)
        db.session.commit()
    flash("They are on the list again if they still look alike.", "success")
    return redirect(url_for("merging.twice"))


@bp.post("/merges/<int:binned_id>/undo")
@requires(Permission.COORDINATE)
def undo(binned_id: int) -> ResponseReturnValue:
    binned = db.session.get(Binned, binned_id)
    if (
        binned is None
        or (binned.kind, binned.how) != (services.PERSON, BinnedHow.MERGED)
        or not may_see(binned, me())
    ):
        abort(404)
    try:
        back = services.take_back(db.session, binned, by=me(), at=clock.now())
    except DomainError as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
        return _to_person(binned.merged_into_id or 0)
    db.session.commit()
    flash(f"{back.person.name} is a person of their own again.", "success")
    if back.left:
        flash(f"Changed since, and left as it is: {', '.join(back.left)}.", "warning")
    return _to_person(back.person.id)


def _merge(stays: Person, goes: Person, picked: Any, preferred: str) -> ResponseReturnValue:
    name = goes.name
    binned = services.merge(
        db.session,
        stays=stays,
        goes=goes,
        wanted=MergeChoices(picked, preferred),
        by=me(),
        at=clock.now(),
    )
    db.session.commit()
    undo = url_for("merging.undo", binned_id=binned.id)
    say_with_undo(f"{name} was merged into this record.", undo)
    return _to_person(stays.id)


def _as_chosen(form: Any, two: view_models.TwoShown) -> dict[str, Any]:
    """What is ticked, where it can be: something may have been sent that was not offered."""
    wrong = {one.fact.key for one in two.choices if form[one.fact.key].errors}
    known = [one for one in two.choices if one.fact.key not in wrong]
    return {one.fact.key: Side(form[one.fact.key].data) for one in known}


def _gone(person_id: int) -> ResponseReturnValue:
    """Somebody merged or deleted one of the two meanwhile."""
    if newest(db.session, services.PERSON, person_id) is None:
        abort(404)
    flash(services.gone_words(db.session, person_id), "warning")
    return redirect(url_for("merging.twice"))


def _to_person(person_id: int) -> ResponseReturnValue:
    return redirect(url_for("directory.person", person_id=person_id))
