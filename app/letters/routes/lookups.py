"""What the pages of this feature look up before they do anything, and how they do a step."""

from collections.abc import Callable

from flask import abort, current_app, flash, request, url_for

from app.core.db import db
from app.core.errors import DomainError
from app.letters import queries
from app.letters.approval import as_read
from app.letters.models import Letter, LetterTemplate, Mailing


def base_url() -> str:
    """Links lead to where we are configured to be, never to where a request says we are."""
    return str(current_app.config["BASE_URL"])


def mailing_or_404(mailing_id: int) -> Mailing:
    return queries.mailing(db.session, mailing_id) or abort(404)


def letter_or_404(mailing_id: int, letter_id: int) -> Letter:
    return queries.letter(db.session, mailing_id, letter_id) or abort(404)


def template_or_404(template_id: int) -> LetterTemplate:
    return db.session.get(LetterTemplate, template_id) or abort(404)


def locked_mailing_or_404(mailing_id: int) -> Mailing:
    """Nobody changes it between the look at what the page had shown and the act."""
    return queries.mailing(db.session, mailing_id, lock=True) or abort(404)


def mark() -> str:
    """Of what the page had shown from which this form comes (`approval.as_read`)."""
    return request.form.get(as_read.FIELD, "")


def step(mailing_id: int, act: Callable[[Mailing], object], said: str) -> bool:
    """One step of a mailing: done, or refused with the sentence the page shows too."""
    mailing = locked_mailing_or_404(mailing_id)
    try:
        act(mailing)
    except DomainError as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
        return False
    db.session.commit()
    flash(said, "success")
    return True


def check_page(mailing_id: int, key: str | None) -> str:
    """Back to the same reader, whose row has a new number since the check."""
    letter_id = queries.row_of(db.session, mailing_id, key)
    return url_for("letters.mailing_check", mailing_id=mailing_id, letter=letter_id)
