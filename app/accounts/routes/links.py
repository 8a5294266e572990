"""What the secret links open. Getting a page never uses a link up, because mail scanners get them
too; pressing its button does."""

from flask import current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts import services
from app.accounts.access import public
from app.accounts.authentication import hashing, new_passwords, passwords, secret_links
from app.accounts.authentication.passwords import WeakPassword
from app.accounts.forms import AskForLinkForm, FirstAdministratorForm, NewPasswordForm
from app.accounts.models import LinkPurpose, User
from app.accounts.routes.blueprint import bp
from app.accounts.routes.sign_in import in_their_colours, let_in
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.web.request_size import takes_little


@bp.route("/new-password", methods=["GET", "POST"])
@public
@takes_little
def ask_for_link() -> ResponseReturnValue:
    form = AskForLinkForm()
    if not form.validate_on_submit():
        return render_template("accounts/ask_for_link.html", form=form)
    new_passwords.ask_for_link(
        db.session,
        email=form.email.data or "",
        ip=request.remote_addr,
        base_url=base_url(),
        at=clock.now(),
    )
    db.session.commit()
    return render_template("accounts/link_sent.html")


@bp.route("/new-password/<token>", methods=["GET", "POST"])
@public
@takes_little
def new_password(token: str) -> ResponseReturnValue:
    form = NewPasswordForm()
    user = _owner(LinkPurpose.PASSWORD_RESET, token)
    if form.validate_on_submit() and (made := _hash_for(user, form)):
        new_passwords.set_by_link(
            db.session, token=token, password_hash=made, ip=request.remote_addr, at=clock.now()
        )
        db.session.commit()
        return render_template("accounts/password_set.html")
    return render_template("accounts/new_password.html", form=form, user=user)


@bp.route("/invitation/<token>", methods=["GET", "POST"])
@public
@takes_little
def invitation(token: str) -> ResponseReturnValue:
    form = NewPasswordForm()
    user = _owner(LinkPurpose.INVITATION, token)
    if form.validate_on_submit() and (made := _hash_for(user, form)):
        user = services.accept_invitation(
            db.session, token=token, password_hash=made, at=clock.now()
        )
        let_in(user, how="By invitation")
        db.session.commit()
        return in_their_colours(user, redirect("/"))
    return render_template("accounts/invitation.html", form=form, user=user)


@bp.route("/first-administrator/<token>", methods=["GET", "POST"])
@public
@takes_little
def first_administrator(token: str) -> ResponseReturnValue:
    form = FirstAdministratorForm()
    secret_links.find(db.session, LinkPurpose.FIRST_ADMINISTRATOR, token=token, at=clock.now())
    db.session.rollback()
    if form.validate_on_submit():
        try:
            passwords.check(
                form.password.data or "",
                names=(form.name.data or "", form.email.data or "", form.member.data or ""),
            )
            user = services.open_first_account(
                db.session,
                token=token,
                email=form.email.data or "",
                name=form.name.data or "",
                member=form.member.data or "",
                password_hash=hashing.hash_password(form.password.data or ""),
                at=clock.now(),
            )
        except WeakPassword as refusal:
            form.password.errors = [str(refusal)]
        else:
            let_in(user, how="As the first administrator")
            db.session.commit()
            return redirect("/set-up")
    return render_template("accounts/first_administrator.html", form=form)


@bp.route("/demo-sign-in/<token>", methods=["GET", "POST"])
@public
@takes_little
def demo_sign_in(token: str) -> ResponseReturnValue:
    if request.method == "POST":
        user = services.use_demo_link(db.session, token=token, base_url=base_url(), at=clock.now())
        let_in(user, how="By a demo link")
        db.session.commit()
        return in_their_colours(user, redirect("/"))
    return render_template(
        "accounts/demo_sign_in.html", user=_owner(LinkPurpose.DEMO_SIGN_IN, token)
    )


@bp.app_errorhandler(secret_links.DeadLink)
def dead_link(refusal: DomainError) -> ResponseReturnValue:
    db.session.rollback()
    return render_template("accounts/dead_link.html", sentence=str(refusal)), 410


def base_url() -> str:
    """Links lead to where we are configured to be, never to where a request says we are."""
    return str(current_app.config["BASE_URL"])


def _owner(purpose: LinkPurpose, token: str) -> User:
    _, user = secret_links.find(db.session, purpose, token=token, at=clock.now())
    if user is None:
        raise secret_links.DeadLink
    return user


def _hash_for(user: User, form: NewPasswordForm) -> str | None:
    """The new password's hash, made while no transaction is open; None when it is refused."""
    try:
        new_passwords.check(form.password.data or "", user)
    except WeakPassword as refusal:
        form.password.errors = [str(refusal)]
        return None
    db.session.close()
    return hashing.hash_password(form.password.data or "")
