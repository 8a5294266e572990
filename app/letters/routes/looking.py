"""The page on which somebody says that they have looked at what people got."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.from_outside import record_numbers
from app.core.web.filters import plural
from app.letters.delivery import looking
from app.letters.routes.blueprint import bp
from app.settings.services import settings_of


@bp.route("/look-first", methods=["GET", "POST"])
@requires(Permission.ADMINISTER, Permission.COORDINATE, Permission.APPROVE)
def look_first() -> ResponseReturnValue:
    stop = record_numbers(request.form.getlist("stop"))
    withdraw = bool(request.form.get("withdraw"))
    if request.method == "POST":
        try:
            going, stopped = looking.go_on(
                db.session,
                seen=request.form.get("seen", ""),
                stop=stop,
                by=me(),
                at=clock.now(),
                withdraw=withdraw,
            )
        except DomainError as refusal:
            db.session.rollback()
            flash(str(refusal), "error")
        else:
            db.session.commit()
            told = ["Letters and emails to colleagues can leave again."]
            if going:
                told.append(plural(going, "mailing goes on.", "mailings go on."))
            if stopped:
                told.append(f"{plural(stopped, 'mailing')} stopped.")
            flash(" ".join(told), "success")
            return redirect(url_for("letters.mailings"))
    question, mailings = settings_of(db.session).look_first, looking.under_way(db.session)
    waiting = looking.for_colleagues(db.session)
    return render_template(
        "letters/look_first.html",
        question=question,
        mailings=mailings,
        seen=looking.fingerprint(question, mailings, waiting),
        stop=stop,
        for_colleagues=waiting,
        withdraw=withdraw,
    )
