"""A test to oneself, asking, sending back, and the one act that lets letters go."""

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import fresh, me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import record_number
from app.letters import queries
from app.letters.approval import as_read, releasing, submitting
from app.letters.content import attachments
from app.letters.models import Mailing, MailingState
from app.letters.routes.blueprint import bp
from app.letters.routes.check import render_check
from app.letters.routes.lookups import (
    base_url,
    letter_or_404,
    locked_mailing_or_404,
    mailing_or_404,
    mark,
    step,
)
from app.letters.tracking import results


def _do(mailing_id: int, act: Callable[[Mailing], object], said: str) -> ResponseReturnValue:
    step(mailing_id, act, said)
    return redirect(url_for("letters.mailing_check", mailing_id=mailing_id, letter=_letter_id()))


def _if_as_read(act: Callable[[Mailing], object]) -> Callable[[Mailing], object]:
    """Do it only if the letters are those that were on the page from which it is asked."""

    def do(mailing: Mailing) -> object:
        _must_be_as_read(mailing)
        return act(mailing)

    return do


def _must_be_as_read(mailing: Mailing) -> None:
    letters = [row.letter for row in queries.rows(db.session, mailing)]
    attached = attachments.attachments_of(db.session, mailing)
    as_read.before_release(mailing, letters, attached).must_be(mark())


def _letter_id() -> int | None:
    return request.form.get("letter", type=record_number)


@bp.post("/mailings/<int:mailing_id>/test")
@requires(Permission.COORDINATE)
def mailing_test(mailing_id: int) -> ResponseReturnValue:
    def send_test(mailing: Mailing) -> None:
        letter = letter_or_404(mailing_id, _letter_id() or 0)
        submitting.send_test(
            db.session, mailing, letter, by=me(), at=clock.now(), base_url=base_url()
        )

    return _do(
        mailing_id,
        _if_as_read(send_test),
        f"A test is on its way to {me().email}. Nobody else gets it.",
    )


@bp.post("/mailings/<int:mailing_id>/no-test")
@requires(Permission.COORDINATE)
def mailing_waive_test(mailing_id: int) -> ResponseReturnValue:
    reason = request.form.get("reason", "")
    return _do(
        mailing_id,
        _if_as_read(lambda mailing: submitting.waive_test(mailing, reason, by=me())),
        "Noted. Whoever approves will read why there was no test.",
    )


@bp.post("/mailings/<int:mailing_id>/ask")
@requires(Permission.COORDINATE)
def mailing_ask(mailing_id: int) -> ResponseReturnValue:
    return _do(
        mailing_id,
        _if_as_read(
            lambda mailing: submitting.ask_for_approval(
                db.session, mailing, by=me(), at=clock.now(), base_url=base_url()
            )
        ),
        "The letters are fixed as they are now and wait for a second person.",
    )


@bp.post("/mailings/<int:mailing_id>/ask-again")
@requires(Permission.COORDINATE)
def mailing_ask_again(mailing_id: int) -> ResponseReturnValue:
    def ask_again(mailing: Mailing) -> None:
        letters = [row.letter for row in results.rows_of(db.session, mailing_id)]
        as_read.after_release(mailing, letters).must_be(mark())
        submitting.ask_again(db.session, mailing, by=me(), at=clock.now())

    return _do(
        mailing_id, ask_again, "The letters that had not gone wait for a second person again."
    )


@bp.post("/mailings/<int:mailing_id>/withdraw")
@requires(Permission.COORDINATE)
def mailing_withdraw(mailing_id: int) -> ResponseReturnValue:
    return _do(
        mailing_id,
        lambda mailing: submitting.withdraw(db.session, mailing, by=me(), at=clock.now()),
        "The mailing was withdrawn.",
    )


@bp.post("/mailings/<int:mailing_id>/send-back")
@requires(Permission.APPROVE)
def mailing_send_back(mailing_id: int) -> ResponseReturnValue:
    """A reason that was typed is there again where it could not be taken."""
    reason = request.form.get("reason", "")
    done = step(
        mailing_id,
        _if_as_read(
            lambda mailing: submitting.send_back(
                db.session, mailing, reason, by=me(), at=clock.now()
            )
        ),
        "The mailing went back to its author with your reason.",
    )
    if done:
        return redirect(url_for("letters.mailing_check", mailing_id=mailing_id))
    return render_check(mailing_or_404(mailing_id), reason=reason)


@bp.post("/mailings/<int:mailing_id>/release")
@requires(Permission.APPROVE, Permission.COORDINATE)
@fresh
def mailing_release(mailing_id: int) -> ResponseReturnValue:
    """A second press finds the mailing released, and shows it."""
    mailing = mailing_or_404(mailing_id)
    if mailing.state not in (MailingState.DRAFT, MailingState.AWAITING_APPROVAL):
        return redirect(url_for("letters.mailing", mailing_id=mailing_id))
    try:
        _must_be_as_read(locked_mailing_or_404(mailing_id))
        releasing.approve_and_release(
            db.session, mailing_id, by=me(), at=clock.now(), base_url=base_url()
        )
    except DomainError as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
        return redirect(url_for("letters.mailing_check", mailing_id=mailing_id))
    db.session.commit()
    flash("Released. Nothing leaves until the hold is over; Stop is on this page.", "success")
    return redirect(url_for("letters.mailing", mailing_id=mailing_id))
