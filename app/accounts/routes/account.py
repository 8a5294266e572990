"""What everybody can do about their own account."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from werkzeug import Response

from app.accounts.access import me, requires
from app.accounts.authentication import browser, hashing, new_passwords, password_sign_in, sessions
from app.accounts.authentication.passwords import WeakPassword
from app.accounts.authentication.user_agent import device
from app.accounts.forms import ChangePasswordForm, MyDetailsForm
from app.accounts.models import Permission, User
from app.accounts.routes.blueprint import bp
from app.accounts.routes.sign_in import too_many_tries
from app.audit import services as audit
from app.core import clock
from app.core.db import db
from app.core.web import pages
from app.editing.forms import edits, hold, said


@bp.route("/account", methods=["GET", "POST"])
@requires()
def my_account() -> ResponseReturnValue:
    hold(User, me().id)
    form = edits(MyDetailsForm(name=me().name, theme=me().theme), me())
    if form.validate_on_submit():
        user = me()
        user.name = " ".join((form.name.data or "").split())
        user.theme = form.theme.data or "system"
        db.session.commit()
        flash(said(form, "Your details are saved."), "success")
        response = redirect(url_for("accounts.my_account"))
        pages.remember_theme(response, user.theme)
        return response
    here = browser.current().signed_in
    return render_template(
        "accounts/my_account.html",
        form=form,
        browsers=sessions.active_of(db.session, user=me(), at=clock.now()),
        device=device,
        here=here.id if here else None,
        may=[permission.value for permission in Permission if me().may(permission)],
    )


@bp.route("/account/password", methods=["GET", "POST"])
@requires()
def change_password() -> ResponseReturnValue:
    form = ChangePasswordForm()
    if form.validate_on_submit() and (response := _change(form)):
        return response
    return render_template("accounts/change_password.html", form=form)


@bp.post("/account/sessions/<int:session_id>/end")
@requires()
def end_session(session_id: int) -> ResponseReturnValue:
    here = browser.current().signed_in
    if here and here.id == session_id:
        return redirect(url_for("accounts.my_account"))
    if not sessions.end(db.session, session_id=session_id, user=me(), at=clock.now()):
        abort(404)
    audit.record(
        db.session, action="sessions ended", subjects=[("user", me().id)], summary="1 ended"
    )
    db.session.commit()
    flash("That browser is signed out.", "success")
    return redirect(url_for("accounts.my_account"))


@bp.post("/account/sessions/end-others")
@requires()
def end_other_sessions() -> ResponseReturnValue:
    here = browser.current().signed_in
    ended = sessions.end_everything(
        db.session,
        user=me(),
        at=clock.now(),
        because="by the user",
        but=here.id if here else None,
    )
    db.session.commit()
    flash(f"Signed out of {ended} other browser{'s' if ended != 1 else ''}.", "success")
    return redirect(url_for("accounts.my_account"))


@bp.post("/account/stay")
@requires()
def stay() -> ResponseReturnValue:
    """Pressed in the warning that the idle limit is near: count this as being here."""
    here = browser.current()
    here.note_presence()
    back = pages.safe_path(request.form.get("next", "")) or "/"
    return str(browser.seconds_left()) if "HX-Request" in request.headers else redirect(back)


@bp.get("/account/form-token")
@requires()
def form_token() -> ResponseReturnValue:
    """For a page that was open before its user signed in again: what its forms need now.

    No other site can read the answer, and none gets one.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        abort(403)
    return {"token": generate_csrf(), "user": me().id, "seconds_left": browser.seconds_left()}


def _change(form: ChangePasswordForm) -> Response | None:
    """Change it and go back; or None, with the reason in the form."""
    user, at = me(), clock.now()
    try:
        new_passwords.check(form.password.data or "", user)
    except WeakPassword as refusal:
        form.password.errors = [str(refusal)]
        return None
    attempt = password_sign_in.attempt(db.session, email=user.email, ip=request.remote_addr, at=at)
    db.session.commit()
    if attempt.wait:
        form.form_errors.append(too_many_tries(attempt.wait))
        return None
    if not attempt.is_right(form.current.data or ""):
        password_sign_in.record_wrong_password(db.session, attempt)
        db.session.commit()
        form.current.errors = ["That is not your current password."]
        return None
    made = hashing.hash_password(form.password.data or "")
    accepted = password_sign_in.accept(db.session, attempt, form.current.data or "")
    here = browser.current()
    if accepted is None or here.signed_in is None:
        form.form_errors.append("Your account changed meanwhile. Try again.")
        return None
    new_passwords.change(db.session, accepted, password_hash=made, at=at, but=here.signed_in.id)
    token = sessions.renew(db.session, session_id=here.signed_in.id, at=at, is_fresh=True)
    db.session.commit()
    here.adopt(token)
    flash("Your password is changed, and you are signed out everywhere else.", "success")
    return redirect(url_for("accounts.my_account"))
