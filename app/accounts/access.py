"""Every page is closed unless it says who may open it."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.authentication import browser
from app.accounts.models import Permission, User
from app.audit import services as audit
from app.audit.services import Actor
from app.core.db import db

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


def public(view: View) -> View:
    """Let people who are not signed in see this page."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def make_public(app: Flask, *endpoints: str) -> None:
    """For pages of packages that may not know this one."""
    for endpoint in endpoints:
        view: Any = app.view_functions[endpoint]
        view.is_public = True


def requires(*permissions: Permission) -> Callable[[View], View]:
    """Open this page to users with any of these permissions; with none named, to every user."""

    def mark(view: View) -> View:
        view.required_permissions = permissions  # type: ignore[attr-defined]
        return view

    return mark


def who_may_open(app: Flask, endpoint: str) -> str:
    """The word of the permission matrix: public, nobody, signed in, or permissions joined by |."""
    view = app.view_functions[endpoint]
    if getattr(view, "is_public", False):
        return "public"
    permissions = getattr(view, "required_permissions", None)
    if permissions is None:
        return "nobody"
    return "|".join(permission.value for permission in permissions) or "signed in"


def fresh(view: View) -> View:
    """Ask for the password again before this act, unless it was given in the last 15 minutes."""
    view.needs_fresh_password = True  # type: ignore[attr-defined]
    return view


def needs_fresh_password() -> bool:
    """Whether what is being asked for is one of the acts marked `fresh`."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "needs_fresh_password", False)


def me() -> User:
    """Who is doing this; only for pages that are not public."""
    user: User = current_user._get_current_object()
    return user


def guard() -> ResponseReturnValue | None:
    """Before every request: turn strangers to the sign-in page, and others away with a 403."""
    if request.endpoint is None:
        return None  # an unknown address: a stranger learns no more than a 404
    view = current_app.view_functions[request.endpoint]
    if getattr(view, "is_public", False):
        return None
    if not current_user.is_authenticated:
        response: ResponseReturnValue = current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
        return response
    permissions: tuple[Permission, ...] | None = getattr(view, "required_permissions", None)
    if permissions is None or (permissions and not current_user.may(*permissions)):
        abort(403)
    return None


def note_who_acts() -> None:
    """Whatever this request changes is recorded as done by whoever is signed in."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method in browser.READS and (view is None or getattr(view, "is_public", False)):
        return  # it changes nothing, and may not need the database at all
    user = browser.current().user
    if user:
        actor = Actor(user.name, user.id, request.remote_addr)
    else:
        actor = Actor("Nobody signed in", ip=request.remote_addr)
    audit.act_as(db.session, actor)


def is_signed_in() -> bool:
    return bool(current_user.is_authenticated)


def may_open(endpoint: str) -> bool:
    """Whether whoever is asking would get past the guard: menus offer nothing else."""
    view = current_app.view_functions[endpoint]
    if getattr(view, "is_public", False):
        return True
    permissions: tuple[Permission, ...] | None = getattr(view, "required_permissions", None)
    user = me()
    if permissions is None or not user.is_authenticated:
        return False
    return not permissions or user.may(*permissions)
