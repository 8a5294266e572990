"""Looking after everybody's accounts, and the member organisations they belong to."""

from typing import Any, TypeVar

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from app.accounts import queries, services, user_admin
from app.accounts.access import fresh, me, requires
from app.accounts.authentication import browser, sessions
from app.accounts.forms import InvitationForm, MemberForm, UserForm
from app.accounts.models import MemberOrganisation, Permission, User
from app.accounts.routes.blueprint import bp
from app.accounts.routes.links import base_url
from app.accounts.user_lists import MEMBERS, user_list
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, NameTaken
from app.core.web import pages
from app.editing.forms import edits, hold, said

FormT = TypeVar("FormT", bound=UserForm)


@bp.get("/users")
@requires(Permission.ADMINISTER)
def users() -> ResponseReturnValue:
    view = user_list(queries.members(db.session))
    return pages.show_list("accounts/users.html", view, queries.users())


@bp.route("/users/invite", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
@fresh
def user_invite() -> ResponseReturnValue:
    form = _with_members(InvitationForm(permissions=[Permission.VIEW.value]))
    if form.validate_on_submit():
        try:
            user = services.add_user(
                db.session,
                email=form.email.data or "",
                name=form.name.data or "",
                member=_member_of(form),
                permissions=form.ticked,
                at=clock.now(),
            )
        except NameTaken as refusal:
            db.session.rollback()
            form.new_member.errors = [f"{refusal} Choose it from the list."]
        except DomainError as refusal:
            db.session.rollback()
            form.email.errors = [str(refusal)]
        else:
            services.send_invitation(db.session, user, by=me(), base_url=base_url(), at=clock.now())
            db.session.commit()
            flash(f"An invitation is on its way to {user.email}.", "success")
            return redirect(url_for("accounts.users"))
    return render_template("accounts/user_invite.html", form=form)


@bp.route("/users/<int:user_id>", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
@fresh
def user(user_id: int) -> ResponseReturnValue:
    hold(User, user_id)
    user = _user(user_id)
    form = UserForm(
        name=user.name, member=user.member_organisation_id, permissions=user.permissions
    )
    _with_members(edits(form, user))
    if form.validate_on_submit():
        try:
            _edit(user, form)
        except DomainError as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
        else:
            flash(said(form, f"The account of {user.name} is saved."), "success")
            return redirect(url_for("accounts.user", user_id=user.id))
    return render_template(
        "accounts/user.html",
        form=form,
        user=_user(user_id),
        browsers=sessions.active_of(db.session, user=user, at=clock.now()),
    )


@bp.post("/users/<int:user_id>/disable")
@requires(Permission.ADMINISTER)
@fresh
def user_disable(user_id: int) -> ResponseReturnValue:
    user = _user(user_id)
    user_admin.disable(db.session, user, by=me(), at=clock.now())
    db.session.commit()
    flash(f"The account of {user.name} is disabled, and they are signed out.", "success")
    return redirect(url_for("accounts.user", user_id=user.id))


@bp.post("/users/<int:user_id>/enable")
@requires(Permission.ADMINISTER)
@fresh
def user_enable(user_id: int) -> ResponseReturnValue:
    user = _user(user_id)
    user_admin.enable(user)
    db.session.commit()
    flash(f"The account of {user.name} is open again.", "success")
    return redirect(url_for("accounts.user", user_id=user.id))


@bp.post("/users/<int:user_id>/invitation")
@requires(Permission.ADMINISTER)
@fresh
def user_invite_again(user_id: int) -> ResponseReturnValue:
    user = _user(user_id)
    services.send_invitation(db.session, user, by=me(), base_url=base_url(), at=clock.now())
    db.session.commit()
    flash(f"A new invitation is on its way to {user.email}; the old one is dead.", "success")
    return redirect(url_for("accounts.user", user_id=user.id))


@bp.post("/users/<int:user_id>/end-sessions")
@requires(Permission.ADMINISTER)
@fresh
def user_end_sessions(user_id: int) -> ResponseReturnValue:
    user = _user(user_id)
    ended = sessions.end_everything(
        db.session, user=user, at=clock.now(), because="by an administrator", but=_here()
    )
    db.session.commit()
    flash(f"{user.name} is signed out of {ended} browser{'s' if ended != 1 else ''}.", "success")
    return redirect(url_for("accounts.user", user_id=user.id))


@bp.get("/member-organisations")
@requires(Permission.ADMINISTER)
def members() -> ResponseReturnValue:
    return pages.show_list("accounts/members.html", MEMBERS, queries.member_sizes())


@bp.route("/member-organisations/add", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def member_add() -> ResponseReturnValue:
    form = MemberForm()
    if form.validate_on_submit():
        try:
            member = user_admin.add_member(db.session, form.name.data or "")
        except DomainError as refusal:
            form.name.errors = [str(refusal)]
        else:
            db.session.commit()
            flash(f"{member.name} is added.", "success")
            return redirect(url_for("accounts.members"))
    return render_template("accounts/member_add.html", form=form)


@bp.route("/member-organisations/<int:member_id>", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def member(member_id: int) -> ResponseReturnValue:
    hold(MemberOrganisation, member_id)
    member = db.get_or_abort(MemberOrganisation, member_id)
    form = edits(MemberForm(name=member.name), member)
    if form.validate_on_submit():
        try:
            user_admin.rename_member(db.session, member, form.name.data or "")
        except DomainError as refusal:
            form.name.errors = [str(refusal)]
        else:
            db.session.commit()
            flash(f"It is called {member.name} now.", "success")
            return redirect(url_for("accounts.members"))
    return render_template("accounts/member.html", form=form, member=member)


def _user(user_id: int) -> User:
    return db.get_or_abort(User, user_id, options=[joinedload(User.member_organisation)])


def _member_of(form: InvitationForm) -> MemberOrganisation:
    if name := (form.new_member.data or "").strip():
        return user_admin.add_member(db.session, name)
    return db.session.get_one(MemberOrganisation, form.member.data)


def _with_members(form: FormT) -> FormT:
    form.offer(queries.members(db.session))
    return form


def _here() -> int | None:
    here = browser.current().signed_in
    return here.id if here else None


def _edit(user: User, form: UserForm) -> None:
    """Save it; an administrator who changes their own permissions goes on under a new token."""
    values: dict[str, Any] = {
        "name": form.name.data or "",
        "member": db.session.get_one(MemberOrganisation, form.member.data),
        "permissions": form.ticked,
        "by": me(),
    }
    changed = user_admin.edit_user(
        db.session, user, **values, at=clock.now(), but=_here() if user.id == me().id else None
    )
    here = browser.current()
    token = None
    if changed and user.id == me().id and here.signed_in:
        token = sessions.renew(db.session, session_id=here.signed_in.id, at=clock.now())
    db.session.commit()
    if token:
        here.adopt(token)
