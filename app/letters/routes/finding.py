"""What the pages of this feature look up before they do anything."""

from flask import abort, current_app

from app.core.db import db
from app.letters import queries
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
