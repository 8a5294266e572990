"""By which way each reader gets the letter, decided for one or for many at once."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import record_number
from app.core.web import pages
from app.core.web.filters import plural
from app.letters import queries
from app.letters.approval import as_read
from app.letters.drafting import checking, row_decisions
from app.letters.drafting.channel_list import rows_of, ways_view
from app.letters.drafting.summary import WAYS
from app.letters.models import Channel, LetterState
from app.letters.queries import CheckedRow
from app.letters.recipients.audience import Audience
from app.letters.routes.blueprint import bp
from app.letters.routes.lookups import (
    base_url,
    check_page,
    locked_mailing_or_404,
    mailing_or_404,
    mark,
)

AS_THE_REST = "as the rest"
WAY_CHOICES = [("", "As the rest"), *((one.value, WAYS[one].capitalize()) for one in Channel)]


@bp.get("/mailings/<int:mailing_id>/ways")
@requires(Permission.COORDINATE)
def mailing_ways(mailing_id: int) -> ResponseReturnValue:
    mailing = mailing_or_404(mailing_id)
    if mailing.frozen_at is None:
        return redirect(url_for("letters.mailing_choose", mailing_id=mailing_id))
    audience = Audience.from_json(mailing.audience)
    rows = queries.rows(db.session, mailing)
    return pages.show_list(
        "letters/mailing_ways.html",
        ways_view(mailing.name),
        rows_of([row for row in rows if _may_move(row)], audience),
        mailing=mailing,
        as_checked=as_read.before_deciding(row.letter for row in rows).mark,
        choices=WAY_CHOICES,
    )


@bp.post("/mailings/<int:mailing_id>/send-by")
@requires(Permission.COORDINATE)
def mailing_send_by(mailing_id: int) -> ResponseReturnValue:
    """These readers get it this way; then check again at once, as their rows are others now."""
    mailing = locked_mailing_or_404(mailing_id)
    rows = queries.rows(db.session, mailing)
    ticked = set(request.form.getlist("ids", type=record_number))
    letters = [row.letter for row in rows if row.letter.id in ticked and _may_move(row)]
    keys = [letter.addressee_key for letter in letters]
    way = request.form.get("way", "")
    try:
        as_read.before_deciding(row.letter for row in rows).must_be(mark())
        channel = Channel(way) if way in {one.value for one in Channel} else None
        row_decisions.send_by(db.session, mailing, letters, channel, by=me())
        checking.check(db.session, mailing, by=me(), at=clock.now(), base_url=base_url())
    except DomainError as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
        return redirect(url_for("letters.mailing_ways", mailing_id=mailing_id))
    db.session.commit()
    goes = plural(len(letters), "letter goes", "letters go")
    flash(f"{goes} {WAYS[channel] if channel else AS_THE_REST}, where that can be.", "success")
    if len(keys) == 1:  # decided where this one is shown, not on the list of all
        return redirect(check_page(mailing_id, keys[0]))
    return redirect(url_for("letters.mailing_ways", mailing_id=mailing_id))


def _may_move(row: CheckedRow) -> bool:
    """Whether its reader gets a letter, or would by post."""
    letter = row.letter
    return letter.state is not LetterState.EXCLUDED or bool(letter.findings.get("only_by_mail"))
