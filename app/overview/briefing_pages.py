"""The briefing on the screen, on paper, and as PDF."""

import re

from flask import Blueprint, Response, abort, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.web.pages import note_export
from app.directory.models import Organisation
from app.overview.briefing import Briefing, briefing_of, more_words
from app.overview.briefing_pdf import pdf_of

bp = Blueprint("briefings", __name__)


@bp.get("/organisations/<int:organisation_id>/briefing")
@requires(Permission.VIEW)
def briefing(organisation_id: int) -> ResponseReturnValue:
    return render_template(
        "overview/briefing.html",
        briefing=_briefing(organisation_id),
        more_words=more_words,
        now=clock.now(),
        address=_address(organisation_id),
    )


@bp.get("/organisations/<int:organisation_id>/briefing.pdf")
@requires(Permission.VIEW)
def briefing_pdf(organisation_id: int) -> ResponseReturnValue:
    made = _briefing(organisation_id)
    name = made.organisation.short_name
    content = pdf_of(made, address=_address(organisation_id), printed_by=me().name, at=clock.now())
    note_export(f"Briefing on {name}, PDF", [], sum(len(part.rows) for part in made.sections))
    response = Response(content, content_type="application/pdf")
    plain = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")
    response.headers.set(
        "Content-Disposition", "attachment", filename=f"briefing-{plain}-{clock.today()}.pdf"
    )
    return response


def _briefing(organisation_id: int) -> Briefing:
    found = db.session.scalar(
        select(Organisation)
        .where(Organisation.id == organisation_id)
        .options(joinedload(Organisation.region))
    )
    return briefing_of(db.session, found or abort(404), reader=me(), on=clock.today())


def _address(organisation_id: int) -> str:
    path = url_for("briefings.briefing", organisation_id=organisation_id)
    return f"{current_app.config['BASE_URL']}{path}"
