"""Giving the password again before the acts that matter most."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import rules
from app.accounts.access import me, needs_fresh_password, requires
from app.accounts.authentication import browser, password_sign_in, sessions
from app.accounts.forms import PasswordAgainForm
from app.accounts.routes.blueprint import bp
from app.accounts.routes.sign_in import too_many_tries
from app.core import clock
from app.core.db import db
from app.core.web import pages

NOT_KEPT = frozenset({"csrf_token", "confirm_password"})


@bp.route("/confirm-password", methods=["GET", "POST"])
@requires()
def confirm_password() -> ResponseReturnValue:
    """For requests that cannot be interrupted in place; afterwards back to where they came from."""
    back = pages.safe_path(request.args.get("next", "")) or "/"
    form = PasswordAgainForm()
    if form.validate_on_submit() and _accept(form):
        return redirect(back)
    return render_template("accounts/confirm_password.html", form=form, kept=[])


def ask_again_if_stale() -> ResponseReturnValue | None:
    """Before an act marked `fresh`: show the password page in its place, keeping what was sent.

    The page sends the same form again, to the same address, with the password added.
    """
    here = browser.current()
    if not needs_fresh_password() or not here.signed_in:
        return None
    # Made-up colleagues have no password to give, and exist on this machine only.
    if me().is_demo or rules.is_fresh(here.signed_in.fresh_at, clock.now()):
        return None
    if "HX-Request" in request.headers:
        return "", 204, {"HX-Redirect": url_for("accounts.confirm_password", next=_came_from())}
    form = PasswordAgainForm()
    if request.method == "GET":
        return redirect(url_for("accounts.confirm_password", next=request.full_path.rstrip("?")))
    if "confirm_password" in request.form and form.validate() and _accept(form):
        return None
    kept = [pair for pair in request.form.items(multi=True) if pair[0] not in NOT_KEPT]
    return render_template("accounts/confirm_password.html", form=form, kept=kept)


def _accept(form: PasswordAgainForm) -> bool:
    """Whether it is the password of whoever is signed in; then this browser is fresh again."""
    here, at = browser.current(), clock.now()
    attempt = password_sign_in.attempt(db.session, email=me().email, ip=request.remote_addr, at=at)
    db.session.commit()
    if attempt.wait:
        form.form_errors.append(too_many_tries(attempt.wait))
        return False
    if not attempt.is_right(form.confirm_password.data or ""):
        password_sign_in.record_wrong_password(db.session, attempt)
        db.session.commit()
        form.confirm_password.errors = ["That is not your password. Try again."]
        return False
    if (
        here.signed_in is None
        or password_sign_in.accept(db.session, attempt, form.confirm_password.data or "") is None
    ):
        form.form_errors.append("Your account changed meanwhile. Sign in again.")
        return False
    token = sessions.renew(db.session, session_id=here.signed_in.id, at=at, is_fresh=True)
    db.session.commit()
    here.adopt(token)
    return True


def _came_from() -> str:
    """The page an htmx request was sent from, as a path of ours."""
    address = request.headers.get("HX-Current-URL", "")
    return "/" + address.partition("://")[2].partition("/")[2]
