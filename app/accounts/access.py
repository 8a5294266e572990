"""Every page is closed unless it says who may open it."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.models import Permission

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


def is_signed_in() -> bool:
    return hasattr(current_app, "login_manager") and bool(current_user.is_authenticated)


def may_open(endpoint: str) -> bool:
    """Whether whoever is asking would get past the guard: menus offer nothing else."""
    view = current_app.view_functions[endpoint]
    if getattr(view, "is_public", False):
        return True
    permissions: tuple[Permission, ...] | None = getattr(view, "required_permissions", None)
    if permissions is None or not is_signed_in():
        return False
    return not permissions or bool(current_user.may(*permissions))
