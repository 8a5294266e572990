"""Somebody saves a record that somebody else has deleted meanwhile, or made one with another."""

from collections.abc import Sequence
from typing import Any, cast

from flask import Response, current_app, flash, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from app.accounts.access import me
from app.accounts.models import User
from app.administration import deleting
from app.administration.routes.bin import bp, heirs_of
from app.audit.rules import field_words, kind_words
from app.bin import queries
from app.bin.models import Binned, BinnedHow
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.web.error_pages import show_http_error
from app.editing.forms import Gone, TypedInstead, typed

RESTORE = "restore"
OF_THE_PAGE = frozenset({"csrf_token", RESTORE})
NOT_TYPED = OF_THE_PAGE | {"shown", "form_token", "only", "back"}


@bp.app_errorhandler(Gone)
def show_gone(gone: Gone) -> ResponseReturnValue:
    """Who took it away and when, and all that was typed; with one button to have both back."""
    binned = queries.seen_by(db.session, gone.kind, gone.record_id, me())
    if binned is None:
        return show_http_error(gone)
    if request.form.get(RESTORE) == str(binned.id) and _may_come_back(binned):
        return _restore_and_save(binned)
    return _page(binned)


def _restore_and_save(binned: Binned) -> ResponseReturnValue:
    """It is restored whatever becomes of the save: what does not fit is said on its form."""
    try:
        deleting.restore(db.session, binned, by=me(), at=clock.now())
    except DomainError as refusal:
        db.session.rollback()
        return _page(binned, refusal=str(refusal))
    name = binned.name
    db.session.commit()
    flash(f"“{name}” has been restored.", "success")
    return _save_again()


def _save_again(instead: int | None = None) -> ResponseReturnValue:
    """Let the route of the form answer, of another record if one is named."""
    view = current_app.view_functions[request.endpoint or ""]
    given = (request.view_args or {}).items()
    address = {name: number if instead is None else instead for name, number in given}
    answer: Any = view(**address)
    return cast("ResponseReturnValue", answer)


def _page(binned: Binned, refusal: str = "") -> Response:
    words = _typed(binned)
    may_restore = not refusal and _may_come_back(binned)
    page = render_template(
        "bin/gone.html",
        binned=binned,
        kind=kind_words(binned.kind),
        by=db.session.get_one(User, binned.by_id),
        typed=words,
        refusal=refusal,
        heir=heirs_of([binned]).get(binned.id),
        may_restore=may_restore,
        sent=[
            one for one in request.form.items(multi=True) if one[0] not in ("csrf_token", RESTORE)
        ],
        here=request.full_path.rstrip("?"),
    )
    return make_response(page, 410)


def _may_come_back(binned: Binned) -> bool:
    """What was merged away is taken apart from the page of what it became, not on the way."""
    return (
        binned.how is BinnedHow.DELETED
        and binned.emptied_at is None
        and deleting.may_restore(db.session, binned, me())
    )


def _typed(binned: Binned) -> Sequence[tuple[str, str]]:
    """What was typed, in the words of its form.

    Only the record can fill the form; so it is put back, the form is asked what it holds instead
    of being saved, and everything is undone again.
    """
    g.only_what_was_typed = True
    try:
        if binned.merged_into_id is not None:
            _save_again(binned.merged_into_id)
        elif _may_come_back(binned):
            deleting.restore(db.session, binned, by=me(), at=clock.now())
            _save_again()
    except TypedInstead as found:
        return typed(found.form)
    except (DomainError, HTTPException):
        pass  # then it is shown as it was sent
    finally:
        g.only_what_was_typed = False
        db.session.rollback()
    return [
        (field_words(name).capitalize(), value)
        for name, value in request.form.items(multi=True)
        if value and name not in NOT_TYPED
    ]
