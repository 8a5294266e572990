"""The briefing on the screen, on paper, and as PDF."""

import re
from collections.abc import Sequence

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
from app.interactions import queries as interactions
from app.overview.briefing import (
    Briefing,
    JointBriefing,
    briefing_of,
    fits_together,
    is_joint,
    joint_briefing_of,
)
from app.overview.briefing_fit import PDF, SCREEN, Paper
from app.overview.briefing_pdf import joint_pdf_of, pdf_of

bp = Blueprint("briefings", __name__)


@bp.app_template_global()
def briefed_together(organisations: Sequence[Organisation]) -> bool:
    """Whether the page of a meeting offers one document for all of its bodies."""
    return is_joint(organisations)


@bp.get("/organisations/<int:organisation_id>/briefing")
@requires(Permission.VIEW)
def briefing(organisation_id: int) -> ResponseReturnValue:
    return render_template(
        "overview/briefing.html",
        briefing=_briefing(organisation_id, SCREEN),
        now=clock.now(),
        address=_address(url_for("briefings.briefing", organisation_id=organisation_id)),
    )


@bp.get("/organisations/<int:organisation_id>/briefing.pdf")
@requires(Permission.VIEW)
def briefing_pdf(organisation_id: int) -> ResponseReturnValue:
    made = _briefing(organisation_id, PDF)
    address = _address(url_for("briefings.briefing", organisation_id=organisation_id))
    content = pdf_of(made, address=address, printed_by=me().name, at=clock.now())
    return _download(content, [made.organisation.short_name], made.row_count)


@bp.get("/interactions/<int:interaction_id>/briefing")
@requires(Permission.VIEW)
def joint_briefing(interaction_id: int) -> ResponseReturnValue:
    return render_template(
        "overview/joint_briefing.html",
        briefing=_joint_briefing(interaction_id, SCREEN),
        interaction_id=interaction_id,
        now=clock.now(),
        address=_address(url_for("briefings.joint_briefing", interaction_id=interaction_id)),
    )


@bp.get("/interactions/<int:interaction_id>/briefing.pdf")
@requires(Permission.VIEW)
def joint_briefing_pdf(interaction_id: int) -> ResponseReturnValue:
    made = _joint_briefing(interaction_id, PDF)
    address = _address(url_for("briefings.joint_briefing", interaction_id=interaction_id))
    content = joint_pdf_of(made, address=address, printed_by=me().name, at=clock.now())
    # By the bodies: more people read the list of exports than may read the meeting.
    names = [part.organisation.short_name for part in made.parts]
    return _download(content, names, made.row_count)


def _briefing(organisation_id: int, paper: Paper) -> Briefing:
    found = db.session.scalar(
        select(Organisation)
        .where(Organisation.id == organisation_id)
        .options(joinedload(Organisation.region))
    )
    return briefing_of(db.session, found or abort(404), reader=me(), on=clock.today(), paper=paper)


def _joint_briefing(interaction_id: int, paper: Paper) -> JointBriefing:
    meeting = interactions.by_ids(db.session, [interaction_id]).get(interaction_id)
    if meeting is None or not meeting.may_be_read_by(me()):
        abort(404)
    named = interactions.organisations_of(db.session, meeting.id)
    if not fits_together(named):
        abort(404)
    return joint_briefing_of(db.session, meeting, named, reader=me(), on=clock.today(), paper=paper)


def _download(content: bytes, names: Sequence[str], rows: int) -> Response:
    note_export(f"Briefing on {', '.join(names)}, PDF", [], rows)
    response = Response(content, content_type="application/pdf")
    plain = re.sub("[^a-z0-9]+", "-", " ".join(names).lower()).strip("-")[:80]
    response.headers.set(
        "Content-Disposition", "attachment", filename=f"briefing-{plain}-{clock.today()}.pdf"
    )
    return response


def _address(path: str) -> str:
    return f"{current_app.config['BASE_URL']}{path}"
