"""Signing in and out."""

from datetime import timedelta

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from app.accounts.access import me, public, requires
from app.accounts.authentication import browser, password_sign_in, sessions
from app.accounts.forms import SignInForm
from app.accounts.models import User
from app.accounts.routes.blueprint import bp
from app.audit import services as audit
from app.core import clock
from app.core.db import db
from app.core.web import pages
from app.core.web.request_size import takes_little

WRONG = "That email address and password do not go together. Try again, or ask for a new password."
MEANWHILE = "Your account changed while you were signing in. Try again."
# The copies a browser keeps of pages, and anything our scripts may have left in it.
CLEAR = '"cache", "storage"'


@bp.route("/sign-in", methods=["GET", "POST"])
@public
@takes_little
def sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if request.method == "GET":
        form.next.data = request.args.get("next", "")
        if browser.current().user:
            return _onwards(form)
        return _page(form)
    if not form.validate():
        return _page(form)
    user, refusal, status = _who_gave(form.email.data or "", form.password.data or "")
    if user is None:
        form.form_errors.append(refusal)
        return _page(form), status
    let_in(user, how="With a password")
    db.session.commit()
    return in_their_colours(user, _onwards(form))


def _who_gave(email: str, password: str) -> tuple[User | None, str, int]:
    """The user this is the password of; or the sentence and the status of the refusal."""
    attempt = password_sign_in.attempt(
        db.session, email=email, ip=request.remote_addr, at=clock.now()
    )
    db.session.commit()
    if attempt.wait:
        return None, too_many_tries(attempt.wait), 429
    if not attempt.is_right(password):
        password_sign_in.record_wrong_password(db.session, attempt)
        db.session.commit()
        return None, WRONG, 401
    return password_sign_in.accept(db.session, attempt, password), MEANWHILE, 401


@bp.post("/sign-out")
@requires()
def sign_out() -> ResponseReturnValue:
    here = browser.current()
    if here.signed_in:
        sessions.end(db.session, session_id=here.signed_in.id, user=me(), at=clock.now())
        audit.record(db.session, action="signed out", subjects=[("user", me().id)])
        db.session.commit()
    here.forget()
    response = redirect(url_for("accounts.signed_out"))
    response.headers["Clear-Site-Data"] = CLEAR
    return response


@bp.get("/signed-out")
@public
def signed_out() -> ResponseReturnValue:
    return render_template("accounts/signed_out.html")


def let_in(user: User, *, how: str) -> None:
    """Sign this browser in under a new token; the caller commits."""
    here = browser.current()
    if here.signed_in:
        sessions.end(
            db.session, session_id=here.signed_in.id, user=here.signed_in.user, at=clock.now()
        )
    token = password_sign_in.open_browser(
        db.session,
        user=user,
        at=clock.now(),
        ip=request.remote_addr,
        agent=browser.agent(),
        how=how,
    )
    here.adopt(token)


def in_their_colours(user: User, response: Response) -> Response:
    """A browser new to this user takes over the colours they chose in their account."""
    if user.theme != "system":
        pages.remember_theme(response, user.theme)
    return response


def too_many_tries(wait: timedelta) -> str:
    minutes = max(1, round(wait.total_seconds() / 60 + 0.49))
    plural = "s" if minutes > 1 else ""
    return (
        f"There have been too many tries. Wait {minutes} minute{plural} and try again, "
        "or ask for a link to set a new password."
    )


def _onwards(form: SignInForm) -> Response:
    return redirect(pages.safe_path(form.next.data or "") or "/")


def _page(form: SignInForm) -> str:
    here = browser.current()
    if here.has_lapsed:
        here.forget()  # said once is enough
    return render_template("accounts/sign_in.html", form=form, has_lapsed=here.has_lapsed)
