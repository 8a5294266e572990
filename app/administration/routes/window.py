"""Where the window of the envelopes is, drawn and tried out before anything is posted."""

from pathlib import Path

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import requires
from app.accounts.models import Permission
from app.administration.forms import WindowForm
from app.administration.routes.blueprint import bp
from app.core import clock
from app.core.db import db
from app.core.typesetting import Typesetter
from app.settings import window as windows
from app.settings.window import C5, Window, WindowDoesNotFit, window_of

TEST_PAGE = Path(__file__).resolve().parents[3] / "templates/settings/window.typ"
MEASURES = ("left", "top", "width", "height")


@bp.route("/settings/window", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def window() -> ResponseReturnValue:
    now = window_of(db.session)
    form = WindowForm(data={name: getattr(now, name) for name in MEASURES})
    if form.validate_on_submit():
        wanted = Window(**{name: form[name].data for name in MEASURES})
        try:
            windows.set_window(db.session, wanted)
        except WindowDoesNotFit as refusal:
            form[refusal.field].errors = [str(refusal)]
        else:
            return _saved()
    return render_template(
        "settings/window.html",
        form=form,
        window=now,
        measures=MEASURES,
        usual=C5,
        is_usual=now == C5,
    )


@bp.post("/settings/window/usual")
@requires(Permission.ADMINISTER)
def usual_window() -> ResponseReturnValue:
    windows.set_window(db.session, C5)
    return _saved()


def _saved() -> ResponseReturnValue:
    db.session.commit()
    flash("Saved. Print the test page, fold it, and look at it in an envelope.", "success")
    return redirect(url_for("settings.window"))


@bp.get("/settings/window/test-page.pdf")
@requires(Permission.ADMINISTER)
def window_test_page() -> Response:
    now = window_of(db.session)
    content = Typesetter(TEST_PAGE).pdf(
        {"window": vars(now), "words": f"{now.width:g} by {now.height:g} mm"}, at=clock.now()
    )
    response = Response(content, content_type="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename="window-test-page.pdf")
    return response
